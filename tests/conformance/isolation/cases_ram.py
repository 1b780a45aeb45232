"""RAM: for each built operation, what it is about, and the request for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conformance.isolation.world import Actor, Case

Params = dict[str, Any]
ABSENT = ("UnknownResourceException", "ResourceShareInvitationArnNotFoundException")
ELSEWHERE = "210987654321"
"""An account that nobody here has."""


def key(owner: Actor) -> str:
    """A key's ARN."""
    made = owner.kms.create_key(Description=owner.mark)["KeyMetadata"]
    owner.secrets.add(made["KeyId"])
    found: str = made["Arn"]
    return found


def share(owner: Actor, name: str) -> str:
    """A share of a key with the owner's own account, which needs no invitation, and with one that is asked."""
    made = owner.ram.create_resource_share(
        name=name,
        resourceArns=[key(owner)],
        principals=[owner.account, ELSEWHERE],
        tags=owner.tags("key", "value"),
    )["resourceShare"]
    found: str = made["resourceShareArn"]
    owner.secrets.add(found)
    return found


def invitation(owner: Actor, name: str) -> str:
    """An invitation that the owner has received."""
    assert owner.peer is not None
    made = owner.peer.ram.create_resource_share(name=name, principals=[owner.account])["resourceShare"]
    received = owner.ram.get_resource_share_invitations(resourceShareArns=[made["resourceShareArn"]])
    found: str = received["resourceShareInvitations"][0]["resourceShareInvitationArn"]
    owner.secrets.add(found)
    return found


def of_share(**more: Any) -> Case:
    return Case(lambda owner, name: {"resourceShareArn": share(owner, name), **more}, refusals=ABSENT)


def of_invitation() -> Case:
    """Without a twin: a stranger's invitation would be the owner's share."""
    return Case(
        lambda owner, name: {"resourceShareInvitationArn": invitation(owner, name)}, refusals=ABSENT, twin=False
    )


def listed(kind: Callable[[Actor, str], Any], **request: Any) -> Case:
    def make(owner: Actor, name: str) -> Params:
        kind(owner, name)
        return request

    return Case(make, own=True)


CASES: dict[str, Case | list[Case]] = {
    "AcceptResourceShareInvitation": of_invitation(),
    "AssociateResourceShare": of_share(principals=["210987654322"]),
    "CreateResourceShare": Case(
        lambda owner, name: {"name": name, "resourceArns": [key(owner)]}, refusals=("InvalidParameterException",)
    ),
    "DeleteResourceShare": of_share(),
    "DisassociateResourceShare": of_share(principals=[ELSEWHERE]),
    "EnableSharingWithAwsOrganization": Case(lambda _owner, _name: {}, own=True, fresh="managing"),
    "GetPermission": Case(
        lambda _owner, _name: {"permissionArn": "arn:aws:ram::aws:permission/AWSRAMDefaultPermissionKMSKey"},
        own=True,
        silent=True,
    ),
    "GetResourceShareAssociations": [
        listed(share, associationType="PRINCIPAL"),
        listed(share, associationType="RESOURCE"),
    ],
    "GetResourceShareInvitations": listed(invitation),
    "GetResourceShares": [
        listed(share, resourceOwner="SELF"),
        Case(lambda owner, name: {"resourceOwner": "SELF", "resourceShareArns": [share(owner, name)]}, refusals=ABSENT),
        Case(
            lambda owner, name: {"resourceOwner": "OTHER-ACCOUNTS"} if share(owner, name) else {}, own=True, silent=True
        ),
    ],
    "ListPermissions": Case(lambda _owner, _name: {}, own=True, silent=True),
    "ListPrincipals": listed(share, resourceOwner="SELF"),
    "ListResources": [
        listed(share, resourceOwner="SELF"),
        Case(
            lambda owner, name: {"resourceOwner": "OTHER-ACCOUNTS"} if share(owner, name) else {}, own=True, silent=True
        ),
    ],
    "RejectResourceShareInvitation": of_invitation(),
    "TagResource": of_share(tags=[{"key": "colour", "value": "green"}]),
    "UntagResource": of_share(tagKeys=["owner"]),
    "UpdateResourceShare": of_share(name="changed"),
}
