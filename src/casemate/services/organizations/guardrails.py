"""What an organization's policies put over an account's principals and resources."""

from __future__ import annotations

from typing import NamedTuple

from casemate.contracts.identity import PolicyText
from casemate.foundation.records import Reader

Levels = tuple[tuple[PolicyText, ...], ...]


class Over(NamedTuple):
    """The service control policies over an account, level by level from the root, and where it stands."""

    scps: Levels = ()
    organization: str | None = None
    paths: tuple[str, ...] = ()


def over_principals(reader: Reader, account: str) -> Over:
    """What binds the principals of an account; nothing outside an organization."""
    del reader, account
    return Over()


def over_resources(reader: Reader, account: str) -> Levels:
    """The resource control policies over an account's resources."""
    del reader, account
    return ()
