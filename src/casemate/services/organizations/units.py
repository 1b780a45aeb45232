"""Organizational units, and the tree that they make with the root and the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import operation
from casemate.services.organizations import accounts, errors, guardrails, lookup, managed, names, paging, tags
from casemate.services.organizations.audit import READS, WRITES
from casemate.services.organizations.permissions import on
from casemate.services.organizations.records import ACCOUNTS, NODES, Node, Organization

if TYPE_CHECKING:
    from casemate.contracts.shapes import organizations as shapes

DEEPEST: Final = 5
MOST: Final = 2000


def shown(context: Context, organization: Organization, unit: Node) -> Any:
    line = guardrails.ancestors(context.unit, unit.parent)
    return {
        "Id": unit.id,
        "Arn": names.node_arn(context.partition, organization, unit.id),
        "Name": unit.name,
        "Path": f"{organization.id}/{'/'.join(node.id for node in line)}/{unit.id}/",
    }


def _refuse_namesake(context: Context, parent: str, name: str) -> None:
    if context.unit.find(NODES, "name", "", f"{parent}/{name}", limit=1):
        raise ServiceError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")


@operation(authorize=on("ParentId"), audit=WRITES)
def create_organizational_unit(
    context: Context, request: shapes.CreateOrganizationalUnitRequest
) -> shapes.CreateOrganizationalUnitResponse:
    organization = lookup.managing(context)
    parent = lookup.parent(context, organization, request["ParentId"])
    if len(guardrails.ancestors(context.unit, parent.id)) > DEEPEST:
        raise errors.constraint("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the depth of organizational units.")
    if organization.units >= MOST:
        raise errors.constraint("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of organizational units.")
    _refuse_namesake(context, parent.id, request["Name"])
    unit = Node(
        id=f"ou-{organization.root.removeprefix('r-')}-{names.random_id(8)}",
        organization=organization.id,
        name=request["Name"],
        parent=parent.id,
        scps=accounts.default_policies(organization, managed.SCP),
        rcps=accounts.default_policies(organization, managed.RCP),
        tags=tags.given(request.get("Tags")),
    )
    context.unit.put(NODES, "", unit.id, unit)
    lookup.changed(context, organization, units=organization.units + 1)
    tags.registered(context, organization, unit)
    return {"OrganizationalUnit": shown(context, organization, unit)}


@operation(authorize=on("OrganizationalUnitId"), audit=READS)
def describe_organizational_unit(
    context: Context, request: shapes.DescribeOrganizationalUnitRequest
) -> shapes.DescribeOrganizationalUnitResponse:
    organization = lookup.managing(context)
    unit = lookup.unit(context, organization, request["OrganizationalUnitId"])
    return {"OrganizationalUnit": shown(context, organization, unit)}


@operation(authorize=on("OrganizationalUnitId"), audit=WRITES)
def update_organizational_unit(
    context: Context, request: shapes.UpdateOrganizationalUnitRequest
) -> shapes.UpdateOrganizationalUnitResponse:
    organization = lookup.managing(context)
    unit = lookup.unit(context, organization, request["OrganizationalUnitId"])
    name = request.get("Name")
    if name is not None and name != unit.name:
        _refuse_namesake(context, unit.parent, name)
        unit = replace(unit, name=name)
        context.unit.put(NODES, "", unit.id, unit)
    return {"OrganizationalUnit": shown(context, organization, unit)}


@operation(authorize=on("OrganizationalUnitId"), audit=WRITES)
def delete_organizational_unit(context: Context, request: shapes.DeleteOrganizationalUnitRequest) -> None:
    organization = lookup.managing(context)
    unit = lookup.unit(context, organization, request["OrganizationalUnitId"])
    members = context.unit.find(ACCOUNTS, "parent", "", unit.id, limit=1)
    units = context.unit.find(NODES, "parent", "", unit.id, limit=1)
    if members or units:
        raise ServiceError(
            "OrganizationalUnitNotEmptyException",
            "The organizational unit is not empty. Move all accounts and organizational units out of it first.",
        )
    context.unit.delete(NODES, "", unit.id)
    lookup.changed(context, organization, units=organization.units - 1)
    tags.unregistered(context, organization, unit)


@operation(authorize=on("ParentId"), audit=READS)
def list_organizational_units_for_parent(
    context: Context, request: shapes.ListOrganizationalUnitsForParentRequest
) -> shapes.ListOrganizationalUnitsForParentResponse:
    organization = lookup.managing(context)
    page, found = _children(context, organization, request, NODES)
    listed = [shown(context, organization, unit) for unit in page.of(found)]
    return {"OrganizationalUnits": listed, **page.rest(found)}  # type: ignore[typeddict-item]


@operation(authorize=on("ParentId"), audit=READS)
def list_accounts_for_parent(
    context: Context, request: shapes.ListAccountsForParentRequest
) -> shapes.ListAccountsForParentResponse:
    organization = lookup.managing(context)
    page, found = _children(context, organization, request, ACCOUNTS)
    listed = [accounts.shown(context, organization, account) for account in page.of(found)]
    return {"Accounts": listed, **page.rest(found)}  # type: ignore[typeddict-item]


@operation(authorize=on("ParentId"), audit=READS)
def list_children(context: Context, request: shapes.ListChildrenRequest) -> shapes.ListChildrenResponse:
    organization = lookup.managing(context)
    kind = request["ChildType"]
    page, found = _children(context, organization, request, ACCOUNTS if kind == "ACCOUNT" else NODES)
    return {"Children": [{"Id": child_id, "Type": kind} for child_id, _ in found[: page.limit]], **page.rest(found)}  # type: ignore[typeddict-item]


def _children(
    context: Context, organization: Organization, request: Mapping[str, Any], collection: Any
) -> tuple[paging.Page, list[tuple[str, Any]]]:
    """Raises ParentNotFoundException."""
    parent = lookup.parent(context, organization, request["ParentId"])
    page = paging.page_of(context, request, parent.id, collection.name)
    found = context.unit.find(collection, "parent", "", parent.id, after=page.after, limit=page.wanted)
    return page, found


@operation(authorize=on("ChildId"), audit=READS)
def list_parents(context: Context, request: shapes.ListParentsRequest) -> shapes.ListParentsResponse:
    """There is always just one."""
    organization = lookup.managing(context)
    paging.page_of(context, request, organization.id, request["ChildId"])
    child_id = request["ChildId"]
    finder = lookup.account if child_id.isdecimal() else lookup.node
    child: Any = finder(context, organization, child_id)
    if child is None or not child.parent:
        raise errors.absent("ChildNotFoundException", "a child")
    kind = "ROOT" if child.parent.startswith("r-") else "ORGANIZATIONAL_UNIT"
    return {"Parents": [{"Id": child.parent, "Type": kind}]}
