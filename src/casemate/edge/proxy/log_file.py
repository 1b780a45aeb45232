"""Log files that several processes append to, in batches of whole lines."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

BATCH_BYTES: Final = 65_536
"""What waits for the next second's write at most."""


class LogFile:
    """Lines gather until `flush`, which the owner calls each second, or until a batch is full.

    One write a batch to a file opened for appending: lines of several processes never mix. What can't be written is
    dropped, counted and told to `lost(lines, reason)`: a full disk must not stop the traffic.
    """

    def __init__(self, path: Path, lost: Callable[[int, str], None]) -> None:
        """Raises OSError when the file can't be opened."""
        self._path = path
        self._lost = lost
        self._lines: list[bytes] = []
        self._size = 0
        self._descriptor = self._open()

    def add(self, line: bytes) -> None:
        """A line, without its end."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        lines, self._lines, self._size = self._lines, [], 0
        if not lines:
            return
        lines.append(b"")
        data = b"\n".join(lines)
        try:
            written = os.write(self._descriptor, data)
        except OSError as error:
            self._lost(len(lines) - 1, error.strerror or str(error))
            return
        if written != len(data):
            self._lost(data[written:].count(b"\n"), "the file took only a part")

    def reopen(self) -> None:
        """Go on in a new file where the old one was moved away (SIGHUP). Raises OSError; then the old one is kept."""
        self.flush()
        fresh = self._open()
        os.close(self._descriptor)
        self._descriptor = fresh

    def close(self) -> None:
        self.flush()
        os.close(self._descriptor)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
