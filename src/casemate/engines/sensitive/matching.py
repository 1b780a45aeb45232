"""From bytes to what stands in them.

Candidates near keywords and at anchors are checked, and conflicts between identifiers are settled.

Running text and values (of cells and fields) differ only in where a candidate may stand: in running text within
thirty characters of a keyword, in values anywhere in the value that holds the keyword, or whose column or field is
named by it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.keyword_index import MANY, KeywordIndex, KeywordSpans, Spans
from casemate.engines.sensitive.passes import PATTERN_BITS, PATTERN_MASK, Hit
from casemate.engines.sensitive.proximity import IN_BYTES, PROXIMITY, Around, DigitRuns, nearest, nearness
from casemate.engines.sensitive.rules import Form, Rule
from casemate.engines.sensitive.settling import Candidate, Candidates, Settled, settle

if TYPE_CHECKING:
    from casemate.engines.sensitive.bounds import Bounds
    from casemate.engines.sensitive.bulk import Numbers

_ANCHOR_REACH: Final = 80
_KEYWORD_BONUS: Final = 5
_ACROSS_LINES: Final = 6
_DIGITS: Final = re.compile(rb"[0-9]")
_IBAN_CHECK: Final = "iban"
_IBAN_SCORE: Final = 41
"""That of a check digit with a keyword right before it: an IBAN is sure without one, so no keyword speaks louder."""
_SPARSE: Final = 2048
"""Bytes for each hit, from which on the whole text is not worth a look."""


class Matcher:
    """Rules and keywords, indexed. `patterns` are for the first pass, whose hits the methods take."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._index = KeywordIndex(self.rules)
        self.named = self._index.named
        self.labelled = self._index.labelled
        self.patterns = list(self._index.patterns)
        self._first_anchor = len(self.patterns)
        self.unchecked = frozenset(
            number
            for number, rule in enumerate(self.rules)
            if any(not form.check for form in (*rule.forms, *rule.free))
        )
        """Rules that have a form without a check: what they find may well be something else."""
        self._anchored: list[tuple[int, Form]] = []
        for number, rule in enumerate(self.rules):
            for form in rule.free:
                assert form.anchor is not None
                self.patterns.append(form.anchor)
                self._anchored.append((number, form))

    # Running text ----------------------------------------------------------------------------------------------------

    def text(self, data: bytes, hits: Sequence[Hit]) -> Settled:
        """What stands in running text, in the order of its places."""
        found = Candidates()
        reach = IN_BYTES if not data.isascii() else PROXIMITY
        runs = DigitRuns(data, reach)
        near, anchored = self._index.near(data, self._gated(data, hits, runs))
        crossing = _AcrossLines()
        for number, spans in near.items():
            if self.rules[number].forms:
                self._near(number, Around(runs, spans, reach), found, crossing)
        found.loose += crossing.left()
        none = KeywordSpans()
        for index, end in anchored:
            number, form = self._anchored[index]
            low, high = max(0, end - _ANCHOR_REACH), min(len(data), end + form.width)
            self._free(data, number, form, (low, high, end), near.get(number, none).pairs, found)
        return settle(data, self.rules, found, b"")

    def _gated(self, data: bytes, hits: Sequence[Hit], runs: DigitRuns) -> Sequence[Hit]:
        """Hits without the keywords that have no digit anywhere near."""
        first = self._first_anchor
        if len(hits) >= MANY and len(hits) * _SPARSE >= len(data):
            near = runs.whole.near([hit >> PATTERN_BITS for hit in hits], 2 * IN_BYTES, 2 * IN_BYTES)
            if all(near):
                return hits
            return [hit for hit, digit in zip(hits, near, strict=True) if digit or hit & PATTERN_MASK >= first]
        return [
            hit
            for hit in hits
            if hit & PATTERN_MASK >= first
            or _DIGITS.search(data, max(0, (hit >> PATTERN_BITS) - 2 * IN_BYTES), (hit >> PATTERN_BITS) + 2 * IN_BYTES)
        ]

    def _near(self, number: int, around: Around, found: Candidates, crossing: _AcrossLines) -> None:
        """Candidates of one rule around its keywords in running text."""
        rule, data = self.rules[number], around.data
        close: list[tuple[int, int, int]] = []
        for form in rule.forms:
            score = form.strength * 10 + _KEYWORD_BONUS
            if around.at_once(form):
                places: Iterable[tuple[int, int]] = self._near_at_once(form, number, around, (score, crossing, found))
            else:
                places = around.matches(form)
            pairs: Spans = []
            for start, end in places:
                pairs = pairs or around.spans.pairs
                bonus, beside, across = nearness(data, pairs, start, end)
                if not beside and not across and form.keyword == "near":
                    continue
                if not form.holds(data[start:end].decode("latin-1"), rule.never):
                    continue
                if form.nearest:
                    close.append((start, end, form.strength))
                elif beside or form.keyword != "near":
                    crossing.taken.update(pairs[index][0] for index in beside)
                    found.add((start, end, number, score + bonus))
                else:
                    keywords = [pairs[index][0] for index in across]
                    crossing.candidates.append(((start, end, number, score - _ACROSS_LINES), keywords))
        if close:
            self._add_nearest(number, around.spans.pairs, close, found)

    def _near_at_once(
        self, form: Form, number: int, around: Around, into: tuple[int, _AcrossLines, Candidates]
    ) -> Iterable[tuple[int, int]]:
        """Settle the texts that stand right behind a keyword on its line; give back where the others are."""
        from casemate.engines.sensitive import bulk  # noqa: PLC0415 - only where keywords are many

        score, crossing, found = into
        keywords = around.spans.arrays
        starts, ends = bulk.matched(form, around.data, around.runs.starts(form, keywords))
        indexes, gaps = bulk.close_behind(keywords, starts, around.runs.lines, PROXIMITY)
        behind = indexes >= 0
        firsts, lasts = starts[behind], ends[behind]
        held = bulk.held(form, around.data, firsts, lasts, self.rules[number].never)
        crossing.arrays.append(keywords.begins[indexes[behind][held]])
        found.add_many(firsts[held], lasts[held], number, score + 6 - gaps[behind][held] // 5)
        return zip(starts[~behind].tolist(), ends[~behind].tolist(), strict=True)

    @staticmethod
    def _add_nearest(number: int, spans: Spans, close: list[tuple[int, int, int]], found: Candidates) -> None:
        for start, end, strength in nearest(spans, close):
            found.add((start, end, number, strength * 10 + _KEYWORD_BONUS))

    def _free(  # noqa: PLR0917 - called tens of thousands of times a second
        self, data: bytes, number: int, form: Form, region: tuple[int, int, int], spans: Spans, found: Candidates
    ) -> None:
        """The candidate of a form at its anchor, if there is one."""
        low, high, anchor_end = region
        for match in form.regex.finditer(data, low, high):
            start, end = match.span()
            if start >= anchor_end:
                return
            if end < anchor_end - 1:
                continue
            bonus, beside, across = nearness(data, spans, start, end) if spans else (0, [], [])
            near = bool(beside or across)
            if form.keyword == "absent" and near:
                continue
            if not form.holds(match[0].decode("latin-1"), self.rules[number].never):
                continue
            if form.check_name == _IBAN_CHECK:
                found.add((start, end, number, _IBAN_SCORE))
                continue
            found.add((start, end, number, form.strength * 10 + bonus + (_KEYWORD_BONUS if near else 0)))

    # Values ----------------------------------------------------------------------------------------------------------

    def values(
        self,
        data: bytes,
        hits: Sequence[Hit],
        bounds: Bounds,
        *,
        named: frozenset[int] = frozenset(),
        context: bytes = b"",
    ) -> Settled:
        """What stands in values: `bounds` are where each begins and ends, in order, not touching.

        `named` are the rules whose keyword is in the name of all these values' column or field; `context` is that name,
        where words may speak for one identifier rather than another.
        """
        found = Candidates()
        if not bounds:
            return Settled()
        near, anchored = self._index.near(data, hits)
        for number in sorted(named):
            if self.rules[number].forms:
                self._in_named(data, number, bounds, found)
        for number, spans in near.items():
            if number not in named and self.rules[number].forms:
                self._in_values(data, number, spans.pairs, bounds, found)
        for index, end in anchored:
            number, form = self._anchored[index]
            low, high = bounds.around(max(0, end - 2))
            if end - 2 >= high or low < 0 or (form.keyword == "absent" and number in named):
                continue
            if form.keyword == "absent" and number in near:
                spans_of = near[number].pairs
                at = bisect_left(spans_of, (low,))
                if at < len(spans_of) and spans_of[at][0] < high:
                    continue
            self._free(data, number, form, (max(low, end - _ANCHOR_REACH), high, end), [], found)
        return settle(data, self.rules, found, context)

    def _in_values(self, data: bytes, number: int, spans: Spans, bounds: Bounds, found: Candidates) -> None:
        """Candidates of one rule in the values that hold its keywords."""
        at = 0
        while at < len(spans):
            low, high = bounds.around(spans[at][0])
            beyond = bisect_left(spans, (bounds.next(spans[at][0]),), at + 1)
            if low >= 0 and spans[at][0] < high:
                self._in_value(data, number, spans[at:beyond], (low, high), found)
            at = beyond

    def _in_value(self, data: bytes, number: int, spans: Spans, bound: tuple[int, int], found: Candidates) -> None:
        rule = self.rules[number]
        close: list[tuple[int, int, int]] = []
        for form in rule.forms:
            for match in form.regex.finditer(data, *bound):
                if not form.holds(match[0].decode("latin-1"), rule.never):
                    continue
                start, end = match.span()
                if form.nearest:
                    close.append((start, end, form.strength))
                else:
                    found.add((start, end, number, form.strength * 10 + _KEYWORD_BONUS))
        self._add_nearest(number, spans, close, found)

    def _in_named(self, data: bytes, number: int, bounds: Bounds, found: Candidates) -> None:
        """Candidates of a rule in a column that is named by its keyword; of a nearest form, the first of each value."""
        rule = self.rules[number]
        for form in rule.forms:
            score = form.strength * 10 + _KEYWORD_BONUS
            if not form.nearest and len(bounds) >= MANY:
                self._in_named_at_once(data, number, form, bounds, found)
                continue
            taken = -1
            for match in form.regex.finditer(data, *bounds.whole):
                if not form.holds(match[0].decode("latin-1"), rule.never):
                    continue
                start, end = match.span()
                if form.nearest:
                    value = bisect_right(bounds.starts, start)
                    if value == taken:
                        continue
                    taken = value
                found.add((start, end, number, score))

    def _in_named_at_once(self, data: bytes, number: int, form: Form, bounds: Bounds, found: Candidates) -> None:
        from casemate.engines.sensitive import bulk  # noqa: PLC0415 - only where candidates are many

        begins, ends = bulk.within(form, data, *bounds.arrays)
        if len(begins):
            held = bulk.held(form, data, begins, ends, self.rules[number].never)
            found.add_many(begins[held], ends[held], number, form.strength * 10 + _KEYWORD_BONUS)


class _AcrossLines:
    """Candidates whose keywords stand on other lines.

    A keyword that has a text on its own line speaks for no text on another line, whichever rules both are of.
    """

    def __init__(self) -> None:
        self.candidates: list[tuple[Candidate, list[int]]] = []
        """Each with where its keywords begin."""
        self.taken: set[int] = set()
        """Where keywords begin that have a text on their own line."""
        self.arrays: list[Numbers] = []
        """More of these."""

    def left(self) -> list[Candidate]:
        """Those with a keyword that has no text on its own line."""
        if self.candidates:
            for begins in self.arrays:
                self.taken.update(begins.tolist())
        return [candidate for candidate, keywords in self.candidates if not self.taken.issuperset(keywords)]
