"""The readers of native formats, run in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final

from casemate.contracts.sensitive import Limits, Unit
from casemate.engines.sensitive.formats.avro import read_avro
from casemate.engines.sensitive.formats.columnar import read_orc, read_parquet
from casemate.engines.sensitive.formats.kinds import Format
from casemate.engines.sensitive.formats.native import Packed
from casemate.engines.sensitive.formats.ole import read_ole
from casemate.engines.sensitive.formats.pdf import read_pdf
from casemate.engines.sensitive.formats.seven_zip import read_seven_zip
from casemate.engines.sensitive.formats.workbooks import read_workbook

READERS: Final[Mapping[Format, Callable[[BinaryIO, Limits], Iterator[Unit | Packed]]]] = {
    Format.XLSX: read_workbook,
    Format.XLSB: read_workbook,
    Format.XLS: read_workbook,
    Format.ODS: read_workbook,
    Format.PARQUET: read_parquet,
    Format.ORC: read_orc,
    Format.AVRO: read_avro,
    Format.PDF: read_pdf,
    Format.OLE: read_ole,
    Format.SEVEN_ZIP: read_seven_zip,
}


def read_here(kind: Format, file: BinaryIO, limits: Limits) -> Iterator[Unit | Packed]:
    """Reads in this process, without the protection of one of its own. Raises Unreadable."""
    return READERS[kind](file, limits)
