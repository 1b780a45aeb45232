"""What is done to a store as a whole: copies, erasure, migrations, checks."""

import os
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import (
    AuditEntry,
    Collection,
    DataNewerThanProgram,
    Index,
    Message,
    Store,
    StoreFailed,
)
from casemate.foundation.records.sqlite import SqliteBackend
from casemate.foundation.records.sqlite.schema import MIGRATIONS


class Secret(msgspec.Struct, frozen=True):
    sealed: bytes
    label: str = ""


SECRETS = Collection("sm.secrets", Secret, indexes=[Index("label", lambda s: [s.label])], erasable=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data" / "store.db", name="test", create=True)
    yield opened
    opened.close()


def put(store: Store, id_: str, sealed: bytes, label: str = "") -> None:
    unit = store.unit()
    unit.put(SECRETS, "a", id_, Secret(sealed, label))
    unit.audit(AuditEntry("a", 1.0, b"{}"))
    store.submit(unit).result()


def delete(store: Store, id_: str) -> None:
    unit = store.unit()
    unit.delete(SECRETS, "a", id_)
    store.submit(unit).result()


MARK = b"\xf0mark\xf1"


def sealed_bytes(size: int) -> bytes:
    """Random bytes in pieces of 24 that are quickly found: whole values must not survive, and pieces must not either."""
    return b"".join(MARK + os.urandom(24 - len(MARK)) for _ in range(size // 24))


def pieces_on_disk(directory: Path) -> set[bytes]:
    found: set[bytes] = set()
    for path in directory.rglob("*"):
        data = path.read_bytes()
        start = data.find(MARK)
        while start >= 0:
            found.add(data[start : start + 24])
            start = data.find(MARK, start + 1)
    return found


def pieces(sealed: bytes) -> set[bytes]:
    return {sealed[start : start + 24] for start in range(0, len(sealed), 24)}


@pytest.mark.parametrize("size", [1, 30, 300, 3000, 3580, 4060, 4070, 8180, 8190, 9000, 70_000, 1_100_000])
def test_erasable_record_of_any_size_is_read_back(store: Store, size: int) -> None:
    sealed = os.urandom(size)
    put(store, "1", sealed, "x")
    store.reader._begin_epoch()
    assert store.reader.find(SECRETS, "label", "a", "x") == [("1", Secret(sealed, "x"))]
    put(store, "1", sealed[::-1], "x")
    assert store.reader.get(SECRETS, "a", "1") == Secret(sealed[::-1], "x")
    assert store.reader.page(SECRETS, "a", limit=2) == [("1", Secret(sealed[::-1], "x"))]
    assert store.reader.page_index(SECRETS, "label", "a", limit=2) == [("x", "1", Secret(sealed[::-1], "x"))]


def churn(store: Store, collection: Collection[Secret]) -> tuple[dict[str, bytes], list[bytes]]:
    """Make, change and delete until the trees have been rebalanced many times: what is left, and what was erased."""
    choose = random.Random(7)
    live: dict[str, bytes] = {}
    erased: list[bytes] = []
    for number in range(2500):
        action = choose.random()
        id_ = choose.choice(list(live)) if live and action > 0.5 else f"{choose.getrandbits(64):016x}"
        unit = store.unit()
        if id_ in live:
            erased.append(live.pop(id_))
        if action < 0.7:
            live[id_] = sealed_bytes(choose.choice([48, 120, 300, 900, 2000, 4200]))
            unit.put(collection, "a", id_, Secret(live[id_], str(number)))
        else:
            unit.delete(collection, "a", id_)
        if number % 10 == 0:
            erased.append(sealed_bytes(choose.choice([48, 700, 5000])))
            unit.send(Message("us-east-1", id_, "copy", erased[-1]))
        store.submit(unit).result()
        if number % 600 == 0:
            store.checkpoint(truncate=False)
    return live, erased


def test_erased_bytes_are_nowhere_in_the_directory_once_the_log_is_cut(store: Store) -> None:
    live, erased = churn(store, SECRETS)
    gone = {piece for sealed in erased for piece in pieces(sealed)}
    kept = {piece for sealed in live.values() for piece in pieces(sealed)}
    before = pieces_on_disk(store.path.parent)
    assert len(before & gone) > len(gone) / 5, "they were hardly ever on disk: the search proves nothing"
    for message in store.pending(0, 1000):
        unit = store.unit()
        unit.complete(message)
        store.submit(unit).result()
    assert store.checkpoint(truncate=True)
    after = pieces_on_disk(store.path.parent)
    assert after & gone == set()
    # Some pieces of what is kept are cut by the border of a page.
    assert len(after & kept) > 0.9 * len(kept)
    assert store.integrity() == []


def test_log_is_cut_although_another_thread_reads_in_between(store: Store) -> None:
    put(store, "1", b"x" * 100)
    store.reader.get(SECRETS, "a", "1")
    assert store.checkpoint(truncate=True)
    assert store.path.with_name("store.db-wal").stat().st_size == 0


def test_backup_made_during_writes_opens_and_is_consistent(store: Store, tmp_path: Path) -> None:
    for number in range(20):
        put(store, str(number), b"x" * 100, "before")
    pending = []
    for number in range(20):
        unit = store.unit()
        unit.put(SECRETS, "a", f"later{number}", Secret(b"y"))
        unit.audit(AuditEntry("a", 1.0, b"{}"))
        pending.append(store.submit(unit))
    store.backup_to(tmp_path / "backup.db")
    for future in pending:
        future.result()
    assert (tmp_path / "backup.db").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.db", "backup.db.head", "data"]
    with pytest.raises(FileExistsError):
        store.backup_to(tmp_path / "backup.db")
    copy = Store.open(tmp_path / "backup.db", name="copy", create=False)
    assert len(copy.reader.find(SECRETS, "label", "a", "before")) == 20
    assert len(copy.reader.page(SECRETS, "a", limit=100)) == copy.audit_head().seq
    assert copy.integrity() == []
    put(copy, "new", b"z")
    copy.close()


def test_data_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store.open(path, name="test", create=True).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DataNewerThanProgram) as caught:
        Store.open(path, name="test", create=True)
    assert (caught.value.found, caught.value.known) == (len(MIGRATIONS) + 1, len(MIGRATIONS))
    assert path.read_bytes() == before


def test_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreFailed):
        Store.open(path, name="test", create=True)
    assert path.read_bytes() == before


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreFailed):
        Store.open(path, name="test", create=True)


