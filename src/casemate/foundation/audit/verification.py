"""The proof that the segments of a directory are all there, unchanged, to their ends.

It works beside writers: what is known of them (register, heads) is read before the segments, which only grow.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from casemate.foundation.audit.chain import Point, follow
from casemate.foundation.audit.keys import AuditKeys
from casemate.foundation.audit.mac import Mac
from casemate.foundation.audit.names import SegmentFailure, head_name, segment_name, segments_in
from casemate.foundation.audit.registry import Registry
from casemate.foundation.audit.writer_head import Head, read_head


class Verified(NamedTuple):
    """What was proven of a directory of segments."""

    writers: dict[str, Point]
    """Where each writer's chain ends."""
    unproven: dict[str, int]
    """The last segment of each writer of which nothing can be said: it was there before there was a register."""
    stores: tuple[str, ...]
    """The stores that there have ever been."""
    anew: tuple[str, ...]
    """Those of them that were made once more: nothing can be said of what they held before."""


class Written(NamedTuple):
    """What there is of a writer: the numbers of its segments from the first on that can be proven, and its head."""

    writer: str
    first: int
    numbers: list[int]
    head: Head | None


_NOWHERE: Final = Point(0, 0, b"")


def verify_segments(directory: Path, keys: AuditKeys) -> Verified:
    """Check every chain, and that none is missing or ends before it should. Raises SegmentFailure.

    1. the register is authentic; 2. each writer in it has an authentic head; 3. every writer's segments are numbered
    without a gap, each follows the one before, and every link holds; 4. they reach what the head says, and 5. what the
    other heads say. A writer that has just begun may be in the register or have a head only later.
    """
    register = Registry(directory, keys.registry).read()  # 1
    heads = _heads(directory, register.writers, keys)  # 2
    found = segments_in(directory)
    ends: dict[str, Point] = {}
    for writer in sorted({*heads, *found}):
        first = register.unproven.get(writer, 0) + 1
        proven = [number for number in found.get(writer, []) if number >= first]
        head = heads.get(writer)
        if not proven and head is None:
            continue
        _require_numbers(writer, proven, first, head)
        ends[writer] = _follow(directory, Written(writer, first, proven, head), keys)  # 3, 4
    _compare_with_seen(heads, ends)  # 5
    unproven = {
        writer: last for writer, last in register.unproven.items() if any(n <= last for n in found.get(writer, []))
    }
    return Verified(ends, unproven, register.stores, register.anew)


def _heads(directory: Path, required: tuple[str, ...], keys: AuditKeys) -> dict[str, Head]:
    heads = {}
    for writer in sorted({*required, *(path.stem for path in directory.glob(head_name("*")))}):
        head = read_head(directory, writer, keys)
        if head is not None:
            heads[writer] = head
        elif writer in required:
            raise SegmentFailure(f"{head_name(writer)} is missing: how far the segments of {writer} went is not known")
    return heads


def _follow(directory: Path, written: Written, keys: AuditKeys) -> Point:
    """Where the writer's chain ends."""
    writer, first, head = written.writer, written.first, written.head
    mac = Mac(keys.segments(writer))
    reached = head.reached if head is not None else _NOWHERE
    end = _NOWHERE
    for number in written.numbers:
        followed = follow(directory, writer, number, mac, reached if number == reached.number else None)
        name = segment_name(writer, number)
        if (number > first or first == 1) and followed.previous != end.chain.hex():
            raise SegmentFailure(f"{name} does not follow the segment before it: one is missing or was cut short")
        if not followed.passed:
            raise SegmentFailure(
                f"{name} ends at byte {followed.end.size}, or is another, but {head_name(writer)} proves that it had "
                f"reached byte {reached.size}: records at its end are missing"
            )
        end = followed.end
    return end


def _require_numbers(writer: str, numbers: list[int], first: int, head: Head | None) -> None:
    last = max(numbers[-1] if numbers else 0, head.reached.number if head is not None else 0)
    expected = range(first, last + 1)
    count = len(expected) - len(numbers)
    if count:
        there = set(numbers)
        names = ", ".join(segment_name(writer, n) for n in islice((n for n in expected if n not in there), 3))
        raise SegmentFailure(f"{names} {'is' if count == 1 else 'are'} missing ({count} in all)")


def _compare_with_seen(heads: Mapping[str, Head], ends: Mapping[str, Point]) -> None:
    for observer, head in heads.items():
        for writer, seen in head.seen.items():
            if ends.get(writer, _NOWHERE)[:2] < seen:
                raise SegmentFailure(
                    f"the segments of {writer} were put back to an earlier state: {head_name(observer)} proves that "
                    f"they had reached byte {seen[1]} of {segment_name(writer, seen[0])}"
                )
