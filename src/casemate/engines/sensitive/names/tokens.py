"""Text cut into tokens: words, digits, marks, each with where it stands and what stands before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOKEN: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|\n|[^\s]")
"""A word (with inner apostrophes), a run of digits, a line's end, or one other character."""

START, TIGHT, SPACE, WIDE, BREAK = range(5)
"""What stands before a token: nothing at all, no space, one space, more (or a tab), a line's end."""


class Tokens(NamedTuple):
    """The tokens of a text, and their places in it."""

    words: list[str]
    starts: list[int]
    ends: list[int]

    def gaps(self) -> NDArray[Any]:
        """What stands before each token: START to BREAK."""
        import numpy as np  # noqa: PLC0415  loaded with the model, not with the program

        found = np.zeros(len(self.words), dtype=np.int32)
        if len(found) > 1:
            space = np.array(self.starts[1:], dtype=np.int64) - np.array(self.ends[:-1], dtype=np.int64)
            found[1:] = TIGHT + np.minimum(space, 2)
            breaks = np.fromiter((word == "\n" for word in self.words), dtype=bool, count=len(found))
            found[1:][breaks[:-1]] = BREAK
        return found


def tokens_of(text: str) -> Tokens:
    """Cuts a text into tokens."""
    spans = [match.span() for match in TOKEN.finditer(text)]
    return Tokens([text[start:end] for start, end in spans], [start for start, _ in spans], [end for _, end in spans])
