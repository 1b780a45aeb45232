"""The questions that KMS asks the policies about a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import Check, Values
from casemate.services.kms import grant_tokens, lookup, matching
from casemate.services.kms.conditions import KeyConditions
from casemate.services.kms.records import for_evaluation


def check_key(
    context: Context,
    request: Mapping[str, Any],
    named: lookup.Named,
    *,
    action: str | None = None,
    encryption_context: Mapping[str, str] | None = None,
    extra: Mapping[str, Values] | None = None,
    defaults: Mapping[str, Values] | None = None,
    denial: str | None = None,
) -> Check:
    """May the caller do this with this key, by its key policy, the account's IAM, or a grant?"""
    key = named.key
    operation = action or context.operation
    hidden = None
    if key.account != context.account:
        said = key.arn if named.alias is None else context.arn(named.alias, account=key.account)
        # What a ciphertext names is refused in the words for what is not there: `denial` names no key.
        hidden = denial or lookup.refusal_abroad(context, said)
    context.resources.append(Resource(key.arn, "AWS::KMS::Key", key.account))
    if request.get("GrantTokens"):
        grant_tokens.check(context, request["GrantTokens"], key)
    return Check(
        action=f"kms:{operation}",
        resource=key.arn,
        owner=key.account,
        policy=for_evaluation(key),
        policy_required=True,
        keys=KeyConditions(
            context,
            key,
            request,
            alias=named.alias,
            encryption_context=encryption_context,
            extra=extra,
            defaults=defaults,
        ),
        allowances=lambda: matching.allowances(context, key, operation, encryption_context, request),
        aws_managed=key.manager == "AWS",
        denial=denial,
        hidden=hidden,
    )


def on_key(
    member: str = "KeyId",
    *,
    aliases: bool = True,
    abroad: bool = True,
    defaults: Mapping[str, Values] | None = None,
) -> Callable[[Context, Mapping[str, Any]], Check]:
    """An `authorize` for operations on the key that a member names; the key goes on as `context.loaded`.

    `aliases`: whether an alias may name it; `abroad`: whether it may be another account's; `defaults`: condition keys
    of members that the request may leave out.
    """

    def authorize(context: Context, request: Mapping[str, Any]) -> Check:
        named = lookup.find(context, request[member], aliases=aliases, abroad=abroad)
        context.loaded = named.key
        return check_key(context, request, named, defaults=defaults)

    return authorize


def on_account(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations that are about no key: IAM alone decides."""
    return Check(
        action=f"kms:{context.operation}",
        resource="*",
        owner=context.account,
        keys=KeyConditions(context, None, request),
    )
