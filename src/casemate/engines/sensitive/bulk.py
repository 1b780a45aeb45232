"""Many candidates at once, in arrays: what `matching` and `rules` decide one by one, with the same results.

It pays where a text holds thousands of candidates. What an array can't tell (letters, rare layouts) is left to the
functions for one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np

from casemate.engines.sensitive.rules import LONGEST_LEAD, Form
from casemate.engines.sensitive.validators.people import SSN_NEVER
from casemate.engines.sensitive.views import view_of

Numbers = np.ndarray[Any, np.dtype[np.int64]]
Truths = np.ndarray[Any, np.dtype[np.bool_]]
Digits = np.ndarray[Any, np.dtype[np.uint8]]
"""A row for each candidate, a column for each of its digits (0 to 9)."""

_LONGEST_NUMBER: Final = 18
"""Digits that a signed integer of 64 bits holds."""
_WIDEST: Final = 63
_FEW: Final = 256
_WEIGHTS: Final = np.random.default_rng(15).integers(1, 1 << 63, 1024, dtype=np.uint64) | np.uint64(1)
"""By which the bytes of a row are added up: rows with the same sum are almost surely the same."""
_SEPARATORS: Final = np.isin(np.arange(256), list(b" .-/"))
_POWERS: Final = 10 ** np.arange(_LONGEST_NUMBER, dtype=np.int64)
_MARKS: Final = (1 << np.arange(10)).astype(np.uint16)
_MARKED: Final = np.array([number.bit_count() for number in range(1 << 10)], dtype=np.int64)
_DOUBLED: Final = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], dtype=np.uint8)


class ManySpans:
    """Beginnings and ends of keywords, in order of beginnings."""

    def __init__(self, loose: Sequence[tuple[int, int]], blocks: Sequence[Numbers]) -> None:
        spans = [np.array(loose, dtype=np.int64).reshape(-1, 2), *blocks]
        begins, ends = np.concatenate(spans).T
        order = np.lexsort((ends, begins))
        self.begins: Numbers = begins[order]
        self.ends: Numbers = ends[order]

    def regions(self, before: int, size: int) -> list[tuple[int, int]]:
        """The parts of a text of this size that lie so near; those that touch are one."""
        low = np.maximum(self.begins - before, 0)
        high = np.maximum.accumulate(np.minimum(self.ends + before + 2, size))
        apart = np.flatnonzero(low[1:] > high[:-1])
        firsts, lasts = low[np.append(0, apart + 1)], high[np.append(apart, len(low) - 1)]
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def rows(data: bytes, begins: Numbers, width: int) -> Digits:
    """The bytes from each beginning, a row each; all must lie inside the data."""
    return np.asarray(np.frombuffer(data, dtype=np.uint8)[begins[:, None] + np.arange(width)])


def distinct(given: Digits) -> tuple[Numbers, Numbers]:
    """For rows of bytes: the index of the first row of each kind, and the number of each row's kind."""
    weights = _WEIGHTS[: given.shape[1]]
    assert len(weights) == given.shape[1]
    sums = given.astype(np.uint64) @ weights
    _, first, kind = np.unique(sums, return_index=True, return_inverse=True)
    if not (given == given[first[kind]]).all():  # two kinds with one sum: made so on purpose
        _, first, kind = np.unique(given, axis=0, return_index=True, return_inverse=True)
    return np.asarray(first), np.asarray(kind).reshape(-1)


def matched(form: Form, data: bytes, starts: Numbers) -> tuple[Numbers, Numbers]:
    """Where texts of a form begin and end, of those places where one can; none overlaps one before it."""
    ends = starts + _lengths(form, data, starts)
    starts, ends = starts[ends > starts], ends[ends > starts]
    if (starts[1:] < ends[:-1]).any():
        kept, last = [], 0
        for index, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
            if start >= last:
                kept.append(index)
                last = end
        starts, ends = starts[kept], ends[kept]
    return starts, ends


def _lengths(form: Form, data: bytes, starts: Numbers) -> Numbers:
    """How long the text of a form is that begins at each place; 0 where none does.

    Each kind of text is tried once: two texts are of one kind where the form's pattern can't tell their bytes apart.
    """
    view = view_of(form.regex)
    lengths = np.zeros(len(starts), dtype=np.int64)
    if view is None:
        inside = np.zeros(len(starts), dtype=np.bool_)
    else:
        inside = (starts >= view.behind) & (starts + (view.width - view.behind) <= len(data))
        chosen = starts[inside]
        seen = _classes(view.at)[rows(data, chosen - view.behind, view.width) + 256 * np.arange(view.width)]
        first, kind = distinct(seen)
        lengths[inside] = _tried(form, data, chosen[first])[kind] if len(first) else 0
    lengths[~inside] = _tried(form, data, starts[~inside])
    return lengths


def _tried(form: Form, data: bytes, starts: Numbers) -> Numbers:
    attempt = form.regex.match
    matches = [attempt(data, start) for start in starts.tolist()]
    return np.array([0 if match is None else match.end() - match.start() for match in matches], dtype=np.int64)


