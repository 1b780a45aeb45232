"""What one who has no key does to the segments of a directory shows; what an honest crash leaves does not."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from casemate.foundation.audit import (
    AuditKeys,
    AuditSegment,
    HeadFile,
    Registry,
    SegmentFailure,
    copy_segments,
    read_segments,
    verify_segments,
)
from casemate.foundation.audit.writer_head import WriterHead
from casemate.foundation.clock import ManualClock

KEYS = AuditKeys(bytes(range(32)))


def fatal(error: BaseException) -> None:
    raise AssertionError(error)


def opened(folder: Path, writer: str, **options: object) -> AuditSegment:
    return AuditSegment(folder, writer=writer, keys=KEYS, clock=ManualClock(), on_fatal=fatal, **options)  # type: ignore[arg-type]


def write(segment: AuditSegment, *lines: bytes) -> None:
    for line in lines:
        segment.append(line)
        segment.flush()


@pytest.fixture(autouse=True)
def _no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers tell how far they are when they close, or when a test has them."""
    monkeypatch.setattr(AuditSegment, "_sync_forever", lambda _: None)


def tell(segment: AuditSegment) -> None:
    """What the thread does within a second."""
    segment._sync()
    segment._tell()


def run(folder: Path, writer: str, *lines: bytes) -> None:
    segment = opened(folder, writer)
    write(segment, *lines)
    segment.close()


def kill(segment: AuditSegment) -> None:
    """What is left of the process is what it wrote: its thread ends without telling how far it came."""
    segment._tell = lambda: None  # type: ignore[method-assign]
    segment.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two writers that each ran three times."""
    audit = tmp_path / "audit"
    for number in range(3):
        for writer in ("worker-0", "worker-1"):
            run(audit, writer, *(b'{"n":%d,"turn":%d}' % (number, turn) for turn in range(4)))
    verify_segments(audit, KEYS)
    return audit


def last_of(folder: Path, writer: str) -> Path:
    return max(folder.glob(f"{writer}-*.jsonl"))


def cut_in_half(folder: Path) -> None:
    path = last_of(folder, "worker-0")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_one_turn(folder: Path) -> None:
    path = last_of(folder, "worker-0")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))


def empty_the_last(folder: Path) -> None:
    last_of(folder, "worker-0").write_bytes(b"")


def delete(*patterns: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        for pattern in patterns:
            paths = list(folder.glob(pattern))
            assert paths, pattern
            for path in paths:
                path.unlink()

    return do


def delete_everything(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def recompute(change: Callable[[list[bytes]], list[bytes]], writer: str = "worker-0") -> Callable[[Path], None]:
    """Change the last segment and make its chain anew, as well as that can be done without the key."""

    def do(folder: Path) -> None:
        path = last_of(folder, writer)
        first, *lines = path.read_bytes().splitlines(keepends=True)
        chain = hashlib.sha256(first).digest()
        made = [first]
        for line in change([line for line in lines if not line.startswith(b'{"chain"')]):
            chain = hashlib.sha256(chain + line).digest()
            made += [line, b'{"chain":"' + chain.hex().encode() + b'"}\n']
        path.write_bytes(b"".join(made))

    return do


def replace_head(folder: Path) -> None:
    """The head of another writer in this one's place."""
    shutil.copy(folder / "worker-1.head", folder / "worker-0.head")


