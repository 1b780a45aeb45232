"""What the files of a directory of segments are called: WRITER-NUMBER.jsonl, the number of eight digits or more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from casemate.foundation.errors import CasemateError

FOLDER: Final = "audit"
"""Where they are in a data generation."""
_SEGMENT: Final = re.compile(r"(.+)-(\d{8,})\.jsonl")


class SegmentFailure(CasemateError):
    """Segments that do not verify: which file, and what is wrong or missing."""


def segment_name(writer: str, number: int) -> str:
    """The file of a writer's segment; the first has the number 1."""
    return f"{writer}-{number:08d}.jsonl"


def head_name(writer: str) -> str:
    """The file that says how far a writer's segments go."""
    return f"{writer}.head"


def segments_in(directory: Path) -> dict[str, list[int]]:
    """The numbers of each writer's segments, in order. Other names are nobody's and are never read."""
    found: dict[str, list[int]] = {}
    for path in directory.glob("*.jsonl"):
        match = _SEGMENT.fullmatch(path.name)
        if match is not None and segment_name(match[1], int(match[2])) == path.name:
            found.setdefault(match[1], []).append(int(match[2]))
    return {writer: sorted(numbers) for writer, numbers in sorted(found.items())}
