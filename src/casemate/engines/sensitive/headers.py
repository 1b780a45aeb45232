"""Where the header of a table stands: what readers and scanners of CSV tell each other beyond the contract."""

from __future__ import annotations

from dataclasses import dataclass

from casemate.contracts.sensitive import Delimited


@dataclass(frozen=True, slots=True)
class HeaderBelow(Delimited):
    """A table whose header is not its first row: a title, comments or Excel's `sep=;` stand above it."""

    header: int = 2
    """The header's row, from 1."""


def header_of(layout: Delimited) -> int:
    """The row of the header, from 1; 0 where there is none."""
    if not layout.columns:
        return 0
    return layout.header if isinstance(layout, HeaderBelow) else 1
