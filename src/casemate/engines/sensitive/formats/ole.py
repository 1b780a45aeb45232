"""Old Office files (OLE compound files): Word's text by its piece table, PowerPoint's and Outlook's text streams.

MS-DOC 2.4.1 "Retrieving Text", MS-PPT 2.9.42 and 2.9.43, MS-OXMSG 2.1; through olefile.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from casemate.contracts.sensitive import MEBIBYTE, Limits, Prose, Unit
from casemate.engines.sensitive.formats.problems import MALFORMED_OFFICE, UNPARSABLE, UNSUPPORTED, Unreadable
from casemate.engines.sensitive.formats.workbooks import read_workbook

LARGEST_STREAM: Final = 256 * MEBIBYTE
PIECE: Final = 64 * 1024
_FIELD_MARKS: Final = str.maketrans(
    {7: "\t", 11: "\n", 12: "\n", 13: "\n", 19: " ", 20: " ", 21: " ", 30: "-", 31: None}
)


def read_ole(file: BinaryIO, limits: Limits) -> Iterator[Unit]:
    """The text of a Word, PowerPoint or Outlook file, or a workbook's sheets. Raises Unreadable."""
    import olefile  # type: ignore[import-untyped]  # noqa: PLC0415  loaded when it is needed

    try:
        with olefile.OleFileIO(file) as ole:
            names = {"/".join(parts): parts for parts in ole.listdir(streams=True, storages=False)}
            if "WordDocument" in names:
                yield from _prose(_word(ole, names))
            elif "PowerPoint Document" in names:
                yield from _prose(_slides(_stream(ole, "PowerPoint Document")))
            elif "Workbook" in names or "Book" in names:
                file.seek(0)
                yield from read_workbook(file, limits)
            elif any(name.startswith("__substg1.0_") for name in names):
                yield from _prose(_outlook(ole, sorted(names)))
            elif "EncryptedPackage" in names:
                raise Unreadable(UNPARSABLE, "the document is encrypted")
            else:
                raise Unreadable(UNSUPPORTED, "a compound file of no kind that is read")
    except (OSError, ValueError, struct.error, IndexError, TypeError) as error:
        raise Unreadable(MALFORMED_OFFICE, f"the document is damaged: {error}"[:400]) from error


def _prose(texts: Iterator[str]) -> Iterator[Unit]:
    for text in texts:
        for at in range(0, len(text), PIECE):
            yield Prose(text[at : at + PIECE])


def _stream(ole: Any, name: str) -> bytes:
    if ole.get_size(name) > LARGEST_STREAM:
        raise Unreadable(MALFORMED_OFFICE, f"the stream {name} is larger than {LARGEST_STREAM} bytes")
    data: bytes = ole.openstream(name).read(LARGEST_STREAM)
    return data


def _word(ole: Any, names: dict[str, list[str]]) -> Iterator[str]:
    data = _stream(ole, "WordDocument")
    magic, flags = struct.unpack_from("<H", data, 0)[0], struct.unpack_from("<H", data, 10)[0]
    if magic not in {0xA5EC, 0xA5DC}:
        raise Unreadable(MALFORMED_OFFICE, "the Word document has no valid header")
    if flags & 0x0100:
        raise Unreadable(UNPARSABLE, "the document is encrypted")
    table = "1Table" if flags & 0x0200 else "0Table"
    if table not in names:
        raise Unreadable(MALFORMED_OFFICE, "the Word document has no table of its text")
    start, size = struct.unpack_from("<LL", data, 0x01A2)
    clx = _stream(ole, table)[start : start + size]
    for first, count, offset in _pieces(clx):
        if count <= 0 or first < 0:
            continue
        if offset & 0x40000000:
            place = (offset & ~0x40000000) // 2
            text = data[place : place + count].decode("cp1252", "replace")
        else:
            text = data[offset : offset + 2 * count].decode("utf-16-le", "replace")
        yield text.translate(_FIELD_MARKS)


def _pieces(clx: bytes) -> Iterator[tuple[int, int, int]]:
    """First character, number of characters and place (with its compression bit) of each piece of text."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise Unreadable(MALFORMED_OFFICE, "the Word document's table of pieces is missing")
    size = struct.unpack_from("<L", clx, at + 1)[0]
    plc = clx[at + 5 : at + 5 + size]
    count = (len(plc) - 4) // 12
    positions = struct.unpack_from(f"<{count + 1}L", plc, 0)
    for i in range(count):
        offset = struct.unpack_from("<L", plc, 4 * (count + 1) + 8 * i + 2)[0]
        yield positions[i], positions[i + 1] - positions[i], offset


def _slides(data: bytes) -> Iterator[str]:
    """Records of PowerPoint: containers are entered, text atoms read, all else is passed by."""
    at = 0
    while at + 8 <= len(data):
        version, kind, size = struct.unpack_from("<HHL", data, at)
        at += 8
        if version & 0xF == 0xF:
            continue  # a container: its records follow
        if kind == 0x0FA0:
            yield data[at : at + size].decode("utf-16-le", "replace") + "\n"
        elif kind == 0x0FA8:
            yield data[at : at + size].decode("cp1252", "replace") + "\n"
        at += size


def _outlook(ole: Any, names: list[str]) -> Iterator[str]:
    for name in names:
        kind = name[-4:].upper()
        if kind == "001F":
            yield _stream(ole, name).decode("utf-16-le", "replace") + "\n"
        elif kind == "001E":
            yield _stream(ole, name).decode("cp1252", "replace") + "\n"
