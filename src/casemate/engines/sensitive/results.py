"""What a scan finds: occurrences at their places, by identifier, by file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar, overload

from casemate.contracts.sensitive import Members, PathElement
from casemate.engines.sensitive.catalogue import Category
from casemate.engines.sensitive.places import Places

Status = Literal["COMPLETE", "PARTIAL", "SKIPPED"]

Cell = tuple[int, int, str | None, str | None]
"""Row, column (both from 1), the column's name, the sheet's name."""
Line = tuple[int, int, int]
"""First line, last line, column of the first character (all from 1)."""
Record = tuple[int, str | None]
"""Index of the record from 0, and the JSON path, or None where a name in it is itself sensitive."""

Value = TypeVar("Value")
Item_co = TypeVar("Item_co", covariant=True)

_LONGEST_NAME: Final = 240
_LONGEST_PATH: Final = 250


class Occurrences:
    """Places of one identifier in one file, in the order of the file. A file may hold millions."""

    __slots__ = ("_cells", "_lines", "_names", "_pages", "_paths", "_records", "samples", "unplaced")

    def __init__(self) -> None:
        self._cells = Places(3)
        self._lines = Places(3)
        self._pages = Places(1)
        self._records = Places(2)
        self._names = _Table[tuple[str | None, str | None]]()
        self._paths = _Table[str | None]()
        self.unplaced = 0
        """How many have a place that can't be told."""
        self.samples: list[str] = []
        """The first few texts themselves, where the caller asked for them."""

    def name_number(self, name: str | None, sheet: str | None) -> int:
        """The number that stands for a column's name and a sheet's in `add_cells`."""
        return self._names.number((name, sheet))

    def path_number(self, path: str | None) -> int:
        """The number that stands for a JSON path in `add_records`."""
        return self._paths.number(path)

    def add_cell(self, row: int, column: int, name: str | None, sheet: str | None) -> None:
        self._cells.add((row, column, self._names.number((name, sheet))))

    def add_cells(self, places: bytes) -> None:
        """Many at once, as three numbers of 64 bits each: row, column (both from 1), number of the names."""
        self._cells.add_packed(places)

    def add_line(self, place: Line) -> None:
        self._lines.add(place)

    def add_lines(self, places: bytes) -> None:
        """Many places at once: three numbers of 64 bits each, as `add_line` takes them."""
        self._lines.add_packed(places)

    def add_page(self, number: int) -> None:
        self._pages.add((number,))

    def add_record(self, index: int, path: str | None) -> None:
        self._records.add((index, self._paths.number(path)))

    def add_records(self, places: bytes) -> None:
        """Many at once, as two numbers of 64 bits each: index of the record, number of the path."""
        self._records.add_packed(places)

    @property
    def count(self) -> int:
        return len(self._cells) + len(self._lines) + len(self._pages) + len(self._records) + self.unplaced

    @property
    def cells(self) -> Sequence[Cell]:
        return _View(len(self._cells), self._cell)

    @property
    def lines(self) -> Sequence[Line]:
        return _View(len(self._lines), self._line)

    @property
    def pages(self) -> Sequence[int]:
        return _View(len(self._pages), self._page)

    @property
    def records(self) -> Sequence[Record]:
        return _View(len(self._records), self._record)

    def _cell(self, index: int) -> Cell:
        row, column, number = self._cells[index]
        return (row, column, *self._names.values[number])

    def _line(self, index: int) -> Line:
        start, end, column = self._lines[index]
        return start, end, column

    def _page(self, index: int) -> int:
        return self._pages[index][0]

    def _record(self, index: int) -> Record:
        record, number = self._records[index]
        return record, self._paths.values[number]


class _Table(Generic[Value]):
    """Values by number, each kept once."""

    __slots__ = ("_numbers", "values")

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._numbers: dict[Value, int] = {}

    def number(self, value: Value) -> int:
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.values)
            self.values.append(value)
        return number


class _View(Sequence[Item_co]):
    """Places made when they are asked for."""

    __slots__ = ("_item", "_length")

    def __init__(self, length: int, item: Callable[[int], Item_co]) -> None:
        self._length = length
        self._item = item

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item_co: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item_co]: ...
    def __getitem__(self, index: int | slice) -> Item_co | list[Item_co]:
        if isinstance(index, slice):
            return [self._item(each) for each in range(*index.indices(self._length))]
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._item(index % self._length)


@dataclass(frozen=True, slots=True)
class Detection:
    """One identifier's occurrences in one file. `type` is the id of a managed identifier, or a custom one's name."""

    type: str
    category: Category
    severity: str
    occurrences: Occurrences
    arn: str | None = None

    @property
    def count(self) -> int:
        return self.occurrences.count


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file: the scanned one, or one packed inside it (`members` names the way to it).

    `reason` is None where `status` is COMPLETE; `detail` explains it in a sentence.
    """

    members: Members
    mime_type: str
    status: Status
    reason: str | None
    detail: str | None
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class ScanResult:
    """A scanned file and everything packed inside it, in the order of the bytes; the first is the file itself."""

    name: str
    files: tuple[FileResult, ...]

    @property
    def status(self) -> Status:
        """The worst that the whole file was: COMPLETE only if everything in it was read."""
        own = self.files[0]
        if own.status != "COMPLETE":
            return own.status
        return "COMPLETE" if all(file.status == "COMPLETE" for file in self.files) else "PARTIAL"

    @property
    def reason(self) -> str | None:
        own = self.files[0]
        if own.status != "COMPLETE" or self.status == "COMPLETE":
            return own.reason
        return "ARCHIVE_CONTAINS_UNPROCESSED_FILES"

    def __iter__(self) -> Iterator[FileResult]:
        return iter(self.files)


def json_path(path: tuple[PathElement, ...]) -> str:
    """A JSONPath of at most 250 characters: long names and long paths lose their beginnings (model, `Record`)."""
    written: list[str] = []
    for element in path:
        if isinstance(element, int):
            written.append(f"[{element}]")
            continue
        name = element[-_LONGEST_NAME:]
        plain = name.isidentifier() and name.isascii()
        written.append(f".{name}" if plain else "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']")
    while len(written) > 1 and 1 + sum(map(len, written)) > _LONGEST_PATH:
        del written[0]
    return ("$" + "".join(written))[:_LONGEST_PATH]
