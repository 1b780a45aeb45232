"""Formats whose readers rest on large native parsers: what such a reader is given, and what it gives back.

Readers of this kind can be run in this process (`native_readers.read_here`, for files that are trusted) or in one of
their own with limits (`casemate.runtime`): both are a `NativeReader`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from casemate.contracts.sensitive import Limits, Unit
from casemate.engines.sensitive.formats.kinds import Format


@dataclass(frozen=True, slots=True)
class Packed:
    """Some bytes of a file that a native reader took out of an archive; `last` ends the file."""

    name: str
    data: bytes
    last: bool = False


class NativeReader(Protocol):
    """Reads one file of a native format from a real, seekable file. Units have no members yet.

    Raises Unreadable. What it yields before is good.
    """

    def __call__(self, kind: Format, file: BinaryIO, limits: Limits) -> Iterator[Unit | Packed]: ...
