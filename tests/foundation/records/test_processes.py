"""Several processes at one store: they share the writing, see each other's commits at once, and survive each other's deaths."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.audit import Mac
from casemate.foundation.records import GENESIS, AuditHead, Collection, Index, Reader, Store, verify_chain

PROGRAM = Path(__file__).with_name("process.py")


class Counter(msgspec.Struct, frozen=True):
    value: int
    owner: str = ""


COUNTERS = Collection("test.counters", Counter, indexes=[Index("owner", lambda c: [c.owner])])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.db", name="test", create=True)
    yield opened
    opened.close()


def start(store: Store, command: str, *arguments: object, prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*prefix, sys.executable, str(PROGRAM), command, str(store.path), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def put(store: Store, id_: str, value: int, owner: str = "") -> None:
    unit = store.unit()
    unit.put(COUNTERS, "", id_, Counter(value, owner))
    store.submit(unit).result()


def total(reader: Reader) -> int:
    return sum(counter.value for _, counter in reader.find(COUNTERS, "owner", "", "me"))


def test_two_writing_processes_share_and_neither_starves(
    store: Store, record_property: Callable[[str, object], None]
) -> None:
    processes = [start(store, "loop", name, 2.0) for name in ("a", "b")]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts, waits = [], []
    for process in processes:
        code, output = finish(process)
        assert code == 0
        count, worst = output.split()
        counts.append(int(count))
        waits.append(float(worst))
    record_property("writes of each process", counts)
    record_property("worst wait in seconds", max(waits))
    assert min(counts) > 0.3 * max(counts)
    assert max(waits) < 0.5
    assert len(store.reader.page(COUNTERS, "", limit=1_000_000)) == sum(counts)


def test_two_processes_that_increment_one_record_lose_nothing(store: Store) -> None:
    processes = [start(store, "increment", "shared", 150) for _ in range(2)]
    assert [finish(process)[0] for process in processes] == [0, 0]
    counter = store.reader.get(COUNTERS, "", "shared")
    assert counter is not None
    assert counter.value == 300
    assert verify_chain(Mac(b""), store.audit_records(0, 1000), AuditHead(0, GENESIS)) == store.audit_head()
    assert store.audit_head().seq == 300


def test_cached_record_and_memo_follow_another_process(store: Store) -> None:
    put(store, "1", 5, "me")
    assert store.reader.memo("total", total) == 5
    assert finish(start(store, "set_and_die", "never", "1", 7, "me")) == (0, "lived\n")
    counter = store.reader.get(COUNTERS, "", "1")
    assert counter is not None
    assert counter.value == 7
    assert store.reader.memo("total", total) == 7
    assert finish(start(store, "set_and_die", "never", "2", 1, "me")) == (0, "lived\n")
    assert store.reader.memo("total", total) == 8
    assert finish(start(store, "set_and_die", "never", "2", 1, "you")) == (0, "lived\n")
    assert store.reader.memo("total", total) == 7


@pytest.mark.parametrize(("point", "value"), [("marked", 5), ("committed", 7), ("published", 7)])
def test_writer_killed_during_a_commit_leaves_the_truth_to_others(store: Store, point: str, value: int) -> None:
    put(store, "1", 5, "me")
    put(store, "other", 3)
    unit = store.unit()
    unit.get(COUNTERS, "", "other")
    unit.put(COUNTERS, "", "3", Counter(3, "me"))
    assert store.reader.memo("total", total) == 5
    assert finish(start(store, "set_and_die", point, "1", 7, "me")) == (-signal.SIGKILL, "")
    # Before anybody has taken the lock again, and after: the same.
    for _ in range(2):
        counter = store.reader.get(COUNTERS, "", "1")
        assert counter is not None
        assert counter.value == value
        assert store.reader.memo("total", total) == value
    store.submit(unit).result()
    counter = store.reader.get(COUNTERS, "", "1")
    assert counter is not None
    assert counter.value == value
    assert store.reader.memo("total", total) == value + 3
    put(store, "1", 9, "me")
    assert store.reader.memo("total", total) == 12
    assert store.integrity() == []


def test_grant_revoked_by_a_writer_that_dies_before_it_publishes_stays_revoked(store: Store) -> None:
    put(store, "grant", 1, "me")
    assert store.reader.memo("total", total) == 1
    assert finish(start(store, "delete_and_die", "committed", "grant")) == (-signal.SIGKILL, "")
    assert store.reader.get(COUNTERS, "", "grant") is None
    assert store.reader.memo("total", total) == 0
    put(store, "unrelated", 1)
    assert store.reader.get(COUNTERS, "", "grant") is None
    assert store.reader.memo("total", total) == 0


def test_every_acknowledged_write_of_killed_processes_is_there_with_its_audit_record(store: Store) -> None:
    acknowledged: list[str] = []
    for round_ in range(3):
        processes = [start(store, "acknowledge", f"{round_}{name}") for name in ("a", "b")]
        for process in processes:
            assert process.stdout is not None
            acknowledged += [process.stdout.readline().strip() for _ in range(60 + 17 * round_)]
        for process in processes:
            process.send_signal(signal.SIGKILL)
            rest = process.communicate(timeout=60)[0]
            acknowledged += [line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    audited = {bytes(record.body).partition(b"=")[0].decode() for record in store.audit_records(0, 1_000_000)}
    for id_ in acknowledged:
        assert store.reader.get(COUNTERS, "", id_) is not None, id_
        assert id_ in audited
    assert verify_chain(Mac(b""), store.audit_records(0, 1_000_000), AuditHead(0, GENESIS)) == store.audit_head()
    assert store.integrity() == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_log_is_synced_after_its_last_write_and_before_the_answer(store: Store, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    prefix = ("strace", "-f", "-y", "-e", "trace=pwrite64,fdatasync,fsync,write", "-o", str(trace))
    code, output = finish(start(store, "set", "1", 5, prefix=prefix))
    assert (code, output.count("acknowledged")) == (0, 5)
    synced = False
    answers = 0
    for line in trace.read_text().splitlines():
        if "store.db-wal>" in line:
            synced = "sync(" in line
        elif "write(1<" in line and "acknowledged" in line:
            assert synced, line
            synced = False
            answers += 1
    assert answers == 5


def test_child_processes_do_not_inherit_the_lock(store: Store) -> None:
    put(store, "1", 1)
    listing = "import os; print(*(os.readlink(f'/proc/self/fd/{n}') for n in range(50) if os.path.exists(f'/proc/self/fd/{n}')))"
    output = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, close_fds=False, text=True, check=True
    ).stdout
    assert "pipe:" in output
    assert "store.db" not in output
