"""The questions that Organizations asks the policies, and the condition keys that it answers.

Service Authorization Reference, "Actions, resources, and condition keys for AWS Organizations".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import Check, Values, value_under
from casemate.services.organizations import errors, lookup, names
from casemate.services.organizations.records import Organization, Policy, Tags

Authorize = Callable[[Context, Mapping[str, Any]], Check | list[Check]]


class RequestKeys:
    """The condition keys of one request, by name in lower case; `tags` are the resource's own."""

    __slots__ = ("_policy_type", "_request", "_tags")

    def __init__(self, request: Mapping[str, Any], *, tags: Tags = (), policy_type: str | None = None) -> None:
        self._request = request
        self._tags = tags
        self._policy_type = policy_type

    def __call__(self, name: str) -> Values | None:
        request = self._request
        prefix, _, key = name.partition("/")
        if prefix == "aws:resourcetag":
            return value_under(self._tags, key)
        if prefix == "aws:requesttag":
            given = request.get("Tags") or ()
            return value_under(((tag["Key"], tag["Value"]) for tag in given), key)
        if name == "aws:tagkeys":
            keys = [*(tag["Key"] for tag in request.get("Tags") or ()), *(request.get("TagKeys") or ())]
            return tuple(keys) or None
        if name == "organizations:policytype":
            kind = self._policy_type or request.get("PolicyType") or request.get("Filter") or request.get("Type")
            return (kind,) if kind else None
        if name == "organizations:serviceprincipal":
            return (request["ServicePrincipal"],) if "ServicePrincipal" in request else None
        return None


def _check(context: Context, resource: str, keys: RequestKeys) -> Check:
    return Check(
        action=f"organizations:{context.operation}",
        resource=resource,
        owner=context.account,
        keys=keys,
        denial=errors.DENIED,
    )


def on_all(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations that are about no one resource."""
    return _check(context, "*", RequestKeys(request))


def on(*members: str) -> Authorize:
    """An `authorize` for operations on the resources that these members name by id.

    What does not exist is asked about under the ARN that it would have, so that a refusal says nothing of it.
    """

    def authorize(context: Context, request: Mapping[str, Any]) -> Check | list[Check]:
        organization = lookup.of_caller(context)
        if organization is None or organization.management != context.account:
            return on_all(context, request)
        policy_type = _policy_type(context, organization, request)
        return [_about(context, organization, request, request[member], policy_type) for member in members]

    return authorize


def _policy_type(context: Context, organization: Organization, request: Mapping[str, Any]) -> str | None:
    policy = lookup.policy_or_none(context, organization, request["PolicyId"]) if "PolicyId" in request else None
    return policy.type if policy is not None else None


def _about(
    context: Context, organization: Organization, request: Mapping[str, Any], named: str, policy_type: str | None
) -> Check:
    found: Any
    if named.startswith("p-"):
        found = lookup.policy_or_none(context, organization, named)
        shape = found or Policy(named, organization.id, "", "", "service_control_policy", "")
        arn, kind = names.policy_arn(context.partition, organization, shape), "AWS::Organizations::Policy"
    else:
        arn = names.target_arn(context.partition, organization, named)
        finder = lookup.account if named.isdecimal() else lookup.node
        found, kind = finder(context, organization, named), _kind(named)
    context.resources.append(Resource(arn, kind, organization.management))
    return _check(context, arn, RequestKeys(request, tags=found.tags if found else (), policy_type=policy_type))


def _kind(named: str) -> str:
    if named.isdecimal():
        return "AWS::Organizations::Account"
    return "AWS::Organizations::Root" if named.startswith("r-") else "AWS::Organizations::OrganizationalUnit"
