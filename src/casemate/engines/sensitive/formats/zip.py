"""Zip archives, read by their directory one entry at a time, however many there are.

PKWARE's APPNOTE.TXT 6.3 gives the structures. The standard library's reader keeps the whole directory in memory and
trusts the sizes in it; this one keeps nothing and trusts what it counts.
"""

from __future__ import annotations

import bz2
import lzma
import os
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from casemate.contracts.sensitive import KIBIBYTE, MEBIBYTE
from casemate.engines.sensitive.formats.problems import MALFORMED, UNPARSABLE, Unreadable
from casemate.engines.sensitive.formats.sources import Readable

_END: Final = struct.Struct("<4s4H2LH")
_END64_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CHUNK: Final = 256 * KIBIBYTE
_LZMA_MEMORY: Final = 64 * MEBIBYTE
_MAX32: Final = 0xFFFFFFFF

STORED: Final = 0
DEFLATED: Final = 8
BZIP2: Final = 12
LZMA: Final = 14
ZSTANDARD: Final = 93


class Entry(NamedTuple):
    """A file of an archive. `packed` and `size` are what the directory says, in bytes."""

    name: str
    method: int
    encrypted: bool
    packed: int
    size: int
    offset: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


def entries(file: BinaryIO) -> Iterator[Entry]:
    """The files of an archive in the order of its directory. Raises Unreadable where the directory is broken."""
    start, size, shift = _directory(file)
    file.seek(start)
    place = start
    while place < start + size:
        file.seek(place)
        fixed = file.read(_ENTRY.size)
        if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\x01\x02"):
            raise Unreadable(MALFORMED, "the directory of the zip archive is cut off or damaged")
        values = _ENTRY.unpack(fixed)
        flags, method = values[3:5]
        packed, full, name_size, extra_size, comment_size = values[8:13]
        offset = values[16]
        raw = file.read(name_size)
        extra = file.read(extra_size)
        full, packed, offset = _zip64(extra, full, packed, offset)
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        yield Entry(name, method, bool(flags & 1), packed, full, offset + shift)
        place += _ENTRY.size + name_size + extra_size + comment_size


def open_entry(file: BinaryIO, entry: Entry) -> _Member:
    """The unpacked bytes of one file; `consumed` of what is returned counts packed bytes. Raises Unreadable."""
    if entry.encrypted:
        raise Unreadable(UNPARSABLE, "the file is encrypted in its archive")
    file.seek(entry.offset)
    fixed = file.read(_LOCAL.size)
    if len(fixed) < _LOCAL.size or not fixed.startswith(b"PK\x03\x04"):
        raise Unreadable(MALFORMED, "the file is not where the archive's directory says")
    name_size, extra_size = _LOCAL.unpack(fixed)[-2:]
    start = entry.offset + _LOCAL.size + name_size + extra_size
    return _Member(file, start, entry)


