"""Who am I: GetCallerIdentity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casemate.foundation.context import Context
from casemate.foundation.operation import AuditRule, operation

if TYPE_CHECKING:
    from casemate.contracts.shapes import sts as shapes


@operation(authorize=None, audit=AuditRule(read_only=True))
def get_caller_identity(context: Context, request: shapes.GetCallerIdentityRequest) -> shapes.GetCallerIdentityResponse:
    """No permission is needed, and an explicit deny has no effect (STS API Reference)."""
    del request
    caller = context.caller
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}
