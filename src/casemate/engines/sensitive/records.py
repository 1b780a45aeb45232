"""JSON and other nested records, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

Names = tuple[str, ...]


class LeafScanner:
    """Scans values of records in batches; fields of the same names are scanned together."""

    def __init__(self, plan: Plan, sink: FileSink, finder: NameFinder | None) -> None:
        self._plan = plan
        self._sink = sink
        self._finder = finder
        self._kinds: dict[str, ColumnScanner] = {}
        self._paths: dict[tuple[PathElement, ...], str | None] = {}

    def scan(self, leaves: Sequence[Leaf]) -> None:
        fields: dict[str, list[int]] = {}
        for index, leaf in enumerate(leaves):
            if leaf.value:
                fields.setdefault(names_of(leaf.path), []).append(index)
        found: list[tuple[int, InValue]] = []
        unnamed: list[int] = []
        for names, indexes in fields.items():
            kind = self._kind(names)
            if not kind.named[0] and not kind.learns and not self._plan.custom:
                unnamed += indexes
                continue
            found += [(indexes[each[0]], each) for each in kind.scan(0, [leaves[index].value for index in indexes])]
        if unnamed:
            kind = self._kind("")
            found += [(unnamed[each[0]], each) for each in kind.scan(0, [leaves[index].value for index in unnamed])]
        for index, each in sorted(found):
            self._add(leaves[index], each)

    def _kind(self, names: str) -> ColumnScanner:
        kind = self._kinds.get(names)
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            kind = self._kinds[names] = ColumnScanner(self._plan, [names], self._sink, self._finder)
        return kind

    def _add(self, leaf: Leaf, each: InValue) -> None:
        sink = self._sink
        _, key, text = each
        if key in LEARNED and not sink.takes(key):
            return
        if leaf.path not in self._paths:
            if len(self._paths) >= _MOST_KINDS:
                self._paths.clear()
            self._paths[leaf.path] = path_of(self._plan, leaf.path)
        sink.sampled(sink.of(key), text).add_record(leaf.record, self._paths[leaf.path])


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
        pending: list[Leaf] = []
        for record, begin, end in self._lines(window):
            line = window[begin:end].strip()
            if not line:
                continue
            try:
                pending += leaves_of(msgspec.json.decode(line), record)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
                self._as_text(line, record)
            if len(pending) >= _LEAVES_AT_ONCE:
                self._leaves.scan(pending)
                pending = []
        self._leaves.scan(pending)
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


def leaves_of(value: Any, record: int) -> list[Leaf]:
    """The values inside a record, in its order; numbers as they are written, truth values and null left out."""
    found: list[Leaf] = []
    stack: list[tuple[tuple[PathElement, ...], Any]] = [((), value)]
    while stack:
        path, item = stack.pop()
        if isinstance(item, str):
            found.append(Leaf(record, path, item))
        elif isinstance(item, dict):
            if len(path) < _DEEPEST:
                stack += [((*path, name), inner) for name, inner in reversed(item.items())]
        elif isinstance(item, list):
            if len(path) < _DEEPEST:
                stack += [((*path, index), item[index]) for index in range(len(item) - 1, -1, -1)]
        elif isinstance(item, int | float) and not isinstance(item, bool):
            found.append(Leaf(record, path, repr(item)))
    return found
