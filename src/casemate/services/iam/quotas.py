"""How many an account may have (IAM User Guide, "IAM and AWS STS quotas"), and how many it has.

What an account has is counted in shards, so that creations side by side seldom wait for each other. All shards are
added up only once a creation's own shard has half of its share of the quota: with names spread by hash, no account
gets near its quota before that.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

import msgspec

from casemate.foundation.records import Collection, Reader, Unit
from casemate.services.iam import errors

SHARDS: Final = 16


class Count(msgspec.Struct, frozen=True):
    """How many of a kind are in a shard."""

    count: int


COUNTS: Final = Collection("iam.counts", Count)
"""Scope is the account, id the quota's name and the shard."""

QUOTAS: Final = {
    "UsersPerAccount": 5000,
    "GroupsPerAccount": 300,
    "RolesPerAccount": 1000,
    "PoliciesPerAccount": 1500,
    "InstanceProfilesPerAccount": 1000,
}


def one_more(unit: Unit, account: str, quota: str, name: str) -> None:
    """Count one more. Raises LimitExceeded."""
    most = QUOTAS[quota]
    key = _shard(quota, name)
    have = unit.get(COUNTS, account, key)
    count = have.count if have else 0
    if count >= most // (2 * SHARDS) and counted(unit, account, quota) >= most:
        raise errors.over_quota(quota, most)
    unit.put(COUNTS, account, key, Count(count + 1))


def one_less(unit: Unit, account: str, quota: str, name: str) -> None:
    """Count one less."""
    key = _shard(quota, name)
    have = unit.get(COUNTS, account, key)
    assert have is not None
    unit.put(COUNTS, account, key, Count(have.count - 1))


def counted(reader: Reader, account: str, quota: str) -> int:
    """How many the account has."""
    shards = (reader.get(COUNTS, account, f"{quota}/{shard:02}") for shard in range(SHARDS))
    return sum(shard.count for shard in shards if shard is not None)


def _shard(quota: str, name: str) -> str:
    return f"{quota}/{crc32(name.lower().encode()) % SHARDS:02}"
