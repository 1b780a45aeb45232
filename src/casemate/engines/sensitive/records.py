"""JSON and other nested records, value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from casemate.contracts.sensitive import Leaf, NameFinder
from casemate.engines.sensitive.collecting import FileSink
from casemate.engines.sensitive.columns import ColumnScanner
from casemate.engines.sensitive.fields import ORDER_BITS, Field, Fields, Path, fields_of
from casemate.engines.sensitive.gathering import Gathered, Records
from casemate.engines.sensitive.passes import PATTERN_BITS, Hit
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.results import Occurrences
from casemate.engines.sensitive.tables import path_of
from casemate.engines.sensitive.texts import TextScanner

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Numbers

WINDOW: Final = 2 * 1024 * 1024
_LONGEST_LINE: Final = 64 * 1024 * 1024
_MOST_KINDS: Final = 5000
_MANY_LINES: Final = 256

Line = tuple[int, int, int]
"""Index of the record, and the bytes from its beginning to its end."""


class LeafScanner:
    """Scans values of records in batches; fields of the same names are scanned together."""

    def __init__(self, plan: Plan, sink: FileSink, finder: NameFinder | None) -> None:
        self._plan = plan
        self._sink = sink
        self._finder = finder
        self._kinds: dict[str, ColumnScanner] = {}
        self._paths: dict[Path, str | None] = {}

    def scan(self, leaves: Sequence[Leaf]) -> None:
        fields: dict[Path, Field] = {}
        places: dict[Path, list[int]] = {}
        for order, (record, path, value) in enumerate(leaves):
            if value:
                field = fields.get(path)
                if field is None:
                    field = fields[path] = Field(path)
                    field.places = places[path] = []
                places[path].append(record << ORDER_BITS | order)
                field.values.append(value)
        self.scan_fields(fields.values())

    def scan_fields(self, fields: Iterable[Field]) -> None:
        """Scan values that are gathered by path; what is found is kept in the order of the places."""
        filled = [field for field in fields if field.values]
        named: dict[str, list[int]] = {}
        for number, field in enumerate(filled):
            named.setdefault(field.names, []).append(number)
        found = Gathered()
        unnamed: list[int] = []
        for names, alike in named.items():
            kind = self._kind(names)
            if not kind.named[0] and not kind.learns and not self._plan.custom:
                unnamed += alike
            else:
                _scan_alike(kind, filled, alike, found)
        if unnamed:
            _scan_alike(self._kind(""), filled, unnamed, found)
        found.pour(self._sink, _InFields(lambda number: self._path(filled[number].path)))

    def _kind(self, names: str) -> ColumnScanner:
        kind = self._kinds.get(names)
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            kind = self._kinds[names] = ColumnScanner(self._plan, [names], self._sink, self._finder)
        return kind

    def _path(self, path: Path) -> str | None:
        if path not in self._paths:
            if len(self._paths) >= _MOST_KINDS:
                self._paths.clear()
            self._paths[path] = path_of(self._plan, path)
        return self._paths[path]


def _scan_alike(kind: ColumnScanner, fields: Sequence[Field], chosen: Sequence[int], found: Gathered) -> None:
    """Scan fields of one kind together."""
    if len(chosen) == 1:
        field = fields[chosen[0]]
        found.add(kind.scan(0, field.values), chosen[0], rows=field.places)
        return
    if kind.learns:  # what the first values are decides
        rows = sorted(
            (int(place), number, value)
            for number in chosen
            for place, value in zip(fields[number].places, fields[number].values, strict=True)
        )
        for value, key, text in kind.scan(0, [row[2] for row in rows]).one_by_one():
            found.add_one(rows[value][0], rows[value][1], key, text)
        return
    together = kind.scan(0, [value for number in chosen for value in fields[number].values])
    begin = 0
    for number in chosen:
        end = begin + len(fields[number].values)
        found.add(together.part(begin, end), number, rows=fields[number].places)
        begin = end


class _InFields:
    """Places of values in records; a column is the number of a field."""

    def __init__(self, path: Callable[[int], str | None]) -> None:
        self._path = path

    def one(self, found: Occurrences, row: int, column: int) -> None:
        found.add_record(row >> ORDER_BITS, self._path(column))

    def many(self, found: Occurrences, rows: Numbers, columns: Numbers) -> None:
        Records({column: self._path(column) for column in set(columns.tolist())}).many(
            found, rows >> ORDER_BITS, columns
        )


class JsonLinesScanner:
    """Scans JSON Lines: all bytes pass once, and only lines that were hit are taken apart."""

    def __init__(self, plan: Plan, sink: FileSink, finder: NameFinder | None) -> None:
        self._plan = plan
        self._sink = sink
        self._leaves = LeafScanner(plan, sink, finder)
        self._every = bool(plan.custom) or ((plan.names or plan.addresses) and finder is not None)
        self._blocks: list[bytes] = []
        self._size = 0
        self._record = 0

    def feed(self, data: bytes) -> None:
        self._blocks.append(data)
        self._size += len(data)
        if self._size >= WINDOW:
            window = b"".join(self._blocks)
            cut = window.rfind(b"\n") + 1
            if not cut and len(window) > _LONGEST_LINE:
                cut = len(window)
            self._scan(window[:cut])
            self._blocks = [window[cut:]]
            self._size = len(window) - cut

    def close(self) -> None:
        """Scan what is left."""
        if self._size:
            self._scan(b"".join(self._blocks))
        self._blocks = []
        self._size = 0

    def _scan(self, window: bytes) -> None:
        if not window:
            return
        lines = self._lines(window)
        if len(lines) >= _MANY_LINES and self._scan_at_once(window, lines):
            self._record += window.count(b"\n")
            return
        fields = Fields(self._leaves.scan_fields)
        decode = msgspec.json.Decoder().decode
        for record, begin, end in lines:
            line = window[begin:end]
            if line.isspace() or not line:
                continue
            try:
                value = decode(line)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
                self._as_text(line.strip(), record)
                continue
            fields.add(value, record)
        fields.flush()
        self._record += window.count(b"\n")

    def _scan_at_once(self, window: bytes, lines: Sequence[Line]) -> bool:
        """Many records of one kind, column by column; False where they are not."""
        import numpy as np  # noqa: PLC0415 - only where records are many

        texts = [window[begin:end] for _, begin, end in lines]
        if not all(text.startswith(b"{") and text.endswith((b"}", b"}\r")) for text in texts):
            return False
        try:
            values = msgspec.json.Decoder().decode_lines(b"\n".join(texts))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
            return False
        if len(values) != len(lines):  # lines in braces may hold more than one value each, but never less
            return False
        fields = fields_of(np.array([record for record, _, _ in lines], dtype=np.int64), values)
        if fields is None:
            return False
        self._leaves.scan_fields(fields)
        return True

    def _lines(self, window: bytes) -> Sequence[Line]:
        """The lines that must be looked at."""
        hits: Sequence[Hit] = () if self._every else self._plan.hits(window)
        if self._every or len(hits) >= _MANY_LINES:
            return self._lines_at_once(window, hits)
        found: list[Line] = []
        record, counted, end = self._record, 0, -1
        for hit in hits:
            at = max(0, (hit >> PATTERN_BITS) - 2)
            if at < end:
                continue
            begin = window.rfind(b"\n", 0, at) + 1
            end = window.find(b"\n", begin)
            end = len(window) if end < 0 else end
            record += window.count(b"\n", counted, begin)
            counted = begin
            found.append((record, begin, end))
        return found

    def _lines_at_once(self, window: bytes, hits: Sequence[Hit]) -> list[Line]:
        import numpy as np  # noqa: PLC0415 - only where lines are many

        from casemate.engines.sensitive.bulk import Lines  # noqa: PLC0415 - as above

        ends = Lines(window).ends
        begins = np.concatenate(([0], ends + 1))
        ends = np.append(ends, len(window))
        if self._every:
            chosen = np.flatnonzero(ends > begins)
        else:
            places = np.maximum((np.array(hits, dtype=np.int64) >> PATTERN_BITS) - 2, 0)
            chosen = np.unique(np.searchsorted(begins, places, side="right") - 1)
        return list(zip((chosen + self._record).tolist(), begins[chosen].tolist(), ends[chosen].tolist(), strict=True))

    def _as_text(self, line: bytes, record: int) -> None:
        """A line that is no JSON is read as text."""

        def placed(key: str, text: str, place: tuple[int, int, int]) -> None:
            self._sink.sampled(self._sink.of(key), text).add_line((record + 1, record + 1, place[2]))

        scanner = TextScanner(self._plan, placed)
        scanner.feed(line)
        scanner.close()
