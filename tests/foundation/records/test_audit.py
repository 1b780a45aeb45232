"""The chain of audit records: it holds, and it shows what was done to it or to the records that it tells of."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.audit import Mac
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
from casemate.foundation.records.audit import chain_digest

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
    assert (
        verify_chain(Mac(KEY), records, AuditHead(0, GENESIS)) == store.audit_head() == AuditHead(5, records[-1].digest)
    )
    assert store.audit_records(3, 10) == records[3:]
    assert store.audit_records(0, 2) == records[:2]
    assert store.audit_before(None, 2) == [records[4], records[3]]
    assert store.audit_before(4, 2) == [records[2], records[1]]
    assert verify_chain(Mac(KEY), records[2:], AuditHead(2, records[1].digest)) == store.audit_head()


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


def recompute(store: Store, key: bytes) -> None:
    """Make the whole chain anew, as one who does not have the store's key can, and its end in the database as well."""
    connection = sqlite3.connect(store.path)
    digest = GENESIS
    with connection:
        for seq, account, time, changes, body in connection.execute(
            "SELECT seq, account, time, changes, body FROM audit ORDER BY seq"
        ).fetchall():
            digest = chain_digest(Mac(key), digest, seq, AuditEntry(account, time, body), changes)
            connection.execute("UPDATE audit SET digest = ? WHERE seq = ?", (digest, seq))
        connection.execute("UPDATE head SET digest = ?", (digest,))
    connection.close()


def test_record_changed_and_chain_recomputed_without_the_key_shows(store: Store) -> None:
    for number in range(3):
        put(store, str(number), "Enabled")
    tamper(store, "UPDATE audit SET account = 'b' WHERE seq = 2")
    recompute(store, bytes(32))
    with pytest.raises(AuditBroken) as caught:
        store.verify_audit()
    assert caught.value.seq == 1
    recompute(store, KEY)  # who has the key makes what verifies, but for the end that is kept apart
    with pytest.raises(AuditBroken, match="it is not the record that was written") as caught:
        store.verify_audit()
    assert caught.value.seq == 3


def cut_end(store: Store, last: int) -> None:
    """Cut off the chain behind a record, and let the database say that it ends there."""
    connection = sqlite3.connect(store.path)
    with connection:
        connection.execute("DELETE FROM audit WHERE seq > ?", (last,))
        digest = connection.execute("SELECT digest FROM audit WHERE seq = ?", (last,)).fetchone()
        connection.execute("UPDATE head SET audit = ?, digest = ?", (last, GENESIS if digest is None else digest[0]))
    connection.close()


def reopened(store: Store, key: bytes = KEY, *, create: bool = True) -> Store:
    store.close()
    return Store.open(store.path, name="test", create=create, audit_key=key)


@pytest.mark.parametrize("last", [0, 1, 2])
@pytest.mark.parametrize("later", [0, 1, 5])
def test_end_that_is_cut_off_shows_also_when_the_store_goes_on(store: Store, last: int, later: int) -> None:
    for number in range(3):
        unit = store.unit()
        unit.audit(AuditEntry("a", 12.5, b"%d" % number))
        store.submit(unit).result()
    store.verify_audit()
    cut_end(store, last)
    again = reopened(store)
    for number in range(later):
        put(again, str(number), "Enabled")
    with pytest.raises(AuditBroken):
        again.verify_audit()
    again.close()


def test_store_in_the_place_of_another_shows(store: Store, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "other" / "store.db", name="other", create=True, audit_key=bytes(32))
    put(other, "1", "Enabled")
    put(store, "1", "Enabled")
    other.close()
    store.close()
    for suffix in ("", ".head"):
        shutil.copy(f"{other.path}{suffix}", f"{store.path}{suffix}")
        opened = Store.open(store.path, name="test", create=True, audit_key=KEY)
        with pytest.raises(AuditBroken):
            opened.verify_audit()
        opened.close()


@pytest.mark.parametrize("content", [None, bytes(8192), b"short"])
def test_lost_or_changed_head_file_shows(store: Store, content: bytes | None) -> None:
    put(store, "1", "Enabled")
    head = store.path.with_name("store.db.head")
    head.unlink()
    if content is not None:
        head.write_bytes(content)
    with pytest.raises(AuditBroken, match=r"store\.db\.head (is missing|was changed)"):
        store.verify_audit()
    if content is not None:  # it stays as it is: evidence
        again = reopened(store)
        put(again, "2", "Enabled")
        with pytest.raises(AuditBroken, match="was changed"):
            again.verify_audit()
        again.close()


def test_records_from_before_the_end_was_kept_are_said_to_be_unproven(store: Store) -> None:
    for number in range(3):
        put(store, str(number), "Enabled")
    recompute(store, b"")
    store.path.with_name("store.db.head").unlink()
    again = reopened(store)
    put(again, "4", "Enabled")
    assert again.audit_unproven() == 3
    assert again.verify_audit().seq == 4
    tamper(again, "UPDATE audit SET account = 'b' WHERE seq = 4")
    with pytest.raises(AuditBroken):
        again.verify_audit()
    again.close()


def test_head_that_a_crash_left_behind_is_taken_up_again(store: Store) -> None:
    head = store.path.with_name("store.db.head")
    put(store, "1", "Enabled")
    earlier = head.read_bytes()
    put(store, "2", "Enabled")
    put(store, "3", "Enabled")
    head.write_bytes(earlier)
    again = reopened(store)
    assert again.verify_audit().seq == 3
    put(again, "4", "Enabled")
    cut_end(again, 3)
    with pytest.raises(AuditBroken, match="known to have come to 4"):
        again.verify_audit()
    again.close()


def test_store_opened_without_the_key_to_be_read_leaves_the_head_alone(store: Store) -> None:
    put(store, "1", "Enabled")
    head = store.path.with_name("store.db.head")
    before = head.read_bytes()
    reader = reopened(store, b"", create=False)
    assert len(reader.audit_records(0, 10)) == 1
    assert head.read_bytes() == before
    again = reopened(reader)
    again.verify_audit()
    again.close()
