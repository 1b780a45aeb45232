"""Groups and who is in them (IAM User Guide, "IAM user groups")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.ids import new_unique_id
from casemate.foundation.operation import operation
from casemate.services.iam import errors, guards, kinds, moments, paging, users
from casemate.services.iam.arns import group_arn
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.kinds import GROUP, USER
from casemate.services.iam.permissions import on_entity, on_moved, on_new, on_paths
from casemate.services.iam.records import GROUPS, USERS, Group, User

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

MOST_PER_USER: Final = 10


def shown(context: Context, group: Group) -> shapes.Group:
    """What all answers say of a group."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group_arn(context.partition, context.account, group),
        "CreateDate": group.created,
    }


@operation(authorize=on_new("group", "GroupName", "AWS::IAM::Group"), audit=WRITES)
def create_group(context: Context, request: shapes.CreateGroupRequest) -> shapes.CreateGroupResponse:
    group = Group(
        name=request["GroupName"],
        id=new_unique_id("AGPA"),
        path=request.get("Path") or "/",
        created=moments.now(context),
    )
    kinds.make(context, GROUP, group)
    return {"Group": shown(context, group)}


@operation(authorize=on_entity(GROUP), audit=READS)
def get_group(context: Context, request: shapes.GetGroupRequest) -> shapes.GetGroupResponse:
    group: Group = GROUP.loaded(context, request)
    page = paging.page_of(context, request, group.id)
    found = context.unit.find(USERS, "group", context.account, group.id, after=page.after, limit=page.limit + 1)
    members = [users.shown(context, user) for _, user in found[: page.limit]]
    return {"Group": shown(context, group), "Users": members, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_paths("group"), audit=READS)
def list_groups(context: Context, request: shapes.ListGroupsRequest) -> shapes.ListGroupsResponse:
    prefix = request.get("PathPrefix") or "/"
    page = paging.page_of(context, request, prefix)
    found = paging.chosen(
        page,
        lambda after, limit: context.unit.page(GROUPS, context.account, after=after, limit=limit),
        lambda group: group.path.startswith(prefix),
    )
    listed = [shown(context, group) for _, group in found[: page.limit]]
    return {"Groups": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_moved(GROUP, "NewGroupName"), audit=WRITES)
def update_group(context: Context, request: shapes.UpdateGroupRequest) -> None:
    group: Group = GROUP.loaded(context, request)
    kinds.move(context, GROUP, group, name=request.get("NewGroupName"), path=request.get("NewPath"))


@operation(authorize=on_entity(GROUP), audit=WRITES)
def delete_group(context: Context, request: shapes.DeleteGroupRequest) -> None:
    group: Group = GROUP.loaded(context, request)
    if _has_members(context, group):
        raise errors.in_use("must remove users from group first")
    kinds.refuse_attached(group)
    guards.end(context.unit, context.account, group.id)
    kinds.drop(context, GROUP, group)


def _has_members(context: Context, group: Group) -> bool:
    return bool(context.unit.find(USERS, "group", context.account, group.id, limit=1))


@operation(authorize=on_entity(GROUP), audit=WRITES)
def add_user_to_group(context: Context, request: shapes.AddUserToGroupRequest) -> None:
    group: Group = GROUP.loaded(context, request)
    user: User = USER.named(context, request["UserName"])
    if group.id in user.groups:
        return
    if len(user.groups) >= MOST_PER_USER:
        raise errors.over_quota("GroupsPerUser", MOST_PER_USER)
    guards.hold(context.unit, context.account, group.id, user.id)
    kinds.keep(context, USER, replace(user, groups=(*user.groups, group.id)))


@operation(authorize=on_entity(GROUP), audit=WRITES)
def remove_user_from_group(context: Context, request: shapes.RemoveUserFromGroupRequest) -> None:
    group: Group = GROUP.loaded(context, request)
    user: User = USER.named(context, request["UserName"])
    left = tuple(each for each in user.groups if each != group.id)
    if left != user.groups:
        kinds.keep(context, USER, replace(user, groups=left))


@operation(authorize=on_entity(USER), audit=READS)
def list_groups_for_user(
    context: Context, request: shapes.ListGroupsForUserRequest
) -> shapes.ListGroupsForUserResponse:
    user: User = USER.loaded(context, request)
    page = paging.page_of(context, request, user.id)
    found = page.of(groups_of(context, user))
    listed = [shown(context, group) for _, group in found[: page.limit]]
    return {"Groups": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


def groups_of(context: Context, user: User) -> list[tuple[str, Any]]:
    """A user's groups in order of name."""
    groups = [found for group_id in user.groups for found in context.unit.find(GROUPS, "id", context.account, group_id)]
    return sorted(groups, key=lambda found: found[0])