def garble(name: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        for at in range(0, len(content), 7):
            content[at] ^= 0xFF
        (folder / name).write_bytes(content)

    return do


def forget_writer(folder: Path) -> None:
    """Out of the register and away, with a register's code that was made without the key."""
    delete("worker-1*")(folder)
    line = b'{"writers":["worker-0"],"unproven":{}}'
    (folder / "writers.register").write_bytes(line + b"\n" + hashlib.sha256(line).hexdigest().encode() + b"\n")


def rename_segment(folder: Path) -> None:
    last_of(folder, "worker-0").rename(folder / "worker-0-00000004.jsonl")


def swap_segments(folder: Path) -> None:
    first, second = folder / "worker-0-00000001.jsonl", folder / "worker-0-00000002.jsonl"
    first.rename(folder / "aside")
    second.rename(first)
    (folder / "aside").rename(second)


def stand_in(folder: Path) -> None:
    """Another writer's last segment in this one's place."""
    shutil.copy(last_of(folder, "worker-1"), last_of(folder, "worker-0"))


def add_segment(folder: Path) -> None:
    """One more segment, with a record that was never made."""
    shutil.copy(last_of(folder, "worker-0"), folder / "worker-0-00000004.jsonl")
    recompute(lambda _: [b'{"n":"forged"}\n'])(folder)


TAMPERINGS = {
    "last segment cut in half": cut_in_half,
    "last turn cut off": cut_one_turn,
    "last segment emptied": empty_the_last,
    "last segment deleted": delete("worker-0-00000003.jsonl"),
    "first segment deleted": delete("worker-0-00000001.jsonl"),
    "first two deleted": delete("worker-0-00000001.jsonl", "worker-0-00000002.jsonl"),
    "middle deleted": delete("worker-0-00000002.jsonl"),
    "segments of one writer deleted": delete("worker-0-*.jsonl"),
    "all of one writer deleted": delete("worker-0*"),
    "all segments deleted": delete("*.jsonl"),
    "all segments and heads deleted": delete("*.jsonl", "*.head"),
    "everything deleted": delete_everything,
    "the directory deleted": shutil.rmtree,
    "register deleted": delete("writers.register"),
    "register and a writer deleted": delete("writers.register", "worker-1*"),
    "register made anew": forget_writer,
    "register garbled": garble("writers.register"),
    "head deleted": delete("worker-0.head"),
    "head garbled": garble("worker-0.head"),
    "head of another": replace_head,
    "record changed, chain recomputed": recompute(lambda lines: [line.replace(b"turn", b"tern") for line in lines]),
    "record cut out, chain recomputed": recompute(lambda lines: lines[1:]),
    "record put in, chain recomputed": recompute(lambda lines: [*lines, b'{"n":"forged"}\n']),
    "all records gone, chain recomputed": recompute(lambda _: []),
    "segment renamed": rename_segment,
    "segments swapped": swap_segments,
    "segment of another": stand_in,
    "segment added": add_segment,
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_tampering_shows(folder: Path, tamper: Callable[[Path], None]) -> None:
    tamper(folder)
    with pytest.raises(SegmentFailure):
        verify_segments(folder, KEYS)


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_tampering_still_shows_when_writers_have_gone_on(folder: Path, tamper: Callable[[Path], None]) -> None:
    tamper(folder)
    for _ in range(2):
        for writer in ("worker-0", "worker-1"):
            run(folder, writer, b'{"n":"later"}')
    try:
        proven = verify_segments(folder, KEYS)
    except SegmentFailure:
        return
    # Without a register nothing is vouched for that was there before the new one was made.
    assert proven.unproven or not list(folder.glob("*-00000003.jsonl"))


def test_writer_put_back_alone_to_an_earlier_state_shows(tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    run(audit, "worker-0", b'{"n":1}')
    shutil.copytree(audit, tmp_path / "earlier")
    run(audit, "worker-0", b'{"n":2}')
    run(audit, "worker-1", b'{"n":3}')
    delete("worker-0*")(audit)
    for path in (tmp_path / "earlier").glob("worker-0*"):
        shutil.copy(path, audit / path.name)
    with pytest.raises(SegmentFailure, match=r"put back to an earlier state: worker-1\.head proves"):
        verify_segments(audit, KEYS)
    for _ in range(3):  # and it goes on to show
        run(audit, "worker-1", b'{"n":4}')
        run(audit, "worker-0", b'{"n":5}')
    with pytest.raises(SegmentFailure):
        verify_segments(audit, KEYS)


def test_earlier_register_shows_unless_all_is_as_it_was_then(tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    run(audit, "worker-0", b'{"n":1}')
    earlier = (audit / "writers.register").read_bytes()
    run(audit, "worker-1", b'{"n":2}')
    (audit / "writers.register").write_bytes(earlier)
    assert set(verify_segments(audit, KEYS).writers) == {"worker-0", "worker-1"}
    delete("worker-1*")(audit)
    run(audit, "worker-0", b'{"n":3}')
    verify_segments(audit, KEYS)  # the whole directory put back: nothing here can tell


def test_what_is_missing_is_named(folder: Path) -> None:
    cut_one_turn(folder)
    size = last_of(folder, "worker-0").stat().st_size
    with pytest.raises(SegmentFailure, match=rf"worker-0-00000003\.jsonl ends at byte {size}.*worker-0\.head proves"):
        verify_segments(folder, KEYS)


def test_bytes_beyond_the_head_may_be_lost_and_no_others(tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    segment = opened(audit, "worker-0")
    write(segment, b'{"n":1}', b'{"n":2}')
    tell(segment)
    path = last_of(audit, "worker-0")
    told = path.stat().st_size
    write(segment, b'{"n":3}', b'{"n":4}')
    kill(segment)
    whole = path.read_bytes()
    for size in range(told, len(whole)):
        path.write_bytes(whole[:size])
        verify_segments(audit, KEYS)
        path.write_bytes(whole[:size].ljust(len(whole), b"\0"))  # a hole, where the disk kept the length only
        verify_segments(audit, KEYS)
    for size in range(told):
        path.write_bytes(whole[:size])
        with pytest.raises(SegmentFailure):
            verify_segments(audit, KEYS)


def test_record_forged_beyond_the_head_shows_or_is_not_read(tmp_path: Path) -> None:
    run(tmp_path, "worker-0", b'{"n":1}')
    path = last_of(tmp_path, "worker-0")
    whole = path.read_bytes()
    link = b'{"chain":"' + bytes(32).hex().encode() + b'"}'
    for forged in (
        b'{"n":"forged"}\n' + link,
        b'{"n":"forged"}\r' + link + b"\r",
        b'\0{"n":"forged"}\n' + link + b"\n",
    ):
        path.write_bytes(whole + forged)
        verify_segments(tmp_path, KEYS)
        assert [record.body for record in read_segments(tmp_path)] == [b'{"n":1}']
    path.write_bytes(whole + b'{"n":"forged"}\n' + link + b"\n")
    with pytest.raises(SegmentFailure, match="was changed"):
        verify_segments(tmp_path, KEYS)


@pytest.mark.parametrize("times", [1, 3])
def test_killed_writer_leaves_what_verifies_and_the_next_goes_on(tmp_path: Path, times: int) -> None:
    for number in range(times):
        segment = opened(tmp_path, "worker-0")
        write(segment, b'{"n":%d}' % number)
        kill(segment)
        verify_segments(tmp_path, KEYS)
    run(tmp_path, "worker-0", b'{"n":"last"}')
    assert verify_segments(tmp_path, KEYS).writers["worker-0"].number == times + 1
    assert len(list(read_segments(tmp_path))) == times + 1


class Killed(Exception):
    """The process ended here."""


POINTS = [
    (AuditSegment, "_new_segment"),
    (Registry, "enter"),
    (WriterHead, "tell"),
    (HeadFile, "make"),
    (HeadFile, "write"),
    (Path, "rename"),
    (os, "fdatasync"),
]


@pytest.mark.parametrize("point", POINTS, ids=[name for _, name in POINTS])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("earlier", [0, 1])
def test_writer_killed_while_it_begins_leaves_what_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: tuple[object, str], when: str, earlier: int
) -> None:
    owner, name = point
    Registry(tmp_path, KEYS.registry).make()
    for _ in range(earlier):
        run(tmp_path, "worker-0", b'{"n":1}')
    real = getattr(owner, name)

    def killed(*arguments: object, **named: object) -> object:
        if when == "after":
            real(*arguments, **named)
        raise Killed

    for _ in range(2):
        with monkeypatch.context() as patch, contextlib.suppress(Killed):
            patch.setattr(owner, name, killed)
            opened(tmp_path, "worker-0").close()
        verify_segments(tmp_path, KEYS)
    run(tmp_path, "worker-0", b'{"n":2}')
    verify_segments(tmp_path, KEYS)
    assert len(list(read_segments(tmp_path))) == earlier + 1


def test_half_written_head_leaves_the_one_before(tmp_path: Path) -> None:
    run(tmp_path, "worker-0", b'{"n":1}')
    run(tmp_path, "worker-0", b'{"n":2}')
    head = tmp_path / "worker-0.head"
    whole = head.read_bytes()
    for slot in (0, 4096):
        torn = bytearray(whole)
        torn[slot + 20 : slot + 600] = bytes(580)
        head.write_bytes(torn)
        verify_segments(tmp_path, KEYS)
    run(tmp_path, "worker-0", b'{"n":3}')
    verify_segments(tmp_path, KEYS)


def test_copy_made_while_writers_appear_and_write_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit, copied = tmp_path / "audit", tmp_path / "copied"
    first = opened(audit, "worker-0")
    write(first, b'{"n":1}')
    late: list[AuditSegment] = []
    real = shutil.copyfile

    def copyfile(source: Path, target: Path) -> None:
        real(source, target)
        write(first, b'{"n":2}')
        tell(first)
        if len(late) < 4:
            late.append(opened(audit, f"worker-{len(late) + 1}"))
            write(late[-1], b'{"n":3}')
            tell(late[-1])

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    tell(first)
    copy_segments(audit, copied)
    assert len(late) == 4
    assert set(verify_segments(copied, KEYS).writers) >= {"worker-0", "worker-1", "worker-2"}
    for segment in (first, *late):
        segment.close()


def test_verification_beside_writers_that_appear_and_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(tmp_path, "worker-0")
    write(first, b'{"n":1}')
    tell(first)
    late: list[AuditSegment] = []
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        content = real(path)
        monkeypatch.undo()
        late.append(opened(tmp_path, "worker-1"))
        write(late[-1], b'{"n":2}')
        tell(first)
        tell(late[-1])
        return content

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert set(verify_segments(tmp_path, KEYS).writers) == {"worker-0", "worker-1"}
    for segment in (first, *late):
        segment.close()


def test_segments_from_before_there_was_a_register_are_said_to_be_unproven(folder: Path) -> None:
    recompute(lambda lines: lines)(folder)
    delete("*.head", "writers.register", "worker-1*")(folder)
    run(folder, "worker-0", b'{"n":"new"}')
    proven = verify_segments(folder, KEYS)
    assert proven.unproven == {"worker-0": 3}
    assert proven.writers["worker-0"].number == 4
    delete("worker-0-00000004.jsonl")(folder)
    with pytest.raises(SegmentFailure):
        verify_segments(folder, KEYS)


def test_another_root_key_proves_nothing(folder: Path) -> None:
    with pytest.raises(SegmentFailure, match=r"writers\.register was changed"):
        verify_segments(folder, AuditKeys(bytes(32)))


def test_writers_that_are_gone_for_good_stay_proven(folder: Path) -> None:
    run(folder, "worker-2", b'{"n":1}')
    assert set(verify_segments(folder, KEYS).writers) == {"worker-0", "worker-1", "worker-2"}


def test_store_that_was_there_and_is_gone_is_put_down_as_made_anew(tmp_path: Path) -> None:
    registry = Registry(tmp_path, KEYS.registry)
    registry.make()
    database = tmp_path / "store.db"
    registry.expect_store("us-east-1", database)
    database.touch()
    registry.enter_store("us-east-1")
    registry.expect_store("us-east-1", database)
    assert verify_segments(tmp_path, KEYS)[2:] == (("us-east-1",), ())
    database.unlink()
    registry.expect_store("us-east-1", database)
    registry.enter_store("us-east-1")
    assert verify_segments(tmp_path, KEYS)[2:] == (("us-east-1",), ("us-east-1",))
