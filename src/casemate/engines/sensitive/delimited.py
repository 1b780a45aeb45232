"""CSV and its relatives as they stand in the file.

All bytes pass once; rows are taken apart only around hits, and for columns whose name holds a keyword.
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from casemate.contracts.sensitive import Delimited, Encoding, NameFinder
from casemate.engines.sensitive.bounds import Bounds
from casemate.engines.sensitive.collecting import FileSink
from casemate.engines.sensitive.columns import ColumnScanner
from casemate.engines.sensitive.gathering import Cells, Gathered
from casemate.engines.sensitive.passes import PATTERN_BITS, Hit
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.values import find_in_bytes, find_in_values, straightened, straightened_cp1252

WINDOW: Final = 2 * 1024 * 1024
_LONGEST_ROW: Final = 8 * 1024 * 1024

csv.field_size_limit(_LONGEST_ROW)


class DelimitedScanner:
    """Scans the rows of one file, block by block."""

    def __init__(
        self,
        plan: Plan,
        layout: Delimited,
        sink: FileSink,
        *,
        encoding: Encoding = "utf-8",
        finder: NameFinder | None = None,
    ) -> None:
        self._plan = plan
        self._sink = sink
        self._encoding: Encoding = encoding
        self._straight = straightened if encoding == "utf-8" else straightened_cp1252
        self._delimiter = layout.delimiter.encode()
        self._quote = layout.quote.encode()
        self._layout = layout
        self._header = layout.header if layout.columns else 0
        self._columns = ColumnScanner(plan, layout.columns, sink, finder)
        self._cells = Cells([name or None for name in layout.columns])
        self._named = [number for number, rules in enumerate(self._columns.named) if rules]
        self._blocks: list[bytes] = []
        self._size = 0
        self._row = 1
        self._width: int | None = None

    def feed(self, data: bytes) -> None:
        self._blocks.append(data)
        self._size += len(data)
        if self._size >= WINDOW:
            window = b"".join(self._blocks)
            cut = self._end_of_rows(window)
            if cut or len(window) > _LONGEST_ROW:
                cut = cut or len(window)
                self._scan(self._straight(window[:cut]))
                window = window[cut:]
            self._blocks = [window]
            self._size = len(window)

    def close(self) -> None:
        """Scan what is left."""
        if self._size:
            self._scan(self._straight(b"".join(self._blocks)))
        self._blocks = []
        self._size = 0

    def _end_of_rows(self, window: bytes) -> int:
        """Just behind the last line end that is no part of a quoted cell; 0 where there is none."""
        cut = window.rfind(b"\n") + 1
        if self._quote not in window:
            return cut
        for _ in range(1000):
            if not cut or window.count(self._quote, 0, cut) % 2 == 0:
                return cut
            cut = window.rfind(b"\n", 0, cut - 1) + 1
        return 0

    def _scan(self, window: bytes) -> None:
        quoted = self._quote in window
        if self._plan.custom or (quoted and self._lines_in_cells(window)):
            self._scan_parsed(window)
            return
        hits = self._plan.hits(window)
        found = Gathered()
        if hits:
            self._around_hits(window, hits, found, quoted=quoted)
        if self._named:
            self._in_named_columns(window, found, quoted=quoted)
        if self._columns.learns:
            self._learned(window, found)
        found.pour(self._sink, self._cells)
        self._row += window.count(b"\n") + (not window.endswith(b"\n"))

    def _lines_in_cells(self, window: bytes) -> bool:
        return b"\n" in b"".join(window.split(self._quote)[1::2])

    # Only the rows that were hit ------------------------------------------------------------------------------------

    def _around_hits(self, window: bytes, hits: Sequence[Hit], found: Gathered, *, quoted: bool) -> None:
        """Cells around hits, in columns that no keyword names."""
        cells: dict[tuple[int, int], tuple[int, int]] = {}
        chosen: list[Hit] = []
        named = set(self._named)
        row, counted, begin, end = self._row, 0, 0, -1
        bounds: list[int] = []
        for hit in hits:
            at = max(0, (hit >> PATTERN_BITS) - 2)
            if at >= end:
                begin = window.rfind(b"\n", 0, at + 1) + 1
                end = window.find(b"\n", begin)
                end = len(window) if end < 0 else end
                row += window.count(b"\n", counted, begin)
                counted = begin
                bounds = self._bounds(window[begin:end], begin, quoted=quoted)
            column = bisect_right(bounds, at) - 1
            if column < 0 or (column in named and row >= self._header):
                continue
            high = bounds[column + 1] - 1 if column + 1 < len(bounds) else end
            cells[row, column] = (bounds[column], high)
            chosen.append(hit)
        self._in_cells(window, chosen, cells, found)

    def _bounds(self, line: bytes, begin: int, *, quoted: bool) -> list[int]:
        """Where each cell of a row begins."""
        if not quoted or self._quote not in line:
            bounds = [begin]
            for cell in line.split(self._delimiter)[:-1]:
                bounds.append(bounds[-1] + len(cell) + 1)
            return bounds
        bounds, inside = [begin], False
        for number, part in enumerate(line.split(self._quote)):
            inside = number % 2 == 1
            if not inside:
                place = -1
                while (place := part.find(self._delimiter, place + 1)) >= 0:
                    bounds.append(begin + place + 1)
            begin += len(part) + 1
        return bounds

    def _in_cells(
        self, window: bytes, hits: list[Hit], cells: dict[tuple[int, int], tuple[int, int]], found: Gathered
    ) -> None:
        places = sorted((low, high, row, column) for (row, column), (low, high) in cells.items())
        bounds = Bounds([place[0] for place in places], [place[1] for place in places])
        plan = self._plan
        for start, end, rule in plan.values(window, hits, bounds):
            low, high, row, column = places[bisect_right(bounds.starts, start) - 1]
            if not low <= start < end <= high:
                continue
            text = window[start:end].decode(self._encoding, "replace")
            if not (plan.allowed.any and plan.allowed(text)):
                found.add_one(row, column, plan.key(rule), text)

    # Whole columns ----------------------------------------------------------------------------------------------------

    def _in_named_columns(self, window: bytes, found: Gathered, *, quoted: bool) -> None:
        last = max(self._named)
        above = max(0, self._header + 1 - self._row)
        if quoted:
            rows: Sequence[Sequence[bytes]] = [
                [cell.encode(self._encoding, "replace") for cell in row]
                for row in self._rows(window.decode(self._encoding, "replace"))
            ][above:]
        else:
            rows = [line.split(self._delimiter, last + 1) for line in window.split(b"\n")[above:]]
        for column in self._named:
            values = [row[column] if len(row) > column else b"" for row in rows]
            name, named = self._columns.columns[column], self._columns.named[column]
            in_values = find_in_bytes(self._plan, values, name, named, samples=self._sink.samples)
            found.add(in_values, column, self._row + above)

    def _learned(self, window: bytes, found: Gathered) -> None:
        """Names and addresses, in the columns that may hold them."""
        columns = self._columns
        if self._width is not None and not any(columns.speaks(column) for column in range(self._width)):
            return
        rows = list(self._rows(window.decode(self._encoding, "replace")))
        first = max(0, self._header + 1 - self._row)
        body = rows[first:]
        self._width = max(map(len, body), default=0) if self._width is None else self._width
        start = self._row + first
        for column in range(self._width):
            if columns.speaks(column):
                values = [row[column] if len(row) > column else "" for row in body]
                for value, key, text in columns.learned(column, values):
                    found.add_one(start + value, column, key, text)

    def _rows(self, text: str) -> Iterable[list[str]]:
        lines = text.split("\n")
        return csv.reader(lines, delimiter=self._layout.delimiter, quotechar=self._layout.quote)

    # All rows -----------------------------------------------------------------------------------------------------

    def _scan_parsed(self, window: bytes) -> None:
        """Every cell: where cells hold line ends, or where every value must be seen."""
        text = window.decode(self._encoding, "replace")
        stream = io.StringIO(text, newline="")
        rows = list(csv.reader(stream, delimiter=self._layout.delimiter, quotechar=self._layout.quote))
        first = max(0, self._header + 1 - self._row)
        body = rows[first:]
        width = max(map(len, body), default=0)
        found = Gathered()
        if first > 1:
            self._above(rows[: first - 1], found)
        start = self._row + first
        for column in range(width):
            values = [row[column] if len(row) > column else "" for row in body]
            found.add(self._columns.scan(column, values), column, start)
        found.pour(self._sink, self._cells)
        self._row += len(rows)

    def _above(self, rows: list[list[str]], found: Gathered) -> None:
        """What stands above the header: the columns' names say nothing about it."""
        for index, row in enumerate(rows):
            in_values = find_in_values(self._plan, row, "", frozenset(), samples=self._sink.samples)
            for column, key, text in in_values.one_by_one():
                found.add_one(self._row + index, column, key, text)
