"""Managed policies attached to users, groups and roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.foundation.records import Collection
from casemate.services.iam import errors, kinds, paging, policies
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.kinds import GROUP, ROLE, USER, Kind, modifiable
from casemate.services.iam.permissions import on_entity
from casemate.services.iam.policies import on_policy

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes


@operation(authorize=on_entity(USER), audit=WRITES)
def attach_user_policy(context: Context, request: shapes.AttachUserPolicyRequest) -> None:
    _attach(context, USER, USER.loaded(context, request), request["PolicyArn"])


@operation(authorize=on_entity(GROUP), audit=WRITES)
def attach_group_policy(context: Context, request: shapes.AttachGroupPolicyRequest) -> None:
    _attach(context, GROUP, GROUP.loaded(context, request), request["PolicyArn"])


@operation(authorize=on_entity(ROLE), audit=WRITES)
def attach_role_policy(context: Context, request: shapes.AttachRolePolicyRequest) -> None:
    _attach(context, ROLE, modifiable(ROLE.loaded(context, request)), request["PolicyArn"])


def _attach(context: Context, kind: Kind, entity: Any, arn: str) -> None:
    """Attach a policy; one that is attached already stays so. Raises NoSuchEntity, LimitExceeded."""
    policy = policies.attachable(context, arn)
    if policy is None:
        raise errors.not_attachable(arn)
    if arn in entity.attached:
        return
    if len(entity.attached) >= kind.most_policies:
        raise errors.over_quota(kind.policies_quota, kind.most_policies)
    policies.take(context, policy, entity.id)
    kinds.keep(context, kind, replace(entity, attached=(*entity.attached, arn)))


@operation(authorize=on_entity(USER), audit=WRITES)
def detach_user_policy(context: Context, request: shapes.DetachUserPolicyRequest) -> None:
    _detach(context, USER, USER.loaded(context, request), request["PolicyArn"])


@operation(authorize=on_entity(GROUP), audit=WRITES)
def detach_group_policy(context: Context, request: shapes.DetachGroupPolicyRequest) -> None:
    _detach(context, GROUP, GROUP.loaded(context, request), request["PolicyArn"])


@operation(authorize=on_entity(ROLE), audit=WRITES)
def detach_role_policy(context: Context, request: shapes.DetachRolePolicyRequest) -> None:
    _detach(context, ROLE, modifiable(ROLE.loaded(context, request)), request["PolicyArn"])


def _detach(context: Context, kind: Kind, entity: Any, arn: str) -> None:
    if arn not in entity.attached:
        raise errors.absent_policy(arn)
    left = tuple(each for each in entity.attached if each != arn)
    kinds.keep(context, kind, replace(entity, attached=left))


@operation(authorize=on_entity(USER), audit=READS)
def list_attached_user_policies(
    context: Context, request: shapes.ListAttachedUserPoliciesRequest
) -> shapes.ListAttachedUserPoliciesResponse:
    return _list(context, USER.loaded(context, request), request)  # type: ignore[return-value]  # entries and paging


@operation(authorize=on_entity(GROUP), audit=READS)
def list_attached_group_policies(
    context: Context, request: shapes.ListAttachedGroupPoliciesRequest
) -> shapes.ListAttachedGroupPoliciesResponse:
    return _list(context, GROUP.loaded(context, request), request)  # type: ignore[return-value]  # entries and paging


@operation(authorize=on_entity(ROLE), audit=READS)
def list_attached_role_policies(
    context: Context, request: shapes.ListAttachedRolePoliciesRequest
) -> shapes.ListAttachedRolePoliciesResponse:
    return _list(context, ROLE.loaded(context, request), request)  # type: ignore[return-value]  # entries and paging


def _list(context: Context, entity: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    prefix = request.get("PathPrefix") or "/"
    page = paging.page_of(context, request, entity.id, prefix)
    entries = ((arn, arn.rpartition("/")[2]) for arn in sorted(entity.attached) if _path_of(arn).startswith(prefix))
    found = page.of(entries)
    listed = [{"PolicyName": name, "PolicyArn": arn} for arn, name in found[: page.limit]]
    return {"AttachedPolicies": listed, **page.rest(found)}


def _path_of(arn: str) -> str:
    key = arn.partition(":policy/")[2]
    return "/" + key[: key.rfind("/") + 1]


@operation(authorize=on_policy, audit=READS)
def list_entities_for_policy(
    context: Context, request: shapes.ListEntitiesForPolicyRequest
) -> shapes.ListEntitiesForPolicyResponse:
    policies.loaded(context, request)
    arn, prefix = request["PolicyArn"], request.get("PathPrefix") or "/"
    which, usage = request.get("EntityFilter") or "", request.get("PolicyUsageFilter") or ""
    page = paging.page_of(context, request, arn, prefix, which, usage)
    found = page.of(_entities(context, arn, which, usage, prefix))
    lists: dict[str, list[dict[str, str]]] = {"Group": [], "Role": [], "User": []}
    for _, (kind, entity) in found[: page.limit]:
        lists[kind.title].append({kind.member: entity.name, f"{kind.title}Id": entity.id})
    answer: Any = {
        "PolicyGroups": lists["Group"],
        "PolicyUsers": lists["User"],
        "PolicyRoles": lists["Role"],
        **page.rest(found),
    }
    return answer  # type: ignore[no-any-return]  # put together by kind


_FILTERS: dict[str, tuple[Kind, ...]] = {"User": (USER,), "Group": (GROUP,), "Role": (ROLE,)}
_MANAGED = {"LocalManagedPolicy", "AWSManagedPolicy"}


def _entities(
    context: Context, arn: str, which: str, usage: str, prefix: str
) -> Iterator[tuple[str, tuple[Kind, Any]]]:
    """The entities that a policy is attached to or bounds, in order of position."""
    if which in _MANAGED:  # the enumeration has kinds of policies too; a policy stands on none
        return
    indexes = {"PermissionsPolicy": ("attached",), "PermissionsBoundary": ("boundary",)}.get(
        usage, ("attached", "boundary")
    )
    for kind in _FILTERS.get(which, (GROUP, ROLE, USER)):
        collection: Collection[Any] = kind.collection
        found: dict[str, Any] = {}
        for index in indexes:
            if index in collection.indexes:
                found.update(context.unit.find(collection, index, context.account, arn))
        for name in sorted(found):
            if found[name].path.startswith(prefix):
                yield f"{kind.noun}/{name}", (kind, found[name])