def test_older_data_is_migrated_once_after_a_copy_was_put_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store.open(path, name="test", create=True)
    put(store, "1", b"kept")
    store.close()
    steps = (*MIGRATIONS, ("CREATE TABLE further (a)", "INSERT INTO further VALUES (1)"))
    for _ in range(2):
        SqliteBackend(path, steps=steps).prepare(create=False)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT a FROM further").fetchall() == [(1,)]
    assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
    connection.close()
    backup = tmp_path / f"store.db.format-{len(MIGRATIONS)}"
    assert backup.stat().st_mode & 0o077 == 0
    copy = Store.open(backup, name="copy", create=False)
    assert copy.reader.get(SECRETS, "a", "1") == Secret(b"kept")
    copy.close()
    with pytest.raises(DataNewerThanProgram):
        Store.open(path, name="test", create=False)


def test_migration_that_fails_leaves_the_data_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store.open(path, name="test", create=True)
    put(store, "1", b"kept")
    store.close()
    steps = (*MIGRATIONS, ("CREATE TABLE further (a)", "INSERT INTO missing VALUES (1)"))
    with pytest.raises(StoreFailed):
        SqliteBackend(path, steps=steps).prepare(create=False)
    store = Store.open(path, name="test", create=False)
    assert store.reader.get(SECRETS, "a", "1") == Secret(b"kept")
    store.close()


def test_damage_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store.open(path, name="test", create=True)
    for number in range(200):
        put(store, str(number), b"x" * 500, "label")
    store.close()
    content = bytearray(path.read_bytes())
    for page in range(4, len(content) // 4096, 3):
        content[page * 4096 : page * 4096 + 100] = os.urandom(100)
    path.write_bytes(content)
    assert SqliteBackend(path).integrity()
