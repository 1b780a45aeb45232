"""The questions that RAM asks the policies (Service Authorization Reference, "AWS Resource Access Manager")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import Check, Values, value_under
from casemate.services.ram import lookup
from casemate.services.ram.records import Share


class RequestKeys:
    """The condition keys of one request, by name in lower case."""

    __slots__ = ("_request", "_share")

    def __init__(self, request: Mapping[str, Any], share: Share | None) -> None:
        self._request = request
        self._share = share

    def __call__(self, name: str) -> Values | None:
        request, share = self._request, self._share
        prefix, _, key = name.partition("/")
        if prefix == "aws:requesttag":
            return value_under(((tag["key"], tag["value"]) for tag in request.get("tags") or ()), key)
        if prefix == "aws:resourcetag":
            return value_under(share.tags if share else (), key)
        if name == "aws:tagkeys":
            keys = [*(tag["key"] for tag in request.get("tags") or ()), *(request.get("tagKeys") or ())]
            return tuple(keys) or None
        if name == "ram:requestedallowsexternalprincipals" and "allowExternalPrincipals" in request:
            return (str(request["allowExternalPrincipals"]).lower(),)
        return self._associated(name)

    def _associated(self, name: str) -> Values | None:
        request, share = self._request, self._share
        if name == "ram:principal":
            return tuple(request.get("principals") or ()) or None
        if name == "ram:resourcearn":
            return tuple(request.get("resourceArns") or ()) or None
        if name == "ram:requestedresourcetype":
            return (lookup.KEY_TYPE,) if request.get("resourceArns") else None
        if share is not None and name == "ram:resourcesharename":
            return (share.name,)
        if share is not None and name == "ram:allowsexternalprincipals":
            return (str(share.external).lower(),)
        return None


def on_account(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations that are about no one share."""
    return _check(context, "*", RequestKeys(request, None))


def on_share(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations on the caller's share; it goes on as `context.loaded`."""
    arn = request.get("resourceShareArn") or request.get("resourceArn") or ""
    share = context.loaded = lookup.own_share(context, arn)
    context.resources.append(Resource(share.arn, "AWS::RAM::ResourceShare", share.owner))
    return _check(context, share.arn, RequestKeys(request, share))


def on_invitation(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for answers to an invitation; it goes on as `context.loaded`."""
    invitation = context.loaded = lookup.received(context, request["resourceShareInvitationArn"])
    context.resources.append(Resource(invitation.arn, "AWS::RAM::ResourceShareInvitation", invitation.sender))
    return _check(context, invitation.arn, RequestKeys(request, None))


def _check(context: Context, resource: str, keys: RequestKeys) -> Check:
    return Check(action=f"ram:{context.operation}", resource=resource, owner=context.account, keys=keys)
