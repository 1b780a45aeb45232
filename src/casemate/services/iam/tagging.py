"""Tagging users, roles, managed policies and instance profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.services.iam import instance_profiles, kinds, paging, policies, tags
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.instance_profiles import on_profile
from casemate.services.iam.kinds import ROLE, USER, modifiable
from casemate.services.iam.managed import PublishedPolicy
from casemate.services.iam.permissions import on_entity
from casemate.services.iam.policies import on_policy
from casemate.services.iam.records import Tags

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes


@operation(authorize=on_entity(USER), audit=WRITES)
def tag_user(context: Context, request: shapes.TagUserRequest) -> None:
    user = USER.loaded(context, request)
    kinds.keep(context, USER, replace(user, tags=tags.added(user.tags, request["Tags"])))


@operation(authorize=on_entity(ROLE), audit=WRITES)
def tag_role(context: Context, request: shapes.TagRoleRequest) -> None:
    role = modifiable(ROLE.loaded(context, request))
    kinds.keep(context, ROLE, replace(role, tags=tags.added(role.tags, request["Tags"])))


@operation(authorize=on_policy, audit=WRITES)
def tag_policy(context: Context, request: shapes.TagPolicyRequest) -> None:
    policy = policies.own(context, request)
    policies.keep(context, replace(policy, tags=tags.added(policy.tags, request["Tags"])))


@operation(authorize=on_profile, audit=WRITES)
def tag_instance_profile(context: Context, request: shapes.TagInstanceProfileRequest) -> None:
    profile = instance_profiles.loaded(context, request)
    instance_profiles.keep(context, replace(profile, tags=tags.added(profile.tags, request["Tags"])))


@operation(authorize=on_entity(USER), audit=WRITES)
def untag_user(context: Context, request: shapes.UntagUserRequest) -> None:
    user = USER.loaded(context, request)
    kinds.keep(context, USER, replace(user, tags=tags.removed(user.tags, request["TagKeys"])))


@operation(authorize=on_entity(ROLE), audit=WRITES)
def untag_role(context: Context, request: shapes.UntagRoleRequest) -> None:
    role = modifiable(ROLE.loaded(context, request))
    kinds.keep(context, ROLE, replace(role, tags=tags.removed(role.tags, request["TagKeys"])))


@operation(authorize=on_policy, audit=WRITES)
def untag_policy(context: Context, request: shapes.UntagPolicyRequest) -> None:
    policy = policies.own(context, request)
    policies.keep(context, replace(policy, tags=tags.removed(policy.tags, request["TagKeys"])))


@operation(authorize=on_profile, audit=WRITES)
def untag_instance_profile(context: Context, request: shapes.UntagInstanceProfileRequest) -> None:
    profile = instance_profiles.loaded(context, request)
    instance_profiles.keep(context, replace(profile, tags=tags.removed(profile.tags, request["TagKeys"])))


@operation(authorize=on_entity(USER), audit=READS)
def list_user_tags(context: Context, request: shapes.ListUserTagsRequest) -> shapes.ListUserTagsResponse:
    user = USER.loaded(context, request)
    return _list(context, user.id, user.tags, request)  # type: ignore[return-value]  # tags and paging


@operation(authorize=on_entity(ROLE), audit=READS)
def list_role_tags(context: Context, request: shapes.ListRoleTagsRequest) -> shapes.ListRoleTagsResponse:
    role = ROLE.loaded(context, request)
    return _list(context, role.id, role.tags, request)  # type: ignore[return-value]  # tags and paging


@operation(authorize=on_policy, audit=READS)
def list_policy_tags(context: Context, request: shapes.ListPolicyTagsRequest) -> shapes.ListPolicyTagsResponse:
    policy = policies.loaded(context, request)
    standing: Tags = () if isinstance(policy, PublishedPolicy) else policy.tags
    return _list(context, policy.id, standing, request)  # type: ignore[return-value]  # tags and paging


@operation(authorize=on_profile, audit=READS)
def list_instance_profile_tags(
    context: Context, request: shapes.ListInstanceProfileTagsRequest
) -> shapes.ListInstanceProfileTagsResponse:
    profile = instance_profiles.loaded(context, request)
    return _list(context, profile.id, profile.tags, request)  # type: ignore[return-value]  # tags and paging


def _list(context: Context, resource_id: str, standing: Tags, request: Mapping[str, Any]) -> dict[str, Any]:
    page = paging.page_of(context, request, resource_id)
    found = page.of(sorted((key.lower(), (key, value)) for key, value in standing))
    return {"Tags": tags.shown(tuple(tag for _, tag in found[: page.limit])), **page.rest(found)}
