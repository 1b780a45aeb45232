"""How far a writer's segments go, kept apart from them: cutting off their end shows.

A head tells of what is synced, so it is never ahead of the segments whatever crashes. It also tells how far the other
writers had come: one writer's files put back to an earlier state do not agree with the others'.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from casemate.foundation.audit.chain import Point
from casemate.foundation.audit.heads import CONTENT_MOST, HeadFile, read_if_there
from casemate.foundation.audit.keys import AuditKeys
from casemate.foundation.audit.names import SegmentFailure, head_name

_encode: Final = msgspec.msgpack.Encoder().encode


class Head(msgspec.Struct, frozen=True):
    """What a head says."""

    reached: Point
    seen: dict[str, tuple[int, int]] = {}
    """Other writers' segment number and size, as their own heads said."""


class WriterHead:
    """The head that this process writes."""

    def __init__(self, directory: Path, writer: str, keys: AuditKeys) -> None:
        self._file = HeadFile(directory / head_name(writer), keys.head(writer))
        kept = read_if_there(self._file)
        self.there = self._file.path.exists()
        self.found = None if kept is None else _decode(kept.content)
        """What was there at the start: None where nothing was, or nothing authentic."""
        self.seen = {} if self.found is None else dict(self.found.seen)
        """How far the other writers are known to have come."""
        self._turn = 0 if kept is None else kept.turn

    def tell(self, reached: Point, seen: dict[str, tuple[int, int]]) -> None:
        """Write how far the synced segments go, into a new file where there is none. Raises OSError."""
        content = _encode(Head(reached, seen))
        if len(content) > CONTENT_MOST:  # hundreds of writers
            content = _encode(Head(reached))
        self._turn += 1
        if self.there:
            self._file.write(self._turn, content, sync=True)
        else:
            self._file.make(self._turn, content)
            self.there = True

    def close(self) -> None:
        self._file.close()


def read_head(directory: Path, writer: str, keys: AuditKeys) -> Head | None:
    """A writer's head, None where there is none. Raises SegmentFailure where it is not authentic."""
    file = HeadFile(directory / head_name(writer), keys.head(writer))
    try:
        kept = file.read()
    except FileNotFoundError:
        return None
    if kept is None:
        raise SegmentFailure(f"{file.path.name} was changed: it is not what the holder of the root key wrote")
    return _decode(kept.content)


def _decode(content: bytes) -> Head:
    return msgspec.msgpack.decode(content, type=Head)
