"""Resource shares: made, changed, tagged, deleted, shown (RAM API of the same names)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.ids import new_uuid
from casemate.foundation.operation import AuditRule, operation
from casemate.services.ram import associations, errors, invitations, lookup, managed, paging, shared_keys
from casemate.services.ram.permissions import on_account, on_share
from casemate.services.ram.records import DELETED, SHARES, Share

_WRITES: Final = AuditRule(read_only=False, response=lambda told: told)
_READS: Final = AuditRule(read_only=True)
_MOST_TAGS: Final = 50
_NOT_HERE: Final = ("sources", "permissionTemplateParameters", "resourceShareConfiguration")


def shown(share: Share) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "name": share.name,
        "owningAccountId": share.owner,
        "allowExternalPrincipals": share.external,
        "status": share.status,
        "tags": [{"key": key, "value": value} for key, value in share.tags],
        "creationTime": share.created,
        "lastUpdatedTime": share.updated,
        "featureSet": "STANDARD",
    }


def _tags(have: Sequence[tuple[str, str]], given: Sequence[Mapping[str, str]] | None) -> tuple[tuple[str, str], ...]:
    """Raises TagPolicyViolationException, TagLimitExceededException."""
    merged = {**dict(have), **{tag["key"]: tag["value"] for tag in given or ()}}
    if any(tag["key"].lower().startswith("aws:") for tag in given or ()):
        raise ServiceError("TagPolicyViolationException", "Tag keys that begin with aws: are reserved.")
    if len(merged) > _MOST_TAGS:
        raise ServiceError("TagLimitExceededException", f"A resource share has at most {_MOST_TAGS} tags.")
    return tuple(merged.items())


@operation(authorize=on_account, audit=_WRITES, runs="thread")
def create_resource_share(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    for member in _NOT_HERE:
        if request.get(member):
            raise errors.invalid(f"{member} can't be specified for shares of KMS keys here.")
    managed.check(context, request.get("permissionArns"))
    token = request.get("clientToken", "")
    asked = hashlib.sha256(msgspec.json.encode(request, order="sorted")).hexdigest()
    same = context.unit.find(SHARES, "token", "", f"{context.account}/{token}", limit=1) if token else []
    if same and same[0][1].asked != asked:
        raise errors.mismatched(token)
    if same:
        return {"resourceShare": shown(same[0][1]), "clientToken": token}
    id_ = new_uuid()
    share = Share(
        id=id_,
        arn=context.arn(f"resource-share/{id_}"),
        owner=context.account,
        name=request["name"],
        created=context.now,
        updated=context.now,
        external=request.get("allowExternalPrincipals", True),
        tags=_tags((), request.get("tags")),
        token=token,
        asked=asked,
    )
    share, touched = associations.added(context, share, request)
    context.unit.put(SHARES, "", share.id, share)
    shared_keys.apply(context, touched)
    return {"resourceShare": shown(share), **({"clientToken": token} if token else {})}


@operation(authorize=on_share, audit=_WRITES)
def update_resource_share(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    share: Share = context.loaded
    if share.status == DELETED:
        raise errors.deleted(share.arn)
    external = request.get("allowExternalPrincipals", share.external)
    if not external and any(each.account for each in share.principals if each.status != "DISASSOCIATED"):
        raise errors.not_permitted("The resource share has principals outside of the organization.")
    share = replace(share, name=request.get("name", share.name), external=external, updated=context.now)
    context.unit.put(SHARES, "", share.id, share)
    return {"resourceShare": shown(share), **_token(request)}


def _token(request: Mapping[str, Any]) -> dict[str, str]:
    return {"clientToken": request["clientToken"]} if "clientToken" in request else {}


@operation(authorize=on_share, audit=_WRITES)
def delete_resource_share(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    share: Share = context.loaded
    share, touched = associations.removed(context, share, None)
    context.unit.put(SHARES, "", share.id, replace(share, status=DELETED, updated=context.now))
    invitations.withdraw(context, share)
    shared_keys.apply(context, touched)
    return {"returnValue": True, **_token(request)}


@operation(authorize=on_share, audit=AuditRule(read_only=False))
def tag_resource(context: Context, request: Mapping[str, Any]) -> None:
    share: Share = context.loaded
    _refuse_two_names(request)
    context.unit.put(SHARES, "", share.id, replace(share, tags=_tags(share.tags, request["tags"])))


@operation(authorize=on_share, audit=AuditRule(read_only=False))
def untag_resource(context: Context, request: Mapping[str, Any]) -> None:
    share: Share = context.loaded
    _refuse_two_names(request)
    gone = set(request["tagKeys"])
    context.unit.put(
        SHARES, "", share.id, replace(share, tags=tuple(each for each in share.tags if each[0] not in gone))
    )


def _refuse_two_names(request: Mapping[str, Any]) -> None:
    if ("resourceShareArn" in request) == ("resourceArn" in request):
        raise errors.invalid("Specify either resourceShareArn or resourceArn.")


@operation(authorize=on_account, audit=_READS)
def get_resource_shares(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    arns = request.get("resourceShareArns")
    found = lookup.of_owner(context, request)
    managed.check(context, [request["permissionArn"]] if "permissionArn" in request else None)
    if request.get("permissionVersion", 1) != 1:
        found = []
    if arns is not None and {share.arn for share in found} < set(arns):
        raise errors.unknown_share(next(arn for arn in arns if arn not in {share.arn for share in found}))
    listed = [(share.id, shown(share)) for share in found if _is_wanted(share, request)]
    return paging.answer(context, request, "resourceShares", listed)


def _is_wanted(share: Share, request: Mapping[str, Any]) -> bool:
    tags = dict(share.tags)
    return (
        request.get("name", share.name) == share.name
        and request.get("resourceShareStatus", share.status) == share.status
        and all(
            each.get("tagKey") in tags and (not each.get("tagValues") or tags[each["tagKey"]] in each["tagValues"])
            for each in request.get("tagFilters") or ()
        )
    )
