"""What a scan finds: occurrences at their places, by identifier, by file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from casemate.contracts.sensitive import Members, PathElement
from casemate.engines.sensitive.catalogue import Category

Status = Literal["COMPLETE", "PARTIAL", "SKIPPED"]

Cell = tuple[int, int, str | None, str | None]
"""Row, column (both from 1), the column's name, the sheet's name."""
Line = tuple[int, int, int]
"""First line, last line, column of the first character (all from 1)."""
Record = tuple[int, str | None]
"""Index of the record from 0, and the JSON path, or None where a name in it is itself sensitive."""

_LONGEST_NAME: Final = 240
_LONGEST_PATH: Final = 250


@dataclass(slots=True)
class Occurrences:
    """Places of one identifier in one file. `unplaced` counts those whose place cannot be told."""

    cells: list[Cell] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    unplaced: int = 0
    samples: list[str] = field(default_factory=list)
    """The first few texts themselves, where the caller asked for them."""

    @property
    def count(self) -> int:
        return len(self.cells) + len(self.lines) + len(self.pages) + len(self.records) + self.unplaced


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
