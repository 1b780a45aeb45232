"""What a detector is and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from casemate.engines.web.detectors.gates import union
from casemate.engines.web.detectors.sieve import SHORT, SIEVE, Sought
from casemate.engines.web.normalize.fences import without_fences


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


class Judge:
    """A detector: a prefilter for the engine's single pass over all values, and a decision on what passes it."""

    __slots__ = ("_decide", "name", "needs")

    def __init__(self, name: str, needs: bytes, decide: Callable[[bytes], tuple[str, bytes] | None]) -> None:
        self.name = name
        self.needs = needs
        self._decide = decide

    def __call__(self, value: bytes) -> Evidence | None:
        found = self._decide(value)
        return None if found is None else Evidence(self.name, found[0], found[1][:100])


class Pattern(NamedTuple):
    """A shape of attack: what it is and the expression that it takes."""

    reason: str
    expression: bytes


class FirstMatch:
    """A decision that gives the first pattern found; caseless, `.` matches all."""

    __slots__ = ("_numbers", "_shapes")

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        self._shapes = tuple((pattern.reason, Sought(pattern.expression)) for pattern in patterns)
        self._numbers = frozenset([shape.number for _, shape in self._shapes])

    def __call__(self, value: bytes) -> tuple[str, bytes] | None:
        """The pattern's reason and what it matched."""
        possible = self._possible(value)
        for reason, shape in self._shapes if possible else ():
            found = shape.here(value) if shape.number in possible else None
            if found is not None:
                return reason, found.group()
        return None

    def may(self, text: bytes) -> bool:
        """Whether any pattern may be found in a line of `text`."""
        return bool(self._possible(text))

    def _possible(self, value: bytes) -> frozenset[int]:
        numbers = SIEVE.possible(value) if len(value) > SHORT else None
        return self._numbers if numbers is None else self._numbers & numbers


def first_match(patterns: tuple[Pattern, ...]) -> FirstMatch:
    """A decision that gives the first pattern found."""
    return FirstMatch(patterns)


def unshown(decide: Callable[[bytes], tuple[str, bytes] | None]) -> Callable[[bytes], tuple[str, bytes] | None]:
    """A decision about what a text holds beside its blocks of code."""

    def decide_on_the_rest(value: bytes) -> tuple[str, bytes] | None:
        return decide(without_fences(value))

    return decide_on_the_rest


def matching(
    name: str, patterns: tuple[Pattern, ...], decide: Callable[[bytes], tuple[str, bytes] | None] | None = None
) -> Judge:
    """A detector for which a pattern's match is an attack, or is one where `decide` says so."""
    return Judge(name, union(*(pattern.expression for pattern in patterns)), decide or first_match(patterns))
