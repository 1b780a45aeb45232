"""Roles (IAM User Guide, "IAM roles")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.ids import new_unique_id
from casemate.foundation.operation import operation
from casemate.services.iam import boundaries, documents, errors, guards, kinds, moments, paging, tags, trust, usage
from casemate.services.iam.arns import role_arn
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.instance_profiles import profiles_of
from casemate.services.iam.kinds import ROLE, modifiable
from casemate.services.iam.permissions import on_entity, on_new, on_paths
from casemate.services.iam.records import ROLES, Role

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

_RESERVED = ("/aws-service-role/", "/aws-reserved/")


def shown(context: Context, role: Role) -> dict[str, Any]:
    """What all answers say of a role."""
    account = context.account
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role_arn(context.partition, account, role),
        "CreateDate": role.created,
        "AssumeRolePolicyDocument": documents.shown(trust.shown(context.unit, context.partition, account, role)),
    }


def _described(context: Context, role: Role) -> dict[str, Any]:
    """What ListRoles says: the description and the longest session too."""
    members: dict[str, Any] = {"MaxSessionDuration": role.max_session}
    if role.description is not None:
        members["Description"] = role.description
    if role.max_signin is not None:
        members["MaxSigninSessionDuration"] = role.max_signin
    return {**shown(context, role), **members}


def whole(context: Context, role: Role) -> Any:
    """What GetRole says."""
    last = usage.of_role(context.unit, context.account, role, context.now)
    extra = {**boundaries.member(role.boundary), **tags.member(role.tags)}
    return {**_described(context, role), "RoleLastUsed": last, **extra}


@operation(authorize=on_new("role", "RoleName", "AWS::IAM::Role"), audit=WRITES)
def create_role(context: Context, request: shapes.CreateRoleRequest) -> shapes.CreateRoleResponse:
    path = request.get("Path") or "/"
    if path.startswith(_RESERVED):
        raise errors.invalid_input(f"The path {path} is reserved for roles that AWS services make.")
    document, unique_id = request["AssumeRolePolicyDocument"], new_unique_id("AROA")
    role = Role(
        name=request["RoleName"],
        id=unique_id,
        path=path,
        created=moments.now(context),
        trust=document,
        principals=trust.resolved(context, document),
        description=request.get("Description"),
        max_session=request.get("MaxSessionDuration") or 3600,
        max_signin=request.get("MaxSigninSessionDuration"),
        boundary=boundaries.given(context, request.get("PermissionsBoundary"), unique_id),
        tags=tags.given(request.get("Tags") or []),
    )
    kinds.make(context, ROLE, role)
    # CreateRole shows the document as it was given, and says nothing of the longest session.
    made: Any = {
        **shown(context, role),
        "AssumeRolePolicyDocument": documents.shown(document),
        **_description(request),
        **boundaries.member(role.boundary),
        **tags.member(role.tags),
    }
    return {"Role": made}


def _description(request: Mapping[str, Any]) -> dict[str, Any]:
    return {name: request[name] for name in ("Description", "MaxSigninSessionDuration") if name in request}


@operation(authorize=on_entity(ROLE), audit=READS)
def get_role(context: Context, request: shapes.GetRoleRequest) -> shapes.GetRoleResponse:
    return {"Role": whole(context, ROLE.loaded(context, request))}


@operation(authorize=on_paths("role"), audit=READS)
def list_roles(context: Context, request: shapes.ListRolesRequest) -> shapes.ListRolesResponse:
    prefix = request.get("PathPrefix") or "/"
    page = paging.page_of(context, request, prefix)
    found = paging.chosen(
        page,
        lambda after, limit: context.unit.page(ROLES, context.account, after=after, limit=limit),
        lambda role: role.path.startswith(prefix),
    )
    listed: Any = [_described(context, role) for _, role in found[: page.limit]]
    return {"Roles": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_entity(ROLE), audit=WRITES)
def update_role(context: Context, request: shapes.UpdateRoleRequest) -> shapes.UpdateRoleResponse:
    role = modifiable(ROLE.loaded(context, request))
    if request.get("ResetMaxSigninSessionDuration"):
        if "MaxSigninSessionDuration" in request:
            raise errors.invalid_input(
                "MaxSigninSessionDuration and ResetMaxSigninSessionDuration can't be given together."
            )
        role = replace(role, max_signin=None)
    changed = replace(
        role,
        description=request.get("Description", role.description),
        max_session=request.get("MaxSessionDuration") or role.max_session,
        max_signin=request.get("MaxSigninSessionDuration", role.max_signin),
    )
    kinds.keep(context, ROLE, changed)
    return {}


@operation(authorize=on_entity(ROLE), audit=WRITES)
def update_role_description(
    context: Context, request: shapes.UpdateRoleDescriptionRequest
) -> shapes.UpdateRoleDescriptionResponse:
    role = replace(modifiable(ROLE.loaded(context, request)), description=request["Description"])
    kinds.keep(context, ROLE, role)
    made: Any = _described(context, role)
    return {"Role": made}


@operation(authorize=on_entity(ROLE), audit=WRITES)
def update_assume_role_policy(context: Context, request: shapes.UpdateAssumeRolePolicyRequest) -> None:
    role = modifiable(ROLE.loaded(context, request))
    document = request["PolicyDocument"]
    kinds.keep(context, ROLE, replace(role, trust=document, principals=trust.resolved(context, document)))


@operation(authorize=on_entity(ROLE), audit=WRITES)
def delete_role(context: Context, request: shapes.DeleteRoleRequest) -> None:
    role = modifiable(ROLE.loaded(context, request))
    if profiles_of(context, role):
        raise errors.in_use("must remove roles from instance profile first")
    kinds.refuse_attached(role)
    drop(context, role)


def drop(context: Context, role: Role) -> None:
    """Have the role no more."""
    guards.end(context.unit, context.account, role.id)
    kinds.drop(context, ROLE, role)
    usage.forget(context.unit, context.account, role.id)
