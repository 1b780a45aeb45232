"""A scan: from the bytes of one file of any format to the occurrences in it."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import BinaryIO, Final

from casemate.contracts.sensitive import (
    Delimited,
    JsonLines,
    Leaves,
    Limits,
    Members,
    NameFinder,
    Opened,
    PageText,
    Parsers,
    Problem,
    Prose,
    RecordBatch,
    TableBatch,
    TextBlock,
    Unit,
)
from casemate.engines.sensitive.collecting import FileSink
from casemate.engines.sensitive.delimited import DelimitedScanner
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.records import JsonLinesScanner, LeafScanner
from casemate.engines.sensitive.results import FileResult, ScanResult
from casemate.engines.sensitive.tables import RecordColumnScanner, SheetScanner
from casemate.engines.sensitive.texts import LearnedText, TextScanner

_PAGES_AT_ONCE: Final = 256 * 1024
"""Characters of pages that are scanned together."""
_LINES_BETWEEN: Final = 256
"""Line ends between two pages, so that nothing on one speaks for anything on the other."""
_MOST_MEMBERS: Final = 20_000
"""Packed files that are each remembered."""

BlockScanner = TextScanner | DelimitedScanner | JsonLinesScanner


def scan(
    stream: BinaryIO,
    name: str,
    plan: Plan,
    *,
    parsers: Parsers,
    limits: Limits | None = None,
    finder: NameFinder | None = None,
    samples: int = 0,
) -> ScanResult:
    """Everything that the plan looks for in one file. Pure: the same bytes give the same result.

    `name` is the file's name, which readers may use where content does not tell. `finder` finds names and addresses;
    without it they are not looked for. `samples` is how many of the texts themselves are kept for each identifier.
    Nothing in the file raises: what could not be read is in the result's status and reason.
    """
    reading = _Reading(plan, finder, samples)
    for unit in parsers.units(stream, name, limits or Limits()):
        reading.take(unit)
    return ScanResult(name, reading.results())


class _Reading:
    """The files of one scan, and the one scanner that is at work."""

    def __init__(self, plan: Plan, finder: NameFinder | None, samples: int) -> None:
        self._plan = plan
        self._finder = finder if plan.names or plan.addresses else None
        self._samples = samples
        self._sinks: dict[Members, FileSink] = {}
        self._current: FileSink | None = None
        self._blocks: BlockScanner | None = None
        self._sheet: tuple[tuple[Members, str | None, tuple[str | None, ...]], SheetScanner] | None = None
        self._table: tuple[tuple[Members, object], RecordColumnScanner] | None = None
        self._leaves: dict[Members, LeafScanner] = {}
        self._pages: _Pages | None = None
        self._sink(())

    def take(self, unit: Unit) -> None:
        if not isinstance(unit, PageText | Prose) or (self._current and unit.members != self._current.members):
            self._close_pages()
        sink = self._sink(unit.members)
        if isinstance(unit, TextBlock):
            self._take_block(unit, sink)
            return
        self._close_blocks()
        if isinstance(unit, Opened):
            sink.mime_type = unit.mime_type
        elif isinstance(unit, Problem):
            sink.report(unit)
        elif isinstance(unit, TableBatch):
            self._take_table(unit, sink)
        elif isinstance(unit, RecordBatch):
            self._take_records(unit, sink)
        elif isinstance(unit, Leaves):
            self._take_leaves(unit, sink)
        else:
            self._take_text(unit, sink)

    def results(self) -> tuple[FileResult, ...]:
        self._close_blocks()
        self._close_pages()
        return tuple(sink.result() for sink in self._sinks.values())

    def _sink(self, members: Members) -> FileSink:
        if self._current is not None and self._current.members == members:
            return self._current
        sink = self._sinks.get(members)
        if sink is None:
            if len(self._sinks) >= _MOST_MEMBERS:
                self._forget()
            sink = self._sinks[members] = FileSink(self._plan, members, samples=self._samples)
        self._current = sink
        return sink

    def _forget(self) -> None:
        """Of a great many packed files only those are kept in which something was found."""
        last = self._current
        if last is None or not last.members or last.found:
            return
        self._close_blocks()
        if last.found:
            return
        if last.problem is not None:
            detail = f"of more than {_MOST_MEMBERS} packed files some could not be read"
            self._sinks[()].report(Problem("PARTIAL", "ARCHIVE_CONTAINS_UNPROCESSED_FILES", detail))
        self._sinks.pop(last.members, None)

    def _close_blocks(self) -> None:
        if self._blocks is not None:
            self._blocks.close()
            self._blocks = None

    def _take_block(self, block: TextBlock, sink: FileSink) -> None:
        if block.first or self._blocks is None:
            self._close_blocks()
            self._blocks = self._scanner(block, sink)
        self._blocks.feed(block.data)

    def _scanner(self, block: TextBlock, sink: FileSink) -> BlockScanner:
        if isinstance(block.layout, Delimited):
            return DelimitedScanner(self._plan, block.layout, sink, encoding=block.encoding, finder=self._finder)
        if isinstance(block.layout, JsonLines):
            return JsonLinesScanner(self._plan, sink, self._finder)

        def placed(key: str, text: str, place: tuple[int, int, int]) -> None:
            sink.sampled(sink.of(key), text).add_line(place)

        def many(key: str, places: bytes, samples: list[str]) -> None:
            found = sink.of(key)
            found.add_lines(places)
            for text in samples:
                sink.sampled(found, text)

        learned = self._learned(sink)
        return TextScanner(self._plan, placed, block.encoding, learned, samples=self._samples, many=many)

    def _learned(self, sink: FileSink) -> LearnedText | None:
        return None if self._finder is None else LearnedText(self._plan, self._finder, sink)

    def _take_table(self, batch: TableBatch, sink: FileSink) -> None:
        key = (batch.members, batch.sheet, batch.columns)
        if self._sheet is None or self._sheet[0] != key:
            self._sheet = (key, SheetScanner(self._plan, batch, sink, self._finder))
        self._sheet[1].scan(batch)

    def _take_records(self, batch: RecordBatch, sink: FileSink) -> None:
        key = (batch.members, batch.paths)
        if self._table is None or self._table[0] != key:
            self._table = (key, RecordColumnScanner(self._plan, batch, sink, self._finder))
        self._table[1].scan(batch)

    def _take_leaves(self, unit: Leaves, sink: FileSink) -> None:
        scanner = self._leaves.get(unit.members)
        if scanner is None:
            scanner = LeafScanner(self._plan, sink, self._finder)
            self._leaves = {unit.members: scanner}
        scanner.scan(unit.leaves)

    def _take_text(self, unit: PageText | Prose, sink: FileSink) -> None:
        if self._pages is None:
            self._pages = _Pages(self._plan, sink, self._learned(sink))
        self._pages.take(unit)

    def _close_pages(self) -> None:
        if self._pages is not None:
            self._pages.close()
            self._pages = None


class _Pages:
    """Pages and paragraphs of one file, scanned many at a time: most are short."""

    def __init__(self, plan: Plan, sink: FileSink, learned: LearnedText | None) -> None:
        self._plan = plan
        self._sink = sink
        self._learned = learned
        self._texts: list[str] = []
        self._numbers: list[int | None] = []
        """Of each text its page, or None where places can't be told."""
        self._size = 0

    def take(self, unit: PageText | Prose) -> None:
        self._texts.append(unit.text)
        self._numbers.append(unit.number if isinstance(unit, PageText) else None)
        self._size += len(unit.text)
        if self._size >= _PAGES_AT_ONCE:
            self.close()

    def close(self) -> None:
        """Scan what has been gathered."""
        if not self._texts:
            return
        first_lines = list(accumulate((text.count("\n") + _LINES_BETWEEN for text in self._texts), initial=1))

        def placed(key: str, text: str, place: tuple[int, int, int]) -> None:
            occurrences = self._sink.sampled(self._sink.of(key), text)
            number = self._numbers[bisect_right(first_lines, place[0]) - 1]
            if number is None:
                occurrences.unplaced += 1
            else:
                occurrences.add_page(number)

        scanner = TextScanner(self._plan, placed, "utf-8", self._learned)
        scanner.feed(("\n" * _LINES_BETWEEN).join(self._texts).encode("utf-8", "replace"))
        scanner.close()
        self._texts, self._numbers, self._size = [], [], 0
