"""Invitations (RAM User Guide, "Accepting and rejecting resource share invitations")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.ids import new_uuid
from casemate.foundation.operation import AuditRule, operation
from casemate.foundation.records import Timer
from casemate.services.ram import paging, shared_keys
from casemate.services.ram.lookup import associated
from casemate.services.ram.permissions import on_account, on_invitation
from casemate.services.ram.records import INVITATIONS, SHARES, Invitation, Share

EXPIRE: Final = "ram.expire_invitation"
_VALID: Final = 12 * 3600.0
"""Seconds for which an invitation to use a KMS key can be accepted (the guide: most resource types have 12 hours)."""
_WRITES: Final = AuditRule(read_only=False, response=lambda told: told)
_DONE: Final = {
    "ACCEPTED": "ResourceShareInvitationAlreadyAcceptedException",
    "REJECTED": "ResourceShareInvitationAlreadyRejectedException",
    "EXPIRED": "ResourceShareInvitationExpiredException",
}


def send(context: Context, share: Share, principal: str, account: str) -> None:
    """Ask an account."""
    id_ = new_uuid()
    invitation = Invitation(
        id=id_,
        arn=context.arn(f"resource-share-invitation/{id_}", account=share.owner),
        share=share.id,
        sender=share.owner,
        receiver=account,
        principal=principal,
        created=context.now,
    )
    context.unit.put(INVITATIONS, "", id_, invitation)
    context.unit.schedule(Timer(context.now + _VALID, EXPIRE, id_))


def withdraw(context: Context, share: Share, principals: Sequence[str] | None = None) -> None:
    """Have no invitations to a share, or none of these principals, that could still be accepted."""
    for id_, invitation in context.unit.find(INVITATIONS, "share", "", share.id):
        if invitation.status == "PENDING" and (principals is None or invitation.principal in principals):
            context.unit.delete(INVITATIONS, "", id_)
            context.unit.cancel(EXPIRE, id_)


def on_expire(context: Context, timer: Timer) -> None:
    """Nobody has accepted in time."""
    invitation = context.unit.get(INVITATIONS, "", timer.key)
    if invitation is not None and invitation.status == "PENDING":
        _settle(context, invitation, "EXPIRED")


def _settle(context: Context, invitation: Invitation, status: Literal["ACCEPTED", "REJECTED", "EXPIRED"]) -> Invitation:
    settled = replace(invitation, status=status)
    context.unit.put(INVITATIONS, "", settled.id, settled)
    context.unit.cancel(EXPIRE, settled.id)
    share = context.unit.get(SHARES, "", invitation.share)
    assert share is not None  # a deleted one is kept
    became: Literal["ASSOCIATED", "DISASSOCIATED"] = "ASSOCIATED" if status == "ACCEPTED" else "DISASSOCIATED"
    principals = tuple(
        replace(each, status=became, updated=context.now) if each.entity == invitation.principal else each
        for each in share.principals
    )
    share = replace(share, principals=principals, updated=context.now)
    context.unit.put(SHARES, "", share.id, share)
    shared_keys.apply(context, [each.entity for each in associated(share.resources)])
    return settled


def _shown(context: Context, invitation: Invitation) -> dict[str, Any]:
    share = context.unit.get(SHARES, "", invitation.share)
    assert share is not None
    entry = {
        "resourceShareInvitationArn": invitation.arn,
        "resourceShareName": share.name,
        "resourceShareArn": share.arn,
        "senderAccountId": invitation.sender,
        "receiverAccountId": invitation.receiver,
        "invitationTimestamp": invitation.created,
        "status": invitation.status,
    }
    return {**entry, "receiverArn": invitation.principal} if invitation.principal.startswith("arn:") else entry


def _answer(context: Context, request: Mapping[str, Any], status: Literal["ACCEPTED", "REJECTED"]) -> Mapping[str, Any]:
    invitation: Invitation = context.loaded
    if invitation.status != "PENDING":
        raise ServiceError(
            _DONE[invitation.status], f"ResourceShareInvitation {invitation.arn} is {invitation.status}."
        )
    settled = _settle(context, invitation, status)
    token = {"clientToken": request["clientToken"]} if "clientToken" in request else {}
    return {"resourceShareInvitation": _shown(context, settled), **token}


@operation(authorize=on_invitation, audit=_WRITES)
def accept_resource_share_invitation(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return _answer(context, request, "ACCEPTED")


@operation(authorize=on_invitation, audit=_WRITES)
def reject_resource_share_invitation(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return _answer(context, request, "REJECTED")


@operation(authorize=on_account, audit=AuditRule(read_only=True))
def get_resource_share_invitations(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The invitations that the caller's account has received."""
    found = context.unit.find(INVITATIONS, "receiver", "", context.account)
    shown = [(id_, _shown(context, invitation)) for id_, invitation in found]
    named, shares = request.get("resourceShareInvitationArns"), request.get("resourceShareArns")
    if named is not None:
        known = {entry["resourceShareInvitationArn"] for _, entry in shown}
        for arn in named:
            if arn not in known:
                raise ServiceError(
                    "ResourceShareInvitationArnNotFoundException", f"ResourceShareInvitation {arn} could not be found."
                )
    listed = [
        (id_, entry)
        for id_, entry in shown
        if (named is None or entry["resourceShareInvitationArn"] in named)
        and (shares is None or entry["resourceShareArn"] in shares)
    ]
    return paging.answer(context, request, "resourceShareInvitations", listed)
