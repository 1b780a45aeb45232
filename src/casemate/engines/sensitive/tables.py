"""Sheets of workbooks, and files of flat records, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence

from casemate.contracts.sensitive import NameFinder, PathElement, RecordBatch, TableBatch
from casemate.engines.sensitive.collecting import FileSink
from casemate.engines.sensitive.columns import ColumnScanner
from casemate.engines.sensitive.plans import LEARNED, Plan
from casemate.engines.sensitive.results import json_path
from casemate.engines.sensitive.values import find_in_values


class SheetScanner:
    """Scans the batches of one sheet."""

    def __init__(self, plan: Plan, batch: TableBatch, sink: FileSink, finder: NameFinder | None) -> None:
        self._columns = ColumnScanner(plan, batch.columns, sink, finder)
        self._names = batch.columns
        self._sink = sink

    def scan(self, batch: TableBatch) -> None:
        found: list[tuple[int, int, str, str]] = []
        for column, values in enumerate(batch.values):
            texts = [value or "" for value in values]
            found += [
                (batch.first_row + value, column, key, text) for value, key, text in self._columns.scan(column, texts)
            ]
        sink = self._sink
        for row, column, key, text in sorted(found):
            if key in LEARNED and not sink.takes(key):
                continue
            occurrences = sink.sampled(sink.of(key), text)
            occurrences.add_cell(
                row, column + 1, self._names[column] if column < len(self._names) else None, batch.sheet
            )


class RecordColumnScanner:
    """Scans the batches of one file of flat records."""

    def __init__(self, plan: Plan, batch: RecordBatch, sink: FileSink, finder: NameFinder | None) -> None:
        names = [names_of(path) for path in batch.paths]
        self._columns = ColumnScanner(plan, names, sink, finder)
        self._paths = [path_of(plan, path) for path in batch.paths]
        self._sink = sink

    def scan(self, batch: RecordBatch) -> None:
        found: list[tuple[int, int, str, str]] = []
        for column, values in enumerate(batch.values):
            texts = [value or "" for value in values]
            first = batch.first_record
            found += [(first + value, column, key, text) for value, key, text in self._columns.scan(column, texts)]
        sink = self._sink
        for record, column, key, text in sorted(found):
            if key in LEARNED and not sink.takes(key):
                continue
            sink.sampled(sink.of(key), text).add_record(record, self._paths[column])


def names_of(path: Sequence[PathElement]) -> str:
    """The names on a path, for keywords to be looked for in them."""
    return "\n".join(element for element in path if isinstance(element, str))


def path_of(plan: Plan, path: tuple[PathElement, ...]) -> str | None:
    """The JSON path, or None where a name on it is itself sensitive (model, `Record`)."""
    names = [element for element in path if isinstance(element, str) and any(map(str.isdigit, element))]
    if names and find_in_values(plan, names, "", frozenset()):
        return None
    return json_path(path)
