"""Small authenticated files that are written in place: how far a chain has come.

A file has two slots of 4096 bytes, written in turns, so that one half-written by a crash leaves the other. A slot is
HMAC-SHA-256 of the rest (32 bytes), turn (8, big-endian), length (2, big-endian), content. Its space is taken when it
is made: a full disk does not stop it.
"""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path
from typing import Final, NamedTuple

from casemate.foundation.audit.mac import Mac
from casemate.foundation.files import replace_file

SLOT: Final = 4096
_MAC: Final = 32
_FRAME: Final = struct.Struct(">QH")
CONTENT_MOST: Final = SLOT - _MAC - _FRAME.size


class Kept(NamedTuple):
    """The newest content of a head file, with the number of its turn."""

    turn: int
    content: bytes


class HeadFile:
    """One such file. Not for several threads at once."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._mac = Mac(key)
        self._descriptor = -1

    def make(self, turn: int, content: bytes) -> None:
        """The file, new and whole, in place of any other. Raises OSError."""
        self.close()
        slot = self._slot(turn, content).ljust(SLOT, b"\0")
        replace_file(self.path, slot + slot)

    def write(self, turn: int, content: bytes, *, sync: bool) -> None:
        """Write the slot of this turn; turns must grow. Raises OSError, FileNotFoundError too."""
        if self._descriptor < 0:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)
        os.pwrite(self._descriptor, self._slot(turn, content), SLOT * (turn & 1))
        if sync:
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def read(self) -> Kept | None:
        """What was written last; None where neither slot is authentic. Raises FileNotFoundError."""
        with self.path.open("rb") as file:
            content = file.read(2 * SLOT)
        kept = [slot for start in (0, SLOT) if (slot := self._opened(content[start : start + SLOT]))]
        return max(kept, default=None)

    def _slot(self, turn: int, content: bytes) -> bytes:
        if len(content) > CONTENT_MOST:
            raise ValueError(f"{len(content)} bytes don't fit into {self.path.name}")
        framed = _FRAME.pack(turn, len(content)) + content
        return self._mac.code(framed) + framed

    def _opened(self, slot: bytes) -> Kept | None:
        if len(slot) < _MAC + _FRAME.size:
            return None
        turn, length = _FRAME.unpack_from(slot, _MAC)
        framed = slot[_MAC : _MAC + _FRAME.size + length]
        if not self._mac.verifies(slot[:_MAC], framed):
            return None
        return Kept(turn, framed[_FRAME.size :])


def read_if_there(file: HeadFile) -> Kept | None:
    """The same, and None where there is no such file."""
    with contextlib.suppress(FileNotFoundError):
        return file.read()
    return None
