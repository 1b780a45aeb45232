"""Spreadsheets (xlsx, xlsb, xls, ods) as tables, through calamine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

from casemate.contracts.sensitive import Limits, TableBatch, Unit
from casemate.engines.sensitive.formats.headers import header_row
from casemate.engines.sensitive.formats.problems import MALFORMED_OFFICE, Unreadable

CELLS: Final = 20_000
"""Cells that are passed on at once, whatever a sheet's width."""

SAMPLE: Final = 60


def read_workbook(file: BinaryIO, _limits: Limits) -> Iterator[Unit]:
    """The sheets of a workbook, hidden ones too. Raises Unreadable."""
    import python_calamine as calamine  # noqa: PLC0415  a native library, loaded when it is needed

    try:
        book = calamine.load_workbook(file)
        names = book.sheet_names
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(MALFORMED_OFFICE, f"the workbook can't be opened: {error}") from error
    broken: list[str] = []
    for name in names:
        try:
            sheet = book.get_sheet_by_name(name)
        except (calamine.CalamineError, OSError, ValueError) as error:
            broken.append(f"{name}: {error}")
            continue
        yield from _sheet(sheet, name)
    if broken:
        raise Unreadable(MALFORMED_OFFICE, f"sheets that can't be read: {'; '.join(broken)}"[:400])


def _sheet(sheet: Any, name: str) -> Iterator[Unit]:
    """A sheet's rows. Rows and columns count from the sheet's first cell, wherever its data begins."""
    start = sheet.start
    if start is None:
        return
    rows = iter(sheet.iter_rows())
    first = list(islice(rows, SAMPLE))
    top, left = start
    # calamine's rows begin at the sheet's first row only where its first data does
    shift = top if not _padded(first, top) else 0
    indent = left if first and not _indented(first, left) else 0
    sample = [[_text(cell) or "" for cell in row] for row in first]
    head = header_row(sample, _usual_width(sample))
    width = max((len(row) for row in first), default=0)
    nameless: tuple[str | None, ...] = (None,) * (indent + width)
    names = nameless
    if head is not None:  # the header row and what stands above it are no values of its columns
        yield TableBatch(nameless, _columns(first[: head + 1], width, indent), shift + 1, name)
        cells = [cell or None for cell in sample[head]]
        names = (None,) * indent + (*cells, *[None] * (width - len(cells)))
    at = 0 if head is None else head + 1
    pending = first[at:]
    while pending:
        yield TableBatch(names, _columns(pending, width, indent), shift + at + 1, name)
        at += len(pending)
        pending = list(islice(rows, max(1, CELLS // (width + indent or 1))))


def _usual_width(rows: list[list[str]]) -> int:
    """How many cells of a row are filled, usually: titles and footnotes fill fewer."""
    filled = sorted(count for count in (sum(1 for cell in row if cell.strip()) for row in rows) if count)
    return filled[len(filled) // 2] if filled else 0


def _columns(rows: list[Any], width: int, indent: int) -> list[list[str | None]]:
    """Rows as columns, with empty ones for those that the sheet leaves out on its left."""
    values: list[list[str | None]] = [[None] * len(rows) for _ in range(indent)]
    return values + [[_text(row[i]) if i < len(row) else None for row in rows] for i in range(width)]


def _padded(first: list[Any], top: int) -> bool:
    """Whether empty rows stand for those above the data."""
    return top > 0 and len(first) > top and not any(_text(cell) for row in first[:top] for cell in row)


def _indented(first: list[Any], left: int) -> bool:
    return left > 0 and not any(_text(cell) for row in first for cell in row[:left])


def _text(cell: Any) -> str | None:
    """A cell as people see it: whole numbers without a point."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e17 else repr(cell)
    return cell if isinstance(cell, str) else str(cell)
