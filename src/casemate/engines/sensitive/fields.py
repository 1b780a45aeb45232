"""Values of nested records, gathered by the path that leads to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from casemate.contracts.sensitive import PathElement
from casemate.engines.sensitive.tables import names_of

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Numbers

ORDER_BITS: Final = 24
"""A place is the record's index, and in these lower bits the order of values in it."""
_DEEPEST: Final = 256
_LEAVES_AT_ONCE: Final = 50_000
_MOST_FIELDS: Final = 20_000
_NUMBERS: Final = frozenset({int, float})

Path = tuple[PathElement, ...]


class Field:
    """Values at one path, and their places in the order of the file."""

    __slots__ = ("inside", "names", "path", "places", "turn", "values")

    def __init__(self, path: Path, turn: int = 0) -> None:
        self.path = path
        self.turn = turn
        self.names = names_of(path)
        self.inside: dict[PathElement, Field] = {}
        """The fields one name or index further."""
        self.places: Sequence[int] | Numbers = []
        self.values: list[str] = []


class Fields:
    """Gathers records one by one: numbers as they are written, truth values and null left out.

    Where many values have been gathered they go to `scan`: a record may hold millions of paths.
    """

    def __init__(self, scan: Callable[[Iterable[Field]], None]) -> None:
        self._scan = scan
        self._root = Field((), 0)
        self._all = [self._root]
        self._count = 0
        self._turn = 0

    def add(self, value: Any, record: int) -> None:
        at = record << ORDER_BITS
        if type(value) is dict or type(value) is list:
            self._add(value, at, self._root, 0)
        elif value and type(value) is not bool:
            self._put(self._root, at, value if type(value) is str else repr(value))
        if self._count >= _LEAVES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Scan what has been gathered, and begin anew."""
        if self._count:
            self._scan(self._all)
        self._turn += 1
        self._root = Field((), self._turn)
        self._all = [self._root]
        self._count = 0

    def _put(self, field: Field, at: int, value: str) -> None:
        field.places.append(at | self._count)  # type: ignore[union-attr] # a list, as it was made
        field.values.append(value)
        self._count += 1

    def _add(self, value: Any, at: int, field: Field, depth: int) -> None:
        inside = field.inside
        for name, inner in value.items() if type(value) is dict else enumerate(value):
            kind = type(inner)
            if kind is bool or (not inner and kind not in _NUMBERS):
                continue
            if len(self._all) >= _MOST_FIELDS or self._count >> ORDER_BITS:
                self.flush()
            if field.turn != self._turn:
                field.turn = self._turn
                inside = field.inside = {}
            below = inside.get(name)
            if below is None:
                below = inside[name] = Field((*field.path, name), self._turn)
                self._all.append(below)
            if kind is not dict and kind is not list:
                self._put(below, at, inner if kind is str else repr(inner))
            elif depth < _DEEPEST:
                self._add(inner, at, below, depth + 1)


class _TooManyPaths(Exception):
    """The records are not alike."""


class _Columns:
    """Takes apart many records at once, column by column, as long as they are alike."""

    def __init__(self) -> None:
        self._fields: dict[tuple[Path, Path], tuple[list[Numbers], list[str]]] = {}
        """By path, and by the places that its elements have in their records: values, and the indexes of records."""

    def fields(self) -> list[Field]:
        """What was gathered."""
        import numpy as np  # noqa: PLC0415 - only where records are many

        orders = {order: rank for rank, order in enumerate(sorted({order for _, order in self._fields}))}
        found = []
        for (path, order), (records, values) in self._fields.items():
            field = Field(path)
            field.places = np.concatenate(records) << ORDER_BITS | orders[order]
            field.values = values
            found.append(field)
        return found

    def add(self, path: Path, order: Path, records: Numbers, column: Sequence[Any]) -> None:
        """Values at one path, each of the record that stands at its place."""
        kinds = set(map(type, column))
        if len(kinds) > 1 and not kinds <= _NUMBERS:
            for kind in sorted(kinds, key=str):
                chosen = [index for index, value in enumerate(column) if type(value) is kind]
                self.add(path, order, records[chosen], [column[index] for index in chosen])
            return
        kind = kinds.pop()
        if kind is str:
            if "" in column:
                chosen = [index for index, value in enumerate(column) if value]
                records, column = records[chosen], [column[index] for index in chosen]
            self._put(path, order, records, column)
        elif kind in _NUMBERS:
            self._put(path, order, records, list(map(repr, column)))
        elif len(path) <= _DEEPEST and kind is dict:
            self._inside(path, order, records, column, names=list(map(tuple, column)), values=dict.values)
        elif len(path) <= _DEEPEST and kind is list:
            self._inside(
                path, order, records, column, names=[tuple(range(len(value))) for value in column], values=iter
            )

    def _inside(
        self,
        path: Path,
        order: Path,
        records: Numbers,
        column: Sequence[Any],
        *,
        names: Sequence[Path],
        values: Callable[[Any], Iterable[Any]],
    ) -> None:
        """Mappings or arrays: those of the same names together."""
        alike: dict[Path, list[int]] = {}
        for index, each in enumerate(names):
            alike.setdefault(each, []).append(index)
        for each, chosen in alike.items():
            whole = len(chosen) == len(column)
            rows = column if whole else [column[index] for index in chosen]
            of_rows = records if whole else records[chosen]
            for place, (name, inner) in enumerate(zip(each, zip(*map(values, rows), strict=True), strict=True)):
                self.add((*path, name), (*order, place), of_rows, inner)

    def _put(self, path: Path, order: Path, records: Numbers, values: Iterable[str]) -> None:
        field = self._fields.get((path, order))
        if field is None:
            if len(self._fields) >= _MOST_FIELDS:
                raise _TooManyPaths
            field = self._fields[path, order] = ([], [])
        field[0].append(records)
        field[1].extend(values)


def fields_of(records: Numbers, values: Sequence[Any]) -> list[Field] | None:
    """The values of many records by path, as `Fields` gathers them; None where the records have little in common."""
    columns = _Columns()
    try:
        columns.add((), (), records, values)
    except _TooManyPaths:
        return None
    return columns.fields()
