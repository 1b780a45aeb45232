"""Everything that an account has and that binds it, at once: GetAccountAuthorizationDetails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.foundation.records import Collection
from casemate.services.iam import (
    boundaries,
    documents,
    groups,
    instance_profiles,
    managed,
    paging,
    policies,
    roles,
    tags,
    usage,
    users,
    versions,
)
from casemate.services.iam.audit import READS
from casemate.services.iam.kinds import Entity
from casemate.services.iam.permissions import on_account
from casemate.services.iam.policies import AnyPolicy, Standing
from casemate.services.iam.records import GROUPS, POLICIES, ROLES, USERS, Group, ManagedPolicy, Role, User

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

_CHUNK: Final = 200

Shown = Callable[[], dict[str, Any]]


@operation(authorize=on_account, audit=READS)
def get_account_authorization_details(
    context: Context, request: shapes.GetAccountAuthorizationDetailsRequest
) -> shapes.GetAccountAuthorizationDetailsResponse:
    """Users, groups, roles, the account's policies and those of AWS that are in use; together a page has MaxItems."""
    wanted = sorted(set(request.get("Filter") or _SOURCES))
    page = paging.page_of(context, request, *wanted)
    found = page.of(_entries(context, wanted, page.after))
    lists: dict[str, list[Any]] = {name: [] for name in dict.fromkeys(name for _, name, _ in _SOURCES.values())}
    for _, (name, shown) in found[: page.limit]:
        lists[name].append(shown())
    answer: Any = {**lists, **page.rest(found)}
    return answer  # type: ignore[no-any-return]  # put together by kind


def _entries(context: Context, wanted: list[str], after: str) -> Iterator[tuple[str, tuple[str, Shown]]]:
    """What the lists hold behind a position, in order; each is looked into only when it is on the page."""
    for position, name, source in sorted((_SOURCES[each] for each in wanted), key=lambda each: each[0]):
        if position + "~" > after:
            for key, shown in source(context, after.removeprefix(position) if after.startswith(position) else ""):
                yield position + key, (name, shown)


def _all(context: Context, collection: Collection[Any], after: str) -> Iterator[tuple[str, Any]]:
    while True:
        chunk = context.unit.page(collection, context.account, after=after, limit=_CHUNK)
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        after = chunk[-1][0]


def _users(context: Context, after: str) -> Iterator[tuple[str, Shown]]:
    for key, user in _all(context, USERS, after):
        yield key, lambda user=user: _user(context, user)  # type: ignore[misc]  # bound at once


def _groups(context: Context, after: str) -> Iterator[tuple[str, Shown]]:
    for key, group in _all(context, GROUPS, after):
        yield key, lambda group=group: _group(context, group)  # type: ignore[misc]  # bound at once


def _roles(context: Context, after: str) -> Iterator[tuple[str, Shown]]:
    for key, role in _all(context, ROLES, after):
        yield key, lambda role=role: _role(context, role)  # type: ignore[misc]  # bound at once


def _own_policies(context: Context, after: str) -> Iterator[tuple[str, Shown]]:
    for key, policy in _all(context, POLICIES, after):
        yield key, lambda policy=policy: _policy(context, policy)  # type: ignore[misc]  # bound at once


def _aws_policies(context: Context, after: str) -> Iterator[tuple[str, Shown]]:
    used = filter(None, map(managed.published, policies.standings(context)))
    for policy in sorted(used):
        if policy.key > after:
            yield policy.key, lambda policy=policy: _policy(context, policy)  # type: ignore[misc]  # bound at once


_SOURCES: Final[dict[str, tuple[str, str, Callable[[Context, str], Iterator[tuple[str, Shown]]]]]] = {
    "User": ("1/", "UserDetailList", _users),
    "Group": ("2/", "GroupDetailList", _groups),
    "Role": ("3/", "RoleDetailList", _roles),
    "LocalManagedPolicy": ("4/", "Policies", _own_policies),
    "AWSManagedPolicy": ("5/", "Policies", _aws_policies),
}


def _inline(entity: Entity) -> list[dict[str, str]]:
    return [{"PolicyName": policy.name, "PolicyDocument": documents.shown(policy.document)} for policy in entity.inline]


def _attached(entity: Entity) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in entity.attached]


def _user(context: Context, user: User) -> dict[str, Any]:
    return {
        **users.shown(context, user),
        "UserPolicyList": _inline(user),
        "GroupList": [group.name for _, group in groups.groups_of(context, user)],
        "AttachedManagedPolicies": _attached(user),
        **boundaries.member(user.boundary),
        "Tags": tags.shown(user.tags),
    }


def _group(context: Context, group: Group) -> dict[str, Any]:
    return {
        **groups.shown(context, group),
        "GroupPolicyList": _inline(group),
        "AttachedManagedPolicies": _attached(group),
    }


def _role(context: Context, role: Role) -> dict[str, Any]:
    profiles = instance_profiles.profiles_of(context, role)
    return {
        **roles.shown(context, role),
        "InstanceProfileList": [instance_profiles.shown(context, each, tagged=False) for each in profiles],
        "RolePolicyList": _inline(role),
        "AttachedManagedPolicies": _attached(role),
        **boundaries.member(role.boundary),
        "Tags": tags.shown(role.tags),
        "RoleLastUsed": usage.of_role(context.unit, context.account, role, context.now),
    }


def _policy(context: Context, policy: AnyPolicy) -> dict[str, Any]:
    stands: Standing = policies.standing(context, policies.arn_of(context, policy))
    kept, default = versions.all_of(policy)
    listed = [{"Document": documents.shown(version.document), **versions.shown(version, default)} for version in kept]
    answer = {**policies.shown(context, policy, stands), "PolicyVersionList": listed}
    if isinstance(policy, ManagedPolicy) and policy.description is not None:
        answer["Description"] = policy.description
    return answer
