"""What the model sees of a token: hashed spellings, shape, and which lexicons know the word.

Training and running use the same code; the sizes here are those of the tables in the trained model.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

from casemate.engines.sensitive.names.lexicons import Lexicons

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORDS: Final = 24_576
AFFIXES: Final = 6_144
ENDINGS: Final = 2_048
SHAPES: Final = 64
FLAGS: Final = 512
GAPS: Final = 5

SIZES: Final = (WORDS, AFFIXES, AFFIXES, ENDINGS, SHAPES, FLAGS, GAPS)
"""Rows of each feature's table: word, first three letters, last three, last two, shape, lexicons, gap before."""

MOST_WORDS: Final = 200_000
"""Words whose features are remembered; then all are forgotten, so that memory stays bounded."""

_LOWER, _TITLE, _UPPER, _INITIAL, _MIXED, _OTHER_SCRIPT, _LONG = range(7)
TITLE_SHAPE: Final = _TITLE
MIXED_SHAPE: Final = _MIXED
"""Shapes from TITLE_SHAPE to MIXED_SHAPE begin with, or hold, a capital letter."""

_DIGITS: Final = 8
_MARKS: Final = 16


class Features:
    """Turns words into rows of feature numbers; remembers those it has seen."""

    def __init__(self, lexicons: Lexicons) -> None:
        import numpy as np  # noqa: PLC0415  loaded with the model, not with the program

        self._np = np
        self._lexicons = lexicons
        self._rows: dict[str, int] = {}
        self._table: NDArray[np.int32] = np.zeros((1024, len(SIZES)), dtype=np.int32)

    def of(self, words: list[str], gaps: NDArray[Any]) -> NDArray[np.int32]:
        """The features of a run of tokens: an array of (tokens, len(SIZES))."""
        if len(self._rows) > MOST_WORDS:
            self._rows.clear()
        rows = self._rows
        found = [rows.get(word, -1) for word in words]
        if -1 in found:
            found = [self._row(word) if row < 0 else row for word, row in zip(words, found, strict=True)]
        features: NDArray[Any] = self._table[found]
        features[:, -1] = gaps
        return features

    def _row(self, word: str) -> int:
        row = self._rows.get(word)
        if row is not None:
            return row
        row = len(self._rows)
        if row >= len(self._table):
            self._table = self._np.concatenate([self._table, self._np.zeros_like(self._table)])
        self._table[row] = features_of(word, self._lexicons)
        self._rows[word] = row
        return row


def features_of(word: str, lexicons: Lexicons) -> tuple[int, ...]:
    """A word's feature numbers; the gap before it is left 0."""
    folded = word.lower().replace("\u2019", "'")
    if folded.isdigit():
        folded = "0" * min(len(folded), 12)
    return (
        _hash(folded, WORDS),
        _hash("^" + folded[:3], AFFIXES),
        _hash(folded[-3:] + "$", AFFIXES),
        _hash(folded[-2:] + "$", ENDINGS),
        shape_of(word),
        lexicons.flags(folded),
        0,
    )


def shape_of(word: str) -> int:
    """How a word is written: case, length of digits, or which mark it is."""
    first = word[0]
    if first.isdigit():
        return _DIGITS + min(len(word), 7)
    if not first.isalpha():
        return _MARKS + ord(first) % (SHAPES - _MARKS)
    if ord(first) > 0x24F and not 0x1E00 <= ord(first) <= 0x1EFF:
        return _OTHER_SCRIPT
    if len(word) > 20:
        return _LONG
    if len(word) == 1:
        return _INITIAL if first.isupper() else _LOWER
    if word.islower():
        return _LOWER
    if word.isupper():
        return _UPPER
    return _TITLE if first.isupper() and word[1:].islower() else _MIXED


def _hash(text: str, size: int) -> int:
    return zlib.crc32(text.encode()) % size
