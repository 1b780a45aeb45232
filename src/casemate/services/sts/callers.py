"""Who am I, and whose key is this: GetCallerIdentity, GetAccessKeyInfo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from casemate.foundation.context import Context
from casemate.foundation.ids import account_of_access_key
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.sts import errors, restrictions

if TYPE_CHECKING:
    from casemate.contracts.shapes import sts as shapes


@operation(authorize=None, audit=AuditRule(read_only=True))
def get_caller_identity(context: Context, request: shapes.GetCallerIdentityRequest) -> shapes.GetCallerIdentityResponse:
    """No permission is needed, and an explicit deny has no effect (STS API Reference)."""
    del request
    caller = context.caller
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


def _on_any_key(context: Context, request: Mapping[str, Any]) -> Check:
    del request
    restrictions.refuse(context.caller, "sts", "GetAccessKeyInfo")
    return Check(action="sts:GetAccessKeyInfo", resource="*", owner=context.account)


@operation(authorize=_on_any_key, audit=AuditRule(read_only=True))
def get_access_key_info(context: Context, request: shapes.GetAccessKeyInfoRequest) -> shapes.GetAccessKeyInfoResponse:
    """The account that an access key id carries, whether there is such a key or not."""
    del context
    access_key_id = request["AccessKeyId"]
    account = account_of_access_key(access_key_id)
    if account is None or not access_key_id.startswith(("AKIA", "ASIA")):
        raise errors.validation(f"Invalid access key id: {access_key_id}")
    return {"Account": account}
