"""Sharing in an organization (RAM User Guide, "Enable resource sharing within AWS Organizations")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, operation
from casemate.services.ram import errors
from casemate.services.ram.permissions import on_account
from casemate.services.ram.trust import ROLE

_SERVICE: Final = "ram.amazonaws.com"


@operation(authorize=on_account, audit=AuditRule(read_only=False, response=lambda told: told), runs="thread")
def enable_sharing_with_aws_organization(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Trusted access and the service-linked role of RAM in the organization's management account."""
    del request
    try:
        organization = context.call("organizations", "DescribeOrganization", {})["Organization"]
        if organization["MasterAccountId"] != context.account:
            raise errors.not_permitted("Only the management account of the organization can enable sharing in it.")
        context.call("organizations", "EnableAWSServiceAccess", {"ServicePrincipal": _SERVICE})
        role = f"arn:{context.partition}:iam::{context.account}:role/{ROLE}"
        if not context.principal_exists(role):
            context.call("iam", "CreateServiceLinkedRole", {"AWSServiceName": _SERVICE})
    except ServiceError as error:
        if error.code == "OperationNotPermittedException":
            raise
        raise errors.not_permitted(
            f"Sharing in the organization can't be enabled: {error.message or error.code}"
        ) from None
    return {"returnValue": True}