class _Member:
    """One file's bytes. The archive is shared: each read goes back to its own place."""

    def __init__(self, file: BinaryIO, start: int, entry: Entry) -> None:
        self._file = file
        self._place = start
        self._left = entry.packed
        self._method = entry.method
        self._ready = b""
        self._zstd: Readable | None = None
        self._inflate = zlib.decompressobj(-15)
        self._other: bz2.BZ2Decompressor | lzma.LZMADecompressor | None = None
        self._over = False
        self.consumed = 0
        if entry.method == BZIP2:
            self._other = bz2.BZ2Decompressor()
        elif entry.method == ZSTANDARD:
            self._zstd = _zstandard(_Packed(self))
        elif entry.method == LZMA:
            self._other = self._lzma()
        elif entry.method not in {STORED, DEFLATED}:
            raise Unreadable(UNPARSABLE, f"compression method {entry.method} of zip archives is not read")

    def read(self, size: int, /) -> bytes:
        try:
            if self._method == STORED:
                return self.packed(size)
            if self._zstd is not None:
                return self._zstd.read(size)
            return self._unpacked(size)
        except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError) as error:
            raise Unreadable(MALFORMED, f"the packed data is damaged: {error}") from error

    def packed(self, size: int) -> bytes:
        """The next packed bytes."""
        self._file.seek(self._place)
        data = self._file.read(min(size, self._left))
        self._place += len(data)
        self._left -= len(data)
        self.consumed += len(data)
        return data

    def _unpacked(self, size: int) -> bytes:
        while not self._over:
            if self._other is not None:
                if self._other.eof:
                    break
                feed = self.packed(_CHUNK) if self._other.needs_input else b""
                starved = self._other.needs_input and not feed
                data = self._other.decompress(feed, size)
            else:
                if self._inflate.eof:
                    break
                feed = self._inflate.unconsumed_tail or self.packed(_CHUNK)
                starved = not feed
                data = self._inflate.decompress(feed, size) if feed else self._inflate.flush()
            if data:
                return data
            if starved:
                self._over = True
                raise Unreadable(MALFORMED, "the packed data ends too early")
        self._over = True
        return b""

    def _lzma(self) -> lzma.LZMADecompressor:
        """APPNOTE 5.8.8: two bytes of version, two of length, the properties, then a raw stream."""
        head = self.packed(4)
        length = struct.unpack("<H", head[2:4])[0] if len(head) == 4 else 0
        properties = self.packed(length)
        if len(properties) < 5:
            raise Unreadable(MALFORMED, "the LZMA properties are cut off")
        first, dictionary = properties[0], struct.unpack("<L", properties[1:5])[0]
        if first >= 225 or dictionary > _LZMA_MEMORY:
            raise Unreadable(MALFORMED, "the LZMA properties are out of bounds")
        options = {
            "id": lzma.FILTER_LZMA1,
            "dict_size": max(4096, dictionary),
            "lc": first % 9,
            "lp": first // 9 % 5,
            "pb": first // 45,
        }
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[options])


class _Packed:
    """The packed bytes of a member as a stream."""

    def __init__(self, member: _Member) -> None:
        self._member = member

    def read(self, size: int = _CHUNK, /) -> bytes:
        return self._member.packed(size)


def _zstandard(packed: _Packed) -> Readable:
    from casemate.engines.sensitive.formats.compressed import zstandard_stream  # noqa: PLC0415  loads a native library

    return zstandard_stream(packed)


def _directory(file: BinaryIO) -> tuple[int, int, int]:
    """Where the directory starts, its size, and how far everything is shifted by what stands before the archive."""
    end = file.seek(0, os.SEEK_END)
    tail_start = max(0, end - 66_000)
    file.seek(tail_start)
    tail = file.read(66_000)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise Unreadable(MALFORMED, "the zip archive has no directory at its end")
    size, offset = _END.unpack(tail[at : at + _END.size])[5:7]
    place = tail_start + at
    if _MAX32 in {size, offset} or _END.unpack(tail[at : at + _END.size])[4] == 0xFFFF:
        size, offset, place = _directory64(file, place, size, offset)
    start = place - size
    if start < 0:
        raise Unreadable(MALFORMED, "the directory of the zip archive is larger than the archive")
    return start, size, max(0, start - offset)


def _directory64(file: BinaryIO, place: int, size: int, offset: int) -> tuple[int, int, int]:
    if place < _END64_LOCATOR.size:
        return size, offset, place
    file.seek(place - _END64_LOCATOR.size)
    found, _, end64, _ = _END64_LOCATOR.unpack(file.read(_END64_LOCATOR.size))
    if found != b"PK\x06\x07":
        return size, offset, place
    for candidate in (end64, place - _END64_LOCATOR.size - _END64.size):
        if candidate < 0:
            continue
        file.seek(candidate)
        fixed = file.read(_END64.size)
        if len(fixed) == _END64.size and fixed.startswith(b"PK\x06\x06"):
            values = _END64.unpack(fixed)
            return values[8], values[9], candidate
    raise Unreadable(MALFORMED, "the zip64 end of the directory is not where it is said to be")


def _zip64(extra: bytes, full: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and place from the zip64 extra field, for those that do not fit 32 bits."""
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        if kind == 1:
            values = [
                struct.unpack_from("<Q", extra, place + 4 + at)[0]
                for at in range(0, min(size, len(extra) - place - 4) // 8 * 8, 8)
            ]
            full, packed, offset = [
                values.pop(0) if value == _MAX32 and values else value for value in (full, packed, offset)
            ]
            break
        place += 4 + size
    return full, packed, offset
