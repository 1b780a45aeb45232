"""The questions that IAM asks the policies about its own operations, and the condition keys that it answers.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
Management".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import Check, ConditionKeys, Values, value_under
from casemate.services.iam import errors
from casemate.services.iam.arns import arn, root_arn
from casemate.services.iam.kinds import USER, Kind
from casemate.services.iam.records import Tags

Authorize = Callable[[Context, Mapping[str, Any]], Check | list[Check]]


class RequestKeys:
    """The condition keys of one request, by name in lower case.

    `tags` and `boundary` are those of the resource as it stands; `policy_arn` is the policy that an attachment is
    about.
    """

    __slots__ = ("_boundary", "_extra", "_policy_arn", "_request", "_tags")

    def __init__(
        self,
        request: Mapping[str, Any],
        *,
        tags: Tags = (),
        boundary: str | None = None,
        policy_arn: str | None = None,
        extra: Mapping[str, Values] | None = None,
    ) -> None:
        self._request = request
        self._tags = tags
        self._boundary = request.get("PermissionsBoundary") or boundary
        self._policy_arn = policy_arn
        self._extra = extra or {}

    def __call__(self, name: str) -> Values | None:
        prefix, _, key = name.partition("/")
        if prefix in {"aws:resourcetag", "iam:resourcetag"}:
            return value_under(self._tags, key)
        if prefix == "aws:requesttag":
            given = self._request.get("Tags") or []
            return value_under(((tag["Key"], tag["Value"]) for tag in given), key)
        if name == "aws:tagkeys":
            keys = [*(tag["Key"] for tag in self._request.get("Tags") or []), *(self._request.get("TagKeys") or [])]
            return tuple(keys) or None
        if name == "iam:permissionsboundary":
            return (self._boundary,) if self._boundary else None
        if name == "iam:policyarn":
            return (self._policy_arn,) if self._policy_arn else None
        return self._extra.get(name)


def check(
    context: Context, resource: str, *, keys: ConditionKeys, action: str | None = None, owner: str | None = None
) -> Check:
    """May the caller do this, by its own policies? IAM has no resource policies but roles' trust."""
    return Check(
        action=f"iam:{action or context.operation}", resource=resource, owner=owner or context.account, keys=keys
    )


def on_account(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations that are about no resource."""
    return check(context, "*", keys=RequestKeys(request))


def on_paths(kind: str) -> Authorize:
    """An `authorize` for lists by path: about all of a kind below the prefix."""

    def authorize(context: Context, request: Mapping[str, Any]) -> Check:
        resource = arn(context.partition, context.account, kind, request.get("PathPrefix") or "/", "")
        return check(context, resource, keys=RequestKeys(request))

    return authorize


def on_new(kind: str, member: str, resource_type: str) -> Authorize:
    """An `authorize` for creations: about the ARN that will be; tags given at once ask for Tag… too."""
    tagging = "Tag" + resource_type.rpartition(":")[2].replace("ManagedPolicy", "Policy")

    def authorize(context: Context, request: Mapping[str, Any]) -> list[Check]:
        resource = arn(context.partition, context.account, kind, request.get("Path") or "/", request[member])
        context.resources.append(Resource(resource, resource_type, context.account))
        keys = RequestKeys(request)
        checks = [check(context, resource, keys=keys)]
        if request.get("Tags"):
            checks.append(check(context, resource, keys=keys, action=tagging))
        return checks

    return authorize


def on_entity(kind: Kind) -> Authorize:
    """An `authorize` for operations on one user, group or role, which goes on as `context.loaded` if it exists."""

    def authorize(context: Context, request: Mapping[str, Any]) -> Check:
        return entity_check(context, kind, request, request[kind.member])

    return authorize


def entity_check(context: Context, kind: Kind, request: Mapping[str, Any], name: str) -> Check:
    entity = context.loaded = kind.get(context, name)
    resource = arn(context.partition, context.account, kind.noun, "/", name)
    tags: Tags = ()
    boundary = None
    if entity is not None:
        resource = kind.arn(context, entity)
        tags, boundary = getattr(entity, "tags", ()), getattr(entity, "boundary", None)
    context.resources.append(Resource(resource, kind.resource_type, context.account))
    keys = RequestKeys(request, tags=tags, boundary=boundary, policy_arn=request.get("PolicyArn"))
    return check(context, resource, keys=keys)


def on_moved(kind: Kind, new_name: str) -> Authorize:
    """An `authorize` for changes of name or path: the caller needs the permission for what was and what will be."""

    def authorize(context: Context, request: Mapping[str, Any]) -> list[Check]:
        checks = [entity_check(context, kind, request, request[kind.member])]
        entity = context.loaded
        if entity is not None and (request.get(new_name) or request.get("NewPath")):
            name, path = request.get(new_name) or entity.name, request.get("NewPath") or entity.path
            target = arn(context.partition, context.account, kind.noun, path, name)
            checks.append(check(context, target, keys=checks[0].keys))
        return checks

    return authorize


def on_user_or_self(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations that mean the caller where no user is named.

    `context.loaded` is the user, or None: where no name is given, that is the account's root.
    Raises ValidationError where the caller is neither.
    """
    name = request.get("UserName")
    if name is None and context.caller.kind == "user":
        name = context.caller.name
    if name is not None:
        return entity_check(context, USER, request, name)
    if context.caller.kind != "root":
        raise errors.not_a_user()
    context.loaded = None
    return check(context, root_arn(context.partition, context.account), keys=RequestKeys(request))
