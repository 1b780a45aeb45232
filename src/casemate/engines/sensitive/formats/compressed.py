"""Single compressed streams: gzip, bzip2, xz, zstandard."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from typing import BinaryIO, Final, cast

from casemate.contracts.sensitive import MEBIBYTE
from casemate.engines.sensitive.formats.kinds import Format
from casemate.engines.sensitive.formats.problems import MALFORMED, Unreadable
from casemate.engines.sensitive.formats.sources import Counted, Readable, Source

XZ_MEMORY: Final = 128 * MEBIBYTE
ZSTD_WINDOW: Final = 128 * MEBIBYTE
"""Frames that need a larger window (zstd --long=28 and more) are refused: their reader must keep all of it."""

_SUFFIXES: Final = (".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd", ".lzma")
_TARS: Final = {".tgz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".txz": ".tar", ".tzst": ".tar", ".taz": ".tar"}


def inner_name(name: str) -> str:
    """What a compressed file holds, by its name: `a/b.csv.gz` holds `b.csv`."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    lower = base.lower()
    for suffix in _SUFFIXES:
        if lower.endswith(suffix) and len(base) > len(suffix):
            return base[: -len(suffix)]
    for suffix, replacement in _TARS.items():
        if lower.endswith(suffix):
            return base[: -len(suffix)] + replacement
    return base


class Decompressed:
    """The bytes in a compressed stream. What is damaged raises Unreadable after all that could be read."""

    def __init__(self, source: Source, kind: Format) -> None:
        self._packed = Counted(source)
        self._stream = _open(self._packed, kind)

    @property
    def consumed(self) -> int:
        """Packed bytes read so far."""
        return self._packed.count

    def read(self, size: int, /) -> bytes:
        try:
            return self._stream.read(size)
        except Unreadable:
            raise
        except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
            raise Unreadable(MALFORMED, f"the compressed data is damaged: {error}") from error
        except Exception as error:
            if type(error).__name__ != "ZstdError":
                raise
            raise Unreadable(MALFORMED, f"the compressed data is damaged: {error}") from error


class _AtOnce:
    """A stream of the standard library, read as far as it comes at once: damage then costs nothing already read."""

    def __init__(self, stream: gzip.GzipFile | bz2.BZ2File) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        return self._stream.read1(size)


class _Xz:
    """xz streams one after another. LZMAFile has no limit on memory; this has."""

    def __init__(self, packed: Readable) -> None:
        self._packed = packed
        self._left = b""
        self._decompressor: lzma.LZMADecompressor | None = None

    def read(self, size: int, /) -> bytes:
        while True:
            one = self._decompressor
            if one is None or one.eof:
                left = (one.unused_data if one else b"").lstrip(b"\0") or self._packed.read(MEBIBYTE // 4).lstrip(b"\0")
                if not left:
                    return b""
                one = self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=XZ_MEMORY)
                data = one.decompress(left, size)
            else:
                feed = self._packed.read(MEBIBYTE // 4) if one.needs_input else b""
                if one.needs_input and not feed:
                    raise EOFError("the compressed data ends too early")
                data = one.decompress(feed, size)
            if data:
                return data


def zstandard_stream(packed: Readable) -> Readable:
    """The bytes in zstandard frames."""
    import zstandard  # noqa: PLC0415  a native library, loaded when it is needed

    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    return cast("Readable", decompressor.stream_reader(cast("BinaryIO", packed), read_across_frames=True))


def _open(packed: Readable, kind: Format) -> Readable:
    stream = cast("BinaryIO", _ReadOnly(packed))
    match kind:
        case Format.GZIP:
            return _AtOnce(gzip.GzipFile(fileobj=stream, mode="rb"))
        case Format.BZIP2:
            return _AtOnce(bz2.BZ2File(stream, "rb"))
        case Format.XZ:
            return _Xz(packed)
        case _:
            return zstandard_stream(packed)


class _ReadOnly:
    """What the standard library asks of a file before it reads from it."""

    def __init__(self, packed: Readable) -> None:
        self._packed = packed

    def read(self, size: int = -1, /) -> bytes:
        return self._packed.read(size if size > 0 else MEBIBYTE // 4)

    def seekable(self) -> bool:
        return False

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return 0
