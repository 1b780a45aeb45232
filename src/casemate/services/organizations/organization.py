"""The organization itself: made, described, deleted; its root."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.caller import Caller
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import operation
from casemate.services.organizations import audit, errors, lookup, managed, names, paging, tags
from casemate.services.organizations.audit import READS, WRITES
from casemate.services.organizations.permissions import on_all
from casemate.services.organizations.records import (
    ACCOUNTS,
    CREATIONS,
    NODES,
    ORGANIZATIONS,
    Account,
    Node,
    Organization,
)

if TYPE_CHECKING:
    from casemate.contracts.shapes import organizations as shapes

PRINCIPAL: Final = "organizations.amazonaws.com"
_TRUST: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"organizations.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
_BATCH: Final = 200


def shown(context: Context, organization: Organization) -> Any:
    partition, management = context.partition, organization.management
    available = managed.TYPES if organization.feature_set == "ALL" else ()
    return {
        "Id": organization.id,
        "Arn": names.organization_arn(partition, organization),
        "FeatureSet": organization.feature_set,
        "MasterAccountArn": names.account_arn(partition, organization, management),
        "MasterAccountId": management,
        "MasterAccountEmail": organization.email,
        "AvailablePolicyTypes": [{"Type": kind, "Status": "ENABLED"} for kind in available],
    }


def shown_root(context: Context, organization: Organization, root: Node) -> Any:
    return {
        "Id": root.id,
        "Arn": names.node_arn(context.partition, organization, root.id),
        "Name": root.name,
        "PolicyTypes": [{"Type": kind, "Status": "ENABLED"} for kind in organization.policy_types],
    }


def within(context: Context, account: str, operation_name: str, request: Mapping[str, Any]) -> None:
    """Have IAM do something in an account on this service's behalf."""
    service = Caller(
        kind="service",
        account=account,
        arn=PRINCIPAL,
        partition=context.partition,
        user_id=PRINCIPAL,
        service=PRINCIPAL,
    )
    context.call("iam", operation_name, request, caller=service)


def make_linked_role(context: Context, account: str) -> None:
    """The service-linked role that every account of an organization has."""
    policy = f"arn:{context.partition}:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"
    role = {
        "RoleName": "AWSServiceRoleForOrganizations",
        "Path": f"/aws-service-role/{PRINCIPAL}/",
        "TrustPolicy": _TRUST,
        "PolicyArns": [policy],
    }
    within(context, account, "CreateAccountRole", role)


@operation(authorize=on_all, audit=WRITES)
def create_organization(
    context: Context, request: shapes.CreateOrganizationRequest
) -> shapes.CreateOrganizationResponse:
    """The caller's account becomes the management account; no policy type is enabled yet."""
    account = context.account
    before = context.unit.get(ACCOUNTS, "", account)
    if before is not None and before.organization:
        raise ServiceError("AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
    root = Node(id=_new_root_id(context), organization="o-" + names.random_id(10), name="Root")
    email = before.email if before is not None else f"{account}@accounts.casemate.invalid"
    organization = Organization(
        id=root.organization,
        management=account,
        email=email,
        feature_set=request.get("FeatureSet") or "ALL",
        root=root.id,
        created=context.now,
    )
    member = Account(
        id=account,
        organization=organization.id,
        name=before.name if before is not None else "Management account",
        email=email,
        joined_method="INVITED",
        joined=context.now,
        parent=root.id,
    )
    context.unit.put(ORGANIZATIONS, "", organization.id, organization)
    context.unit.put(NODES, "", root.id, root)
    context.unit.put(ACCOUNTS, "", account, member)
    for entity in (root, member):
        tags.registered(context, organization, entity)
    make_linked_role(context, account)
    return {"Organization": shown(context, organization)}


def _new_root_id(context: Context) -> str:
    while True:
        root_id = "r-" + names.random_id(4)
        if context.unit.get(NODES, "", root_id) is None:
            return root_id


@operation(authorize=on_all, audit=READS)
def describe_organization(context: Context, request: Mapping[str, Any]) -> shapes.DescribeOrganizationResponse:
    """Members may ask, too."""
    del request
    return {"Organization": shown(context, lookup.joined(context))}


def departed(context: Context, organization: Organization, account: str, method: str) -> None:
    """Record that an account is in the organization no more: REMOVED, LEFT with its organization, or CLEANED away."""
    details = {"accountId": account, "departureMethod": method, "departureTime": audit.date(context.now)}
    context.service_event("AccountDepartedOrganization", organization.management, details)


@operation(authorize=on_all, audit=WRITES)
def delete_organization(context: Context, request: Mapping[str, Any]) -> None:
    del request
    organization = lookup.managing(context)
    if organization.accounts > 1 or organization.units or organization.policies:
        raise ServiceError(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the master).",
        )
    unit = context.unit
    member = lookup.member(context, organization, context.account)
    root = lookup.root(context, organization, organization.root)
    for entity in (root, member):
        tags.unregistered(context, organization, entity)
    unit.put(ACCOUNTS, "", member.id, replace(member, organization="", parent="", scps=(), rcps=(), tags=()))
    departed(context, organization, member.id, "LEFT")
    while found := unit.page(CREATIONS, organization.id, limit=_BATCH):
        for creation_id, _ in found:
            unit.delete(CREATIONS, organization.id, creation_id)
    unit.delete(NODES, "", organization.root)
    unit.delete(ORGANIZATIONS, "", organization.id)


@operation(authorize=on_all, audit=READS)
def list_roots(context: Context, request: shapes.ListRootsRequest) -> shapes.ListRootsResponse:
    organization = lookup.managing(context)
    page = paging.page_of(context, request, organization.id)
    root = lookup.node(context, organization, organization.root)
    if root is None or page.after:
        raise errors.invalid("INVALID_NEXT_TOKEN")
    return {"Roots": [shown_root(context, organization, root)]}
