"""Where keywords stand: from hits of the first pass to places of whole keywords, by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.keywords import anchors, exact, longest
from casemate.engines.sensitive.passes import PATTERN_BITS, PATTERN_MASK, Hit
from casemate.engines.sensitive.rules import Rule
from casemate.engines.sensitive.views import view_of

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import ManySpans, Numbers

MANY: Final = 48
"""Things of one kind in a text, from which on it pays to look at all of them at once, in arrays."""
_LABEL: Final = 6
_LETTERS: Final = frozenset(bytes((byte,)) for byte in range(256) if byte >= 128 or chr(byte).isalpha())
_MOST_REMEMBERED: Final = 50_000

Spans = list[tuple[int, int]]
"""Beginnings and ends, in bytes."""


class KeywordSpans:
    """Where the keywords of one rule stand in a text, in order."""

    def __init__(self) -> None:
        self._loose: Spans = []
        self._blocks: list[Numbers] = []
        self._pairs: Spans | None = None
        self._many: ManySpans | None = None

    def add(self, span: tuple[int, int]) -> None:
        self._loose.append(span)

    def add_many(self, spans: Numbers) -> None:
        """A row for each, with its beginning and its end."""
        self._blocks.append(spans)

    def __len__(self) -> int:
        return len(self._loose) + sum(map(len, self._blocks))

    @property
    def pairs(self) -> Spans:
        """All of them, one by one."""
        if self._pairs is None:
            for block in self._blocks:
                self._loose += map(tuple, block.tolist())
            self._blocks = []
            self._pairs = sorted(self._loose)
        return self._pairs

    @property
    def arrays(self) -> ManySpans:
        """All of them, in arrays."""
        if self._many is None:
            from casemate.engines.sensitive.bulk import ManySpans  # noqa: PLC0415 - only where keywords are many

            self._many = ManySpans(self._loose, self._blocks)
        return self._many


class KeywordIndex:
    """The keywords of all rules. `patterns` are for the first pass; their hits come first in the numbering."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.patterns: list[bytes] = []
        self._keyword_of: list[int] = []
        self._exact: list[re.Pattern[bytes]] = []
        self._longest: list[int] = []
        self._rules_of: list[tuple[int, ...]] = []
        self._labels: list[re.Pattern[bytes]] = []
        self._remembered: dict[tuple[int, bytes], int] = {}
        """By keyword and the bytes up to one behind it: how far before that end it begins. Texts repeat themselves."""
        holders: dict[str, list[int]] = {}
        for number, rule in enumerate(rules):
            for keyword in dict.fromkeys(word.lower() for word in rule.identifier.every_keyword):
                holders.setdefault(keyword, []).append(number)
        for keyword in sorted(holders):
            self._add(keyword, holders[keyword])

    def _add(self, keyword: str, rules: Sequence[int]) -> None:
        for anchor in anchors(keyword):
            self.patterns.append(anchor)
            self._keyword_of.append(len(self._exact))
        self._exact.append(exact(keyword))
        if " " in keyword or len(keyword) >= _LABEL:
            self._labels.append(self._exact[-1])
        self._longest.append(longest(keyword) + 2)
        self._rules_of.append(tuple(rules))

    def named(self, name: bytes, hits: Sequence[Hit]) -> frozenset[int]:
        """Rules that have a keyword in this name of a column or field."""
        first = len(self.patterns)
        keywords = {self._keyword_of[hit & PATTERN_MASK] for hit in hits if hit & PATTERN_MASK < first}
        return frozenset(
            rule for keyword in keywords if self._exact[keyword].search(name) for rule in self._rules_of[keyword]
        )

    def labelled(self, text: bytes) -> bool:
        """Whether a keyword that is no short word is part of this text: "Carte Vitale" is a label and nobody's name."""
        return any(label.search(text) for label in self._labels)

    def near(self, data: bytes, hits: Sequence[Hit]) -> tuple[dict[int, KeywordSpans], list[tuple[int, int]]]:
        """By rule, where its keywords stand; and number and end of the hits of other patterns, numbered from 0."""
        first = len(self.patterns)
        others: list[tuple[int, int]] = []
        ends: dict[int, list[int]] = {}
        keyword_of = self._keyword_of
        for hit in hits:
            pattern = hit & PATTERN_MASK
            if pattern < first:
                ends.setdefault(keyword_of[pattern], []).append(hit >> PATTERN_BITS)
            else:
                others.append((pattern - first, hit >> PATTERN_BITS))
        near: dict[int, KeywordSpans] = {}
        for keyword, places in ends.items():
            holders = [near.setdefault(rule, KeywordSpans()) for rule in self._rules_of[keyword]]
            if len(places) >= MANY:
                self._spans_at_once(data, keyword, places, holders)
                continue
            for span in self._spans(data, keyword, places):
                for holder in holders:
                    holder.add(span)
        return {rule: spans for rule, spans in near.items() if len(spans)}, others

    def _spans(self, data: bytes, keyword: int, ends: Sequence[int]) -> Spans:
        """Where a keyword stands whose hits ended here; of those that begin at one place the first."""
        found: dict[int, int] = {}
        for end in ends:
            span = self._remember(data, keyword, end)
            if span is not None:
                found.setdefault(*span)
        return list(found.items())

    def _remember(self, data: bytes, keyword: int, end: int) -> tuple[int, int] | None:
        begin = end - self._longest[keyword] - 1
        remembered = self._remembered
        length = remembered.get((keyword, data[begin:end])) if begin >= 0 else None
        if length is not None:
            return end - length, end - 1
        span = self._span(data, keyword, end)
        if span is not None and begin >= 0 and _is_whole(data, span, end):
            if len(remembered) >= _MOST_REMEMBERED:
                remembered.clear()
            remembered[keyword, data[begin:end]] = end - span[0]
        return span

    def _spans_at_once(self, data: bytes, keyword: int, ends: list[int], holders: list[KeywordSpans]) -> None:
        """As `_spans`: what stands before hits is mostly the same few texts, and each is looked at once."""
        import numpy as np  # noqa: PLC0415 - only where keywords are many

        from casemate.engines.sensitive.bulk import distinct, rows  # noqa: PLC0415 - as above

        width = self._longest[keyword] + 1
        letters = np.isin(np.arange(256), [each[0] for each in _LETTERS])
        at = np.array(ends, dtype=np.int64)
        inside = (at >= width) & (at <= len(data))
        chosen = at[inside]
        seen = rows(data, chosen - width, width)
        whole = ~letters[seen[:, -1]]
        view = view_of(self._exact[keyword])
        first, kind = distinct(seen if view is None else np.frombuffer(view.classes, dtype=np.uint8)[seen])
        lengths = np.zeros(len(first), dtype=np.int64)  # to the beginning; 0 where these bytes alone do not tell
        for number, index in enumerate(first.tolist()):
            end = int(chosen[index])
            span = self._span(data, keyword, end)
            if span is not None and span[1] == end - 1:
                lengths[number] = end - span[0]
        back = np.where(whole, lengths[kind], 0) if len(first) else lengths
        begins, until = [chosen[back > 0] - back[back > 0]], [chosen[back > 0] - 1]
        left = [*at[~inside].tolist(), *chosen[back == 0].tolist()]
        spans = [span for span in (self._span(data, keyword, end) for end in left) if span is not None]
        begins.append(np.array([span[0] for span in spans], dtype=np.int64))
        until.append(np.array([span[1] for span in spans], dtype=np.int64))
        starts, stops = np.concatenate(begins), np.concatenate(until)
        order = np.lexsort((stops, starts))
        starts, stops = starts[order], stops[order]
        kept = np.ones(len(starts), dtype=np.bool_)
        kept[1:] = starts[1:] != starts[:-1]
        found = np.stack((starts[kept], stops[kept]), axis=1)
        for holder in holders:
            holder.add_many(found)

    def _span(self, data: bytes, keyword: int, end: int) -> tuple[int, int] | None:
        """Where the keyword stands whose hit ended here, if it has its edges."""
        search, beyond = self._exact[keyword].search, end + self._longest[keyword]
        match = search(data, max(0, end - self._longest[keyword]), beyond)
        while match is not None and match.end() < end - 1:
            match = search(data, match.end(), beyond)
        return match.span() if match is not None and match.start() < end else None


def _is_whole(data: bytes, span: tuple[int, int], end: int) -> bool:
    """Whether a keyword ends just before its hit's end, and nothing behind that end could make it longer."""
    return span[1] == end - 1 and data[end - 1 : end] not in _LETTERS
