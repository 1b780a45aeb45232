"""Findings as lines of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from casemate.cli.scan_files import FileToScan
from casemate.engines.sensitive import Resource, ScanResult
from casemate.engines.sensitive.findings import finding, finding_in_pieces
from casemate.engines.sensitive.streaming import encoded
from casemate.foundation.clock import iso

_MANY: Final = 10_000
"""Occurrences of which a finding is no longer made as a whole: each takes half a kilobyte there."""


def lines_of(file: FileToScan, result: ScanResult, now: str) -> Iterator[bytes]:
    """The findings of a file and of what is packed in it, a line each, in pieces of bounded size.

    What can't be described raises before the first piece of its line.
    """
    resource = Resource(file.key, file.size, iso(file.modified))
    for each in result.files:
        if sum(detection.count for detection in each.detections) > _MANY:
            yield from finding_in_pieces(each, resource, now=now)
            yield b"\n"
        elif (described := finding(each, resource, now=now, most=None)) is not None:
            yield encoded(described) + b"\n"
