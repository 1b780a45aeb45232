"""The chain of audit records: it holds, and it shows what was done to it or to the records that it tells of."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import (
    GENESIS,
    AuditBroken,
    AuditEntry,
    AuditHead,
    Collection,
    Conflict,
    Index,
    Store,
    verify_chain,
)

KEY = bytes(range(32))


class Key(msgspec.Struct, frozen=True):
    state: str


KEYS = Collection("kms.keys", Key, indexes=[Index("state", lambda k: [k.state])])
MATERIAL = Collection("kms.material", Key, erasable=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.db", name="test", create=True, audit_key=KEY)
    yield opened
    opened.close()


def put(store: Store, id_: str, state: str, *, audited: bool = True) -> None:
    unit = store.unit()
    unit.put(KEYS, "a", id_, Key(state))
    unit.put(MATERIAL, "a", id_, Key(state * 3))
    if audited:
        unit.audit(AuditEntry("a", 12.5, f"{id_} {state}".encode()))
    store.submit(unit).result()


def delete(store: Store, id_: str) -> None:
    unit = store.unit()
    unit.delete(KEYS, "a", id_)
    unit.delete(MATERIAL, "a", id_)
    unit.audit(AuditEntry("a", 13.0, b"delete"))
    store.submit(unit).result()


def tamper(store: Store, statement: str, *values: object) -> None:
    connection = sqlite3.connect(store.path)
    with connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


def test_entries_are_numbered_in_order_of_commit_and_chained(store: Store) -> None:
    for number in range(5):
        put(store, str(number), "Enabled")
    records = store.audit_records(0, 10)
    assert [record.seq for record in records] == [1, 2, 3, 4, 5]
    assert [record.body for record in records] == [f"{number} Enabled".encode() for number in range(5)]
    assert records[0].account == "a"
    assert records[0].time == 12.5
    assert verify_chain(KEY, records, AuditHead(0, GENESIS)) == store.audit_head() == AuditHead(5, records[-1].digest)
    assert store.audit_records(3, 10) == records[3:]
    assert store.audit_records(0, 2) == records[:2]
    assert store.audit_before(None, 2) == [records[4], records[3]]
    assert store.audit_before(4, 2) == [records[2], records[1]]
    assert verify_chain(KEY, records[2:], AuditHead(2, records[1].digest)) == store.audit_head()


def test_refused_unit_leaves_no_audit_record(store: Store) -> None:
    put(store, "1", "Enabled")
    stale = store.unit()
    stale.get(KEYS, "a", "1")
    stale.put(KEYS, "a", "2", Key("Enabled"))
    stale.audit(AuditEntry("a", 1.0, b"stale"))
    put(store, "1", "Disabled")
    with pytest.raises(Conflict):
        store.submit(stale).result()
    assert store.audit_head().seq == 2


def test_audit_entry_alone_is_a_unit(store: Store) -> None:
    unit = store.unit()
    unit.audit(AuditEntry("a", 1.0, b"one"))
    unit.audit(AuditEntry("a", 1.0, b"two"))
    store.submit(unit).result()
    assert [record.body for record in store.audit_records(0, 10)] == [b"one", b"two"]
    assert store.verify_audit() == store.audit_head()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET body = x'00' WHERE seq = 2",
        "UPDATE audit SET account = 'b' WHERE seq = 2",
        "UPDATE audit SET time = 1.0 WHERE seq = 2",
        "UPDATE audit SET changes = x'' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
    ],
)
def test_changed_or_missing_audit_record_breaks_the_chain(store: Store, statement: str) -> None:
    for number in range(3):
        put(store, str(number), "Enabled")
    store.verify_audit()
    tamper(store, statement)
    with pytest.raises(AuditBroken) as caught:
        store.verify_audit()
    assert caught.value.seq == 2


def test_records_that_changed_and_went_as_the_chain_tells_are_sound(store: Store) -> None:
    put(store, "1", "Enabled")
    put(store, "2", "Enabled")
    put(store, "1", "Disabled")
    delete(store, "2")
    put(store, "3", "Enabled")
    put(store, "3", "Disabled", audited=False)
    assert store.verify_audit() == store.audit_head()


def body_and_version(store: Store) -> tuple[bytes, int]:
    connection = sqlite3.connect(store.path)
    found = connection.execute("SELECT body, version FROM record WHERE collection = 'kms.keys' AND id = '1'").fetchone()
    connection.close()
    return found[0], found[1]


def test_row_put_back_to_an_older_state_shows(store: Store) -> None:
    put(store, "1", "Disabled")
    body, version = body_and_version(store)
    put(store, "1", "Enabled")
    tamper(
        store,
        "UPDATE record SET body = ?, version = ? WHERE collection = 'kms.keys' AND id = '1'",
        body,
        version,
    )
    with pytest.raises(AuditBroken, match=r"kms\.keys '1'"):
        store.verify_audit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET body = x'91a7456e61626c6564' WHERE collection = 'kms.keys' AND id = '1'",
        "DELETE FROM record WHERE collection = 'kms.keys' AND id = '1'",
        "UPDATE erasable SET payload = zeroblob(5000) WHERE number = (SELECT number FROM record WHERE id = '1' AND collection = 'kms.material')",
    ],
)
def test_row_changed_or_cut_out_shows(store: Store, statement: str) -> None:
    put(store, "1", "Disabled")
    tamper(store, statement)
    with pytest.raises(AuditBroken):
        store.verify_audit()


def test_verification_goes_on_while_records_are_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        put(store, str(number), "Enabled")
    read: Callable[[int, int], list[object]] = store.audit_records
    calls: list[int] = []

    def read_and_disturb(after: int, limit: int) -> list[object]:
        records = read(after, limit)
        calls.append(after)
        if len(calls) == 2:
            put(store, "2", "Disabled")
            delete(store, "3")
        return records

    monkeypatch.setattr(store, "audit_records", read_and_disturb)
    assert store.verify_audit().seq == 7
    assert len(calls) > 2
