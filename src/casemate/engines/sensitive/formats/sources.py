"""The bytes of one file, wherever they come from, and what may be spent on them."""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO, Final, Protocol

from casemate.contracts.sensitive import KIBIBYTE, MEBIBYTE, Limits, Members
from casemate.engines.sensitive.formats.problems import (
    ARCHIVE_BYTES,
    ARCHIVE_DOCUMENTS,
    OUT_OF_TIME,
    TOO_LARGE,
    BudgetSpent,
    Unreadable,
)

HEAD: Final = 64 * KIBIBYTE
"""What is looked at to tell a format."""

BLOCK: Final = 512 * KIBIBYTE
"""What is read at once."""

IN_MEMORY: Final = 8 * MEBIBYTE
"""A packed file up to this size is kept in memory where it must be read from anywhere; a larger one on disk."""

RATIO: Final = 500
RATIO_GRACE: Final = 128 * MEBIBYTE
"""No text that people keep shrinks five hundredfold over this length; what does is made to exhaust its reader."""


class Readable(Protocol):
    """Bytes from front to end; empty when over, and as short as it likes."""

    def read(self, size: int, /) -> bytes: ...


class Budget:
    """What may be spent on one outermost file, however deeply things are packed in it. Times are in seconds."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self.extracted = 0
        self.documents = 0
        self.outer_bytes: int | None = None
        """The size of the outermost file, where it is known."""
        self._monotonic = monotonic
        self._deadline = monotonic() + limits.seconds

    def extract(self, size: int) -> None:
        """So many bytes came out of an archive. Raises BudgetSpent."""
        self.extracted += size
        if self.extracted > self.limits.extracted_bytes:
            raise BudgetSpent(ARCHIVE_BYTES, f"more than {self.limits.extracted_bytes} bytes came out of the archive")
        if self.outer_bytes and self.extracted > max(2 * RATIO_GRACE, RATIO * self.outer_bytes):
            raise BudgetSpent(
                ARCHIVE_BYTES,
                f"a file of {self.outer_bytes} bytes gave {self.extracted}: it expands over {RATIO}:1",
            )
        self.check_time()

    def document(self) -> None:
        """One more file of an archive is opened. Raises BudgetSpent."""
        self.documents += 1
        if self.documents > self.limits.archive_members:
            raise BudgetSpent(ARCHIVE_DOCUMENTS, f"the archive holds more than {self.limits.archive_members} files")
        self.check_time()

    def remaining(self) -> Limits:
        """The limits with the time that is left."""
        return replace(self.limits, seconds=max(0.0, self._deadline - self._monotonic()))

    def check_time(self) -> None:
        if self._monotonic() > self._deadline:
            raise BudgetSpent(OUT_OF_TIME, f"reading took longer than {self.limits.seconds:g} seconds")


class Source:
    """One file: its head to tell the format by, then its bytes from the front, or from anywhere (`seekable`)."""

    def __init__(self, stream: Readable, name: str, members: Members = ()) -> None:
        self.name = name
        self.members = members
        self._stream = stream
        self._spool: BinaryIO | None = None
        self.head = _fill(stream, HEAD)
        self._pending = self.head

    @property
    def depth(self) -> int:
        return len(self.members)

    def read(self, size: int = BLOCK) -> bytes:
        """The next bytes, at most `size`; empty at the end."""
        if self._pending:
            data, self._pending = self._pending[:size], self._pending[size:]
            return data
        return self._stream.read(size)

    def size(self) -> int | None:
        """The size in bytes, where it shows without reading."""
        return _size_of(self._stream)

    def seekable(self, limit: int) -> BinaryIO:
        """The whole file, to be read from anywhere; at its start. Raises Unreadable where it is larger than `limit`."""
        if self._spool is not None:
            self._spool.seek(0)
            return self._spool
        if isinstance(self._stream, io.IOBase) and self._stream.seekable():
            file: BinaryIO = self._stream  # type: ignore[assignment]
        else:
            file = self._spooled(limit)
        size = _size_of(file)
        if size is not None and size > limit:
            raise Unreadable(TOO_LARGE, f"the file has {size} bytes; the limit for its format is {limit}")
        file.seek(0)
        return file

    def _spooled(self, limit: int) -> BinaryIO:
        spool: BinaryIO = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115  close() ends it
        self._spool = spool
        size = 0
        while data := self.read():
            size += len(data)
            if size > limit:
                raise Unreadable(TOO_LARGE, f"the file has more than {limit} bytes, the limit for its format")
            spool.write(data)
        return spool

    def close(self) -> None:
        """Drops what was kept for reading from anywhere."""
        if self._spool is not None:
            self._spool.close()


class Extracted:
    """What comes out of an archive, counted against its limits as it comes."""

    def __init__(
        self, stream: Readable, budget: Budget, consumed: Callable[[], int], *, ratio_reason: str = ARCHIVE_BYTES
    ) -> None:
        self._stream = stream
        self._budget = budget
        self._consumed = consumed
        self._ratio_reason = ratio_reason
        self._size = 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._size += len(data)
        if self._size > RATIO_GRACE and self._size > RATIO * self._consumed():
            raise Unreadable(self._ratio_reason, f"the packed data expands over {RATIO}:1")
        self._budget.extract(len(data))
        return data


class Bounded:
    """One file that comes out of an archive, no further than such a file may be long."""

    def __init__(self, stream: Readable, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._left = limit

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable(TOO_LARGE, f"more than {self._limit} bytes came out of one file")
        return data


class Counted:
    """A stream that knows how much was read from it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


def _fill(stream: Readable, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (data := stream.read(size)):
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def _size_of(stream: object) -> int | None:
    if not isinstance(stream, io.IOBase | tempfile.SpooledTemporaryFile) or not stream.seekable():
        return None
    place = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    stream.seek(place)
    return size
