"""Key policies (KMS Developer Guide, "Key policies in AWS KMS")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from casemate.engines import policy as engine
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import Check

MOST_BYTES = 32768
_LOCKED_OUT = "The new key policy will not allow you to update the key policy in the future."


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


def for_new_key(context: Context, request: Mapping[str, Any]) -> str:
    """The policy of a new key: the one given, once checked, else the default."""
    given: str | None = request.get("Policy")
    if given is None:
        return default_policy(context.partition, context.account)
    check(context, given, bypass=bool(request.get("BypassPolicyLockoutSafetyCheck")))
    return given


def check(context: Context, text: str, *, bypass: bool) -> None:
    """Raises MalformedPolicyDocumentException, LimitExceededException."""
    if len(text.encode()) > MOST_BYTES:
        raise ServiceError("LimitExceededException", f"Policy length exceeds the limit of {MOST_BYTES} bytes.")
    try:
        engine.validate(text, "resource", profile="kms")
    except engine.PolicySyntaxError as error:
        raise ServiceError("MalformedPolicyDocumentException", str(error)) from None
    if not bypass:
        _refuse_lockout(context, text)


def _refuse_lockout(context: Context, text: str) -> None:
    question = Check(action="kms:PutKeyPolicy", resource="*", owner=context.account, policy=text, policy_required=True)
    if not context.would_allow(question):
        raise ServiceError("MalformedPolicyDocumentException", _LOCKED_OUT)
