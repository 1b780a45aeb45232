"""The page that every process of a node maps: which records have moved.

A slot is a counter found by hash; records that share one only cost each other a read. It is even at rest and odd
while a commit that touches it is under way:

- the writer, holding the store's lock, marks the slots (odd), commits, and publishes (the next even number);
- a reader notes the slot before it loads, keeps what it loaded only when the slot was even, and uses what it kept only
  while the slot has not moved.

So from the moment a commit can be seen nobody uses what came before it. A writer that dies in between leaves slots
odd, which nobody keeps anything under; the next holder of the lock finds the writing flag, moves every odd slot on
and begins a new epoch.

Words are 8 bytes, aligned, written by the holder of the store's lock alone. The file is never truncated, and its bytes
are written rather than left as a hole: a full disk must not be met through a mapped address.
"""

import mmap
import os
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

MAGIC = int.from_bytes(b"casemat1", "little")
HEADER_WORDS = 64

_MAGIC, _SLOTS, EPOCH, WRITING, CHANGES, TIMERS, OUTBOX, _BOOT, ERASED = range(9)

DEFAULT_SLOTS = 1 << 16


class Page:
    """The mapped page of one store. ``words[slot]`` is the revision under a slot that ``slot()`` gave.

    It stays mapped for as long as anybody holds it: what was kept may be read after the store was closed.
    """

    def __init__(self, path: Path, *, slots: int = DEFAULT_SLOTS) -> None:
        """Map the page at the path, making it when there is none. The caller holds the store's lock."""
        if slots & (slots - 1):
            raise ValueError("the number of slots is a power of two")
        descriptor = self._open(path, slots)
        try:
            size = os.fstat(descriptor).st_size
            self._map = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        self.words = memoryview(self._map).cast("Q")
        self._mask = self.words[_SLOTS] - 1
        self._marked: list[int] = []
        self._begin_boot()

    @staticmethod
    def _open(path: Path, slots: int) -> int:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            pass
        else:
            header = os.pread(descriptor, 16, 0)
            if len(header) == 16 and int.from_bytes(header[:8], "little") == MAGIC:
                found = int.from_bytes(header[8:], "little")
                if os.fstat(descriptor).st_size == (HEADER_WORDS + found) * 8:
                    return descriptor
            # A page that a crash left half made; nobody can have it mapped, for it is renamed into place when complete.
            os.close(descriptor)
        fresh = path.with_name(path.name + ".new")
        content = bytearray((HEADER_WORDS + slots) * 8)
        content[:8] = MAGIC.to_bytes(8, "little")
        content[8:16] = slots.to_bytes(8, "little")
        descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.fsync(descriptor)
        fresh.replace(path)
        return descriptor

    def _begin_boot(self) -> None:
        # What a power failure left of the page on disk may be torn. No process outlives one, so nothing is kept
        # under the old numbers and they can begin again.
        boot = crc32(Path("/proc/sys/kernel/random/boot_id").read_bytes())
        if self.words[_BOOT] != boot:
            for slot in range(HEADER_WORDS, len(self.words)):
                self.words[slot] = 0
            self.words[EPOCH] += 1
            self.words[WRITING] = 0
            self.words[_BOOT] = boot

    def slot(self, *parts: str) -> int:
        """The word that counts the changes of what the parts name."""
        return HEADER_WORDS + (crc32("\0".join(parts).encode()) & self._mask)

    def recover(self) -> None:
        """What a holder of the store's lock does first: finish for a writer that died before it published."""
        words = self.words
        self._marked.clear()
        if words[WRITING]:
            words[EPOCH] += 1
            words[CHANGES] += 1
            for slot in range(HEADER_WORDS, len(words)):
                if words[slot] & 1:
                    words[slot] += 1
            words[WRITING] = 0

    def mark(self, slots: Iterable[int]) -> None:
        """Say that a commit under way touches the slots."""
        words = self.words
        words[WRITING] = 1
        for slot in slots:
            revision = words[slot]
            if not revision & 1:
                words[slot] = revision + 1
                self._marked.append(slot)

    def marked(self) -> None:
        """All slots of the commit are marked. What was found valid before this must be looked at again."""
        self.words[CHANGES] += 1

    def publish(self, *, timers: bool = False, outbox: bool = False, erased: bool = False) -> None:
        """The commit is done, or was rolled back: what is loaded from now on may be kept."""
        words = self.words
        # First this, then the slots: a reader that finds it unmoved after loading knows that no slot was published
        # meanwhile.
        words[CHANGES] += 1
        for slot in self._marked:
            words[slot] += 1
        self._marked.clear()
        if timers:
            words[TIMERS] += 1
        if outbox:
            words[OUTBOX] += 1
        if erased:
            words[ERASED] += 1
        words[WRITING] = 0
