"""Sheets of workbooks, and files of flat records, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence

from casemate.contracts.sensitive import NameFinder, PathElement, RecordBatch, TableBatch
from casemate.engines.sensitive.collecting import FileSink
from casemate.engines.sensitive.columns import ColumnScanner
from casemate.engines.sensitive.gathering import Cells, Gathered, Records
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.results import json_path
from casemate.engines.sensitive.values import find_in_values


class SheetScanner:
    """Scans the batches of one sheet."""

    def __init__(self, plan: Plan, batch: TableBatch, sink: FileSink, finder: NameFinder | None) -> None:
        self._columns = ColumnScanner(plan, batch.columns, sink, finder)
        self._cells = Cells(batch.columns, batch.sheet)
        self._sink = sink

    def scan(self, batch: TableBatch) -> None:
        _scan_columns(self._columns, batch.values, batch.first_row).pour(self._sink, self._cells)


class RecordColumnScanner:
    """Scans the batches of one file of flat records."""

    def __init__(self, plan: Plan, batch: RecordBatch, sink: FileSink, finder: NameFinder | None) -> None:
        names = [names_of(path) for path in batch.paths]
        self._columns = ColumnScanner(plan, names, sink, finder)
        self._records = Records([path_of(plan, path) for path in batch.paths])
        self._sink = sink

    def scan(self, batch: RecordBatch) -> None:
        _scan_columns(self._columns, batch.values, batch.first_record).pour(self._sink, self._records)


def _scan_columns(columns: ColumnScanner, values: Sequence[Sequence[str | None]], first: int) -> Gathered:
    gathered = Gathered()
    for number, given in enumerate(values):
        texts = [value or "" for value in given] if None in given else given
        gathered.add(columns.scan(number, texts), number, first)  # type: ignore[arg-type] # no None is left
    return gathered


def names_of(path: Sequence[PathElement]) -> str:
    """The names on a path, for keywords to be looked for in them."""
    return "\n".join(element for element in path if isinstance(element, str))


def path_of(plan: Plan, path: tuple[PathElement, ...]) -> str | None:
    """The JSON path, or None where a name on it is itself sensitive (model, `Record`)."""
    names = [element for element in path if isinstance(element, str) and any(map(str.isdigit, element))]
    if names and find_in_values(plan, names, "", frozenset()):
        return None
    return json_path(path)
