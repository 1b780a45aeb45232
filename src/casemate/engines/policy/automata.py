"""Many wildcard patterns run at once, one bit a token: time is bounded by len(value) * all patterns / word size.

Shift-And over a nondeterministic automaton (Baeza-Yates and Gonnet, "A new approach to text searching", 1992). Bit p
of a pattern is set while its first p tokens match what was read; a star keeps its bit alive. Patterns lie behind one
another in the same integer, and the last bit of each leads nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.globs import ONE, STAR, Matcher, Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEPARATOR: Final = ":"
ARN_SEPARATORS: Final = 5


MAX_LETTERS: Final = 128
"""Masks kept at a time; a pattern of ten thousand different letters must not keep ten thousand masks of itself."""


class _Layout:
    """Where the tokens of all patterns lie."""

    def __init__(self) -> None:
        self.size = 0
        self.starts: list[int] = []
        self.finals: list[int] = []
        self.letters: dict[str, list[int]] = {}
        self.ones: list[int] = []
        self.stars: list[int] = []
        self.bounded: set[int] = set()

    def add(self, tokens: Sequence[Token], separators: int) -> None:
        """Lay out one pattern; up to its first `separators` colons no wildcard takes a colon."""
        self.starts.append(self.size)
        for token in tokens:
            if isinstance(token, str):
                for letter in token:
                    self.letters.setdefault(letter, []).append(self.size)
                    self.size += 1
                    separators -= letter == SEPARATOR
                continue
            (self.stars if token == STAR else self.ones).append(self.size)
            if separators > 0:
                self.bounded.add(self.size)
            self.size += token == ONE
        self.finals.append(self.size)
        self.size += 1

    def unbounded(self, positions: Iterable[int]) -> list[int]:
        """The wildcards that may take a colon."""
        return [at for at in positions if at not in self.bounded]

    def mask(self, positions: Iterable[int]) -> int:
        """Bits as one integer, made in linear time."""
        octets = bytearray(self.size // 8 + 1)
        for at in positions:
            octets[at >> 3] |= 1 << (at & 7)
        return int.from_bytes(octets, "little")


class _Masks(dict[str, int]):
    """For each letter, the tokens that take it: made when the letter is first read, and few at a time."""

    def __init__(self, layout: _Layout) -> None:
        super().__init__()
        self._layout = layout
        self._ones = layout.mask(layout.ones)
        self._separator = layout.mask(layout.unbounded(layout.ones))

    def __missing__(self, letter: str) -> int:
        positions = self._layout.letters.get(letter)
        wild = self._separator if letter == SEPARATOR else self._ones
        mask = self._layout.mask(positions) | wild if positions else wild
        if len(self) >= MAX_LETTERS:
            self.clear()
        self[letter] = mask
        return mask


def run_together(patterns: Iterable[Sequence[Token]], *, separators: int = 0) -> Matcher:
    """A matcher that says whether any of the patterns matches a whole value.

    `separators` is 5 for ARNs: no wildcard reaches over a colon of the first five.
    """
    layout = _Layout()
    for tokens in patterns:
        layout.add(tokens, separators)
    starts, finals = layout.mask(layout.starts), layout.mask(layout.finals)
    stars = layout.mask(layout.stars)
    stars_over_separator = layout.mask(layout.unbounded(layout.stars))
    masks = _Masks(layout)

    def matches(value: str) -> bool:
        state = starts
        for letter in value:
            kept = state & (stars_over_separator if letter == SEPARATOR else stars)
            state = (state & masks[letter]) << 1 | kept
            if not state:
                return False
        return bool(state & finals)

    return matches
