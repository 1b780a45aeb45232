"""From ARNs to shares, invitations and keys, and back to what answers show of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from casemate.foundation.check import Check
from casemate.foundation.context import Context
from casemate.foundation.ids import Arn, parse_arn
from casemate.services.ram import errors, trust
from casemate.services.ram.records import INVITATIONS, ORGANIZATION, SHARES, Association, Invitation, Share

KEY_TYPE: Final = "kms:Key"
SELF: Final = "SELF"
_ACCOUNT: Final = re.compile(r"\d{12}\Z")


def _named(arn: str, kind: str) -> tuple[Arn, str]:
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "ram" or not parsed.resource.startswith(f"{kind}/"):
        raise errors.malformed(arn)
    return parsed, parsed.resource.removeprefix(f"{kind}/")


def own_share(context: Context, arn: str) -> Share:
    """The caller's share. Raises MalformedArnException, UnknownResourceException."""
    _, id_ = _named(arn, "resource-share")
    share = context.unit.get(SHARES, "", id_)
    if share is None or share.arn != arn or share.owner != context.account:
        raise errors.unknown_share(arn)
    return share


def received(context: Context, arn: str) -> Invitation:
    """An invitation of the caller's account. Raises as the model says."""
    _, id_ = _named(arn, "resource-share-invitation")
    invitation = context.unit.get(INVITATIONS, "", id_)
    if invitation is None or invitation.arn != arn or invitation.receiver != context.account:
        raise errors.absent_invitation(arn)
    return invitation


def key_of(context: Context, arn: str) -> str:
    """The id of the caller's key that is to be shared. Raises MalformedArnException, InvalidParameterException."""
    parsed = parse_arn(arn)
    if parsed is None:
        raise errors.malformed(arn)
    if parsed.service != "kms" or not parsed.resource.startswith("key/"):
        raise errors.invalid(f"Resources of the type of {arn} can't be shared here: KMS keys can.")
    if (parsed.account, parsed.region) != (context.account, context.region):
        raise errors.invalid(f"{arn} is not a resource of your account in this Region.")
    return parsed.resource.removeprefix("key/")


def account_of(principal: str) -> str:
    """The account of a principal, empty for an organization. Raises InvalidParameter…, MalformedArnException."""
    if _ACCOUNT.match(principal):
        return principal
    arn = parse_arn(principal)
    if arn is None:
        raise errors.malformed(principal)
    if arn.service == "organizations" and arn.resource.startswith("organization/"):
        return ""
    if arn.service == "iam" and arn.resource.startswith(("role/", "user/")) and _ACCOUNT.match(arn.account):
        return arn.account
    raise errors.invalid(
        f"KMS keys can't be shared with {principal}: name an account, an organization, a role or user."
    )


def owned(context: Context) -> list[Share]:
    """The caller's shares."""
    return [share for _, share in context.unit.find(SHARES, "owner", "", context.account)]


def received_shares(context: Context) -> list[Share]:
    """The shares of other accounts that the caller's has a part in."""
    found = dict(context.unit.find(SHARES, "consumer", "", context.account))
    found |= {
        id_: share
        for id_, share in context.unit.find(SHARES, "consumer", "", ORGANIZATION)
        if any(not each.account and is_member(context, each.entity) for each in associated(share.principals))
    }
    return [share for share in found.values() if share.owner != context.account and share.status == "ACTIVE"]


def is_member(context: Context, organization_arn: str) -> bool:
    """Whether the caller's account is in an organization."""
    policy = trust.trusting(organization_arn, "ram:GetResourceShares")
    question = Check(action="ram:GetResourceShares", resource="*", owner="", policy=policy, policy_required=True)
    return context.would_allow(question)


def of_owner(context: Context, request: Mapping[str, Any]) -> list[Share]:
    """The shares that a list is about, its `resourceShareArns` regarded."""
    found = owned(context) if request["resourceOwner"] == SELF else received_shares(context)
    return chosen(found, request.get("resourceShareArns"))


def chosen(shares: Iterable[Share], arns: Iterable[str] | None) -> list[Share]:
    wanted = None if arns is None else set(arns)
    return [share for share in shares if wanted is None or share.arn in wanted]


def associated(associations: Iterable[Association]) -> list[Association]:
    return [each for each in associations if each.status == "ASSOCIATED"]
