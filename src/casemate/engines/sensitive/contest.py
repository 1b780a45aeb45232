"""What is not chosen and yet claims a text: a choice of identifiers says what is reported, not what a text is.

Where a check or an unmistakable form speaks for a chosen identifier, its claim stands. Every other one is looked at
again with all managed identifiers, and reported only if it would be reported then too.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.bounds import Bounds
from casemate.engines.sensitive.matching import Matcher
from casemate.engines.sensitive.settling import Found, Settled

if TYPE_CHECKING:
    from casemate.engines.sensitive.plans import Plan

_AROUND: Final = 1024
"""Bytes around a text that may hold what speaks for or against it: many times a keyword and its reach."""

_APART: Final = b"\n" * 64
"""So far apart, no value says anything of another."""

Claim = tuple[int, int, str]
"""Beginning and end in the data, and an identifier's id."""


class Contest:
    """Has the claims of a choice of rules contested by all rules."""

    def __init__(self, chosen: Matcher, everything: Callable[[], Plan]) -> None:
        self._chosen = chosen
        self._compile = everything

    @functools.cached_property
    def _everything(self) -> Plan:
        """Compiled where the first claim is to be contested: many scans never need it."""
        return self._compile()

    def in_text(self, data: bytes, found: Settled) -> Settled:
        """What is left of what stands in running text."""
        contested = self._contested(found)
        if not contested:
            return found
        everything = self._everything
        claims: set[Claim] = set()
        for low, high in _regions(data, contested):
            for start, end, rule in everything.text(data[low:high]):
                claims.add((low + start, low + end, everything.key(rule)))
        return self._left(found, claims)

    def in_values(self, data: bytes, bounds: Bounds, found: Settled, name: str) -> Settled:
        """What is left of what stands in values of a column or field of this name."""
        contested = self._contested(found)
        if not contested:
            return found
        everything = self._everything
        starts, ends = bounds.starts, bounds.ends
        values = sorted({bisect_right(starts, start) - 1 for start, _, _ in contested})
        texts = [data[starts[value] : ends[value]] for value in values]
        joined = _APART.join(texts)
        until = list(accumulate(len(text) + len(_APART) for text in texts))
        inside = Bounds([0, *until[:-1]], [end - len(_APART) for end in until])
        named = everything.named(name) if name else frozenset()
        claims: set[Claim] = set()
        for start, end, rule in everything.values(joined, everything.hits(joined), inside, named=named, name=name):
            place = bisect_right(inside.starts, start) - 1
            moved = starts[values[place]] - inside.starts[place]
            claims.add((start + moved, end + moved, everything.key(rule)))
        return self._left(found, claims)

    def _contested(self, found: Settled) -> list[Found]:
        unchecked = self._chosen.unchecked
        return found.of(unchecked) if unchecked and len(found) else []

    def _left(self, found: Settled, claims: set[Claim]) -> Settled:
        rules, unchecked = self._chosen.rules, self._chosen.unchecked
        return Settled(
            [
                (start, end, rule)
                for start, end, rule in found
                if rule not in unchecked or (start, end, rules[rule].identifier.id) in claims
            ]
        )


def _regions(data: bytes, contested: Iterable[Found]) -> Iterator[tuple[int, int]]:
    """Parts of a text around what is contested, cut at line ends where they are near; those that touch are one."""
    low = high = -1
    for start, end, _ in contested:
        far = max(0, start - 2 * _AROUND)
        begin = max(far, data.rfind(b"\n", far, max(0, start - _AROUND)) + 1)
        until = min(len(data), end + _AROUND)
        line_end = data.find(b"\n", until, until + _AROUND)
        until = until if line_end < 0 else line_end
        if high < begin:
            if low >= 0:
                yield low, high
            low = begin
        high = max(high, until)
    if low >= 0:
        yield low, high
