"""What is in a share, and whom it is shared with (RAM API, AssociateResourceShare and its like)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.operation import AuditRule, operation
from casemate.services.ram import errors, invitations, lookup, paging, shared_keys, trust
from casemate.services.ram.permissions import on_account, on_share
from casemate.services.ram.records import DELETED, SHARES, Association, Share

_WRITES: Final = AuditRule(read_only=False, response=lambda told: told)


def added(context: Context, share: Share, request: Mapping[str, Any]) -> tuple[Share, list[str]]:
    """The share with a request's resources and principals, and the keys whose policies that changes."""
    resources = {each.entity: each for each in share.resources}
    for arn in request.get("resourceArns") or ():
        context.call("kms", "BeginSharing", {"KeyId": lookup.key_of(context, arn)})
        resources[arn] = Association(arn, context.now, context.now)
    principals = {each.entity: each for each in share.principals}
    for principal in request.get("principals") or ():
        known = principals.get(principal)
        if known is None or known.status == "DISASSOCIATED":
            principals[principal] = _invited(context, share, principal)
    share = replace(
        share, resources=tuple(resources.values()), principals=tuple(principals.values()), updated=context.now
    )
    return share, [each.entity for each in lookup.associated(share.resources)]


def _invited(context: Context, share: Share, principal: str) -> Association:
    """A principal of the share: its account is asked first, unless it is the owner's own or an organization."""
    account = lookup.account_of(principal)
    if not account:
        trust.require_enabled(context, principal)
        return Association(principal, context.now, context.now)
    if not share.external:
        raise errors.not_permitted("The resource share allows principals of the organization only: name that.")
    named = principal if principal.startswith("arn:") else f"arn:{context.partition}:iam::{principal}:root"
    if not context.principal_exists(named):
        raise errors.invalid(f"The principal {principal} does not exist.")
    if account == share.owner:
        return Association(principal, context.now, context.now, account=account)
    invitations.send(context, share, principal, account)
    return Association(principal, context.now, context.now, "ASSOCIATING", account)


def removed(context: Context, share: Share, wanted: Sequence[str] | None) -> tuple[Share, list[str]]:
    """The share without these resources and principals, or without any, and the keys whose policies that changes."""
    touched = [each.entity for each in lookup.associated(share.resources)]

    def left(associations: Sequence[Association]) -> tuple[Association, ...]:
        return tuple(
            replace(each, status="DISASSOCIATED", updated=context.now)
            if wanted is None or each.entity in wanted
            else each
            for each in associations
        )

    share = replace(share, resources=left(share.resources), principals=left(share.principals), updated=context.now)
    return share, touched


@operation(authorize=on_share, audit=_WRITES, runs="thread")
def associate_resource_share(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    share: Share = context.loaded
    named = _named(share, request)
    share, touched = added(context, share, request)
    return _kept(context, request, share, touched, named)


@operation(authorize=on_share, audit=_WRITES)
def disassociate_resource_share(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    share: Share = context.loaded
    named = _named(share, request)
    known = {each.entity for each in (*share.resources, *share.principals) if each.status != "DISASSOCIATED"}
    for entity in named:
        if entity not in known:
            raise errors.unknown(entity)
    share, touched = removed(context, share, named)
    invitations.withdraw(context, share, named)
    return _kept(context, request, share, touched, named)


def _named(share: Share, request: Mapping[str, Any]) -> list[str]:
    if share.status == DELETED:
        raise errors.deleted(share.arn)
    if request.get("sources"):
        raise errors.invalid("sources can't be specified for shares of KMS keys here.")
    named = [*(request.get("resourceArns") or ()), *(request.get("principals") or ())]
    if not named:
        raise errors.invalid("Specify at least one of resourceArns and principals.")
    return named


def _kept(
    context: Context, request: Mapping[str, Any], share: Share, touched: Sequence[str], named: Sequence[str]
) -> dict[str, Any]:
    context.unit.put(SHARES, "", share.id, share)
    shared_keys.apply(context, touched)
    entries = [entry for entity, entry in _entries(share) if entity in named]
    token = {"clientToken": request["clientToken"]} if "clientToken" in request else {}
    return {"resourceShareAssociations": entries, **token}


def _entries(share: Share) -> list[tuple[str, dict[str, Any]]]:
    kinds = (("RESOURCE", share.resources), ("PRINCIPAL", share.principals))
    return [(each.entity, _shown(share, kind, each)) for kind, group in kinds for each in group]


def _shown(share: Share, kind: str, association: Association) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "resourceShareName": share.name,
        "associatedEntity": association.entity,
        "associationType": kind,
        "status": association.status,
        "creationTime": association.created,
        "lastUpdatedTime": association.updated,
        "external": bool(association.account) and association.account != share.owner,
    }


@operation(authorize=on_account, audit=AuditRule(read_only=True))
def get_resource_share_associations(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The associations of the caller's own shares."""
    kind, status = request["associationType"], request.get("associationStatus")
    wanted = request.get("resourceArn") if kind == "RESOURCE" else request.get("principal")
    other = "principal" if kind == "RESOURCE" else "resourceArn"
    if request.get(other):
        raise errors.invalid(f"{other} can't be specified for associations of type {kind}.")
    found = [
        (f"{share.id}/{entity}", entry)
        for share in lookup.chosen(lookup.owned(context), request.get("resourceShareArns"))
        for entity, entry in _entries(share)
        if entry["associationType"] == kind and wanted in {None, entity} and status in {None, entry["status"]}
    ]
    return paging.answer(context, request, "resourceShareAssociations", found)
