"""What RAM remembers: resource shares with their associations, and invitations."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from casemate.foundation.records import Collection, Index

Status = Literal["ASSOCIATING", "ASSOCIATED", "DISASSOCIATED"]
ACTIVE: Final = "ACTIVE"
DELETED: Final = "DELETED"
ORGANIZATION: Final = "organization"
"""The consumer of shares with an organization."""


class Association(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource (an ARN) or a principal (an account id, or an ARN) of a share."""

    entity: str
    created: float
    updated: float
    status: Status = "ASSOCIATED"
    account: str = ""
    """The account of a principal: empty for an organization."""


class Share(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource share."""

    id: str
    arn: str
    owner: str
    name: str
    created: float
    updated: float
    external: bool = True
    """Whether principals outside of the organization may be associated."""
    status: Literal["ACTIVE", "DELETED"] = "ACTIVE"
    resources: tuple[Association, ...] = ()
    principals: tuple[Association, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    token: str = ""
    """The client token that it was made by."""
    asked: str = ""
    """A digest of the request that it was made by."""


class Invitation(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account asked to join a share."""

    id: str
    arn: str
    share: str
    """The share's id."""
    sender: str
    receiver: str
    principal: str
    created: float
    status: Literal["PENDING", "ACCEPTED", "REJECTED", "EXPIRED"] = "PENDING"


def _consumers(share: Share) -> list[str]:
    return [each.account or ORGANIZATION for each in share.principals if each.status == "ASSOCIATED"]


SHARES: Final = Collection(
    "ram.shares",
    Share,
    indexes=[
        Index("owner", lambda share: [share.owner]),
        Index("consumer", _consumers),
        Index("resource", lambda share: [each.entity for each in share.resources if each.status == "ASSOCIATED"]),
        Index("token", lambda share: [f"{share.owner}/{share.token}"] if share.token else [], unique=True),
    ],
)
"""All of the store in one scope: consumers are of other accounts."""
INVITATIONS: Final = Collection(
    "ram.invitations",
    Invitation,
    indexes=[
        Index("receiver", lambda invitation: [invitation.receiver]),
        Index("share", lambda invitation: [invitation.share]),
    ],
)
