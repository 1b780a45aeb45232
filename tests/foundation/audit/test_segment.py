"""The audit's own segments: written, chained, synced, verified; what was tampered with shows."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from casemate.foundation.audit import AuditKeys, AuditSegment, SegmentFailure, read_segments, verify_segments
from casemate.foundation.clock import ManualClock
from casemate.foundation.errors import Unavailable

KEYS = AuditKeys(bytes(range(32)))


def fatal(error: BaseException) -> None:
    raise AssertionError(error)


def segment(folder: Path, **options: object) -> AuditSegment:
    return AuditSegment(folder, writer="worker-0", keys=KEYS, clock=ManualClock(), on_fatal=fatal, **options)  # type: ignore[arg-type]


def fill(folder: Path, *turns: list[bytes]) -> None:
    opened = segment(folder)
    for turn in turns:
        for line in turn:
            opened.append(line)
        opened.flush()
    opened.close()


def flush_until_refused(opened: AuditSegment, line: bytes) -> None:
    for _ in range(100):
        opened.append(line)
        opened.flush()


def bodies(folder: Path) -> list[bytes]:
    return [record.body for record in read_segments(folder)]


def test_records_come_back_in_order_over_several_segments(tmp_path: Path) -> None:
    fill(tmp_path, [b'{"n":1}', b'{"n":2}'], [b'{"n":3}'])
    fill(tmp_path, [b'{"n":4}'])
    assert bodies(tmp_path) == [b'{"n":1}', b'{"n":2}', b'{"n":3}', b'{"n":4}']
    assert set(verify_segments(tmp_path, KEYS).writers) == {"worker-0"}


def test_segment_rolls_at_its_size(tmp_path: Path) -> None:
    opened = segment(tmp_path, segment_bytes=2_000)
    for number in range(50):
        opened.append(b'{"n":%d,"pad":"%b"}' % (number, b"x" * 100))
        opened.flush()
    opened.close()
    assert len(list(tmp_path.glob("worker-0-*.jsonl"))) > 2
    assert len(bodies(tmp_path)) == 50
    verify_segments(tmp_path, KEYS)


@pytest.mark.parametrize(
    "tamper",
    [
        lambda content: content.replace(b'"n":2', b'"n":9'),
        lambda content: content.replace(b'{"n":2}\n', b""),
        lambda content: content[content.index(b"\n") + 1 :],
        lambda content: content.replace(b'{"chain":"', b'{"chain":"0', 1),
    ],
)
def test_tampered_segment_does_not_verify(tmp_path: Path, tamper: Callable[[bytes], bytes]) -> None:
    fill(tmp_path, [b'{"n":1}'], [b'{"n":2}'], [b'{"n":3}'])
    path = next(tmp_path.glob("*.jsonl"))
    path.write_bytes(tamper(path.read_bytes()))
    with pytest.raises(SegmentFailure):
        verify_segments(tmp_path, KEYS)


@pytest.mark.parametrize(("cut", "told"), [("end", "does not follow"), ("file", "00000002.jsonl is missing")])
def test_cutting_off_shows_in_the_next_segment(tmp_path: Path, cut: str, told: str) -> None:
    for number in range(3):
        fill(tmp_path, [b'{"n":%d}' % number], [b'{"m":1}'])
    middle = sorted(tmp_path.glob("*.jsonl"))[1]
    if cut == "file":
        middle.unlink()
    else:
        content = middle.read_bytes()
        middle.write_bytes(content[: content.index(b'{"m"')])
    with pytest.raises(SegmentFailure, match=told):
        verify_segments(tmp_path, KEYS)


def test_half_written_turn_of_a_crash_is_not_a_record(tmp_path: Path) -> None:
    fill(tmp_path, [b'{"n":1}'])
    with next(tmp_path.glob("*.jsonl")).open("ab") as file:
        file.write(b'{"n":2}\n{"n":')
    assert bodies(tmp_path) == [b'{"n":1}']
    fill(tmp_path, [b'{"n":3}'])
    assert bodies(tmp_path) == [b'{"n":1}', b'{"n":3}']
    verify_segments(tmp_path, KEYS)


def fill_disk(monkeypatch: pytest.MonkeyPatch, reserve: Path) -> None:
    """From now on there is only the space that the reserve gives back."""
    size, used, real = reserve.stat().st_size, [0], os.write

    def write(descriptor: int, data: bytes) -> int:
        if used[0] + len(data) > size - reserve.stat().st_size:
            raise OSError(errno.ENOSPC, "No space left on device")
        used[0] += len(data)
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", write)


def test_full_disk_uses_the_reserve_and_then_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = segment(tmp_path, reserve_bytes=1 << 16)
    opened._tell()  # the thread would, in its time: what it makes anew takes space too
    reserve = tmp_path / "worker-0.reserve"
    assert reserve.stat().st_size == 1 << 16
    fill_disk(monkeypatch, reserve)
    opened.append(b'{"n":1}')
    opened.flush()  # out of the reserve
    # No more was given back than it takes: nobody else on the disk gets it.
    assert reserve.stat().st_size == (1 << 16) - os.statvfs(tmp_path).f_frsize
    line = b'"%b"' % bytes(1000).replace(b"\0", b"x")
    with pytest.raises(Unavailable, match="reserve is used up"):
        flush_until_refused(opened, line)
    assert reserve.stat().st_size == 0
    written = len(bodies(tmp_path))
    assert written * 1000 > 0.8 * (1 << 16)
    monkeypatch.undo()
    opened.append(b'{"n":"last"}')
    opened.flush()
    opened.close()
    assert bodies(tmp_path)[-1] == b'{"n":"last"}'
    assert len(bodies(tmp_path)) == written + 1
    verify_segments(tmp_path, KEYS)


def test_process_that_begins_on_a_full_disk_has_the_reserve_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment(tmp_path, reserve_bytes=1 << 16).close()
    fill_disk(monkeypatch, tmp_path / "worker-0.reserve")
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((4096, 4096, 1000, 0, 0, 0, 0, 0, 0, 255)))
    opened = segment(tmp_path, reserve_bytes=1 << 16)
    opened.append(b'{"n":1}')
    opened.flush()
    opened.close()
    assert bodies(tmp_path) == [b'{"n":1}']


def test_strict_segment_is_synced_before_flush_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = segment(tmp_path, strict=True)
    synced: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: (synced.append(descriptor), real(descriptor))[1])
    opened.append(b'{"n":1}')
    opened.flush()
    assert synced
    opened.close()
