"""Inline policies of users, groups and roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.services.iam import documents, errors, kinds, paging
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.kinds import GROUP, ROLE, USER, Kind, modifiable
from casemate.services.iam.permissions import on_entity
from casemate.services.iam.records import InlinePolicy

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes


@operation(authorize=on_entity(USER), audit=WRITES)
def put_user_policy(context: Context, request: shapes.PutUserPolicyRequest) -> None:
    _put(context, USER, USER.loaded(context, request), request)


@operation(authorize=on_entity(GROUP), audit=WRITES)
def put_group_policy(context: Context, request: shapes.PutGroupPolicyRequest) -> None:
    _put(context, GROUP, GROUP.loaded(context, request), request)


@operation(authorize=on_entity(ROLE), audit=WRITES)
def put_role_policy(context: Context, request: shapes.PutRolePolicyRequest) -> None:
    _put(context, ROLE, modifiable(ROLE.loaded(context, request)), request)


def _put(context: Context, kind: Kind, entity: Any, request: Mapping[str, Any]) -> None:
    """Replace the policy of that name, or add it. Raises MalformedPolicyDocument, LimitExceeded."""
    name, text = request["PolicyName"], request["PolicyDocument"]
    documents.checked(text, "identity")
    others = [policy for policy in entity.inline if policy.name != name]
    inline = sorted([*others, InlinePolicy(name, text)], key=_name)
    if documents.inline_size(policy.document for policy in inline) > kind.inline_characters:
        raise errors.limit(
            f"Maximum policy size of {kind.inline_characters} bytes exceeded for {kind.noun} {entity.name}"
        )
    kinds.keep(context, kind, replace(entity, inline=tuple(inline)))


def _name(policy: InlinePolicy) -> str:
    return policy.name


@operation(authorize=on_entity(USER), audit=READS)
def get_user_policy(context: Context, request: shapes.GetUserPolicyRequest) -> shapes.GetUserPolicyResponse:
    user = USER.loaded(context, request)
    return {"UserName": user.name, **_shown(_one(USER, user, request["PolicyName"]))}  # type: ignore[typeddict-item]  # the rest


@operation(authorize=on_entity(GROUP), audit=READS)
def get_group_policy(context: Context, request: shapes.GetGroupPolicyRequest) -> shapes.GetGroupPolicyResponse:
    group = GROUP.loaded(context, request)
    return {"GroupName": group.name, **_shown(_one(GROUP, group, request["PolicyName"]))}  # type: ignore[typeddict-item]  # the rest


@operation(authorize=on_entity(ROLE), audit=READS)
def get_role_policy(context: Context, request: shapes.GetRolePolicyRequest) -> shapes.GetRolePolicyResponse:
    role = ROLE.loaded(context, request)
    return {"RoleName": role.name, **_shown(_one(ROLE, role, request["PolicyName"]))}  # type: ignore[typeddict-item]  # the rest


def _one(kind: Kind, entity: Any, name: str) -> InlinePolicy:
    for policy in entity.inline:
        if policy.name == name:
            found: InlinePolicy = policy
            return found
    raise errors.absent_inline(kind.noun, name)


def _shown(policy: InlinePolicy) -> dict[str, str]:
    return {"PolicyName": policy.name, "PolicyDocument": documents.shown(policy.document)}


@operation(authorize=on_entity(USER), audit=READS)
def list_user_policies(context: Context, request: shapes.ListUserPoliciesRequest) -> shapes.ListUserPoliciesResponse:
    return _list(context, USER.loaded(context, request), request)  # type: ignore[return-value]  # names and paging


@operation(authorize=on_entity(GROUP), audit=READS)
def list_group_policies(context: Context, request: shapes.ListGroupPoliciesRequest) -> shapes.ListGroupPoliciesResponse:
    return _list(context, GROUP.loaded(context, request), request)  # type: ignore[return-value]  # names and paging


@operation(authorize=on_entity(ROLE), audit=READS)
def list_role_policies(context: Context, request: shapes.ListRolePoliciesRequest) -> shapes.ListRolePoliciesResponse:
    return _list(context, ROLE.loaded(context, request), request)  # type: ignore[return-value]  # names and paging


def _list(context: Context, entity: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    page = paging.page_of(context, request, entity.id)
    found = page.of((policy.name, policy) for policy in entity.inline)
    return {"PolicyNames": [name for name, _ in found[: page.limit]], **page.rest(found)}


@operation(authorize=on_entity(USER), audit=WRITES)
def delete_user_policy(context: Context, request: shapes.DeleteUserPolicyRequest) -> None:
    _delete(context, USER, USER.loaded(context, request), request["PolicyName"])


@operation(authorize=on_entity(GROUP), audit=WRITES)
def delete_group_policy(context: Context, request: shapes.DeleteGroupPolicyRequest) -> None:
    _delete(context, GROUP, GROUP.loaded(context, request), request["PolicyName"])


@operation(authorize=on_entity(ROLE), audit=WRITES)
def delete_role_policy(context: Context, request: shapes.DeleteRolePolicyRequest) -> None:
    _delete(context, ROLE, modifiable(ROLE.loaded(context, request)), request["PolicyName"])


def _delete(context: Context, kind: Kind, entity: Any, name: str) -> None:
    gone = _one(kind, entity, name)
    left = tuple(policy for policy in entity.inline if policy is not gone)
    kinds.keep(context, kind, replace(entity, inline=left))
