"""The right to write to a store: one holder at a time among all processes, in turn.

The kernel gives a ``flock`` to whoever asks first after a release, and a process that asks again at once is nearly
always first. So there are two files: whoever wants the lock waits at the gate, and keeps the gate while it waits for
the lock. A process that comes back finds the gate held by the one that waits, who is next. Both end with their
process.
"""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class StoreLock:
    """A context manager that holds the right to write. Every thread that wants it needs an instance of its own."""

    def __init__(self, database: Path) -> None:
        self._gate = os.open(f"{database}.gate", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._lock = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Self:
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._gate, fcntl.LOCK_UN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the descriptors back; the lock goes with them."""
        os.close(self._gate)
        os.close(self._lock)
