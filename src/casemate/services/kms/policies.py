"""Key policies (KMS Developer Guide, "Key policies in AWS KMS").

A policy is kept as it was written. Beside it stands the unique id that each named user and role had then, and that is
who is meant when it is evaluated: a later namesake is not trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from casemate.engines import policy as engine
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.ids import parse_arn
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.kms import errors, paging, sharing
from casemate.services.kms.conditions import KeyConditions
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import KEYS, Key, for_evaluation

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

MOST_BYTES: Final = 32768
NAME: Final = "default"
_LOCKED_OUT: Final = "The new key policy will not allow you to update the key policy in the future."
_STRANGERS: Final = "Policy contains a statement with one or more invalid principals."
_KEPT: Final = 512


@lru_cache(maxsize=_KEPT)
def default_policy(partition: str, account: str) -> str:
    """The policy that a key gets when none is given by the API: the account's IAM decides."""
    document = {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def with_policy(context: Context, key: Key, request: Mapping[str, Any]) -> Key:
    """The key under the policy that a request gives it, once checked, else under the default.

    Raises MalformedPolicyDocumentException, LimitExceededException.
    """
    text: str | None = request.get("Policy")
    if text is None:
        return replace(key, policy=default_policy(context.partition, key.account), principals=())
    if len(text.encode()) > MOST_BYTES:
        raise ServiceError("LimitExceededException", f"Policy length exceeds the limit of {MOST_BYTES} bytes.")
    try:
        document = engine.validate(text, "resource", profile="kms")
    except engine.PolicySyntaxError as error:
        raise errors.malformed_policy(str(error)) from None
    changed = replace(key, policy=text, principals=_bound(context, document))
    if not request.get("BypassPolicyLockoutSafetyCheck"):
        _refuse_lockout(context, changed, request)
    return changed


def _bound(context: Context, document: engine.Policy) -> tuple[tuple[str, str], ...]:
    """The users and roles that a policy names, with their unique ids. Everybody whom it names must exist."""
    found: dict[str, str] = {}
    for principal in document.principals():
        value = principal.value
        if principal.type != "AWS" or value == "*" or value in found:
            continue
        arn = parse_arn(value)
        if (arn is not None and arn.partition != context.partition) or not context.principal_exists(value):
            raise errors.malformed_policy(_STRANGERS)
        unique_id = context.principal_id(value)
        if unique_id is not None and arn is not None and arn.service == "iam":
            found[value] = unique_id
    return tuple(found.items())


def _refuse_lockout(context: Context, key: Key, request: Mapping[str, Any]) -> None:
    question = Check(
        action="kms:PutKeyPolicy",
        resource=key.arn,
        owner=key.account,
        policy=for_evaluation(replace(key, ram_policy="")),  # the guide: the check looks at the default policy alone
        policy_required=True,
        keys=KeyConditions(context, key, request),
    )
    if not context.would_allow(question):
        raise errors.malformed_policy(_LOCKED_OUT)


@lru_cache(maxsize=_KEPT)
def denials_of(policy: str) -> str | None:
    """What a policy denies, as a policy of its own; None where it denies nothing."""
    document = msgspec.json.decode(policy)
    found = document["Statement"]
    denials = [each for each in (found if isinstance(found, list) else [found]) if each.get("Effect") == "Deny"]
    return msgspec.json.encode({**document, "Statement": denials}).decode() if denials else None


@operation(authorize=on_key(aliases=False, abroad=False), audit=AuditRule(read_only=True))
def get_key_policy(context: Context, request: shapes.GetKeyPolicyRequest) -> shapes.GetKeyPolicyResponse:
    key: Key = context.loaded
    name = request.get("PolicyName", NAME)
    policy = {NAME: key.policy, sharing.NAME: key.ram_policy}.get(name)
    if not policy:
        raise ServiceError("NotFoundException", "No such policy exists")
    return {"Policy": policy, "PolicyName": name}


@operation(authorize=on_key(aliases=False, abroad=False), audit=AuditRule(read_only=True))
def list_key_policies(context: Context, request: shapes.ListKeyPoliciesRequest) -> shapes.ListKeyPoliciesResponse:
    page = paging.of(context, request, default=100, most=1000)
    key: Key = context.loaded
    named = [sharing.NAME, NAME] if key.ram_policy else [NAME]
    found = [(name, name) for name in named if name > page.after][: page.limit + 1]
    return {"PolicyNames": [name for _, name in found[: page.limit]], **page.rest(found)}  # type: ignore[typeddict-item] # the paging members


@operation(authorize=on_key(aliases=False, abroad=False), audit=AuditRule(read_only=False))
def put_key_policy(context: Context, request: shapes.PutKeyPolicyRequest) -> None:
    key: Key = context.loaded
    name = request.get("PolicyName", NAME)
    if name == sharing.NAME:
        raise errors.validation("The AWS_RAM policy can only be managed by the RAM service")
    if name != NAME:
        raise errors.validation(f"The only valid policy name is {NAME}.")
    context.unit.put(KEYS, key.account, key.id, with_policy(context, key, request))
