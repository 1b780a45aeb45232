"""JSON and other nested records, value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from casemate.contracts.sensitive import Leaf, NameFinder, PathElement
from casemate.engines.sensitive.collecting import FileSink
from casemate.engines.sensitive.columns import ColumnScanner
from casemate.engines.sensitive.plans import LEARNED, Plan
from casemate.engines.sensitive.tables import names_of, path_of
from casemate.engines.sensitive.texts import TextScanner
from casemate.engines.sensitive.values import InValue

WINDOW: Final = 2 * 1024 * 1024
_LONGEST_LINE: Final = 64 * 1024 * 1024
_DEEPEST: Final = 256
_MOST_KINDS: Final = 5000
_LEAVES_AT_ONCE: Final = 50_000
_MOST_FIELDS: Final = 20_000
_NUMBERS: Final = frozenset({int, float})

Names = tuple[str, ...]


class Field:
    """Values at one path, with their records and their places in the order of the file."""

    __slots__ = ("inside", "names", "path", "places", "records", "turn", "values")

    def __init__(self, path: tuple[PathElement, ...], turn: int = 0) -> None:
        self.path = path
        self.turn = turn
        self.names = names_of(path)
        self.inside: dict[PathElement, Field] = {}
        """The fields one name or index further."""
        self.places: list[int] = []
        self.records: list[int] = []
        self.values: list[str] = []


class LeafScanner:
    """Scans values of records in batches; fields of the same names are scanned together."""

    def __init__(self, plan: Plan, sink: FileSink, finder: NameFinder | None) -> None:
        self._plan = plan
        self._sink = sink
        self._finder = finder
        self._kinds: dict[str, ColumnScanner] = {}
        self._paths: dict[tuple[PathElement, ...], str | None] = {}

    def scan(self, leaves: Sequence[Leaf]) -> None:
        fields: dict[tuple[PathElement, ...], Field] = {}
        for place, (record, path, value) in enumerate(leaves):
            if value:
                field = fields.get(path)
                if field is None:
                    field = fields[path] = Field(path)
                field.places.append(place)
                field.records.append(record)
                field.values.append(value)
        self.scan_fields(fields.values())

    def scan_fields(self, fields: Iterable[Field]) -> None:
        """Scan values that are gathered by path; what is found is kept in the order of the places."""
        named: dict[str, list[Field]] = {}
        for field in fields:
            if field.values:
                named.setdefault(field.names, []).append(field)
        found: list[tuple[int, int, Field, InValue]] = []
        unnamed: list[Field] = []
        for names, alike in named.items():
            kind = self._kind(names)
            if not kind.named[0] and not kind.learns and not self._plan.custom:
                unnamed += alike
            else:
                found += self._in_fields(kind, alike)
        if unnamed:
            found += self._in_fields(self._kind(""), unnamed)
        found.sort(key=_by_place)
        for _, record, field, each in found:
            self._add(record, field.path, each)

    @staticmethod
    def _in_fields(kind: ColumnScanner, fields: list[Field]) -> list[tuple[int, int, Field, InValue]]:
        if len(fields) == 1:
            one = fields[0]
            return [(one.places[each[0]], one.records[each[0]], one, each) for each in kind.scan(0, one.values)]
        rows = sorted(
            (place, record, number, value)
            for number, field in enumerate(fields)
            for place, record, value in zip(field.places, field.records, field.values, strict=True)
        )
        found = kind.scan(0, [row[3] for row in rows])
        return [(rows[each[0]][0], rows[each[0]][1], fields[rows[each[0]][2]], each) for each in found]

    def _kind(self, names: str) -> ColumnScanner:
        kind = self._kinds.get(names)
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            kind = self._kinds[names] = ColumnScanner(self._plan, [names], self._sink, self._finder)
        return kind

    def _add(self, record: int, path: tuple[PathElement, ...], each: InValue) -> None:
        sink = self._sink
        _, key, text = each
        if key in LEARNED and not sink.takes(key):
            return
        if path not in self._paths:
            if len(self._paths) >= _MOST_KINDS:
                self._paths.clear()
            self._paths[path] = path_of(self._plan, path)
        sink.sampled(sink.of(key), text).add_record(record, self._paths[path])


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
        fields = Fields(self._leaves.scan_fields)
        decode = msgspec.json.Decoder().decode
        for record, begin, end in self._lines(window):
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

    def _lines(self, window: bytes) -> Iterator[tuple[int, int, int]]:
        """Index, beginning and end of each line that must be looked at."""
        if self._every:
            begin, record = 0, self._record
            while begin < len(window):
                end = window.find(b"\n", begin)
                end = len(window) if end < 0 else end
                yield record, begin, end
                begin, record = end + 1, record + 1
            return
        record, counted, end = self._record, 0, -1
        for _, place in self._plan.hits(window):
            at = max(0, place - 2)
            if at < end:
                continue
            begin = window.rfind(b"\n", 0, at) + 1
            end = window.find(b"\n", begin)
            end = len(window) if end < 0 else end
            record += window.count(b"\n", counted, begin)
            counted = begin
            yield record, begin, end

    def _as_text(self, line: bytes, record: int) -> None:
        """A line that is no JSON is read as text."""

        def placed(key: str, text: str, place: tuple[int, int, int]) -> None:
            self._sink.sampled(self._sink.of(key), text).add_line((record + 1, record + 1, place[2]))

        scanner = TextScanner(self._plan, placed)
        scanner.feed(line)
        scanner.close()


class Fields:
    """Values of records, gathered by path: numbers as they are written, truth values and null left out.

    Where many have been gathered they go to `scan`: a record may hold millions of paths.
    """

    def __init__(self, scan: Callable[[Iterable[Field]], None]) -> None:
        self._scan = scan
        self._root = Field((), 0)
        self._all = [self._root]
        self._place = 0
        self._turn = 0

    def add(self, value: Any, record: int) -> None:
        if type(value) is dict or type(value) is list:
            self._add(value, record, self._root, 0)
        elif value and type(value) is not bool:
            self._root.places.append(self._place)
            self._root.records.append(record)
            self._root.values.append(value if type(value) is str else repr(value))
            self._place += 1
        if self._place >= _LEAVES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Scan what has been gathered, and begin anew."""
        self._scan(self._all)
        self._turn += 1
        self._root = Field((), self._turn)
        self._all = [self._root]
        self._place = 0

    def _add(self, value: Any, record: int, field: Field, depth: int) -> None:
        inside = field.inside
        for name, inner in value.items() if type(value) is dict else enumerate(value):
            kind = type(inner)
            if kind is bool or (not inner and kind not in _NUMBERS):
                continue
            if len(self._all) >= _MOST_FIELDS:
                self.flush()
            if field.turn != self._turn:
                field.turn = self._turn
                inside = field.inside = {}
            below = inside.get(name)
            if below is None:
                below = inside[name] = Field((*field.path, name), self._turn)
                self._all.append(below)
            if kind is dict or kind is list:
                if depth < _DEEPEST:
                    self._add(inner, record, below, depth + 1)
                continue
            below.places.append(self._place)
            below.records.append(record)
            below.values.append(inner if kind is str else repr(inner))
            self._place += 1


def _by_place(found: tuple[int, int, Field, InValue]) -> int:
    return found[0]
