"""What a detector is and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol


class Evidence(NamedTuple):
    """Why a value was taken for an attack."""

    detector: str
    reason: str
    excerpt: bytes  # at most 100 octets of what matched


class Detector(Protocol):
    """Looks at one view of one value."""

    @property
    def name(self) -> str:
        """The name that rules use."""

    @property
    def needs(self) -> bytes:
        """A regular expression (Hyperscan's dialect, caseless, dot matches all) that every attack matches somewhere."""

    def __call__(self, value: bytes) -> Evidence | None:
        """Evidence when the value is an attack; time is linear in its size."""


class Prefiltered:
    """A detector whose decision runs only where its prefilter is found."""

    __slots__ = ("_decide", "_search", "name", "needs")

    def __init__(self, name: str, needs: bytes, decide: Callable[[bytes], tuple[str, bytes] | None]) -> None:
        self.name = name
        self.needs = needs
        self._search = re.compile(needs, re.IGNORECASE | re.DOTALL).search
        self._decide = decide

    def __call__(self, value: bytes) -> Evidence | None:
        if self._search(value) is None:
            return None
        found = self._decide(value)
        return None if found is None else Evidence(self.name, found[0], found[1][:100])


class Pattern(NamedTuple):
    """A shape of attack: what it is and the expression that it takes."""

    reason: str
    expression: bytes


def first_match(patterns: tuple[Pattern, ...]) -> Callable[[bytes], tuple[str, bytes] | None]:
    """A decision that gives the first pattern found; caseless, `.` matches all."""
    flags = re.IGNORECASE | re.DOTALL
    searches = tuple((pattern.reason, re.compile(pattern.expression, flags).search) for pattern in patterns)

    def decide(value: bytes) -> tuple[str, bytes] | None:
        for reason, search in searches:
            found = search(value)
            if found is not None:
                return reason, found.group()
        return None

    return decide
