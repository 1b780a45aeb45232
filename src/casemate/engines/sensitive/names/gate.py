"""Which parts of a text may hold a name: those with two neighbouring words that begin with a capital letter."""

# ruff: noqa: E501  lists of words and patterns read best whole

from __future__ import annotations

import re
from typing import Final

_CAPITAL: Final = r"[A-Z\u00c0-\u00de\u0100-\u017f\u0218\u021a\u1e00-\u1eff]"
_PAIR: Final = re.compile(
    rf"(?<!\w){_CAPITAL}[^\W\d_]*(?:['\u2019-][^\W\d_]+)*\.?,? {{1,2}}(?:(?:d[eiau]l?|la|van|von|der|den|ter|bin|al|y|[\u201c\"][^\W\d_]+[\u201d\"]) "
    rf"{{1,2}}){{0,2}}{_CAPITAL}[^\W\d_]"
)
_NO_NAMES: Final = ("INFO", "WARN", "ERROR", "DEBUG", "FATAL", "CRITICAL", "NOTICE", "POST", "HTTP", "HEAD")
"""Words that logs put before any other."""

AROUND: Final = 64
"""Characters before and after that are shown to the model with such words: more than it sees."""

LONGEST_WORD: Final = 32


def stretches(text: str) -> list[tuple[int, int]]:
    """The parts of a text that may hold names, with what stands around them; from the start to before the end."""
    found: list[tuple[int, int]] = []
    place = 0
    while (match := _PAIR.search(text, place)) is not None:
        place = match.end() - 2  # the second word may begin the next pair
        if text.startswith(_NO_NAMES, match.start()):
            continue
        start, end = _whole_words(text, max(0, match.start() - AROUND), min(len(text), match.end() + AROUND))
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widened until no word is cut, unless it is a very long one."""
    first, last = max(0, start - LONGEST_WORD), min(len(text), end + LONGEST_WORD)
    while start > first and not text[start - 1].isspace():
        start -= 1
    while end < last and not text[end].isspace():
        end += 1
    return start, end
