"""What a pattern sees of a text: bytes that no part of it tells apart are the same to it.

A regular expression looks at bytes only through its sets, and through references back to short groups. Where two texts
are the same to all of these, byte by byte, it says the same of both. So of many thousand texts a few have to be tried.
"""

from __future__ import annotations

import functools
import re
from re import _parser  # type: ignore[attr-defined] # sets of patterns: only `re` itself knows them
from typing import Any, Final, NamedTuple

_ALL: Final = frozenset(range(256))
_LINE_END: Final = 10
_MOST_REFERRED: Final = 16
WIDEST: Final = 128
"""Bytes: what looks at more than these at once is tried text by text."""
_CATEGORIES: Final = {
    "CATEGORY_DIGIT": rb"\d",
    "CATEGORY_NOT_DIGIT": rb"\D",
    "CATEGORY_SPACE": rb"\s",
    "CATEGORY_NOT_SPACE": rb"\S",
    "CATEGORY_WORD": rb"\w",
    "CATEGORY_NOT_WORD": rb"\W",
}


class View(NamedTuple):
    """How a pattern sees a text."""

    classes: bytes
    """By byte, the number of its class; bytes of one class are the same to the pattern."""
    at: bytes
    """The same for each place from `behind` bytes before a match: 256 numbers for each of `width` places."""
    behind: int
    """Bytes before a match that the pattern looks at."""
    width: int
    """All bytes that it looks at for one match, those before it and behind it as well."""
    in_lines: bool
    """Whether none of its sets has the line end: it matches the same in a line alone as among others."""


Asked = tuple[frozenset[int], int, int]
"""A set, and from which to which place of a match it may be asked."""


class _Unclear(Exception):
    """The pattern looks at more than bytes."""


class _Sets:
    """Sets of a pattern, with the places from the beginning of a match at which they may be asked."""

    def __init__(self, *, any_case: bool) -> None:
        self.found: list[Asked] = []
        self.groups: dict[int, tuple[list[Asked], int, int]] = {}
        self.any_case = any_case

    def walk(self, items: Any, low: int, high: int) -> None:
        """`low` and `high` are where the sequence may begin."""
        for code, value in items:
            name = str(code)
            least, most = 0, 0
            if name in {"LITERAL", "NOT_LITERAL", "ANY", "IN"}:
                self.found.append((_set_of(name, value), low, high))
                least, most = 1, 1
            elif name == "BRANCH":
                for branch in value[1]:
                    self.walk(branch, low, high)
                widths = [branch.getwidth() for branch in value[1]]
                least, most = min(width[0] for width in widths), max(width[1] for width in widths)
            elif name == "SUBPATTERN":
                self.any_case |= bool(value[1] & re.IGNORECASE)
                before = len(self.found)
                self.walk(value[3], low, high)
                least, most = value[3].getwidth()
                if value[0] is not None:
                    self.groups[value[0]] = (self.found[before:], int(least), int(most))
            elif name == "GROUPREF":
                least, most = self._same_as(value, low, high)
            elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
                width = value[2].getwidth()
                least, most = width[0] * int(value[0]), width[1] * min(int(value[1]), WIDEST)
                self.walk(value[2], low, high + max(0, most - width[0]))
            elif name in {"ASSERT", "ASSERT_NOT"}:
                before = int(value[1].getwidth()[1]) if value[0] < 0 else 0
                self.walk(value[1], low - before, high)
            else:
                raise _Unclear
            low, high = low + int(least), high + int(most)

    def _same_as(self, group: int, low: int, high: int) -> tuple[int, int]:
        """A reference back: it is the same where each byte that the group may hold is told from all others."""
        inside, least, most = self.groups[group]
        told = frozenset().union(*(each for each, _, _ in inside))
        if len(told) > _MOST_REFERRED:
            raise _Unclear
        for byte in told:
            one = frozenset({byte})
            self.found += [(one, first, last) for _, first, last in inside]
            self.found.append((one, low, high + max(0, most - 1)))
        return least, most


@functools.lru_cache(maxsize=4096)
def view_of(regex: re.Pattern[bytes]) -> View | None:
    """How a pattern sees a text; None where it looks at more than bytes, or at very many of them."""
    parsed = _parser.parse(regex.pattern, regex.flags)
    sets = _Sets(any_case=bool(regex.flags & re.IGNORECASE))
    try:
        sets.walk(parsed, 0, 0)
    except _Unclear:
        return None
    behind = -min((low for _, low, _ in sets.found), default=0)
    width = max((high for _, _, high in sets.found), default=0) + 1 + behind
    if regex.flags & re.DOTALL or width > WIDEST:
        return None
    told = [(each, low + behind, high + behind) for each, low, high in sets.found]
    if sets.any_case:
        told += [(_of_any_case(each), low, high) for each, low, high in told]
    at = b"".join(_classes({each for each, low, high in told if low <= place <= high}) for place in range(width))
    in_lines = all(_LINE_END not in each for each, _, _ in told)
    return View(_classes({each for each, _, _ in told}), at, behind, width, in_lines)


def _classes(told: set[frozenset[int]]) -> bytes:
    seen = [0] * 256
    for place, members in enumerate(sorted(told, key=sorted)):
        for byte in members:
            seen[byte] |= 1 << place
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(seen))}
    return bytes(numbers[kind] for kind in seen)


def _of_any_case(members: frozenset[int]) -> frozenset[int]:
    letters = bytes(members)
    return members | frozenset(letters.lower()) | frozenset(letters.upper())


def _set_of(name: str, value: Any) -> frozenset[int]:
    if name == "LITERAL":
        return frozenset({value})
    if name == "NOT_LITERAL":
        return _ALL - {value}
    if name == "ANY":
        return _ALL - {_LINE_END}
    members: set[int] = set()
    negated = False
    for kind, part in value:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                members.add(part)
            case "RANGE":
                members |= set(range(part[0], part[1] + 1))
            case _:
                category = re.compile(_CATEGORIES[str(part)])
                members |= {byte for byte in _ALL if category.match(bytes((byte,)))}
    return _ALL - members if negated else frozenset(members)
