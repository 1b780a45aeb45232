"""The audit of reads and denials: each process's own files of JSON lines, chained by hashes.

A segment begins with a line that names its predecessor. Every `flush` writes the lines of one turn of the event loop
and, behind them, a line `{"chain": HASH}` where HASH = SHA-256(previous HASH || the lines' bytes); so a line that is
changed or taken out shows, and so does a segment that is missing. What a crash leaves half-written behind the last
chain line was never acknowledged.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from casemate.foundation.clock import Clock, iso
from casemate.foundation.errors import CasemateError, Unavailable

SEGMENT_BYTES = 64 * 1024 * 1024
"""A segment is closed at this size, so that reading one stays cheap."""
SYNC_SECONDS = 1.0
_CHAIN_PREFIX = b'{"chain":"'
_HEAD_PREFIX = b'{"segment":'


class SegmentFailure(CasemateError):
    """A segment that does not verify: which one, at which byte, and why."""


class _Head(msgspec.Struct):
    writer: str
    number: int
    started: str
    previous: str = ""
    """The chain hash at which the predecessor ended; empty for the first."""


class _Line(msgspec.Struct):
    segment: _Head


class AuditSegment:
    """The segment that this process writes. Not for several threads: the event loop's own."""

    def __init__(
        self,
        directory: Path,
        *,
        writer: str,
        clock: Clock,
        strict: bool = False,
        reserve_bytes: int = 0,
        on_fatal: Callable[[BaseException], None],
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._directory = directory
        self._writer = writer
        self._clock = clock
        self._strict = strict
        self._on_fatal = on_fatal
        self._segment_bytes = segment_bytes
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._reserve = _Reserve(directory / f"{writer}.reserve", reserve_bytes)
        self._lines: list[bytes] = []
        self._synced_size = self._size = 0
        self.written = 0
        """Records written since the process started."""
        self._descriptor = -1
        self._descriptor_lock = threading.Lock()
        self._number, self._chain = _last_of(directory, writer)
        self._roll()
        self._closing = threading.Event()
        self._dirty = threading.Event()
        self._syncer = threading.Thread(target=self._sync_forever, name="audit-sync", daemon=True)
        self._syncer.start()

    def append(self, line: bytes) -> None:
        """Take a record (JSON without a newline); it is written by the next `flush`."""
        self._lines.append(line)

    def flush(self) -> None:
        """Write what was appended in one call. Raises Unavailable where the disk refuses it."""
        lines = self._lines
        if not lines:
            return
        body = b"\n".join(lines) + b"\n"
        chain = hashlib.sha256(self._chain + body).digest()
        block = body + _CHAIN_PREFIX + chain.hex().encode() + b'"}\n'
        try:
            self._write(block)
        finally:
            lines.clear()
        self._chain = chain
        self.written += block.count(b"\n") - 1
        if self._strict:
            self._sync()
        else:
            self._dirty.set()
        if self._size >= self._segment_bytes:
            self._sync()
            self._roll()

    def close(self) -> None:
        self._closing.set()
        self._dirty.set()
        self._syncer.join()
        self._sync()
        os.close(self._descriptor)

    def _write(self, block: bytes) -> None:
        try:
            _write_whole(self._descriptor, block)
        except OSError as error:
            os.ftruncate(self._descriptor, self._size)
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise Unavailable(f"the audit can't be written: {error.strerror}") from error
            self._write_into_reserve(block)
        self._size += len(block)

    def _write_into_reserve(self, block: bytes) -> None:
        while self._reserve.release(len(block)):
            try:
                _write_whole(self._descriptor, block)
            except OSError:
                os.ftruncate(self._descriptor, self._size)
            else:
                return
        raise Unavailable("the disk is full and the audit's reserve is used up: free some space")

    def _roll(self) -> None:
        if self._descriptor >= 0:
            with self._descriptor_lock:
                os.close(self._descriptor)
                self._descriptor = -1
        self._number += 1
        path = self._directory / f"{self._writer}-{self._number:08d}.jsonl"
        head = _Head(self._writer, self._number, iso(self._clock.real()), self._chain.hex())
        line = msgspec.json.encode(_Line(head)) + b"\n"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = self._synced_size = 0
        self._write(line)
        self._chain = hashlib.sha256(line).digest()
        self._sync()
        _sync_directory(self._directory)

    def _sync(self) -> None:
        with self._descriptor_lock:
            size = self._size
            if self._descriptor < 0 or self._synced_size == size:
                return
            try:
                os.fdatasync(self._descriptor)
            except OSError as error:  # what the kernel failed to write once it may drop: going on would lie
                self._on_fatal(error)
                raise
            self._synced_size = size

    def _sync_forever(self) -> None:
        while not self._closing.is_set():
            self._dirty.wait()
            self._dirty.clear()
            with contextlib.suppress(OSError):
                self._sync()
                self._reserve.refill()
            self._closing.wait(SYNC_SECONDS / 2)


class _Reserve:
    """Space set aside on the disk, given back piece by piece when the disk is full, so that the audit can go on.

    No more is given back than is written at once: what is left over, others on the disk would take.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._lock = threading.Lock()
        self._left = min(path.stat().st_size, size) if path.exists() else 0
        self._block = os.statvfs(path.parent).f_frsize
        self.refill()

    def refill(self) -> None:
        """Set the space aside again when the disk has plenty more than that."""
        if self._left == self._size:
            return
        disk = os.statvfs(self._path.parent)
        if disk.f_bavail * disk.f_frsize < 3 * self._size:
            return
        with self._lock:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
                self._left = self._size
            except OSError:
                os.ftruncate(descriptor, self._left)
            finally:
                os.close(descriptor)

    def release(self, size: int) -> bool:
        """Give back the blocks that so many bytes take; False where nothing is left."""
        with self._lock:
            if not self._left:
                return False
            self._left = max(0, self._left - -(-size // self._block) * self._block)
            os.truncate(self._path, self._left)
            return True


class StoredRecord(NamedTuple):
    """A record as a segment holds it."""

    segment: str
    body: bytes


def read_segments(directory: Path) -> Iterator[StoredRecord]:
    """Every acknowledged record of every segment in a directory, oldest first a writer."""
    for path in sorted(directory.glob("*-*.jsonl")):
        pending: list[bytes] = []
        for line in path.read_bytes().splitlines():
            if line.startswith(_HEAD_PREFIX):
                continue
            if line.startswith(_CHAIN_PREFIX):
                yield from (StoredRecord(path.stem, body) for body in pending)
                pending.clear()
            else:
                pending.append(line)


def verify_segments(directory: Path) -> dict[str, str]:
    """Check every chain; the last hash of each writer. Raises SegmentFailure where one does not hold."""
    heads: dict[str, str] = {}
    for path in sorted(directory.glob("*-*.jsonl")):
        writer = path.stem.rpartition("-")[0]
        heads[writer] = _verify(path, heads.get(writer))
    return heads


def _verify(path: Path, predecessor: str | None) -> str:
    content = path.read_bytes()
    end = content.find(b"\n") + 1
    try:
        head = msgspec.json.decode(content[:end], type=_Line).segment
    except msgspec.DecodeError:
        raise SegmentFailure(f"{path.name} does not begin with the line that names its predecessor") from None
    if predecessor is not None and head.previous != predecessor:
        raise SegmentFailure(f"{path.name} does not follow the segment before it: one is missing or was cut short")
    chain, start = hashlib.sha256(content[:end]).digest(), end
    while True:
        mark = content.find(b"\n" + _CHAIN_PREFIX, start - 1)
        if mark < 0:
            return chain.hex()
        stop = content.find(b"\n", mark + 1)
        if stop < 0:
            return chain.hex()
        chain = hashlib.sha256(chain + content[start : mark + 1]).digest()
        if content[mark + 1 + len(_CHAIN_PREFIX) : stop] != chain.hex().encode() + b'"}':
            raise SegmentFailure(f"{path.name} was changed between bytes {start} and {mark}")
        start = stop + 1


def _last_of(directory: Path, writer: str) -> tuple[int, bytes]:
    segments = sorted(directory.glob(f"{writer}-*.jsonl"))
    if not segments:
        return 0, b""
    number = int(segments[-1].stem.rpartition("-")[2])
    try:
        return number, bytes.fromhex(_verify(segments[-1], None))
    except SegmentFailure:
        return number, b""  # the gap shows in the next segment's head


def _write_whole(descriptor: int, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
