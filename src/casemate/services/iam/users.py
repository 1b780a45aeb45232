"""Users (IAM User Guide, "IAM users")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from casemate.foundation.context import Context
from casemate.foundation.ids import new_unique_id
from casemate.foundation.operation import operation
from casemate.services.iam import boundaries, errors, guards, kinds, moments, paging, tags
from casemate.services.iam.access_keys import keys_of, rename_keys
from casemate.services.iam.arns import root_arn, user_arn
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.kinds import USER
from casemate.services.iam.permissions import on_entity, on_moved, on_new, on_paths, on_user_or_self
from casemate.services.iam.records import USERS, User

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes


def shown(context: Context, user: User) -> shapes.User:
    """What all answers say of a user."""
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user_arn(context.partition, context.account, user),
        "CreateDate": user.created,
    }


def _whole(context: Context, user: User) -> shapes.User:
    """What CreateUser and GetUser say."""
    extra: Any = {**boundaries.member(user.boundary), **tags.member(user.tags)}
    return {**shown(context, user), **extra}


@operation(authorize=on_new("user", "UserName", "AWS::IAM::User"), audit=WRITES)
def create_user(context: Context, request: shapes.CreateUserRequest) -> shapes.CreateUserResponse:
    unique_id = new_unique_id("AIDA")
    user = User(
        name=request["UserName"],
        id=unique_id,
        path=request.get("Path") or "/",
        created=moments.now(context),
        boundary=boundaries.given(context, request.get("PermissionsBoundary"), unique_id),
        tags=tags.given(request.get("Tags") or []),
    )
    kinds.make(context, USER, user)
    return {"User": _whole(context, user)}


@operation(authorize=on_user_or_self, audit=READS)
def get_user(context: Context, request: shapes.GetUserRequest) -> shapes.GetUserResponse:
    user: User | None = context.loaded
    if user is not None:
        return {"User": _whole(context, user)}
    if "UserName" in request:
        raise errors.absent_named("user", request["UserName"])
    # The root has no name, no path, and no day on which IAM made it.
    root = {"UserId": context.account, "Arn": root_arn(context.partition, context.account)}
    return {"User": root}  # type: ignore[typeddict-item]  # as said


@operation(authorize=on_paths("user"), audit=READS)
def list_users(context: Context, request: shapes.ListUsersRequest) -> shapes.ListUsersResponse:
    prefix = request.get("PathPrefix") or "/"
    page = paging.page_of(context, request, prefix)
    found = paging.chosen(
        page,
        lambda after, limit: context.unit.page(USERS, context.account, after=after, limit=limit),
        lambda user: user.path.startswith(prefix),
    )
    users = [shown(context, user) for _, user in found[: page.limit]]
    return {"Users": users, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_moved(USER, "NewUserName"), audit=WRITES)
def update_user(context: Context, request: shapes.UpdateUserRequest) -> None:
    user: User = USER.loaded(context, request)
    name = request.get("NewUserName")
    moved = kinds.move(context, USER, user, name=name, path=request.get("NewPath"))
    rename_keys(context, user, moved)


@operation(authorize=on_entity(USER), audit=WRITES)
def delete_user(context: Context, request: shapes.DeleteUserRequest) -> None:
    user: User = USER.loaded(context, request)
    if user.groups:
        raise errors.in_use("must remove users from group first")
    if keys_of(context, user.name):
        raise errors.in_use("must delete access keys first")
    kinds.refuse_attached(user)
    guards.end(context.unit, context.account, user.id)
    kinds.drop(context, USER, user)
