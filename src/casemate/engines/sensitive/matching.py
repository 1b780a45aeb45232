"""From bytes to what stands in them.

Candidates near keywords and at anchors are checked, and conflicts between identifiers are settled.

Running text and values (of cells and fields) differ only in where a candidate may stand: in running text within
thirty characters of a keyword, in values anywhere in the value that holds the keyword, or whose column or field is
named by it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.ibans import IBAN_CHECK, IBAN_SCORE, UnchosenIbans
from casemate.engines.sensitive.keywords import anchors, exact, longest
from casemate.engines.sensitive.passes import Hit
from casemate.engines.sensitive.rules import Form, Rule
from casemate.engines.sensitive.validators.places import in_numbering_plan

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Lines, ManySpans, Numbers, Runs
    from casemate.engines.sensitive.catalogue import Identifier

PROXIMITY: Final = 30
"""Characters between a keyword and the text, inclusive (Macie user guide, "Keyword requirements")."""

_IN_BYTES: Final = 4 * PROXIMITY
_ANCHOR_REACH: Final = 80
_HINT_REACH: Final = 60
_KEYWORD_BONUS: Final = 5
_ACROSS_LINES: Final = 6
_HINT_BONUS: Final = 8
_SPELLING_BONUS: Final = 4
_PLAN_BONUS: Final = 4
_TIE: Final = 3
_DIGITS: Final = re.compile(rb"[0-9]")
_RUNS: Final = re.compile(rb"[0-9]+")
_WORD: Final = frozenset(b"0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_MANY: Final = 48
"""Keywords of one rule in a text, from which on it pays to look at the whole text at once."""
_SPARSE: Final = 2048
"""Bytes for each hit, from which on the whole text is not worth a look."""
_LABEL: Final = 6
_LETTERS: Final = frozenset(bytes((byte,)) for byte in range(256) if byte >= 128 or chr(byte).isalpha())
_MOST_REMEMBERED: Final = 50_000
_WIDEST_BEFORE: Final = 40
"""Bytes: wider forms are searched for byte by byte."""


Found = tuple[int, int, int]
"""A text that counts: bytes from the first number to before the second; the third is its rule's. (Plain tuples: there
are tens of thousands in a megabyte.)"""
_Candidate = tuple[int, int, int, int]
"""As `Found`, and a score."""

Spans = list[tuple[int, int]]


class Matcher:
    """Rules and keywords, indexed. `patterns` are for the first pass, whose hits the methods take."""

    def __init__(self, rules: Sequence[Rule], unchosen: Sequence[Identifier] = ()) -> None:
        """`unchosen` are never reported, but what is part of an IBAN of theirs is nothing else either."""
        self.rules = tuple(rules)
        self._unchosen = UnchosenIbans(self.rules, unchosen)
        self.patterns: list[bytes] = []
        self._keyword_of: list[int] = []
        self._exact: list[re.Pattern[bytes]] = []
        self._longest: list[int] = []
        self._remembered: dict[tuple[int, bytes], int] = {}
        """By keyword and the bytes up to one behind it: how far before that end it begins. Texts repeat themselves."""
        self._labels: list[re.Pattern[bytes]] = []
        self._rules_of: list[tuple[int, ...]] = []
        self._anchored: list[tuple[int, Form]] = []
        self._index_keywords()
        self._first_anchor = len(self.patterns)
        for number, rule in enumerate(self.rules):
            for form in rule.free:
                assert form.anchor is not None
                self.patterns.append(form.anchor)
                self._anchored.append((number, form))

    def _index_keywords(self) -> None:
        holders: dict[str, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for keyword in dict.fromkeys(word.lower() for word in rule.identifier.every_keyword):
                holders.setdefault(keyword, []).append(number)
        for keyword in sorted(holders):
            for anchor in anchors(keyword):
                self.patterns.append(anchor)
                self._keyword_of.append(len(self._exact))
            self._exact.append(exact(keyword))
            if " " in keyword or len(keyword) >= _LABEL:
                self._labels.append(self._exact[-1])
            self._longest.append(longest(keyword) + 2)
            self._rules_of.append(tuple(holders[keyword]))

    # Where a keyword stands ------------------------------------------------------------------------------------------

    def named(self, name: bytes, hits: Sequence[Hit]) -> frozenset[int]:
        """Rules that have a keyword in this name of a column or field."""
        keywords = {self._keyword_of[pattern] for pattern, _ in hits if pattern < self._first_anchor}
        return frozenset(
            rule for keyword in keywords if self._exact[keyword].search(name) for rule in self._rules_of[keyword]
        )

    def labelled(self, text: bytes) -> bool:
        """Whether a keyword that is no short word is part of this text: "Carte Vitale" is a label and nobody's name."""
        return any(label.search(text) for label in self._labels)

    def _keywords(self, data: bytes, hits: Sequence[Hit]) -> tuple[dict[int, Spans], list[Hit]]:
        """By rule, where its keywords stand; and the hits that are anchors, numbered from 0."""
        near: dict[int, Spans] = {}
        anchors_hit: list[Hit] = []
        known: set[tuple[int, int]] = set()
        add_known = known.add
        first, keyword_of, rules_of = self._first_anchor, self._keyword_of, self._rules_of
        remembered = self._remembered
        lists: dict[int, list[Spans]] = {}
        for pattern, end in hits:
            if pattern >= first:
                anchors_hit.append((pattern - first, end))
                continue
            keyword = keyword_of[pattern]
            begin = end - self._longest[keyword] - 1
            length = remembered.get((keyword, data[begin:end])) if begin >= 0 else None
            if length is None:
                span = self._span(data, keyword, end)
                if span is None:
                    continue
                if span[1] == end - 1 and begin >= 0 and data[end - 1 : end] not in _LETTERS:
                    if len(remembered) >= _MOST_REMEMBERED:
                        remembered.clear()
                    remembered[keyword, data[begin:end]] = end - span[0]
            else:
                span = (end - length, end - 1)
            mark = (keyword, span[0])
            if mark in known:
                continue
            add_known(mark)
            spans = lists.get(keyword)
            if spans is None:
                spans = lists[keyword] = [near.setdefault(rule, []) for rule in rules_of[keyword]]
            for each in spans:
                each.append(span)
        return near, anchors_hit

    def _span(self, data: bytes, keyword: int, end: int) -> tuple[int, int] | None:
        """Where the keyword stands whose hit ended here, if it has its edges."""
        search = self._exact[keyword].search
        match = search(data, max(0, end - self._longest[keyword]))
        while match is not None and match.end() < end - 1:
            match = search(data, match.end())
        return match.span() if match is not None else None

    # Running text ----------------------------------------------------------------------------------------------------

    def text(self, data: bytes, hits: Sequence[Hit]) -> list[Found]:
        """What stands in running text, in the order of its places."""
        found: list[_Candidate] = []
        reach = _IN_BYTES if not data.isascii() else PROXIMITY
        runs = _DigitRuns(data, reach)
        near, anchored = self._keywords(data, self._gated(data, hits, runs))
        for number, spans in near.items():
            rule = self.rules[number]
            if rule.forms:
                spans.sort()
                self._near(data, number, spans, _Around(runs, spans, reach), found)
        starts = {
            number: [span[0] for span in near[number]]
            for number in {self._anchored[hit[0]][0] for hit in anchored} & near.keys()
        }
        for index, end in anchored:
            number, form = self._anchored[index]
            low, high = max(0, end - _ANCHOR_REACH), min(len(data), end + form.width)
            self._free(data, number, form, (low, high, end), near.get(number, []), starts.get(number, []), found)
        return self._settled(data, found, b"")

    def _gated(self, data: bytes, hits: Sequence[Hit], runs: _DigitRuns) -> list[Hit]:
        """Hits without the keywords that have no digit anywhere near."""
        first = self._first_anchor
        if len(hits) >= _MANY and len(hits) * _SPARSE >= len(data):
            near = runs.whole.near([end for _, end in hits], 2 * _IN_BYTES, 2 * _IN_BYTES)
            return [hit for hit, digit in zip(hits, near, strict=True) if digit or hit[0] >= first]
        return [
            hit
            for hit in hits
            if hit[0] >= first or _DIGITS.search(data, max(0, hit[1] - 2 * _IN_BYTES), hit[1] + 2 * _IN_BYTES)
        ]

    def _near(self, data: bytes, number: int, spans: Spans, around: _Around, found: list[_Candidate]) -> None:
        """Candidates of one rule around its keywords in running text.

        A keyword that has a text on its own line speaks for no text on another line.
        """
        rule = self.rules[number]
        starts = [span[0] for span in spans]
        close: list[tuple[int, int, int]] = []
        taken: set[int] = set()
        apart: list[tuple[_Candidate, list[int]]] = []
        for form in rule.forms:
            score = form.strength * 10 + _KEYWORD_BONUS
            if around.at_once(form):
                places: Iterable[tuple[int, int]] = self._near_at_once(form, number, around, (score, taken, found))
            else:
                places = around.matches(form)
            for start, end in places:
                bonus, beside, across = _nearness(data, spans, starts, start, end)
                if not beside and not across and form.keyword == "near":
                    continue
                if not form.holds(data[start:end].decode("latin-1"), rule.never):
                    continue
                if form.nearest:
                    close.append((start, end, form.strength))
                elif beside or form.keyword != "near":
                    taken.update(beside)
                    found.append((start, end, number, score + bonus))
                else:
                    apart.append(((start, end, number, score - _ACROSS_LINES), across))
        found += [candidate for candidate, across in apart if not taken.issuperset(across)]
        self._add_nearest(number, spans, close, found)

    def _near_at_once(
        self, form: Form, number: int, around: _Around, into: tuple[int, set[int], list[_Candidate]]
    ) -> Iterable[tuple[int, int]]:
        """Settle the texts that stand right behind a keyword on its line; give back where the others are."""
        from casemate.engines.sensitive import bulk  # noqa: PLC0415 - only where keywords are many

        score, taken, found = into
        starts, ends = bulk.matched(form, around.data, around.runs.starts(form, around.many_spans))
        keywords, gaps = bulk.close_behind(around.many_spans, starts, around.runs.lines, PROXIMITY)
        behind = keywords >= 0
        firsts, lasts = starts[behind], ends[behind]
        held = bulk.held(form, around.data, firsts, lasts, self.rules[number].never)
        taken.update(keywords[behind][held].tolist())
        scores = (score + 6 - gaps[behind][held] // 5).tolist()
        found += zip(firsts[held].tolist(), lasts[held].tolist(), repeat(number), scores)
        return zip(starts[~behind].tolist(), ends[~behind].tolist(), strict=True)

    @staticmethod
    def _add_nearest(number: int, spans: Spans, close: list[tuple[int, int, int]], found: list[_Candidate]) -> None:
        for start, end, strength in _nearest(spans, close):
            found.append((start, end, number, strength * 10 + _KEYWORD_BONUS))

    def _in_value(
        self, data: bytes, number: int, spans: Spans, bound: tuple[int, int], found: list[_Candidate]
    ) -> None:
        """Candidates of one rule in a value that holds its keyword."""
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
                    found.append((start, end, number, form.strength * 10 + _KEYWORD_BONUS))
        self._add_nearest(number, spans, close, found)

    def _free(  # noqa: PLR0917 - called tens of thousands of times a second
        self,
        data: bytes,
        number: int,
        form: Form,
        region: tuple[int, int, int],
        spans: Spans,
        starts: Sequence[int],
        found: list[_Candidate],
    ) -> None:
        """The candidate of a form at its anchor, if there is one."""
        low, high, anchor_end = region
        for match in form.regex.finditer(data, low, high):
            start, end = match.span()
            if start >= anchor_end:
                return
            if end < anchor_end - 1:
                continue
            bonus, beside, across = _nearness(data, spans, starts, start, end) if spans else (0, [], [])
            near = bool(beside or across)
            if form.keyword == "absent" and near:
                continue
            if not form.holds(match[0].decode("latin-1"), self.rules[number].never):
                continue
            if form.check_name == IBAN_CHECK:
                found.append((start, end, number, IBAN_SCORE))
                continue
            found.append((start, end, number, form.strength * 10 + bonus + (_KEYWORD_BONUS if near else 0)))

    # Values ----------------------------------------------------------------------------------------------------------

    def values(
        self,
        data: bytes,
        hits: Sequence[Hit],
        bounds: Sequence[tuple[int, int]],
        *,
        named: frozenset[int] = frozenset(),
        context: bytes = b"",
    ) -> list[Found]:
        """What stands in values: `bounds` are where each begins and ends, in order, not touching.

        `named` are the rules whose keyword is in the name of all these values' column or field; `context` is that name,
        where words may speak for one identifier rather than another.
        """
        if not bounds:
            return []
        starts = [bound[0] for bound in bounds]
        near, anchored = self._keywords(data, hits)
        found: list[_Candidate] = []
        whole = [(starts[0], bounds[-1][1])]
        for number in sorted(named):
            if self.rules[number].forms:
                self._in_named(data, number, starts, whole, found)
        for number, spans in near.items():
            if number in named or not self.rules[number].forms:
                continue
            by_value: dict[int, Spans] = {}
            for span in spans:
                by_value.setdefault(bisect_right(starts, span[0]) - 1, []).append(span)
            for value, inside in by_value.items():
                if value >= 0 and inside[0][0] < bounds[value][1]:
                    self._in_value(data, number, inside, bounds[value], found)
        for index, end in anchored:
            number, form = self._anchored[index]
            value = bisect_right(starts, max(0, end - 2)) - 1
            if value < 0 or end - 2 >= bounds[value][1]:
                continue
            if form.keyword == "absent" and number in named:
                continue
            low, high = bounds[value]
            inside = [span for span in near.get(number, ()) if low <= span[0] < high]
            if form.keyword == "absent" and inside:
                continue
            self._free(data, number, form, (max(low, end - _ANCHOR_REACH), high, end), [], [], found)
        return self._settled(data, found, context)

    def _settled(self, data: bytes, found: list[_Candidate], context: bytes) -> list[Found]:
        claims = self._unchosen.claims(data, found)
        if not claims:
            return _settle(data, self.rules, found, context)
        last = len(self.rules)
        rules = (*self.rules, *self._unchosen.rules)
        return [each for each in _settle(data, rules, found + claims, context) if each[2] < last]

    def _in_named(self, data: bytes, number: int, starts: list[int], whole: Spans, found: list[_Candidate]) -> None:
        """Candidates of a rule in a column that is named by its keyword; of a nearest form, the first of each value."""
        rule = self.rules[number]
        for form in rule.forms:
            score = form.strength * 10 + _KEYWORD_BONUS
            taken = -1
            matches = form.regex.finditer(data, *whole[0])
            if not form.nearest and len(starts) >= _MANY:
                self._held_at_once(data, number, form, list(matches), found)
                continue
            for match in matches:
                if not form.holds(match[0].decode("latin-1"), rule.never):
                    continue
                start, end = match.span()
                if form.nearest:
                    value = bisect_right(starts, start)
                    if value == taken:
                        continue
                    taken = value
                found.append((start, end, number, score))

    def _held_at_once(
        self, data: bytes, number: int, form: Form, matches: list[re.Match[bytes]], found: list[_Candidate]
    ) -> None:
        if not matches:
            return
        import numpy as np  # noqa: PLC0415 - only where candidates are many

        from casemate.engines.sensitive import bulk  # noqa: PLC0415 - as above

        begins, ends = np.array([match.start() for match in matches]), np.array([match.end() for match in matches])
        held = bulk.held(form, data, begins, ends, self.rules[number].never)
        score = form.strength * 10 + _KEYWORD_BONUS
        found += zip(begins[held].tolist(), ends[held].tolist(), repeat(number), repeat(score))


class _DigitRuns:
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


class _Around:
    """The text around the keywords of one rule."""

    def __init__(self, runs: _DigitRuns, spans: Spans, reach: int) -> None:
        self.runs = runs
        self._spans = spans
        self._many_spans: ManySpans | None = None
        self._reach = reach
        self._plenty = len(spans) >= _MANY

    @property
    def data(self) -> bytes:
        return self.runs.data

    @property
    def many_spans(self) -> ManySpans:
        """The keywords in arrays."""
        if self._many_spans is None:
            from casemate.engines.sensitive.bulk import ManySpans  # noqa: PLC0415 - only where keywords are many

            self._many_spans = ManySpans(self._spans)
        return self._many_spans

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
            for low, high in _merged(self._spans, self._reach, form.width, len(data)):
                yield from (match.span() for match in form.regex.finditer(data, low, high))
            return
        last = -1
        attempt = form.regex.match
        starts = self.runs.starts(form, self.many_spans).tolist() if self._plenty else self._starts(form)
        for start in starts:
            if start > last:
                match = attempt(data, start)
                if match is not None:
                    last = match.end() - 1
                    yield match.span()

    def _starts(self, form: Form) -> Iterator[int]:
        """Where a form can begin, keyword by keyword."""
        leads, before = dict(form.follows), self._reach + form.width
        last = -1
        for span in self._spans:
            first, beyond = span[0] - before, span[1] + self._reach
            for start, end in self.runs.around(span):
                if last < start and first <= start <= beyond and end - start in leads:
                    last = start
                    yield start


def _merged(spans: Spans, reach: int, width: int, size: int) -> Spans:
    """The regions that lie within reach of the spans; those that touch become one."""
    regions: Spans = []
    for start, end in spans:
        low, high = max(0, start - reach - width), min(size, end + reach + width + 2)
        if regions and low <= regions[-1][1]:
            regions[-1] = (regions[-1][0], max(high, regions[-1][1]))
        else:
            regions.append((low, high))
    return regions


def _nearness(
    data: bytes, spans: Spans, starts: Sequence[int], start: int, end: int
) -> tuple[int, list[int], list[int]]:
    """How close keywords stand to a text: a bonus, the closest keyword on its line, and those on other lines.

    The bonus is up to six for a keyword before the text, and up to two for one behind it.
    """
    across: list[int] = []
    place = bisect_left(starts, start)
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
    index = bisect_left(starts, end, place)
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
    if len(data) <= PROXIMITY or len(data) > _IN_BYTES or data.isascii():
        return len(data)
    return len(data[: _IN_BYTES + 1].decode("utf-8", "replace"))


def _nearest(spans: Spans, close: list[tuple[int, int, int]]) -> set[tuple[int, int, int]]:
    """For each keyword the text that stands closest; behind it rather than before it."""
    chosen: set[tuple[int, int, int]] = set()
    for low, high in spans if close else ():

        def distance(text: tuple[int, int, int], low: int = low, high: int = high) -> tuple[int, int]:
            return (2 * (text[0] - high), -text[1]) if text[0] >= high else (2 * (low - text[1]) + 1, -text[1])

        best = min(close, key=distance)
        if distance(best)[0] <= 2 * _IN_BYTES:
            chosen.add(best)
    return chosen


def _settle(data: bytes, rules: Sequence[Rule], found: list[_Candidate], context: bytes) -> list[Found]:
    """Where candidates overlap, the better ones: by strength of form, keyword and hints; equals all stay."""
    found = sorted(set(found))
    if all(one[1] <= other[0] for one, other in pairwise(found)):
        return [(start, end, rule) for start, end, rule, _ in found]
    settled: list[Found] = []
    group: list[_Candidate] = []
    reach = -1
    for candidate in found:
        if group and candidate[0] >= reach:
            settled += _best(data, rules, group, context)
            group = []
            reach = -1
        group.append(candidate)
        reach = max(reach, candidate[1])
    settled += _best(data, rules, group, context)
    return sorted(settled)


def _best(data: bytes, rules: Sequence[Rule], group: list[_Candidate], context: bytes) -> list[Found]:
    if len(group) == 1:
        return [group[0][:3]]
    around = data[max(0, group[0][0] - _HINT_REACH) : group[-1][1] + _HINT_REACH] + b" " + context
    scored: dict[tuple[int, int, int], int] = {}
    for start, end, number, score in group:
        rule = rules[number]
        region = rule.identifier.region
        planned = region is not None and in_numbering_plan(data[start:end].decode("latin-1"), region)
        key = (start, end, number)
        bonus = _PLAN_BONUS if planned else 0
        if rule.hints is not None and rule.hints.search(around) is not None:
            bonus += _HINT_BONUS
        elif rule.spelling is not None and rule.spelling.search(around) is not None:
            bonus += _SPELLING_BONUS
        scored[key] = max(scored.get(key, 0), score + bonus)
    kept: list[tuple[int, int, int]] = []
    for key in sorted(scored, key=lambda key: (-scored[key], key[0] - key[1], key)):
        start, end, _ = key
        rivals = [other for other in kept if other[0] < end and start < other[1]]
        if all(other[:2] == key[:2] and scored[key] >= scored[other] - _TIE for other in rivals):
            kept.append(key)
    return kept
