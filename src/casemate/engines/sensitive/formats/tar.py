"""Tar archives, read from front to end without keeping anything of what went by.

POSIX "ustar Interchange Format" and "pax Interchange Format", and GNU's long names and large numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from casemate.contracts.sensitive import KIBIBYTE, MEBIBYTE
from casemate.engines.sensitive.formats.detection import is_tar
from casemate.engines.sensitive.formats.problems import MALFORMED, Unreadable
from casemate.engines.sensitive.formats.sources import Readable

BLOCK: Final = 512
LONGEST_HEADER: Final = MEBIBYTE
"""Bytes of one extended header; a path is at most some thousands."""

_FILES: Final = frozenset({b"\0", b"0", b"7"})
_WITHOUT_CONTENTS: Final = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_EXTENDED: Final = frozenset({b"L", b"K", b"x", b"g"})
_SKIP: Final = 256 * KIBIBYTE


class Entry(NamedTuple):
    """A file of an archive, and its bytes: to be read before the next entry is asked for."""

    name: str
    size: int
    data: Contents


class Contents:
    """The bytes of one file in the archive."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int, /) -> bytes:
        if self._left <= 0:
            return b""
        data = self._stream.read(min(size, self._left))
        if not data:
            raise Unreadable(MALFORMED, "the tar archive ends within a file")
        self._left -= len(data)
        return data

    def skip(self) -> None:
        while self._left > 0 and self.read(_SKIP):
            pass


def entries(stream: Readable) -> Iterator[Entry]:
    """The regular files of an archive, in its order. Raises Unreadable where it is damaged."""
    name: str | None = None
    size: int | None = None
    while (header := _exactly(stream, BLOCK)) and header.strip(b"\0"):
        if not is_tar(header):
            raise Unreadable(MALFORMED, "a header of the tar archive is damaged")
        kind, own_size = header[156:157], _number(header[124:136])
        if kind in _EXTENDED:
            data = _exactly(stream, _extended(own_size))
            _exactly(stream, -own_size % BLOCK)
            if kind == b"L":
                name = _text(data)
            elif kind == b"x":
                name, size = _pax(data, name, size)
            continue
        own_size = own_size if size is None else size
        contents = Contents(stream, own_size)
        if kind in _FILES:
            yield Entry(name or _own_name(header), own_size, contents)
        if kind not in _WITHOUT_CONTENTS:
            contents.skip()
            _exactly(stream, -own_size % BLOCK)
        name = size = None


def starts(head: bytes) -> bool:
    """Whether a stream that begins with `head` is a tar archive."""
    return is_tar(head)


def _extended(size: int) -> int:
    if size > LONGEST_HEADER:
        raise Unreadable(MALFORMED, f"an extended header of the tar archive has {size} bytes")
    return size


def _exactly(stream: Readable, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0:
        data = stream.read(size)
        if not data:
            break
        parts.append(data)
        size -= len(data)
    if size and parts:
        raise Unreadable(MALFORMED, "the tar archive is cut off")
    return b"".join(parts)


def _number(field: bytes) -> int:
    """Octal digits, or GNU's base 256 where the first bit is set."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        value = int(field.split(b"\0", 1)[0].strip() or b"0", 8)
    except ValueError as error:
        raise Unreadable(MALFORMED, "a header of the tar archive states no size") from error
    if value < 0:
        raise Unreadable(MALFORMED, "a header of the tar archive states a negative size")
    return value


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")


def _own_name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _pax(data: bytes, name: str | None, size: int | None) -> tuple[str | None, int | None]:
    """Path and size from an extended header, whose records are lines of `LENGTH KEYWORD=VALUE`."""
    place = 0
    while place < len(data):
        length_text, _, _ = data[place : place + 20].partition(b" ")
        if not length_text.isdigit() or int(length_text) <= len(length_text) + 1:
            break
        record = data[place : place + int(length_text)]
        place += len(record)
        key, _, value = record[len(length_text) + 1 :].rstrip(b"\n").partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "replace")
        elif key == b"size" and value.isdigit():
            size = int(value[:20])
    return name, size
