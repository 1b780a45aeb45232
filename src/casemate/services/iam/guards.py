"""Guards: that nothing is deleted in the moment in which something else begins to use it.

A unit of work conflicts over records, not over the absence of others. So whoever begins to use a thing (attaches a
policy, joins a group) touches one of the thing's guards, and its deletion touches all of them: of two requests at the
same time, one is done and the other runs again. There are several guards a thing so that many users of it, side by
side, seldom wait for each other.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

import msgspec

from casemate.foundation.records import Collection, Unit

SHARDS: Final = 8


class Guard(msgspec.Struct, frozen=True):
    """How often somebody began to use the thing by way of this guard."""

    uses: int


GUARDS: Final = Collection("iam.guards", Guard)
"""Scope is the account, id the thing (an ARN or a unique id) and the shard."""


def hold(unit: Unit, account: str, thing: str, by: str) -> None:
    """Somebody begins to use a thing."""
    key = f"{thing}/{crc32(by.encode()) % SHARDS}"
    guard = unit.get(GUARDS, account, key)
    unit.put(GUARDS, account, key, Guard(guard.uses + 1 if guard else 1))


def end(unit: Unit, account: str, thing: str) -> None:
    """The thing is deleted, provided that nobody begins to use it meanwhile."""
    for shard in range(SHARDS):
        key = f"{thing}/{shard}"
        if unit.get(GUARDS, account, key) is not None:
            unit.delete(GUARDS, account, key)
