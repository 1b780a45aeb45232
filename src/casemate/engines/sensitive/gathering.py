"""What stands in the columns of a table, put in the order of rows before it goes to its file's sink."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from casemate.engines.sensitive.collecting import MOST_LEARNED, FileSink
from casemate.engines.sensitive.plans import LEARNED
from casemate.engines.sensitive.results import Occurrences
from casemate.engines.sensitive.values import InValues

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Numbers

Placed = tuple[int, int, str]
"""Row (or record), column from 0 (or place of the field), text."""


class Placing(Protocol):
    """How rows and columns become places of occurrences."""

    def one(self, found: Occurrences, row: int, column: int) -> None:
        """Add one occurrence."""
        ...

    def many(self, found: Occurrences, rows: Numbers, columns: Numbers) -> None:
        """Add as many as there are rows."""
        ...


class Gathered:
    """Occurrences of one batch, by key."""

    def __init__(self) -> None:
        self._loose: dict[str, list[Placed]] = {}
        self._many: dict[str, list[tuple[Numbers, int]]] = {}
        self._samples: dict[str, list[Placed]] = {}

    def add_one(self, row: int, column: int, key: str, text: str) -> None:
        self._loose.setdefault(key, []).append((row, column, text))

    def add(self, found: InValues, column: int, first: int = 0, rows: Sequence[int] | Numbers | None = None) -> None:
        """What stands in values of a column: value `n` is in row `first + n`, or in `rows[n]` where they are given."""
        for value, key, text in found.loose:
            self.add_one(first + value if rows is None else int(rows[value]), column, key, text)
        for value, key, text in found.samples:
            row = first + value if rows is None else int(rows[value])
            self._samples.setdefault(key, []).append((row, column, text))
        for key, values in found.many.items():
            if rows is None:
                self._many.setdefault(key, []).append((values + first, column))
            else:
                import numpy as np  # noqa: PLC0415 - only where much is found

                self._many.setdefault(key, []).append((np.array(rows, dtype=np.int64)[values], column))

    def pour(self, sink: FileSink, placing: Placing) -> None:
        """Give all of it to the sink, key by key in the order of rows, then columns."""
        for key in sorted({*self._loose, *self._many}):
            loose = sorted(self._loose.get(key, ()))
            found = sink.of(key)
            if key in LEARNED:
                loose = loose[: max(0, MOST_LEARNED - found.count)]
            for _, _, text in sorted([*loose[: sink.samples], *self._samples.get(key, ())]) if sink.samples else ():
                sink.sampled(found, text)
            if key in self._many:
                rows, columns = _in_order(loose, self._many[key])
                placing.many(found, rows, columns)
            else:
                for row, column, _ in loose:
                    placing.one(found, row, column)


def _in_order(loose: Sequence[Placed], many: Sequence[tuple[Numbers, int]]) -> tuple[Numbers, Numbers]:
    import numpy as np  # noqa: PLC0415 - only where much is found

    rows = [np.array([one[0] for one in loose], dtype=np.int64), *(each for each, _ in many)]
    columns = [np.array([one[1] for one in loose], dtype=np.int64)]
    columns += [np.full(len(each), column, dtype=np.int64) for each, column in many]
    all_rows, all_columns = np.concatenate(rows), np.concatenate(columns)
    if not loose and len(many) == 1:
        return all_rows, all_columns
    order = np.lexsort((all_columns, all_rows))
    return all_rows[order], all_columns[order]


class Cells:
    """Cells of one sheet: columns are numbered from 0, places from 1."""

    def __init__(self, names: Sequence[str | None], sheet: str | None = None) -> None:
        self._names = names
        self._sheet: Final = sheet

    def one(self, found: Occurrences, row: int, column: int) -> None:
        found.add_cell(row, column + 1, self._name(column), self._sheet)

    def many(self, found: Occurrences, rows: Numbers, columns: Numbers) -> None:
        import numpy as np  # noqa: PLC0415 - only where much is found

        places = np.empty((len(rows), 3), dtype=np.int64)
        places[:, 0], places[:, 1] = rows, columns + 1
        for column in np.unique(columns).tolist():
            places[columns == column, 2] = found.name_number(self._name(column), self._sheet)
        found.add_cells(places.tobytes())

    def _name(self, column: int) -> str | None:
        return self._names[column] if column < len(self._names) else None


class Records:
    """Fields of records: a column is a path."""

    def __init__(self, paths: Sequence[str | None] | Mapping[int, str | None]) -> None:
        self._paths = paths

    def one(self, found: Occurrences, row: int, column: int) -> None:
        found.add_record(row, self._paths[column])

    def many(self, found: Occurrences, rows: Numbers, columns: Numbers) -> None:
        import numpy as np  # noqa: PLC0415 - only where much is found

        places = np.empty((len(rows), 2), dtype=np.int64)
        places[:, 0] = rows
        for column in np.unique(columns).tolist():
            places[columns == column, 1] = found.path_number(self._paths[column])
        found.add_records(places.tobytes())
