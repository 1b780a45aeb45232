"""Space for the audit that a full disk does not take."""

from __future__ import annotations

import os
import threading
from pathlib import Path


class Reserve:
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
