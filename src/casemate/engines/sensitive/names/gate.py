"""Which lines of a text may hold a name: those with two neighbouring words that begin with a capital letter."""

# ruff: noqa: E501  lists of words and patterns read best whole

from __future__ import annotations

import re
from typing import Final

_CAPITAL: Final = r"[A-Z\u00c0-\u00de\u0100-\u017f\u0218\u021a\u1e00-\u1eff]"
_PAIR: Final = re.compile(
    rf"{_CAPITAL}[^\W\d_]*(?:['\u2019-][^\W\d_]+)*\.?,? {{1,2}}(?:(?:d[eiau]l?|la|van|von|der|den|ter|bin|al|y|[\u201c\"][^\W\d_]+[\u201d\"]) "
    rf"{{1,2}}){{0,2}}{_CAPITAL}[^\W\d_]"
)
AROUND: Final = 1
"""Lines before and after that are shown to the model with a line that passes."""


def stretches(text: str) -> list[tuple[int, int]]:
    """The parts of a text that may hold names: whole lines, neighbours joined; from the start to before the end."""
    found: list[tuple[int, int]] = []
    place = 0
    while (match := _PAIR.search(text, place)) is not None:
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        place = end
        for _ in range(AROUND):
            start = text.rfind("\n", 0, max(0, start - 1)) + 1
            after = text.find("\n", end + 1)
            end = len(text) if after < 0 else after
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
