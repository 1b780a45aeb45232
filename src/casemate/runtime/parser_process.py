"""The process that reads one hostile file: `python -m casemate.runtime.parser_process FORMAT LIMITS`.

Standard input is the file, standard output the frames. It loads the format's library, gives up everything else
(`confinement`), and only then looks at a byte of the file.
"""

from __future__ import annotations

import codecs
import datetime as dt
import decimal
import io
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final

from casemate.contracts.sensitive import Limits
from casemate.engines.sensitive.formats import Format, Unreadable, read_here
from casemate.runtime.confinement import confine
from casemate.runtime.frames import Done, Failed, frame_of, limits_of

LARGEST_SEVEN_ZIP_BLOCK: Final = 32 * 1024 * 1024
"""Bytes that py7zr unpacks at once."""

ENCODINGS: Final = ("utf-16", "utf-16-le", "cp1252", "latin-1", "cp437", "utf-32-le", "ascii", "unicode_escape")
"""Those that parsers use, in modules that can't be loaded any more once the process is confined."""


def main() -> None:
    """Reads the file on standard input."""
    kind, limits = Format[sys.argv[1]], limits_of(sys.argv[2])
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    LIBRARIES[kind]()
    file = io.BufferedReader(io.FileIO(0, "rb", closefd=False), 256 * 1024)
    out = io.FileIO(1, "wb", closefd=False)
    confine(memory_bytes=limits.memory_bytes, cpu_seconds=int(limits.seconds) + 1)
    _send(out, _last(kind, file, limits, out))


def _last(kind: Format, file: BinaryIO, limits: Limits, out: io.FileIO) -> bytes:
    try:
        for unit in read_here(kind, file, limits):
            _send(out, frame_of(unit))
    except Unreadable as problem:
        return frame_of(Failed(problem.reason, problem.detail))
    except MemoryError:
        return frame_of(
            Failed("UNABLE_TO_PARSE_FILE", f"reading it takes more than {limits.memory_bytes} bytes of memory")
        )
    except Exception as error:  # noqa: BLE001  whatever a parser raises about a hostile file is about that file
        return frame_of(Failed("MALFORMED_FILE", f"{type(error).__name__}: {error}"[:400]))
    return frame_of(Done())


def _send(out: io.FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[out.write(view) or 0 :]


def _workbooks() -> None:
    import python_calamine  # noqa: F401, PLC0415  loaded for what comes after


def _parquet() -> None:
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    sink = io.BytesIO()
    pq.write_table(_sample(pa), sink)
    list(read_here(Format.PARQUET, sink, Limits()))  # what Arrow loads at its first use is loaded now


def _orc() -> None:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import orc  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    sink = io.BytesIO()
    orc.write_table(_sample(pa), sink)
    list(read_here(Format.ORC, sink, Limits()))


def _sample(pa: Any) -> Any:
    """A table with a column of each kind that is turned into text in its own way."""
    import pyarrow.compute  # type: ignore[import-untyped]  # noqa: F401, PLC0415

    moment = dt.datetime(2024, 1, 1)  # noqa: DTZ001  a column without a zone
    columns = {"a": ["x"], "b": [1], "c": [1.5], "d": [moment], "e": [decimal.Decimal("1.5")], "f": [moment.date()]}
    return pa.table(columns | {"g": [b"x"], "h": [["x"]], "i": [{"x": decimal.Decimal(1)}], "j": [{"x": moment}]})


def _avro() -> None:
    import fastavro  # noqa: PLC0415

    sink = io.BytesIO()
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "string"}]}
    fastavro.writer(sink, schema, [{"a": "x"}], codec="deflate")
    sink.seek(0)
    list(fastavro.reader(sink))


def _pdf() -> None:
    import pypdfium2 as pdfium  # type: ignore[import-untyped]  # noqa: PLC0415

    document = pdfium.PdfDocument.new()
    document.new_page(10, 10).get_textpage().get_text_range()
    document.close()


def _ole() -> None:
    import olefile  # type: ignore[import-untyped]  # noqa: F401, PLC0415

    _workbooks()


def _seven_zip() -> None:
    import py7zr  # noqa: PLC0415
    import py7zr.py7zr  # noqa: PLC0415

    most = LARGEST_SEVEN_ZIP_BLOCK  # asking the system would need a file each time
    py7zr.py7zr.get_memory_limit = lambda: most  # type: ignore[attr-defined]

    sink = io.BytesIO()
    with py7zr.SevenZipFile(sink, "w") as archive:
        archive.writestr(b"x" * 100, "x")
    sink.seek(0)
    list(read_here(Format.SEVEN_ZIP, sink, Limits()))


LIBRARIES: Final[Mapping[Format, Callable[[], None]]] = {
    Format.XLSX: _workbooks,
    Format.XLSB: _workbooks,
    Format.XLS: _workbooks,
    Format.ODS: _workbooks,
    Format.PARQUET: _parquet,
    Format.ORC: _orc,
    Format.AVRO: _avro,
    Format.PDF: _pdf,
    Format.OLE: _ole,
    Format.SEVEN_ZIP: _seven_zip,
}
"""What loads each format's library, and all that it would load later."""


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # what native libraries do at exit is no longer of interest
