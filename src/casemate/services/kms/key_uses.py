"""When keys were last used: gathered in memory as calls succeed, and written a few seconds later.

What GetKeyLastUsage tells (usage.py) is late by no more than that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.records import Collection, Unit

Records = list[tuple[str, bytes]]
_EVENT_ID: Final = b'"eventID":"'
_EVENT_ID_LENGTH: Final = 36


class KeyUse(msgspec.Struct, frozen=True):
    """The last successful cryptographic operation with a key."""

    operation: str
    at: float
    event_id: str
    request_id: str


KEY_USES: Final = Collection("kms.key_uses", KeyUse)
"""Scope is the account, id the key's."""


class _Noted(NamedTuple):
    operation: str
    at: float
    request_id: str
    records: Records


class KeyUses:
    """The uses of a process since they were last written. For one thread."""

    def __init__(self) -> None:
        self._gathered: dict[str, _Noted] = {}

    def note(self, context: Context, records: Records) -> None:
        """A cryptographic operation has succeeded; `records` are what the audit says of it, by account."""
        noted = _Noted(context.operation, context.now, context.request_id, records)
        for resource in context.resources:
            self._gathered[resource.arn] = noted

    def take(self) -> dict[str, list[tuple[str, str, KeyUse]]]:
        """What was gathered, by region: account, key id, use. It begins anew."""
        gathered, self._gathered = self._gathered, {}
        uses: dict[str, list[tuple[str, str, KeyUse]]] = {}
        for arn, noted in gathered.items():
            _, _, _, region, account, resource = arn.split(":", 5)
            use = KeyUse(noted.operation, noted.at, _event_id(noted.records, account), noted.request_id)
            uses.setdefault(region, []).append((account, resource.removeprefix("key/"), use))
        return uses


def write(unit: Unit, uses: Iterable[tuple[str, str, KeyUse]]) -> None:
    """Put uses into a unit of work, where no later one is known."""
    for account, key_id, use in uses:
        known = unit.get(KEY_USES, account, key_id)
        if known is None or known.at < use.at:
            unit.put(KEY_USES, account, key_id, use)


def forget(unit: Unit, account: str, key_id: str) -> None:
    """Forget the uses of a key that is deleted."""
    if unit.get(KEY_USES, account, key_id) is not None:
        unit.delete(KEY_USES, account, key_id)


def _event_id(records: Records, account: str) -> str:
    """The id of the owner's own record where there is one, else of the caller's."""
    body = next((body for owner, body in records if owner == account), records[0][1])
    start = body.index(_EVENT_ID) + len(_EVENT_ID)
    return body[start : start + _EVENT_ID_LENGTH].decode()
