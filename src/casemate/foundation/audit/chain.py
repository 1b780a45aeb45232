"""The chain of a segment, made and followed.

A segment begins with a line that names its predecessor: `{"segment":{"writer","number","started","previous"}}`. Behind
the lines of each turn stands `{"chain":"HEX"}`. The first value is HMAC-SHA-256(first line), which no line shows; each
next is HMAC-SHA-256(value before || the lines' bytes). `previous` is the value at which the predecessor ended.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from casemate.foundation.audit.mac import Mac
from casemate.foundation.audit.names import SegmentFailure, segment_name

CHAIN_PREFIX: Final = b'{"chain":"'
FIRST_PREFIX: Final = b'{"segment":'


class Point(NamedTuple):
    """A place behind a link: the segment's number, the bytes up to there, and the chain's value."""

    number: int
    size: int
    chain: bytes


class FirstLine(msgspec.Struct):
    """What a segment says of itself."""

    writer: str
    number: int
    started: str
    previous: str = ""
    """The value at which the predecessor ended; empty for a writer's first segment."""


class _Line(msgspec.Struct):
    segment: FirstLine


class Followed(NamedTuple):
    """A segment whose every link holds."""

    previous: str
    end: Point
    passed: bool
    """Whether one of the links is the point that was asked for."""


def first_line(line: FirstLine) -> bytes:
    """The line as it is written, with its end."""
    return msgspec.json.encode(_Line(line)) + b"\n"


def kept_content(path: Path) -> bytes:
    """What the disk holds of a segment. A zero byte is in no record: what follows one was lost with the power."""
    content = path.read_bytes()
    hole = content.find(b"\0")
    return content if hole < 0 else content[:hole]


def follow(directory: Path, writer: str, number: int, mac: Mac, point: Point | None = None) -> Followed:
    """Check every link of a segment; what a crash left half-written behind the last is not looked at.

    Raises SegmentFailure.
    """
    name = segment_name(writer, number)
    content = kept_content(directory / name)
    first = _first(content, name)
    if (first.writer, first.number) != (writer, number):
        raise SegmentFailure(f"{name} is not the segment that it says it is: {first.writer}, number {first.number}")
    end, passed = Point(number, 0, b""), point is None
    for size, chain in _links(content, name, mac):
        end = Point(number, size, chain)
        if point is not None and size == point.size:
            passed = number == point.number and hmac.compare_digest(chain, point.chain)
    return Followed(first.previous, end, passed)


def _first(content: bytes, name: str) -> FirstLine:
    try:
        return msgspec.json.decode(content[: content.find(b"\n") + 1], type=_Line).segment
    except msgspec.DecodeError:
        raise SegmentFailure(f"{name} does not begin with the line that names its predecessor") from None


def _links(content: bytes, name: str, mac: Mac) -> Iterator[tuple[int, bytes]]:
    """The size up to each link, and its value; the first is that of the first line."""
    start = content.find(b"\n") + 1
    chain = mac.code(content[:start])
    yield start, chain
    while True:
        mark = content.find(b"\n" + CHAIN_PREFIX, start - 1)
        stop = content.find(b"\n", mark + 1) if mark >= 0 else -1
        if stop < 0:
            return
        chain = mac.code(chain + content[start : mark + 1])
        if not hmac.compare_digest(content[mark + 1 + len(CHAIN_PREFIX) : stop], chain.hex().encode() + b'"}'):
            raise SegmentFailure(f"{name} was changed between bytes {start} and {mark}")
        start = stop + 1
        yield start, chain
