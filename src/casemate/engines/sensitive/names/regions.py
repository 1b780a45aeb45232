"""Which regions of a text are worth a look for names and addresses: logs, code and tables have hardly any.

In arrays over all characters, and wider than what comes after it: two neighbouring words that begin with a capital
letter (the form of `gate`), and digits that stand as a postal code can (the forms of `addresses`).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

MARGIN: Final = 500
"""Characters around: more than a name's context, or an address before its code, takes."""

_LONGEST_GAP: Final = 80
_UNKNOWN: Final = ord("?")
"""Stands for every letter that Latin-1 has not."""


def _table(chars: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    table = np.zeros(256, dtype=np.bool_)
    table[[ord(char) for char in chars]] = True
    return table


_UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ?" + "".join(map(chr, range(0xC0, 0xDF)))
_LETTERS: Final = _UPPER + "abcdefghijklmnopqrstuvwxyz" + "".join(map(chr, range(0xDF, 0x100)))
_IS_CAPITAL: Final = _table(_UPPER)
_IS_DIGIT: Final = _table("0123456789")
_IS_LETTER: Final = _table(_LETTERS)
_IS_WORD: Final = _table(_LETTERS + "0123456789_")
_IS_BREAK: Final = ~_table(_LETTERS + " '-.,\"")
"""What stands between the words of no name."""
_NO_CODE_AFTER: Final = _table(_LETTERS.replace("?", "") + "0123456789_.,:/=")
_NO_LETTER_AFTER: Final = _table(_LETTERS.replace("?", "") + "0123456789_.-")
_BEFORE_FIVE: Final = _table(_LETTERS + ".,)")
_BEFORE_FOUR: Final = _table(_LETTERS + " ,")
_NO_NAMES: Final = np.array(
    [int.from_bytes(word, "little") for word in b"INFO WARN ERRO DEBU FATA CRIT NOTI POST HTTP HEAD".split(b" ")]
)
"""How words begin that logs put before any other word."""

_PADDING: Final = b"\n" * 8


def regions(text: str) -> list[tuple[int, int]]:
    """Parts of a text outside of which neither `gate.stretches` nor `addresses.candidates` finds anything."""
    chars = np.frombuffer(b"\n\n" + text.encode("latin-1", "replace") + _PADDING, dtype=np.uint8)
    places = np.concatenate((_pairs(chars), _codes(chars))) - 2
    if not len(places):
        return []
    places.sort()
    apart = np.flatnonzero(np.diff(places) > 2 * MARGIN)
    firsts = places[np.concatenate(([0], apart + 1))]
    lasts = places[np.concatenate((apart, [len(places) - 1]))]
    return [
        (max(0, first - MARGIN), min(len(text), last + MARGIN))
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
    ]


def _pairs(chars: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Capitals that begin a word, after another such word with nothing between that is no part of names."""
    begins = np.flatnonzero(_IS_CAPITAL[chars[1:]] & ~_IS_WORD[chars[:-1]]) + 1
    unknown = np.flatnonzero(chars == _UNKNOWN)
    if len(unknown):
        begins = np.union1d(begins, unknown)
    first, second = begins[:-1], begins[1:]
    close = (second - first <= _LONGEST_GAP) & ((chars[second - 1] == ord(" ")) | (chars[second] == _UNKNOWN))
    first, second = first[close], second[close]
    heads = sum(chars[first + place].astype(np.int64) << (8 * place) for place in range(4))
    spoken = ~np.isin(heads, _NO_NAMES)
    first, second = first[spoken], second[spoken]
    breaks = np.flatnonzero(_IS_BREAK[chars])
    whole = np.searchsorted(breaks, first) == np.searchsorted(breaks, second)
    return np.asarray(first[whole])


def _codes(chars: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Digits that may be a postal code."""
    digits = _IS_DIGIT[chars]
    edges = np.flatnonzero(digits[1:] != digits[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    before, after = chars[starts - 1], chars[ends]
    lettered = starts[(lengths <= 2) & _IS_CAPITAL[before] & (before != _UNKNOWN)]
    one, two = chars[lettered - 2], chars[lettered - 3]
    lettered = lettered[~_NO_LETTER_AFTER[one] | (_IS_CAPITAL[one] & ~_NO_LETTER_AFTER[two])]
    plain = (lengths >= 4) & (lengths <= 5) & ~_IS_WORD[after]
    starts, before, after, lengths = _where(plain, starts, before, after, lengths)
    spaced = (before == ord(" ")) | (before == 10) | (before == 9)
    followed = (after == ord("-")) | (after == ord(" ")) | (after == ord("\t"))
    five = (lengths == 5) & ~_NO_CODE_AFTER[before] & (followed | (spaced & _BEFORE_FIVE[chars[starts - 2]]))
    four = (lengths == 4) & ((before == ord(" ")) | (before == ord(","))) & _BEFORE_FOUR[chars[starts - 2]]
    return np.concatenate((lettered, starts[five | four]))


def _where(chosen: np.ndarray[Any, np.dtype[np.bool_]], *arrays: Any) -> list[Any]:
    return [array[chosen] for array in arrays]
