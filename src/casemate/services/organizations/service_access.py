"""Trusted access: which AWS services may act in the organization's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.services.organizations import errors, lookup, paging
from casemate.services.organizations.audit import READS, WRITES
from casemate.services.organizations.permissions import on_all

if TYPE_CHECKING:
    from casemate.contracts.shapes import organizations as shapes

PRINCIPALS: Final = frozenset(
    f"{name}.amazonaws.com"
    for name in (
        "access-analyzer",
        "backup",
        "cloudtrail",
        "config",
        "config-multiaccountsetup",
        "fms",
        "guardduty",
        "health",
        "iam",
        "inspector2",
        "macie",
        "malware-protection.guardduty",
        "member.org.stacksets.cloudformation",
        "ram",
        "securityhub",
        "ssm",
        "sso",
        "tagpolicies.tag",
    )
)
"""The services that have trusted access (Organizations User Guide, "AWS services that you can use")."""


def _known(principal: str) -> str:
    if principal not in PRINCIPALS:
        raise errors.invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
    return principal


@operation(authorize=on_all, audit=WRITES)
def enable_AWSService_access(context: Context, request: shapes.EnableAWSServiceAccessRequest) -> None:  # noqa: N802 - the API spells it so
    """Again is no error, and keeps the date."""
    organization = lookup.with_all_features(context)
    principal = _known(request["ServicePrincipal"])
    if all(name != principal for name, _ in organization.trusted):
        lookup.changed(context, organization, trusted=(*organization.trusted, (principal, context.now)))


@operation(authorize=on_all, audit=WRITES)
def disable_AWSService_access(context: Context, request: shapes.DisableAWSServiceAccessRequest) -> None:  # noqa: N802 - the API spells it so
    organization = lookup.with_all_features(context)
    principal = _known(request["ServicePrincipal"])
    left = tuple(each for each in organization.trusted if each[0] != principal)
    if left != organization.trusted:
        lookup.changed(context, organization, trusted=left)


@operation(authorize=on_all, audit=READS)
def list_AWSService_access_for_organization(  # noqa: N802 - the API spells it so
    context: Context, request: shapes.ListAWSServiceAccessForOrganizationRequest
) -> shapes.ListAWSServiceAccessForOrganizationResponse:
    organization = lookup.with_all_features(context)
    page = paging.page_of(context, request, organization.id)
    found = [(name, (name, since)) for name, since in sorted(organization.trusted) if name > page.after]
    listed = [{"ServicePrincipal": name, "DateEnabled": since} for name, since in page.of(found)]
    return {"EnabledServicePrincipals": listed, **page.rest(found)}  # type: ignore[typeddict-item]
