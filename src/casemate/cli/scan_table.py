"""What a scan found, for people: type, count, where, and a sample that gives nothing away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from casemate.cli.scan_files import FileToScan
from casemate.engines.sensitive import Detection, Occurrences, ScanResult

_FEW: Final = 3
_LONG_ENOUGH: Final = 8


def table_of(file: FileToScan, result: ScanResult) -> Iterator[str]:
    """Lines for one file and what is packed in it; none where nothing was found."""
    for each in result.files:
        if not each.detections:
            continue
        yield _printable("!".join((file.key, *each.members)))
        for detection in each.detections:
            yield _row(detection)


def _row(detection: Detection) -> str:
    samples = detection.occurrences.samples
    sample = mask(samples[0]) if samples else ""
    what = f"  {detection.severity:<6}  {detection.type:<44} {detection.count:>8}"
    return f"{what}  {_where(detection.occurrences):<40} {sample}".rstrip()


def _where(found: Occurrences) -> str:
    places = [
        f"{sheet + ' ' if sheet else ''}row {row} {name or f'column {column}'}"
        for row, column, name, sheet in found.cells[:_FEW]
    ]
    places += [f"line {start}:{at}" for start, _, at in found.lines[:_FEW]]
    places += [f"page {number}" for number in found.pages[:_FEW]]
    places += [f"record {index} {path or ''}".rstrip() for index, path in found.records[:_FEW]]
    more = ", …" if found.count > len(places[:_FEW]) and places else ""
    return _printable(", ".join(places[:_FEW]) + more)


def mask(text: str) -> str:
    """A text with stars for letters and digits, but for its ends where it is long enough."""
    line = text.splitlines()[0] if text else ""
    keep = 2 if len(line) >= _LONG_ENOUGH else 0
    middle = line[keep // 2 : len(line) - keep]
    hidden = "".join("*" if char.isalnum() else char for char in middle)
    return _printable((line[: keep // 2] + hidden + line[len(line) - keep :])[:32])


def warning_of(file: FileToScan, result: ScanResult) -> Iterator[str]:
    """A line for each file that was not read, or not to its end."""
    for each in result.files:
        if each.status != "COMPLETE":
            name = _printable("!".join((file.key, *each.members)))
            yield f"casemate: {name}: {each.status} {each.reason}: {_printable(each.detail or '')}\n"


def _printable(text: str) -> str:
    """Text that can't steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)
