"""The AWS_RAM key policy of shared keys (KMS Developer Guide, "Sharing KMS keys with RAM"; KMS API, GetKeyPolicy).

AWS Resource Access Manager writes it, by the internal operations here; nobody else can. It stands beside the default
policy, and what either allows is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.kms import errors, lookup
from casemate.services.kms.permissions import check_key
from casemate.services.kms.records import KEYS, RESOURCE_TYPE, SHARED, Key, SharedKey, store_key

NAME = "AWS_RAM"
ANYBODY = "organization"
"""The consumer of keys that are shared with an organization: its policy says whose that is."""


def _may_share(context: Context, request: Mapping[str, Any]) -> Check:
    named = lookup.find(context, request["KeyId"], aliases=False, abroad=False)
    context.loaded = named.key
    return check_key(context, request, named, action="PutKeyPolicy", extra={"kms:policyname": (NAME,)})


@operation(authorize=_may_share, audit=AuditRule(read_only=False), internal=True)
def begin_sharing(context: Context, request: Mapping[str, Any]) -> None:
    """Refuse a key that its caller may not share, or that can't be shared: it must be a customer managed key."""
    del request
    key: Key = context.loaded
    if key.manager != "CUSTOMER":
        raise errors.unsupported(f"{key.arn} is an AWS managed key, which can't be shared.")


@operation(authorize=None, audit=AuditRule(read_only=False), internal=True)
def apply_sharing(context: Context, request: Mapping[str, Any]) -> None:
    """Let the AWS_RAM policy of a key be as RAM says; without statements there is none.

    `Account` and `KeyId` name the key, `Consumers` those who may see it in their lists. A key that is gone is left so.
    """
    account, key_id = request["Account"], request["KeyId"]
    key = context.unit.get(KEYS, account, key_id)
    policy: str = request["Policy"]
    if key is None:
        return
    bound = []
    for principal in request["Principals"]:
        unique_id = context.principal_id(principal)
        if unique_id is not None and ":" not in unique_id:
            bound.append((principal, unique_id))
    # Written even where it stays as it is: of two changes at once, each must see the other's.
    store_key(context, replace(key, ram_policy=policy, ram_principals=tuple(bound)))
    name = f"{account}/{key_id}"
    if policy:
        context.unit.put(SHARED, "", name, SharedKey(account, key_id, tuple(request["Consumers"])))
    else:
        context.unit.delete(SHARED, "", name)
    if key.ram_policy == policy:
        return
    context.resources.append(Resource(key.arn, RESOURCE_TYPE, account))
    context.service_event("PutKeyPolicy", account, {"keyId": key_id, "policyName": NAME})


def shared_with(context: Context, after: str, limit: int) -> list[tuple[str, dict[str, str]]]:
    """The keys that other accounts share with the caller's, in order of name, behind `after`: at most `limit`."""
    found: dict[str, SharedKey] = {}
    for consumer in (context.account, ANYBODY):
        found.update(context.unit.find(SHARED, "consumer", "", consumer))
    shown = []
    for name in sorted(each for each in found if each > after):
        key = context.unit.get(KEYS, found[name].account, found[name].key_id)
        if key is None or key.account == context.account:
            continue
        if context.account in found[name].consumers or _is_for(context, key):
            shown.append((name, {"KeyId": key.id, "KeyArn": key.arn}))
            if len(shown) == limit:
                break
    return shown


def _is_for(context: Context, key: Key) -> bool:
    question = Check(
        action="kms:DescribeKey", resource=key.arn, owner=key.account, policy=key.ram_policy, policy_required=True
    )
    return context.would_allow(question)
