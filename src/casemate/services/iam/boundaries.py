"""Permissions boundaries (IAM User Guide, "Permissions boundaries for IAM entities")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.services.iam import errors, kinds, policies
from casemate.services.iam.audit import WRITES
from casemate.services.iam.kinds import ROLE, USER, Kind, modifiable
from casemate.services.iam.permissions import on_entity

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes


def given(context: Context, arn: str | None, by: str) -> str | None:
    """The boundary that a request sets for an entity, by its unique id. Raises NoSuchEntity, ValidationError."""
    if arn is None:
        return None
    policy = policies.attachable(context, arn)
    if policy is None:
        raise errors.no_boundary(arn)
    policies.take(context, policy, by)
    return arn


def member(boundary: str | None) -> dict[str, Any]:
    """The member PermissionsBoundary, where there is one."""
    if boundary is None:
        return {}
    attached = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    return {"PermissionsBoundary": attached}


@operation(authorize=on_entity(USER), audit=WRITES)
def put_user_permissions_boundary(context: Context, request: shapes.PutUserPermissionsBoundaryRequest) -> None:
    user = USER.loaded(context, request)
    _set(context, USER, user, given(context, request["PermissionsBoundary"], user.id))


@operation(authorize=on_entity(ROLE), audit=WRITES)
def put_role_permissions_boundary(context: Context, request: shapes.PutRolePermissionsBoundaryRequest) -> None:
    role = modifiable(ROLE.loaded(context, request))
    _set(context, ROLE, role, given(context, request["PermissionsBoundary"], role.id))


@operation(authorize=on_entity(USER), audit=WRITES)
def delete_user_permissions_boundary(context: Context, request: shapes.DeleteUserPermissionsBoundaryRequest) -> None:
    _remove(context, USER, USER.loaded(context, request))


@operation(authorize=on_entity(ROLE), audit=WRITES)
def delete_role_permissions_boundary(context: Context, request: shapes.DeleteRolePermissionsBoundaryRequest) -> None:
    _remove(context, ROLE, modifiable(ROLE.loaded(context, request)))


def _set(context: Context, kind: Kind, entity: Any, boundary: str | None) -> None:
    kinds.keep(context, kind, replace(entity, boundary=boundary))


def _remove(context: Context, kind: Kind, entity: Any) -> None:
    if entity.boundary is None:
        raise errors.absent(f"The permissions boundary of {kind.noun} {entity.name} cannot be found.")
    _set(context, kind, entity, None)