@functools.lru_cache(maxsize=1024)
def _classes(table: bytes) -> Digits:
    return np.frombuffer(table, dtype=np.uint8)


def within(form: Form, data: bytes, starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """Where texts of a form stand in values that line ends part: their beginnings and ends, in order.

    Values are given by where they begin and end. Each kind of value is looked at once, where kinds are few.
    """
    found = _within_kinds(form, data, starts, ends)
    if found is not None:
        return found
    matches = form.regex.finditer(data, int(starts[0]), int(ends[-1]))
    spans = np.fromiter(chain.from_iterable(map(re.Match.span, matches)), dtype=np.int64)
    return spans[::2], spans[1::2]


def _within_kinds(form: Form, data: bytes, starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers] | None:
    view = view_of(form.regex)
    widths = ends - starts
    if view is None or not view.in_lines or len(starts) < _FEW or int(widths.max()) > _WIDEST:
        return None
    width = int(widths.max()) + 1
    text = np.frombuffer(data + b"\n" * width, dtype=np.uint8)
    seen = _classes(view.classes)[text[starts[:, None] + np.arange(width)]]
    line_end = view.classes[10]
    seen[np.arange(width) >= widths[:, None]] = line_end
    first, kind = distinct(seen)
    if len(first) * 16 > len(starts):
        return None
    begins, until = [], []
    members = np.split(np.argsort(kind, kind="stable"), np.cumsum(np.bincount(kind))[:-1])
    for index, alike in zip(first.tolist(), members, strict=True):
        low, high = int(starts[index]), int(ends[index])
        for match in form.regex.finditer(data, low, high):
            begins.append(starts[alike] + (match.start() - low))
            until.append(starts[alike] + (match.end() - low))
    if not begins:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    found, last = np.concatenate(begins), np.concatenate(until)
    order = np.argsort(found, kind="stable")
    return found[order], last[order]


def held(form: Form, data: bytes, begins: Numbers, ends: Numbers, never: frozenset[str]) -> Truths:
    """For each text from a beginning to before an end, whether `form.holds` it."""
    lengths = ends - begins
    truths = np.zeros(len(begins), dtype=np.bool_)
    left = np.ones(len(begins), dtype=np.bool_)
    check = _CHECKS.get(form.check_name)
    if check is not None and form.check_compact and form.compact is None:
        text = np.frombuffer(data, dtype=np.uint8)
        refused = [each for each in never if each.isdigit()]
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            if length >= _WIDEST:
                continue
            chars = text[begins[rows][:, None] + np.arange(length)]
            for layout, members in _by_layout(chars):
                if not _SEPARATORS[chars[members][:, ~layout]].all() or not 0 < layout.sum() <= _LONGEST_NUMBER:
                    continue
                digits = chars[members][:, layout] - np.uint8(48)
                same_size = np.array([int(each) for each in refused if len(each) == digits.shape[1]], dtype=np.int64)
                values = _number(digits)
                chosen = rows[members]
                truths[chosen] = check(digits) & (values != 0) & ~np.isin(values, same_size)
                left[chosen] = False
    for index in np.flatnonzero(left).tolist():
        truths[index] = form.holds(data[begins[index] : ends[index]].decode("latin-1"), never)
    return truths


def _by_layout(chars: Digits) -> list[tuple[Truths, Numbers]]:
    """Which columns are digits, and the rows for which that is so."""
    is_digit = (chars - np.uint8(48)) < len("0123456789")
    if (is_digit == is_digit[0]).all():
        return [(is_digit[0], np.arange(len(chars)))]
    packed = is_digit.astype(np.int64) @ (1 << np.arange(chars.shape[1], dtype=np.int64))
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    return [(is_digit[row], np.flatnonzero(inverse == number)) for number, row in enumerate(first.tolist())]


def _luhn(digits: Digits) -> Truths:
    odd = digits[:, ::-1][:, 0::2].sum(axis=1, dtype=np.int64)
    even = _DOUBLED[digits[:, ::-1][:, 1::2]].sum(axis=1, dtype=np.int64)
    return np.asarray((odd + even) % 10 == 0)


def _number(digits: Digits) -> Numbers:
    return np.asarray(digits.astype(np.int64) @ _POWERS[digits.shape[1] - 1 :: -1])


def _kinds_of_digits(digits: Digits) -> Numbers:
    """How many different digits each row has."""
    marks = np.bitwise_or.reduce(_MARKS[digits], axis=1)
    return np.asarray(_MARKED[marks])


_ISSUERS: Final = (
    (15, 34, 34), (15, 37, 37), (16, 5019, 5019), (14, 3000, 3059), (16, 3000, 3059), (14, 3095, 3095),
    (16, 3095, 3095), (14, 3600, 3699), (16, 3600, 3699), (14, 3800, 3999), (16, 3800, 3999), (16, 6011, 6011),
    (19, 6011, 6011),
    (16, 6440, 6599), (19, 6440, 6599), (16, 3528, 3589), (19, 3528, 3589), (15, 2131, 2131), (15, 1800, 1800),
    (16, 5100, 5599), (16, 2221, 2720), (16, 6200, 6299), (17, 6200, 6299), (18, 6200, 6299), (19, 6200, 6299),
    (13, 4000, 4999), (16, 4000, 4999), (19, 4000, 4999),
)  # fmt: skip
"""Length, and the range of the first digits (two or four), as `validators.finance.card` has them."""


def _card(digits: Digits) -> Truths:
    length = digits.shape[1]
    four = _number(digits[:, :4])
    issued = np.zeros(len(digits), dtype=np.bool_)
    for size, low, high in _ISSUERS:
        if size == length:
            head = four if low >= 100 else four // 100
            issued |= (head >= low) & (head <= high)
    return np.asarray(issued & _luhn(digits) & (_kinds_of_digits(digits) > 2))


def _us_ssn(digits: Digits) -> Truths:
    area, group, serial = _number(digits[:, :3]), _number(digits[:, 3:5]), _number(digits[:, 5:])
    given = (area != 0) & (area != 666) & (digits[:, 0] != 9) & (group != 0) & (serial != 0)
    never = np.array(sorted(int(each) for each in SSN_NEVER))
    return np.asarray(given & ~np.isin(_number(digits), never) & (_kinds_of_digits(digits) > 1))


def _not_uniform(digits: Digits) -> Truths:
    return np.asarray(_kinds_of_digits(digits) > 1)


_CHECKS: Final[dict[str, Callable[[Digits], Truths]]] = {"card": _card, "us_ssn": _us_ssn, "not_uniform": _not_uniform}
"""By the name of the validator that says the same of one text."""


@functools.cache
def _follows(form: Form) -> Truths:
    """By the length of the leading digits and the byte behind them, whether a text of the form can begin so."""
    table = np.zeros((LONGEST_LEAD + 2, 256), dtype=np.bool_)
    for length, following in form.follows:
        table[length, sorted(following)] = True
    return table


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, data: bytes) -> None:
        self.ends: Numbers = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == 10)

    def before(self, places: Numbers) -> Numbers:
        """How many lines end before each place."""
        return np.asarray(np.searchsorted(self.ends, places))

    def begin(self, counts: Numbers) -> Numbers:
        """Where the line after so many lines begins."""
        return np.asarray(np.concatenate(([-1], self.ends))[counts] + 1)


