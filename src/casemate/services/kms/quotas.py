"""Resource quotas (KMS Developer Guide, "Resource quotas").

What is counted takes a place: a number below the quota, under a unique index. Two requests that are after the same last
place can't both have it, and none waits for another; the one that lost runs again and finds it taken.
"""

from __future__ import annotations

import random
from typing import Any, Final

from casemate.foundation.context import Context
from casemate.foundation.records import Collection, Reader
from casemate.services.kms import errors

ALIASES_OF_A_KEY: Final = 50
GRANTS_OF_A_KEY: Final = 50_000
KEYS_OF_AN_ACCOUNT: Final = 100_000
STORES_OF_AN_ACCOUNT: Final = 10
INDEX: Final = "place"
_PROBES: Final = 64
"""Places that are tried at random before all are looked at: that begins where some nineteen of twenty are taken."""
_PAGE: Final = 500
_DIGITS: Final = 6


def entry(owner: str, place: int | None) -> list[str]:
    """The index entry of what has this place at its owner; none where it has no place."""
    return [] if place is None else [f"{owner}/{place:0{_DIGITS}d}"]


def place_at(context: Context, collection: Collection[Any], scope: str, owner: str, *, most: int, told: str) -> int:
    """A free place at an owner who has `most`. Raises LimitExceededException, with the text `told`."""
    for _ in range(min(_PROBES, most)):
        place = random.randrange(most)  # noqa: S311 - spreads requests over places, and keeps nothing secret
        if not context.unit.find(collection, INDEX, scope, *entry(owner, place), limit=1):
            return place
    name = ("kms.place", collection.name, scope, owner, most)
    free: int | None = context.unit.memo(name, lambda reader: _first_free(reader, collection, scope, owner, most))
    if free is None:
        raise errors.limit_exceeded(told)
    return free


def _first_free(reader: Reader, collection: Collection[Any], scope: str, owner: str, most: int) -> int | None:
    begin, expected = f"{owner}/", 0
    after, stop = (begin, ""), f"{owner}0"  # "0" is what follows "/"
    while True:
        found = reader.page_index(collection, INDEX, scope, after=after, stop=stop, limit=_PAGE)
        for value, _, _ in found:
            if int(value.removeprefix(begin)) != expected:
                return expected
            expected += 1
        if len(found) < _PAGE:
            return expected if expected < most else None
        after = found[-1][:2]
