"""The writer's thread goes on whatever happens, and everybody hears what became of their unit, once."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import (
    AuditEntry,
    Collection,
    CommitError,
    Conflict,
    DiskFull,
    Store,
    StoreFailed,
    Timer,
    Unkeepable,
)
from casemate.foundation.records.sqlite.writing import SqliteWriting


class Note(msgspec.Struct, frozen=True):
    text: str


NOTES = Collection("test.notes", Note)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.db", name="test", create=True)
    yield opened
    opened.close()


def submit(store: Store, id_: str) -> Future[None]:
    unit = store.unit()
    unit.add(NOTES, "", id_, Note(id_))
    return store.submit(unit)


def ids(store: Store) -> list[str]:
    return [id_ for id_, _ in store.reader.page(NOTES, "", limit=1000)]


def test_results_come_a_batch_at_a_time_in_order(tmp_path: Path) -> None:
    batches: list[list[int]] = []
    gate = threading.Event()

    def deliver(results: list[tuple[object, CommitError | None]]) -> None:
        gate.wait(30)
        batches.append([done.number for done, _ in results])  # type: ignore[attr-defined]

    class Done:
        def __init__(self, number: int) -> None:
            self.number = number

        def __call__(self, error: CommitError | None) -> None:
            raise AssertionError("the delivery decides")

    store = Store.open(tmp_path / "store.db", name="test", create=True, deliver=deliver)
    for number in range(20):
        unit = store.unit()
        unit.add(NOTES, "", str(number), Note("x"))
        store.commit(unit, Done(number))
    gate.set()
    store.close()
    assert [number for batch in batches for number in batch] == list(range(20))
    assert len(batches) < 20


def test_unit_that_cannot_be_kept_is_refused_alone(store: Store) -> None:
    surrogate = store.unit()
    surrogate.add(NOTES, "", "bad", Note("x"))
    surrogate.audit(AuditEntry("\ud800", 1.0, b""))
    timer = store.unit()
    timer.add(NOTES, "", "worse", Note("x"))
    timer.schedule(Timer(1.0, "\ud800", ""))
    futures = [submit(store, "1"), store.submit(surrogate), submit(store, "2"), store.submit(timer), submit(store, "3")]
    outcomes = [type(future.exception()) for future in futures]
    assert outcomes == [type(None), Unkeepable, type(None), Unkeepable, type(None)]
    assert ids(store) == ["1", "2", "3"]
    assert store.audit_head().seq == 0


def test_time_that_is_no_number_is_refused_alone(store: Store) -> None:
    unit = store.unit()
    unit.add(NOTES, "", "bad", Note("x"))
    unit.audit(AuditEntry("a", float("nan"), b""))
    futures = [submit(store, "1"), store.submit(unit), submit(store, "2")]
    assert [future.exception() is None for future in futures] == [True, False, True]
    assert ids(store) == ["1", "2"]


def test_record_added_over_another_is_a_conflict_and_leaves_its_batch_alone(store: Store) -> None:
    submit(store, "1").result()
    futures = [submit(store, "2"), submit(store, "1"), submit(store, "3"), submit(store, "3")]
    outcomes = [type(future.exception()) for future in futures]
    assert outcomes == [type(None), Conflict, type(None), Conflict]
    assert ids(store) == ["1", "2", "3"]


def test_callback_that_fails_is_logged_and_disturbs_nobody(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[CommitError | None] = []
    unit = store.unit()
    unit.add(NOTES, "", "1", Note("x"))

    def fail(error: CommitError | None) -> None:
        raise RuntimeError("the event loop is closed")

    with caplog.at_level(logging.ERROR):
        store.commit(unit, fail)
        submit(store, "2").result()
    unit = store.unit()
    unit.add(NOTES, "", "3", Note("x"))
    store.commit(unit, heard.append)
    submit(store, "4").result()
    assert ids(store) == ["1", "2", "3", "4"]
    assert heard == [None]
    assert "could not be delivered" in caplog.text


def test_submitted_unit_cannot_be_cancelled(store: Store) -> None:
    future = submit(store, "1")
    assert not future.cancel()
    try:
        future.result()
    except CancelledError:
        pytest.fail("it was cancelled")
    assert ids(store) == ["1"]


def test_writer_that_meets_something_unforeseen_says_so_and_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    submit(store, "1").result()

    def apply(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(SqliteWriting, "apply", apply)
        assert isinstance(submit(store, "2").exception(), StoreFailed)
    submit(store, "3").result()
    assert ids(store) == ["1", "3"]
    assert "the writer of test failed" in caplog.text


def test_connection_that_cannot_roll_back_is_replaced(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(store, "1").result()

    def refuse(*_: object) -> None:
        raise DiskFull("full")

    def broken(*_: object) -> None:
        raise StoreFailed("broken")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteWriting, "apply", refuse)
        patched.setattr(SqliteWriting, "rollback", broken)
        assert isinstance(submit(store, "2").exception(), CommitError)
    submit(store, "3").result()
    assert ids(store) == ["1", "3"]
    assert not [word for word in store._page.words[64:] if word & 1]


def test_many_threads_share_a_store(store: Store) -> None:
    def work(name: int) -> None:
        for number in range(20):
            submit(store, f"{name:02}.{number:02}").result()
            assert store.reader.get(NOTES, "", f"{name:02}.{number:02}") is not None

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids(store)) == 160
    assert store.integrity() == []


def test_batch_of_every_size_writes_all_its_rows(store: Store) -> None:
    count = 0
    for size in (1, 3, 4, 5, 17, 63, 64, 65, 100):
        unit = store.unit()
        for number in range(size):
            unit.add(NOTES, str(size), f"{number:03}", Note(str(number)))
        store.submit(unit).result()
        found = store.reader.page(NOTES, str(size), limit=1000)
        assert found == [(f"{number:03}", Note(str(number))) for number in range(size)]
        count += size
    assert count == 322
