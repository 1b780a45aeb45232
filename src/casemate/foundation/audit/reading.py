"""Segments as they are read: their records, proven or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from casemate.foundation.audit.chain import CHAIN_PREFIX, FIRST_PREFIX, kept_content
from casemate.foundation.audit.names import segment_name, segments_in


class StoredRecord(NamedTuple):
    """A record as a segment holds it."""

    segment: str
    body: bytes


def read_segments(directory: Path) -> Iterator[StoredRecord]:
    """Every acknowledged record of every segment in a directory, oldest first a writer.

    What is not followed by a whole link is not a record; whether the links hold, `verify_segments` says.
    """
    for writer, numbers in segments_in(directory).items():
        for number in numbers:
            path = directory / segment_name(writer, number)
            yield from (StoredRecord(path.stem, body) for body in _bodies(kept_content(path)))


def _bodies(content: bytes) -> Iterator[bytes]:
    pending: list[bytes] = []
    for line in content.split(b"\n")[:-1]:
        if line.startswith(CHAIN_PREFIX):
            yield from pending
            pending.clear()
        elif not line.startswith(FIRST_PREFIX):
            pending.append(line)
