"""Where candidates may stand: within thirty characters of a keyword, and which keyword is the closest."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.keyword_index import MANY, KeywordSpans, Spans
from casemate.engines.sensitive.rules import Form

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Lines, ManySpans, Numbers, Runs

PROXIMITY: Final = 30
"""Characters between a keyword and the text, inclusive (Macie user guide, "Keyword requirements")."""
IN_BYTES: Final = 4 * PROXIMITY

_RUNS: Final = re.compile(rb"[0-9]+")
_WORD: Final = frozenset(b"0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_WIDEST_BEFORE: Final = 40
"""Bytes: wider forms are searched for byte by byte."""


class DigitRuns:
    """Where digits begin, found once for all rules: around a keyword, or in the whole text where keywords are many."""

    def __init__(self, data: bytes, reach: int) -> None:
        self.data = data
        self._reach = reach
        self._known: dict[tuple[int, int], Spans] = {}
        self._whole: Runs | None = None
        self._lines: Lines | None = None

    def around(self, span: tuple[int, int]) -> Spans:
        known = self._known.get(span)
        if known is None:
            low = max(0, span[0] - self._reach - _WIDEST_BEFORE)
            data = self.data
            runs = [match.span() for match in _RUNS.finditer(data, low, span[1] + self._reach + _WIDEST_BEFORE)]
            known = self._known[span] = [run for run in runs if not run[0] or data[run[0] - 1] not in _WORD]
        return known

    @property
    def whole(self) -> Runs:
        """The runs of the whole text."""
        if self._whole is None:
            from casemate.engines.sensitive.bulk import Runs  # noqa: PLC0415 - only where keywords are many

            self._whole = Runs(self.data, _WORD)
        return self._whole

    @property
    def lines(self) -> Lines:
        """The lines of the text."""
        if self._lines is None:
            from casemate.engines.sensitive.bulk import Lines  # noqa: PLC0415 - as above

            self._lines = Lines(self.data)
        return self._lines

    def starts(self, form: Form, spans: ManySpans) -> Numbers:
        """Where a form can begin near any of these keywords, as `_Around` finds it keyword by keyword."""
        return self.whole.starts(form, spans, self._reach)


class Around:
    """The text around the keywords of one rule."""

    def __init__(self, runs: DigitRuns, spans: KeywordSpans, reach: int) -> None:
        self.runs = runs
        self.spans = spans
        self._reach = reach
        self._plenty = len(spans) >= MANY

    @property
    def data(self) -> bytes:
        return self.runs.data

    def at_once(self, form: Form) -> bool:
        """Whether it pays to look at all candidates at once; gaps are counted in bytes, so characters must be bytes."""
        in_bytes = self._reach == PROXIMITY and form.keyword == "near" and not form.nearest
        return in_bytes and self._plenty and self._by_digits(form)

    @staticmethod
    def _by_digits(form: Form) -> bool:
        return form.digit_first and form.width <= _WIDEST_BEFORE

    def matches(self, form: Form) -> Iterator[tuple[int, int]]:
        """Every match of a form that may be near enough, in order; none twice."""
        data = self.data
        if not self._by_digits(form):
            for low, high in self._regions(self._reach + form.width):
                yield from (match.span() for match in form.regex.finditer(data, low, high))
            return
        last = -1
        attempt = form.regex.match
        starts = self.runs.starts(form, self.spans.arrays).tolist() if self._plenty else self._starts(form)
        for start in starts:
            if start > last:
                match = attempt(data, start)
                if match is not None:
                    last = match.end() - 1
                    yield match.span()

    def _regions(self, before: int) -> Spans:
        """The parts of the text in which a form may stand."""
        if self._plenty:
            return self.spans.arrays.regions(before, len(self.data))
        return _merged(self.spans.pairs, before, len(self.data))

    def _starts(self, form: Form) -> Iterator[int]:
        """Where a form can begin, keyword by keyword."""
        leads, before = dict(form.follows), self._reach + form.width
        last = -1
        for span in self.spans.pairs:
            first, beyond = span[0] - before, span[1] + self._reach
            for start, end in self.runs.around(span):
                if last < start and first <= start <= beyond and end - start in leads:
                    last = start
                    yield start


def _merged(spans: Spans, before: int, size: int) -> Spans:
    """The regions that lie near the spans; those that touch become one."""
    regions: Spans = []
    for start, end in spans:
        low, high = max(0, start - before), min(size, end + before + 2)
        if regions and low <= regions[-1][1]:
            regions[-1] = (regions[-1][0], max(high, regions[-1][1]))
        else:
            regions.append((low, high))
    return regions


def nearness(data: bytes, spans: Spans, start: int, end: int) -> tuple[int, list[int], list[int]]:
    """How close keywords stand to a text: a bonus, the closest keyword on its line, and those on other lines.

    The bonus is up to six for a keyword before the text, and up to two for one behind it.
    """
    across: list[int] = []
    place = bisect_left(spans, (start,))
    for index in range(place - 1, max(-1, place - 4), -1):
        behind = spans[index][1]
        if behind > start:
            continue
        gap = start - behind
        if gap > PROXIMITY:
            gap = _characters(data[behind:start])
        if gap <= PROXIMITY:
            if data.find(b"\n", behind, start) < 0:
                return 6 - gap // 5, [index], across
            across.append(index)
    index = bisect_left(spans, (end,), place)
    if index < len(spans):
        ahead = spans[index][0]
        gap = ahead - end
        if gap > PROXIMITY:
            gap = _characters(data[end:ahead])
        if gap <= PROXIMITY:
            if data.find(b"\n", end, ahead) < 0:
                return 2 - gap // 15, [index], across
            across.append(index)
    return 0, [], across


def _characters(data: bytes) -> int:
    if len(data) <= PROXIMITY or len(data) > IN_BYTES or data.isascii():
        return len(data)
    return len(data[: IN_BYTES + 1].decode("utf-8", "replace"))


def nearest(spans: Spans, close: list[tuple[int, int, int]]) -> set[tuple[int, int, int]]:
    """For each keyword the text that stands closest; behind it rather than before it."""
    chosen: set[tuple[int, int, int]] = set()
    for low, high in spans if close else ():

        def distance(text: tuple[int, int, int], low: int = low, high: int = high) -> tuple[int, int]:
            return (2 * (text[0] - high), -text[1]) if text[0] >= high else (2 * (low - text[1]) + 1, -text[1])

        best = min(close, key=distance)
        if distance(best)[0] <= 2 * IN_BYTES:
            chosen.add(best)
    return chosen
