"""ListResources and ListPrincipals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, operation
from casemate.services.ram import lookup, paging
from casemate.services.ram.permissions import on_account
from casemate.services.ram.records import Association, Share

_READ: Final = AuditRule(read_only=True)


def _refuse_other_types(request: Mapping[str, Any]) -> None:
    kind = request.get("resourceType")
    if kind is not None and kind.lower() != lookup.KEY_TYPE.lower():
        raise ServiceError("InvalidResourceTypeException", f"The resource type {kind} can't be shared here.")


@operation(authorize=on_account, audit=_READ)
def list_resources(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    _refuse_other_types(request)
    principal, arns = request.get("principal"), request.get("resourceArns")
    shares = lookup.of_owner(context, request)
    if request.get("resourceRegionScope") == "GLOBAL":
        shares = []  # KMS keys are of a Region
    if principal is not None:
        shares = [share for share in shares if _is_from_or_for(share, principal, request)]
    found = [
        (f"{share.id}/{each.entity}", _resource(share, each))
        for share in shares
        for each in lookup.associated(share.resources)
        if arns is None or each.entity in arns
    ]
    return paging.answer(context, request, "resources", found)


def _is_from_or_for(share: Share, principal: str, request: Mapping[str, Any]) -> bool:
    if request["resourceOwner"] != lookup.SELF:
        return share.owner == principal
    return any(each.entity == principal for each in lookup.associated(share.principals))


def _resource(share: Share, association: Association) -> dict[str, Any]:
    return {
        "arn": association.entity,
        "type": lookup.KEY_TYPE,
        "resourceShareArn": share.arn,
        "status": "AVAILABLE",
        "creationTime": association.created,
        "lastUpdatedTime": association.updated,
        "resourceRegionScope": "REGIONAL",
    }


@operation(authorize=on_account, audit=_READ)
def list_principals(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whom the caller shares with, or, of other accounts, who shares with it."""
    _refuse_other_types(request)
    arn, wanted = request.get("resourceArn"), request.get("principals")
    own = request["resourceOwner"] == lookup.SELF
    found = []
    for share in lookup.of_owner(context, request):
        if arn is not None and all(each.entity != arn for each in lookup.associated(share.resources)):
            continue
        owner = Association(share.owner, share.created, share.updated, account=share.owner)
        found += [
            (f"{share.id}/{each.entity}", _principal(context, share, each))
            for each in (lookup.associated(share.principals) if own else [owner])
            if wanted is None or each.entity in wanted
        ]
    return paging.answer(context, request, "principals", found)


def _principal(context: Context, share: Share, association: Association) -> dict[str, Any]:
    return {
        "id": association.entity,
        "resourceShareArn": share.arn,
        "creationTime": association.created,
        "lastUpdatedTime": association.updated,
        "external": bool(association.account) and association.account != context.account,
    }
