"""The audit of reads and denials: each process's own files of JSON lines, chained under a key (see chain.py).

A line that is changed or taken out shows, and so does a segment that is missing. What a crash leaves half-written
behind the last link was never acknowledged. How far the segments go is kept in the writer's head, and who has ever
written in the register: an end that is cut off, and a writer that is gone, show too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from casemate.foundation.audit.chain import CHAIN_PREFIX, FirstLine, Point, first_line, follow
from casemate.foundation.audit.keys import AuditKeys
from casemate.foundation.audit.mac import Mac
from casemate.foundation.audit.names import SegmentFailure, segment_name, segments_in
from casemate.foundation.audit.registry import Register, Registry
from casemate.foundation.audit.reserve import Reserve
from casemate.foundation.audit.writer_head import WriterHead, read_head
from casemate.foundation.clock import Clock, iso
from casemate.foundation.errors import Unavailable
from casemate.foundation.files import sync_directory, write_all

SEGMENT_BYTES = 64 * 1024 * 1024
"""A segment is closed at this size, so that reading one stays cheap."""
SYNC_SECONDS = 1.0
_LOST: Final = "lost"
"""Names a predecessor of which nothing can be told: no segment ends so, and verification says it."""


class AuditSegment:
    """The segment that this process writes. Not for several threads: the event loop's own."""

    def __init__(
        self,
        directory: Path,
        *,
        writer: str,
        keys: AuditKeys,
        clock: Clock,
        strict: bool = False,
        reserve_bytes: int = 0,
        on_fatal: Callable[[BaseException], None],
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._directory = directory
        self._writer = writer
        self._keys = keys
        self._mac = Mac(keys.segments(writer))
        self._clock = clock
        self._strict = strict
        self._on_fatal = on_fatal
        self._segment_bytes = segment_bytes
        self._registry = Registry(directory, keys.registry)
        self._registry.make()
        self._reserve = Reserve(directory / f"{writer}.reserve", reserve_bytes)
        self._lines: list[bytes] = []
        self.written = 0
        """Records written since the process started."""
        self._descriptor = -1
        self._descriptor_lock = threading.Lock()
        self._head_lock = threading.Lock()
        self._head = WriterHead(directory, writer, keys)
        number, previous = self._resumed()
        self._end = self._synced = self._told = Point(number, 0, b"")
        self._begin(previous)
        self._entered = False
        self._closing = threading.Event()
        self._dirty = threading.Event()
        self._dirty.set()
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
        number, size, chain = self._end
        chain = self._mac.code(chain + body)
        block = body + CHAIN_PREFIX + chain.hex().encode() + b'"}\n'
        try:
            self._write(self._descriptor, block, size)
        finally:
            lines.clear()
        size += len(block)
        self._end = Point(number, size, chain)
        self.written += block.count(b"\n") - 1
        if self._strict:
            self._sync()
        self._dirty.set()
        if size >= self._segment_bytes:
            with contextlib.suppress(Unavailable):  # what was written stands; the next flush tries again
                self._begin(chain.hex())

    def close(self) -> None:
        """Sync what was written and tell of it."""
        self._closing.set()
        self._dirty.set()
        self._syncer.join()
        self._sync()
        self._tell()
        os.close(self._descriptor)
        self._head.close()

    def _write(self, descriptor: int, block: bytes, size: int) -> None:
        try:
            write_all(descriptor, block)
        except OSError as error:
            os.ftruncate(descriptor, size)
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise Unavailable(f"the audit can't be written: {error.strerror}") from error
            self._write_into_reserve(descriptor, block, size)

    def _write_into_reserve(self, descriptor: int, block: bytes, size: int) -> None:
        while self._reserve.release(len(block)):
            try:
                write_all(descriptor, block)
            except OSError:
                os.ftruncate(descriptor, size)
            else:
                return
        raise Unavailable("the disk is full and the audit's reserve is used up: free some space")

    def _begin(self, previous: str) -> None:
        """Go over to a new segment. Raises Unavailable, and nothing has changed."""
        if self._descriptor >= 0:
            self._sync()
        number = self._end.number + 1
        line = first_line(FirstLine(self._writer, number, iso(self._clock.real()), previous))
        descriptor = self._new_segment(number, line)
        end = Point(number, len(line), self._mac.code(line))
        with self._descriptor_lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor = descriptor
            self._end = self._synced = end

    def _new_segment(self, number: int, line: bytes) -> int:
        """A file with its first line. Its name appears when that is on the disk: there is no half-made segment."""
        path = self._directory / segment_name(self._writer, number)
        fresh = path.with_name(f".{path.name}.new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"the audit can't begin {path.name}: {error.strerror}") from error
        try:
            self._write(descriptor, line, 0)
            with self._fatal_failures():
                os.fdatasync(descriptor)
                fresh.rename(path)
                sync_directory(self._directory)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _resumed(self) -> tuple[int, str]:
        """The number of this writer's last segment, and the value at which its chain goes on.

        Where the segments don't come as far as is known, the next one says so for good.
        """
        directory, writer, head = self._directory, self._writer, self._head
        register = self._registry.read_if_authentic()
        numbers = segments_in(directory).get(writer, [])
        reached = head.found.reached if head.found is not None else None
        last = max(numbers[-1] if numbers else 0, reached.number if reached is not None else 0)
        if reached is None and (head.there or register is None or writer in register.writers):
            return last, _LOST
        if not numbers:
            return last, "" if reached is None else _LOST
        _sync_file(directory / segment_name(writer, numbers[-1]))
        point = reached if reached is not None and reached.number == last else None
        try:
            followed = follow(directory, writer, last, self._mac, point)
        except (SegmentFailure, FileNotFoundError):
            return last, _LOST
        whole = followed.passed and not self._put_back(register, (last, followed.end.size))
        return last, followed.end.chain.hex() if whole else _LOST

    def _put_back(self, register: Register | None, end: tuple[int, int]) -> bool:
        """Whether another writer has seen this one's segments go further."""
        others = () if register is None else register.writers
        with contextlib.suppress(SegmentFailure):
            heads = [read_head(self._directory, writer, self._keys) for writer in others if writer != self._writer]
            return any(head is not None and head.seen.get(self._writer, end) > end for head in heads)
        return False

    def _sync(self) -> None:
        with self._descriptor_lock:
            end = self._end
            if self._descriptor < 0 or self._synced == end:
                return
            with self._fatal_failures():
                os.fdatasync(self._descriptor)
            self._synced = end

    def _tell(self) -> None:
        """Bring the head up to what is synced, then enter the register: who is in it has a head.

        Where the disk refuses, both stay behind: that is true as well.
        """
        with self._head_lock, contextlib.suppress(OSError, Unavailable):
            synced = self._synced
            if synced > self._told:
                self._head.tell(synced, self._seen())
                self._told = synced
            if not self._entered:
                self._registry.enter(self._writer)
                self._entered = True

    def _seen(self) -> dict[str, tuple[int, int]]:
        """How far the others' heads say that they came, now or ever before: what was seen once is never taken back."""
        seen = self._head.seen
        with contextlib.suppress(SegmentFailure):
            for writer in self._registry.read().writers:
                head = None if writer == self._writer else read_head(self._directory, writer, self._keys)
                if head is not None:
                    seen[writer] = max(seen.get(writer, (0, 0)), head.reached[:2])
        return seen

    @contextlib.contextmanager
    def _fatal_failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # what the kernel failed to write once it may drop: going on would lie
            self._on_fatal(error)
            raise

    def _sync_forever(self) -> None:
        while not self._closing.is_set():
            self._dirty.wait()
            self._dirty.clear()
            with contextlib.suppress(OSError):
                self._sync()
                self._tell()
                self._reserve.refill()
            self._closing.wait(SYNC_SECONDS / 2)


def _sync_file(path: Path) -> None:
    """What a killed process wrote, and a segment is going to follow, must not be lost any more."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
