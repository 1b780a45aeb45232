"""CSV and its dialects: which delimiter and quote a text uses, and whether its first row names its columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import Final

from casemate.contracts.sensitive import Delimited
from casemate.engines.sensitive.formats.detection import wide_encoding
from casemate.engines.sensitive.formats.headers import header_row, is_header, names_a_column
from casemate.engines.sensitive.formats.text import byte_encoding

DELIMITERS: Final = ",\t;|"
MOST_ROWS: Final = 60
MOST_COLUMNS: Final = 16_384

_TYPED: Final = re.compile(r"^[^\s\d]{0,4}[+-]?\d[^\s]*$|^[^\s@]+@[^\s@]+$|^$")
_SAID: Final = re.compile(r'^"?sep=([,;|\t])"?\s*$')


def sniff(head: bytes, *, named: bool, tabs: bool = False) -> Delimited | None:
    """The dialect of a text that begins with `head`; None where it is no table.

    `named` says that the file's name promises a table (then one column or uneven rows do not matter, and `tabs` says
    which delimiter to take where rows leave a choice); without it every row must have the same number of columns, and
    names or values must look like a table's: lists of addresses have as many commas in each line as well.
    """
    if not named and head.count(b"\n", 0, 4096) < 2 and len(head) < 4096:
        return None  # too short to be told from prose
    lines = _first_lines(head)
    if not lines:
        return None
    said = _SAID.match(lines[0]) if named else None
    score, width, delimiter = max(_scores(_scored(lines, named=named)), default=(0.0, 0, ""))
    if not named:
        enough = 2 if delimiter == "\t" else 3
        if len(lines) < 3 or width < enough or score < 1.0:
            return None
    if said is not None:
        delimiter = said[1]
    elif width < 2:
        delimiter = "\t" if tabs else ","
    quote = _quote(lines, delimiter)
    rows = _cells(lines, delimiter, quote)
    if not named and delimiter != "\t" and not _table_like([row for row in rows if row]):
        return None
    at = header_row(rows, width)
    if at is None:
        return Delimited(delimiter, quote)
    columns = tuple(" ".join(cell.split()) if "\n" in cell else cell for cell in rows[at])
    return Delimited(delimiter, quote, columns, at + 1)


def _table_like(rows: list[list[str]]) -> bool:
    """Whether rows of one width are a table's, though no name says so.

    Their first row names columns in words that names of columns are made of, or values are set without spaces and some
    column holds nothing but numbers, dates, codes or e-mail addresses.
    """
    words = [cell.strip() for cell in rows[0] if cell.strip()]
    if is_header(rows[0], rows[1:]) and sum(map(names_a_column, words)) * 2 >= len(words):
        return True
    cells = [cell for row in rows for cell in row[1:] if cell]
    spaced = sum(cell.startswith(" ") for cell in cells)
    if spaced * 2 > len(cells):
        return False
    return any(all(_TYPED.match(value.strip()) for value in column) for column in zip(*rows, strict=False))


def _scored(lines: list[str], *, named: bool) -> list[str]:
    """The lines that tell the delimiter: not comments, nor what Excel reads and does not show."""
    kept = [line for line in lines if not line.startswith("#") and not _SAID.match(line)] if named else lines
    return kept or lines


def _first_lines(head: bytes) -> list[str]:
    wide = wide_encoding(head)
    data = head if wide else head.removeprefix(b"\xef\xbb\xbf")
    text = data.decode(wide or byte_encoding(data), "replace").lstrip("\ufeff")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", MOST_ROWS)[:MOST_ROWS]
    if len(lines) > 1 and (len(head) > 60_000 or not lines[-1]):
        lines.pop()  # cut in the middle, or nothing after the last newline
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _scores(lines: list[str]) -> list[tuple[float, int, str]]:
    """For each delimiter: how many rows agree on a width (0 to 1), that width, the delimiter."""
    found = []
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in _cells(lines, delimiter, '"') if row)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda pair: (pair[1] * (pair[0] > 1), pair[0]))
        if width > 1:
            found.append((count / sum(widths.values()), width, delimiter))
    return found


def _quote(lines: list[str], delimiter: str) -> str:
    text = "\n".join(lines)
    double = text.count(f'{delimiter}"') + text.count(f'"{delimiter}')
    single = text.count(f"{delimiter}'") + text.count(f"'{delimiter}")
    return "'" if single > 2 and not double else '"'


def _cells(lines: list[str], delimiter: str, quote: str) -> list[list[str]]:
    try:
        rows = list(csv.reader((line + "\n" for line in lines), delimiter=delimiter, quotechar=quote))
    except csv.Error:  # a field longer than csv allows, or a stray quote
        return [line.split(delimiter) for line in lines]
    return rows if all(len(row) <= MOST_COLUMNS for row in rows) else []
