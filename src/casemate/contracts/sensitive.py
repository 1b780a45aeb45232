"""What the sensitive data engine and the readers of formats tell each other.

A reader turns the bytes of one file (and of what is packed inside it) into a stream of units: text, tables, records and
pages. The engine looks at the text of each unit and knows from the unit where that text stands. Readers never search;
the engine never opens a format.

The stream of one file is: an `Opened`, its text (`TextBlock`, `TableBatch`, `RecordBatch`, `Leaves`, `PageText` or
`Prose`, in the order of the file), then for a file packed inside it the same again with a longer `members`. A `Problem`
may stand anywhere; after a `Problem` about a file nothing more of that file is promised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal, NamedTuple, Protocol

Members = tuple[str, ...]
"""Names of the files that lie around a unit, outermost archive's member first; empty for the scanned file itself."""

PathElement = str | int
"""A step into a record: the name of a field, or the place in an array from 0."""

Encoding = Literal["utf-8", "cp1252"]
"""How bytes become characters. Both leave ASCII as it is; bytes that do not decode are replaced, never refused."""

KIBIBYTE: Final = 1024
MEBIBYTE: Final = 1024 * KIBIBYTE
GIBIBYTE: Final = 1024 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader may spend on one file. Defaults are Macie's quotas (user guide, "Quotas for Macie")."""

    archive_depth: int = 10
    archive_members: int = 1_000_000
    extracted_bytes: int = 10 * GIBIBYTE
    """Of everything that comes out of one archive."""
    member_bytes: int = 3 * GIBIBYTE
    """Of one file that comes out of an archive."""
    json_depth: int = 256
    pdf_bytes: int = GIBIBYTE
    office_bytes: int = 512 * MEBIBYTE
    columnar_bytes: int = 8 * GIBIBYTE
    """Avro, Parquet, gzip and zip."""
    text_bytes: int = 20 * GIBIBYTE
    """Text, e-mail and tar."""
    seconds: float = 36_000.0
    memory_bytes: int = 256 * MEBIBYTE
    """Of the process that runs a native parser."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file was recognised: its text follows."""

    mime_type: str
    members: Members = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Text without structure: places are lines and columns."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """CSV, TSV and their dialects: places are cells.

    `columns` are the names in row `header` (from 1: a title, comments or Excel's `sep=;` may stand above it), or empty
    where the first row is data already. The bytes of the header and of what is above it are part of the text, so that
    row numbers count them.
    """

    delimiter: str
    quote: str = '"'
    columns: tuple[str, ...] = ()
    header: int = 1


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON value a line: places are records."""


Layout = Lines | Delimited | JsonLines


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Bytes of a text, as they stand in the file (UTF-16 and others arrive as UTF-8).

    A text of any length is a run of blocks, cut anywhere: each continues the one before unless `first` is set. Blocks
    of 64 KiB to 4 MiB suit the engine; a byte order mark is left out. Markup (HTML, XML) is passed as it stands.
    """

    data: bytes
    layout: Layout
    encoding: Encoding = "utf-8"
    members: Members = ()
    first: bool = False


@dataclass(frozen=True, slots=True)
class TableBatch:
    """Some rows of a sheet: `values[column][row]`, None for an empty cell.

    `columns` are the names in the header row, or None for each where there is none; `first_row` counts from 1 and
    counts the header. `sheet` is the sheet's name, None outside workbooks.
    """

    columns: tuple[str | None, ...]
    values: Sequence[Sequence[str | None]]
    first_row: int
    sheet: str | None = None
    members: Members = ()


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """Some records of a file with flat columns (Parquet, ORC): `values[column][record]`, None for null."""

    paths: tuple[tuple[PathElement, ...], ...]
    values: Sequence[Sequence[str | None]]
    first_record: int
    members: Members = ()


class Leaf(NamedTuple):
    """One value inside a record (JSON, Avro): strings as they are, numbers as they were written."""

    record: int
    path: tuple[PathElement, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Leaves:
    """Some values of records, in the order of the file. `record` is always 0 in a JSON document."""

    leaves: Sequence[Leaf]
    members: Members = ()


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of one page (PDF); `number` counts from 1."""

    number: int
    text: str
    members: Members = ()


@dataclass(frozen=True, slots=True)
class Prose:
    """Text whose places cannot be told (word processors, slides): occurrences are counted only."""

    text: str
    members: Members = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something was not read, or not to its end.

    `reason` is one of those that the model's shape `ClassificationResultStatus` lists, such as FILE_EXCEEDS_SIZE_LIMIT,
    MALFORMED_FILE, ARCHIVE_NESTING_LEVEL_OVER_LIMIT; `detail` says in a sentence what happened.
    """

    status: Literal["PARTIAL", "SKIPPED"]
    reason: str
    detail: str
    members: Members = ()


Unit = Opened | TextBlock | TableBatch | RecordBatch | Leaves | PageText | Prose | Problem


class Parsers(Protocol):
    """Readers of every format, told apart by content and then by name."""

    def units(self, stream: BinaryIO, name: str, limits: Limits) -> Iterator[Unit]:
        """The units of one file. Never raises about what is in the file: that is a `Problem`."""
        ...


class Span(Protocol):
    """A name or an address in a text: characters from `start` to before `end`."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def kind(self) -> Literal["NAME", "ADDRESS"]: ...
    @property
    def score(self) -> float: ...


class NameFinder(Protocol):
    """Finds names and addresses by machine learning."""

    def find(self, text: str, kinds: Collection[str] = ("NAME", "ADDRESS")) -> Sequence[Span]:
        """Those in a text of up to 64 Ki characters, in order, none overlapping another of the same kind.

        Others than these kinds may be left out.
        """
        ...

    def classify_column(self, header: str, values: Sequence[str]) -> Literal["NAME", "ADDRESS"] | None:
        """What a column of a table holds, from its name and up to 1,000 distinct values."""
        ...
