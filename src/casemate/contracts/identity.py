"""What the gateway asks of identity: whose credentials these are, and what binds their holder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, Protocol

import msgspec

from casemate.foundation.caller import Caller
from casemate.foundation.errors import CasemateError
from casemate.foundation.records import Reader


class CredentialRefused(CasemateError):
    """Credentials that don't hold: never given out, taken back, forged, or over."""

    def __init__(self, kind: Literal["unknown", "expired"], message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Credential(NamedTuple):
    """An identity, with the secret that its requests are signed with."""

    caller: Caller
    secret_key: str


class PolicyText(NamedTuple):
    """A policy document and where it stands: a managed policy's ARN, or an inline policy's name."""

    source: str
    text: str


class Binding(msgspec.Struct, frozen=True):
    """What binds a caller, as documents.

    `session` is None where the session has no session policy; the empty tuple allows nothing. `scps` are levels
    from the root to the account; empty outside an organization, and for the management account.
    """

    identity: tuple[PolicyText, ...] = ()
    boundary: PolicyText | None = None
    session: tuple[PolicyText, ...] | None = None
    scps: tuple[tuple[PolicyText, ...], ...] = ()
    tags: Mapping[str, str] = {}
    """The tags behind aws:PrincipalTag: the session's over the role's or user's."""
    organization: str | None = None
    organization_paths: tuple[str, ...] = ()


class Identities(Protocol):
    """Identity as the gateway needs it; everything is read through the given reader of the global store."""

    def long_lived(self, reader: Reader, partition: str, access_key_id: str) -> Credential:
        """The credential behind an access key id. Raises CredentialRefused."""
        ...

    def temporary(self, reader: Reader, access_key_id: str, token: str, now: float) -> Credential:
        """The credential that a session token holds, real time `now`. Raises CredentialRefused."""
        ...

    def binding(self, reader: Reader, caller: Caller) -> Binding:
        """What binds this caller. Raises CredentialRefused where the identity behind it is gone."""
        ...

    def resource_controls(self, reader: Reader, account: str) -> tuple[tuple[PolicyText, ...], ...]:
        """The resource control policies over an account, levels from the root to the account."""
        ...

    def organization_of(self, reader: Reader, account: str) -> str | None:
        """The id of the organization that an account is in."""
        ...

    def principal_exists(self, reader: Reader, arn: str) -> bool:
        """Whether the user, role or account that a policy names exists."""
        ...

    def principal_id(self, reader: Reader, arn: str) -> str | None:
        """The unique id of the user or role with this ARN; None where it is no living user's or role's."""
        ...
