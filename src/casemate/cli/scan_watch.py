"""How far processes are in the files that they read, told to the process that shows it.

A reader's place in a file is the offset of its descriptor: also that of a parser's process, which inherited it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, MutableSequence, Sequence
from multiprocessing.context import SpawnContext
from typing import BinaryIO, Final

EVERY_SECONDS: Final = 0.2


class Watch:
    """Tells how far one process is: a thread looks now and then."""

    def __init__(self, places: MutableSequence[int], own: int) -> None:
        self._places = places
        self._own = own
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        threading.Thread(target=self._look, args=(threading.Event(),), daemon=True).start()

    @contextlib.contextmanager
    def of(self, stream: BinaryIO) -> Iterator[None]:
        """Tell how far this file is read, until the block ends."""
        with self._lock:
            self._descriptor = stream.fileno()
        try:
            yield
        finally:
            with self._lock:
                self._descriptor = None
                self._places[self._own] = 0

    def _look(self, never: threading.Event) -> None:
        while not never.wait(EVERY_SECONDS):
            with self._lock, contextlib.suppress(OSError):
                if self._descriptor is not None:
                    self._places[self._own] = os.lseek(self._descriptor, 0, os.SEEK_CUR)


class Places:
    """One number for each process of a pool: how many bytes of its file it has read."""

    def __init__(self, context: SpawnContext, processes: int) -> None:
        self._bytes = context.RawArray("q", processes)
        self._taken = context.Value("i", 0)

    def watch(self) -> Watch:
        """A watch with a number of its own, in a process that was given these places."""
        with self._taken.get_lock():
            own = self._taken.value
            self._taken.value += 1
        return Watch(self._bytes, own % len(self._bytes))

    def __iter__(self) -> Iterator[int]:
        numbers: Sequence[int] = self._bytes
        return iter(numbers)
