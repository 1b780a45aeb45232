"""7z archives, through py7zr: the bytes of each file in turn."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from queue import Queue
from threading import Thread
from typing import Any, BinaryIO, Final

from casemate.contracts.sensitive import MEBIBYTE, Limits
from casemate.engines.sensitive.formats.native import Packed
from casemate.engines.sensitive.formats.problems import ARCHIVE_DOCUMENTS, MALFORMED, UNPARSABLE, Unreadable

AHEAD: Final = 16
"""Pieces that may wait to be taken: more would fill memory."""

LARGEST_PIECE: Final = MEBIBYTE


class _Abandoned(Exception):
    """Nobody takes what is unpacked any more."""


def read_seven_zip(file: BinaryIO, limits: Limits) -> Iterator[Packed]:
    """The files of an archive, piece by piece. Raises Unreadable.

    py7zr hands pieces to a writer, so it runs in a thread of its own and waits while nobody takes them.
    """
    queue: Queue[Packed | Exception | None] = Queue(AHEAD)
    state = {"wanted": True}
    thread = Thread(target=_unpack, args=(file, limits, queue, state), daemon=True)
    thread.start()
    try:
        while (piece := queue.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        state["wanted"] = False
        while thread.is_alive():
            while not queue.empty():
                queue.get_nowait()
            thread.join(0.01)


def _unpack(file: BinaryIO, limits: Limits, queue: Queue[Packed | Exception | None], state: dict[str, bool]) -> None:
    import py7zr  # noqa: PLC0415  loaded when it is needed
    from py7zr.exceptions import ArchiveError  # noqa: PLC0415

    try:
        with py7zr.SevenZipFile(file) as archive:
            _check(archive, limits)
            archive.extractall(factory=_writers(queue, state))
        queue.put(None)
    except _Abandoned:
        return
    except Unreadable as error:
        queue.put(error)
    except (ArchiveError, lzma.LZMAError, OSError, EOFError, ValueError, LookupError, TypeError, MemoryError) as error:
        queue.put(Unreadable(MALFORMED, f"the archive is damaged: {type(error).__name__}: {error}"[:400]))
    except Exception as error:  # noqa: BLE001  py7zr's codecs each raise their own; the archive is the cause of all
        queue.put(Unreadable(MALFORMED, f"the archive is damaged: {type(error).__name__}: {error}"[:400]))


def _check(archive: Any, limits: Limits) -> None:
    if archive.needs_password():
        raise Unreadable(UNPARSABLE, "the archive is encrypted")
    if len(archive.files) > limits.archive_members:
        raise Unreadable(ARCHIVE_DOCUMENTS, f"the archive holds {len(archive.files)} files")


def _writers(queue: Queue[Packed | Exception | None], state: dict[str, bool]) -> object:
    from py7zr.io import Py7zIO, WriterFactory  # noqa: PLC0415

    class Writer(Py7zIO):
        """Takes the pieces of one file."""

        def __init__(self, name: str) -> None:
            self._name = name
            self._size = 0

        def write(self, s: bytes | bytearray) -> int:
            for at in range(0, len(s), LARGEST_PIECE):
                if not state["wanted"]:
                    raise _Abandoned
                queue.put(Packed(self._name, bytes(s[at : at + LARGEST_PIECE])))
            self._size += len(s)
            return len(s)

        def read(self, size: int | None = None) -> bytes:  # noqa: ARG002  py7zr's signature
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002  py7zr's signature
            return 0

        def flush(self) -> None:
            return

        def size(self) -> int:
            return self._size

        def close(self) -> None:
            queue.put(Packed(self._name, b"", last=True))

    class Factory(WriterFactory):
        def create(self, filename: str, mode: str = "wb") -> Py7zIO:  # noqa: ARG002  py7zr's signature
            return Writer(filename)

    return Factory()
