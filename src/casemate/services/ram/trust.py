"""An organization as a principal: whether it may be shared with, and the policies that trust it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.ids import parse_arn
from casemate.services.ram import errors

ROLE: Final = "aws-service-role/ram.amazonaws.com/AWSServiceRoleForResourceAccessManager"
"""The service-linked role that the management account has where sharing is enabled."""


def require_enabled(context: Context, arn: str) -> None:
    """Sharing is enabled in the organization, and the caller is in it. It asks another store, and is for threads.

    Raises OperationNotPermittedException, UnknownResourceException.
    """
    try:
        answer = context.call("organizations", "DescribeOrganization", {})
    except ServiceError:
        raise errors.not_permitted(
            "The resource share can't be shared with an organization: you are in none."
        ) from None
    organization = answer["Organization"]
    if organization["Arn"] != arn:
        raise errors.unknown(arn)
    role = f"arn:{context.partition}:iam::{organization['MasterAccountId']}:role/{ROLE}"
    if not context.principal_exists(role):
        raise errors.not_permitted("Resource sharing within your organization is not enabled.")


def trusting(arn: str, *actions: str, resource: str = "*") -> str:
    """A policy that trusts everybody in an organization."""
    return msgspec.json.encode(
        {"Version": "2012-10-17", "Statement": [statement(arn, list(actions), resource)]}
    ).decode()


def statement(arn: str, actions: list[str], resource: str) -> dict[str, Any]:
    """The statement that lets an organization do these things."""
    parsed = parse_arn(arn)
    assert parsed is not None
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": resource,
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": parsed.resource.rpartition("/")[2]}},
    }
