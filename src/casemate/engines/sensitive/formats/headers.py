"""Which row of a table names its columns."""

from __future__ import annotations

import re
from typing import Final

LONGEST_NAME: Final = 80
_HEADER_WITHIN: Final = 10
_WORDY: Final = re.compile(r"^[^\W\d][\w .,/()#%&'\u2019*:+\[\]\u00b0\u00ba\u00aa\u2010-\u2015\u20ac\u00a3$?!<>=-]*$")
_IDENTIFIER: Final = re.compile(r"^[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+$|^[a-z]+[A-Z][A-Za-z0-9]*$|^[a-z]{2,}$")
_COMPOUND: Final = re.compile(r"^[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)+$|^[a-z]+[A-Z][A-Za-z0-9]*$")
_NUMBER: Final = re.compile(r"^[+-]?[\d.,\s]+%?$")
_SHORT: Final = 3
"""Characters: a row of words no longer than these gives units rather than names."""
_HEADERS: Final = frozenset(
    """
    id name first last full given family surname forename middle email mail e-mail phone telephone mobile fax
    address street city town state province region country zip postcode postal code date birth dob age sex gender
    title company employer department job role salary amount total price currency status type description comment
    comments note notes user username login password account number no iban bic ssn tax card nom prénom prenom
    adresse ville pays téléphone vorname nachname straße strasse ort stadt plz land telefon geburtsdatum nombre
    apellido apellidos dirección direccion ciudad país pais teléfono telefono correo nome cognome indirizzo città
    citta paese sobrenome endereço endereco cidade customer client patient order invoice product item quantity value
    key url ip created updated timestamp time year month day latitude longitude lat lon
    """.split()  # noqa: SIM905 - a word a line would fill the file
)
"""Words that names of columns are made of."""


def header_row(rows: list[list[str]], width: int) -> int | None:
    """Which of the first rows names the columns, if one does.

    Above it only blank rows may stand, rows that are too sparse for so wide a table, comments, `sep=;`, and rows of a
    title or of what the table is about, though they be as wide as the table: where values of a column have digits, the
    row that names it has none, and nothing above it has.
    """
    first = _first_header(rows, width)
    chosen = first
    for at in range(0 if first is None else first + 1, min(len(rows), _HEADER_WITHIN)):
        filled = sum(1 for cell in rows[at] if cell.strip())
        if not filled or filled * 2 <= width:
            continue
        if not _stands_above_values(rows, at):
            if first is None:
                continue
            break
        if chosen is None or _names_more(rows[at], rows[chosen]):
            chosen = at
    return chosen


def _stands_above_values(rows: list[list[str]], at: int) -> bool:
    """Whether a row can only name columns: below it some column has digits in all values, in it and above in none."""
    below = [row for row in rows[at + 1 :] if any(cell.strip() for cell in row)]
    if len(below) < 2 or not is_header(rows[at], below):
        return False
    for column, name in enumerate(rows[at]):
        values = [row[column] for row in below if column < len(row) and row[column].strip()]
        above = [row[column] for row in rows[:at] if column < len(row)]
        if (
            len(values) > 1
            and name.strip()
            and all(map(_has_digit, values))
            and not any(map(_has_digit, [name, *above]))
        ):
            return True
    return False


def _names_more(row: list[str], above: list[str]) -> bool:
    """Whether a row names columns rather than the one above it: at least as many, and not in what may be units."""
    more = _names(row) - _names(above)
    return more > 0 or (more == 0 and _length(row) > _SHORT)


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _names(row: list[str]) -> int:
    return sum(names_a_column(cell) for cell in row if cell.strip())


def _length(row: list[str]) -> int:
    """The usual length of a row's words."""
    lengths = sorted(len(cell.strip()) for cell in row if cell.strip())
    return lengths[len(lengths) // 2] if lengths else 0


def _first_header(rows: list[list[str]], width: int) -> int | None:
    filled = [sum(1 for cell in row if cell.strip()) for row in rows[:_HEADER_WITHIN]]
    first: int | None = None
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        if not filled[at] or row[0].startswith("sep="):
            continue
        first = at if first is None else first
        header = is_header(row, rows[at + 1 :])
        if row[0].lstrip().startswith("#") and filled[at] > 1 and header:
            below = next((index for index in range(at + 1, len(filled)) if filled[index]), None)
            if below is None or not is_header(rows[below], rows[below + 1 :]):
                return at
        elif not row[0].lstrip().startswith("#") and filled[at] * 2 > width:
            if header:
                return at
            break
    return first if first is not None and is_header(rows[first], rows[first + 1 :]) else None


def names_a_column(cell: str) -> bool:
    return _COMPOUND.match(cell) is not None or bool(_HEADERS & set(re.split(r"[\W_]+", cell.lower())))


def is_header(first: list[str], rest: list[list[str]]) -> bool:
    """Whether a row names columns: words without values among them, unlike what stands below."""
    cells = [" ".join(cell.split()) for cell in first]
    if any(len(cell) > LONGEST_NAME or _NUMBER.match(cell) or "@" in cell for cell in cells if cell):
        return False
    words = [cell for cell in cells if cell]
    if not words or any(not _WORDY.match(cell.lstrip("_#$ ")) for cell in words) or len(words) * 2 < len(cells):
        return False
    known = sum(1 for cell in words if _IDENTIFIER.match(cell) or _HEADERS & set(re.split(r"[\W_]+", cell.lower())))
    if not rest:
        return known == len(words)
    if known * 2 >= len(words):
        return True
    return any(_unlike(cell, [row[i] for row in rest if i < len(row)]) for i, cell in enumerate(cells) if cell)


def _unlike(cell: str, below: list[str]) -> bool:
    values = [value for value in below if value.strip()]
    if not values or any(char.isdigit() for char in cell):
        return False
    return all(any(char.isdigit() for char in value) for value in values)
