"""No read or write costs more because there is more: every statement finds its rows by key, and sorts nothing."""

import sqlite3
from pathlib import Path

import msgspec

from casemate.foundation.records import AuditEntry, Collection, Index, Message, Store, Timer
from casemate.foundation.records.sqlite.reading import SqliteReading
from casemate.foundation.records.sqlite.writing import SqliteWriting


class Thing(msgspec.Struct, frozen=True):
    name: str


def collection(name: str, *, erasable: bool) -> Collection[Thing]:
    return Collection(
        name,
        Thing,
        indexes=[Index("name", lambda t: [t.name], unique=True), Index("kind", lambda t: [t.name[0]])],
        erasable=erasable,
    )


COLLECTIONS = [collection("plain", erasable=False), collection("sealed", erasable=True)]


# A table of one row, and the rows of a statement itself: what grows with the batch and not with the store.
OF_A_BATCH = {
    "SCAN head",
    "CO-ROUTINE wanted",
    "SCAN CONSTANT ROW",
    "SCAN w",
    "COMPOUND QUERY",
    "LEFT-MOST SUBQUERY",
    "UNION ALL",
    "SCAN wanted",
}


def use_everything(store: Store) -> None:
    for things in COLLECTIONS:
        unit = store.unit()
        unit.add(things, "a", "1", Thing("x1"))
        unit.put(things, "a", "2", Thing("x2"))
        unit.audit(AuditEntry("a", 1.0, b"{}"))
        unit.schedule(Timer(1.0, "kind", things.name))
        unit.schedule(Timer(2.0, "other", things.name))
        unit.send(Message("other", "key", "kind", b"body"))
        unit.receive(things.name, 1)
        store.submit(unit).result()
        stale = store.unit()
        stale.get(things, "a", "1")
        unit = store.unit()
        unit.put(things, "a", "1", Thing("y1"))
        unit.delete(things, "a", "2")
        unit.fired(store.due_timers(1.0, 1)[0])
        unit.cancel("other", things.name)
        unit.complete(store.pending(0, 1)[0])
        unit.receive(things.name, 3, floor=2)
        store.submit(unit).result()
        number = store.leases.acquire(things.name, "me", 1.0, 10.0)
        assert number is not None
        stale.put(things, "a", "3", Thing("z3"))
        stale.checks(things.name, number)
        assert store.submit(stale).exception() is not None
        unit = store.unit()
        unit.put(things, "a", "4", Thing("w4"))
        unit.checks(things.name, number)
        store.submit(unit).result()
        store.reader.find(things, "name", "a", "y1")
        store.reader.find(things, "kind", "a", "y", after="0", limit=5)
        store.reader.page(things, "a", limit=5)
        store.reader.page_index(things, "name", "a", after=("a", "1"), stop="z", limit=5)
        store.reader.page_index(things, "kind", "a", limit=5)
    store.next_due()
    store.audit_records(0, 10)
    store.audit_head()


def test_every_statement_searches_by_key_and_sorts_nothing(tmp_path: Path) -> None:
    statements: set[str] = set()
    store = Store.open(tmp_path / "store.db", name="test", create=True)
    writing = store._backend.writing()
    assert isinstance(writing, SqliteWriting)
    writing._connection.set_trace_callback(statements.add)
    store._backend.writing = lambda: writing  # type: ignore[method-assign]
    reading = store.reader.connections.current()
    assert isinstance(reading, SqliteReading)
    reading._connection.set_trace_callback(statements.add)
    use_everything(store)
    store.close()
    connection = sqlite3.connect(tmp_path / "store.db")
    planned = 0
    for statement in statements:
        if statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            continue
        for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {statement}"):
            planned += 1
            assert detail.startswith(("SEARCH", "SCALAR SUBQUERY")) or detail in OF_A_BATCH, (statement, detail)
    connection.close()
    assert planned > 40


def test_keyset_pages_of_an_index_start_at_their_key(tmp_path: Path) -> None:
    things = COLLECTIONS[0]
    store = Store.open(tmp_path / "store.db", name="test", create=True)
    for number in range(300):
        unit = store.unit()
        unit.add(things, "a", f"{number:04}", Thing(f"x{number:04}"))
        store.submit(unit).result()
    reading = store.reader.connections.current()
    assert isinstance(reading, SqliteReading)

    def steps(index: str, after: tuple[str, str]) -> int:
        """About how much of the database's machine a page takes, in its instructions."""
        count = 0

        def step() -> int:
            nonlocal count
            count += 1
            return 0

        reading._connection.set_progress_handler(step, 1)
        assert len(store.reader.page_index(things, index, "a", after=after, limit=5)) == 5
        reading._connection.set_progress_handler(None, 1)
        return count

    assert steps("name", ("x0290", "0290")) <= 1.2 * steps("name", ("", ""))
    assert steps("kind", ("x", "0290")) <= 1.2 * steps("kind", ("", ""))
    store.close()