class Runs:
    """All runs of digits in a text, and those that follow no letter, digit or underscore."""

    def __init__(self, data: bytes, word: frozenset[int]) -> None:
        text = np.frombuffer(data, dtype=np.uint8)
        digits = np.zeros(len(text) + 2, dtype=np.bool_)
        np.less(text - np.uint8(48), len("0123456789"), out=digits[1:-1])
        edges = np.flatnonzero(digits[1:] != digits[:-1])
        self._all_starts, self._all_ends = edges[::2], edges[1::2]
        words = np.zeros(256, dtype=np.bool_)
        words[list(word)] = True
        kept = (self._all_starts == 0) | ~words[text[self._all_starts - 1]]
        self._starts = self._all_starts[kept]
        ends = self._all_ends[kept]
        self._lengths = np.minimum(ends - self._starts, LONGEST_LEAD + 1)
        self._next = np.concatenate((text, [10]))[ends]
        joints = np.isin(text[self._starts - 1], list(b".-/")) & digits[self._starts - 1] & (self._starts > 1)
        self._apart = ~joints

    def starts(self, form: Form, spans: ManySpans, reach: int) -> Numbers:
        """Runs within reach of a span at which a form can begin."""
        edges = np.zeros(len(self._starts) + 1, dtype=np.int64)
        np.add.at(edges, np.searchsorted(self._starts, spans.begins - (reach + form.width)), 1)
        np.add.at(edges, np.searchsorted(self._starts, spans.ends + reach, side="right"), -1)
        near = np.flatnonzero(np.cumsum(edges)[:-1])
        fits = _follows(form)[self._lengths[near], self._next[near]]
        if form.apart:
            fits &= self._apart[near]
        return np.asarray(self._starts[near[fits]])

    def near(self, places: Sequence[int], before: int, behind: int) -> list[bool]:
        """Whether a digit stands near each place."""
        at = np.array(places)
        run = np.searchsorted(self._all_ends, np.maximum(at - before, 0), side="right")
        starts = np.concatenate((self._all_starts, [np.iinfo(np.int64).max]))
        found: list[bool] = (starts[run] < at + behind).tolist()
        return found


def close_behind(spans: ManySpans, starts: Numbers, lines: Lines, proximity: int) -> tuple[Numbers, Numbers]:
    """For each start the keyword right before it, and the gap between; -1 where it is too far, or on another line."""
    index = np.searchsorted(spans.begins, starts) - 1
    behind = spans.ends[index]
    gaps = starts - behind
    near = (index >= 0) & (gaps >= 0) & (gaps <= proximity) & (lines.before(behind) == lines.before(starts))
    return np.where(near, index, -1), gaps
