"""One pass over a value that tells which of all shapes may occur in it, so that only those are searched for.

A detector has up to two dozen expressions. Python's `re` takes some 150 microseconds for each over 8 KB, and random
text sets off many detectors. Hyperscan looks for the gates (gates.py) of all shapes in less time than `re` for one.
Until `SIEVE.arm` has been given the compiled set, everything is searched for: the answers are the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from casemate.engines.web.detectors.gates import gate
from casemate.engines.web.patterns import Pattern
from casemate.engines.web.patterns.cache import hyperscan_available

if TYPE_CHECKING:
    from casemate.engines.web.patterns import PatternCache, PatternSet

FLAGS: Final = re.IGNORECASE | re.DOTALL
SHORT: Final = 8  # octets up to which searching costs less than asking
_REMEMBERED: Final = 4  # values whose answer is kept: detectors look at the same ones in turn


class Sieve:
    """Every shape's gate by number, and the compiled set of them: a cache of constants."""

    __slots__ = ("_numbers", "_recent", "_set")

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._set: PatternSet | None = None
        self._recent: tuple[tuple[bytes, frozenset[int]], ...] = ()

    def number(self, expression: bytes) -> int:
        """The number of a shape; equal ones share it."""
        return self._numbers.setdefault(gate(expression), len(self._numbers))

    def arm(self, cache: PatternCache) -> None:
        """Compile the gates of all shapes. Where there is no Hyperscan, all go on being searched for."""
        if self._set is None and hyperscan_available():
            self._set = cache.compiled([
                Pattern(expression.decode("latin-1"), caseless=True, dotall=True, multiline=True)
                for expression in self._numbers
            ])  # fmt: skip

    def possible(self, value: bytes) -> frozenset[int] | None:
        """The shapes that may occur in `value`; None when any may."""
        if self._set is None:
            return None
        recent = self._recent
        for known, numbers in recent:
            if known is value:
                return numbers
        numbers = frozenset([number for number, _ in self._set.scan(value)])
        self._recent = ((value, numbers), *recent[: _REMEMBERED - 1])
        return numbers


SIEVE: Final = Sieve()


class Sought:
    """An expression, caseless, whose `.` matches all, searched for where the sieve lets it pass.

    `needs` stands for one that Hyperscan can't take: it matches wherever the expression does.
    """

    __slots__ = ("finditer", "here", "number", "pattern", "sub")

    def __init__(self, expression: bytes, needs: bytes = b"") -> None:
        compiled = re.compile(expression, FLAGS)
        self.pattern = expression
        self.finditer = compiled.finditer
        self.sub = compiled.sub
        self.here = compiled.search
        self.number = SIEVE.number(needs or expression)

    def possible(self, value: bytes) -> bool:
        """Whether it may occur."""
        if len(value) <= SHORT:
            return True
        numbers = SIEVE.possible(value)
        return numbers is None or self.number in numbers

    def search(self, value: bytes) -> re.Match[bytes] | None:
        """Where it occurs first."""
        return self.here(value) if self.possible(value) else None
