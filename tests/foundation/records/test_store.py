"""A store in one process: what is put is found, what conflicts is refused, what fails leaves nothing."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import (
    AlreadyExists,
    AuditEntry,
    Collection,
    Conflict,
    Index,
    Message,
    Store,
    StoreClosed,
    StoreMissing,
    Timer,
)


class Animal(msgspec.Struct, frozen=True):
    name: str
    colours: list[str] = []
    legs: int = 4


ANIMALS = Collection(
    "zoo.animals",
    Animal,
    indexes=[Index("name", lambda a: [a.name], unique=True), Index("colour", lambda a: a.colours)],
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.db", name="test", create=True)
    yield opened
    opened.close()


def put(store: Store, id_: str, animal: Animal, scope: str = "a") -> None:
    unit = store.unit()
    unit.put(ANIMALS, scope, id_, animal)
    store.submit(unit).result()


def delete(store: Store, id_: str, scope: str = "a") -> None:
    unit = store.unit()
    unit.delete(ANIMALS, scope, id_)
    store.submit(unit).result()


def test_record_that_was_put_is_read_back(store: Store) -> None:
    put(store, "1", Animal("cat", ["black"]))
    assert store.reader.get(ANIMALS, "a", "1") == Animal("cat", ["black"])
    assert store.reader.get(ANIMALS, "b", "1") is None


def test_record_that_was_read_as_absent_is_seen_once_it_is_there(store: Store) -> None:
    assert store.reader.get(ANIMALS, "a", "1") is None
    put(store, "1", Animal("cat"))
    assert store.reader.get(ANIMALS, "a", "1") == Animal("cat")
    put(store, "1", Animal("dog"))
    assert store.reader.get(ANIMALS, "a", "1") == Animal("dog")
    delete(store, "1")
    assert store.reader.get(ANIMALS, "a", "1") is None


def test_find_gives_ids_in_order_after_a_key_and_up_to_a_limit(store: Store) -> None:
    for number in range(5):
        put(store, str(number), Animal(f"n{number}", ["red", "blue"] if number % 2 else ["red"]))
    assert [id_ for id_, _ in store.reader.find(ANIMALS, "colour", "a", "red")] == ["0", "1", "2", "3", "4"]
    assert [id_ for id_, _ in store.reader.find(ANIMALS, "colour", "a", "blue")] == ["1", "3"]
    assert [id_ for id_, _ in store.reader.find(ANIMALS, "colour", "a", "red", after="1", limit=2)] == ["2", "3"]
    assert store.reader.find(ANIMALS, "name", "a", "n3") == [("3", Animal("n3", ["red", "blue"]))]
    assert store.reader.find(ANIMALS, "colour", "b", "red") == []


def test_find_follows_changed_index_values(store: Store) -> None:
    put(store, "1", Animal("cat", ["black"]))
    put(store, "1", Animal("cat", ["white"]))
    assert store.reader.find(ANIMALS, "colour", "a", "black") == []
    assert [id_ for id_, _ in store.reader.find(ANIMALS, "colour", "a", "white")] == ["1"]
    delete(store, "1")
    assert store.reader.find(ANIMALS, "colour", "a", "white") == []


def test_page_index_gives_values_in_order_between_bounds(store: Store) -> None:
    for number in range(5):
        put(store, str(9 - number), Animal(f"n{number}", ["red"]))
    found = store.reader.page_index(ANIMALS, "name", "a", limit=3)
    assert [(value, id_) for value, id_, _ in found] == [("n0", "9"), ("n1", "8"), ("n2", "7")]
    found = store.reader.page_index(ANIMALS, "name", "a", after=("n2", "7"), stop="n4", limit=3)
    assert [(value, id_) for value, id_, _ in found] == [("n3", "6")]
    found = store.reader.page_index(ANIMALS, "colour", "a", after=("red", "6"), limit=3)
    assert [(value, id_) for value, id_, _ in found] == [("red", "7"), ("red", "8"), ("red", "9")]


def test_page_gives_ids_in_order(store: Store) -> None:
    for number in (3, 1, 2):
        put(store, str(number), Animal(f"n{number}"))
    assert [id_ for id_, _ in store.reader.page(ANIMALS, "a", limit=2)] == ["1", "2"]
    assert [id_ for id_, _ in store.reader.page(ANIMALS, "a", after="2", limit=2)] == ["3"]


def test_unit_sees_its_own_writes_first(store: Store) -> None:
    for number in range(4):
        put(store, str(number), Animal(f"n{number}", ["red"]))
    unit = store.unit()
    unit.put(ANIMALS, "a", "1", Animal("n1", ["blue"]))
    unit.delete(ANIMALS, "a", "2")
    unit.put(ANIMALS, "a", "25", Animal("new", ["red"]))
    assert unit.get(ANIMALS, "a", "1") == Animal("n1", ["blue"])
    assert unit.get(ANIMALS, "a", "2") is None
    assert [id_ for id_, _ in unit.find(ANIMALS, "colour", "a", "red")] == ["0", "25", "3"]
    assert [id_ for id_, _ in unit.find(ANIMALS, "colour", "a", "red", limit=2)] == ["0", "25"]
    assert [id_ for id_, _ in unit.page(ANIMALS, "a", limit=10)] == ["0", "1", "25", "3"]
    assert [value for value, _, _ in unit.page_index(ANIMALS, "name", "a", limit=3)] == ["n0", "n1", "n3"]
    assert [id_ for id_, _ in store.reader.find(ANIMALS, "colour", "a", "red")] == ["0", "1", "2", "3"]


def test_unit_that_read_a_record_which_moved_conflicts(store: Store) -> None:
    put(store, "1", Animal("cat"))
    unit = store.unit()
    unit.get(ANIMALS, "a", "1")
    unit.put(ANIMALS, "a", "2", Animal("dog"))
    put(store, "1", Animal("cat", legs=3))
    with pytest.raises(Conflict):
        store.submit(unit).result()
    assert store.reader.get(ANIMALS, "a", "2") is None


def test_unit_that_read_an_absent_record_conflicts_when_it_exists_by_then(store: Store) -> None:
    unit = store.unit()
    assert unit.get(ANIMALS, "a", "1") is None
    unit.put(ANIMALS, "a", "2", Animal("dog"))
    put(store, "1", Animal("cat"))
    with pytest.raises(Conflict):
        store.submit(unit).result()


def test_unit_that_read_a_record_which_was_deleted_and_made_again_conflicts(store: Store) -> None:
    put(store, "1", Animal("cat"))
    unit = store.unit()
    unit.get(ANIMALS, "a", "1")
    unit.put(ANIMALS, "a", "2", Animal("dog"))
    delete(store, "1")
    put(store, "1", Animal("cat"))
    with pytest.raises(Conflict):
        store.submit(unit).result()


def test_unit_is_not_disturbed_by_writes_to_other_records(store: Store) -> None:
    put(store, "1", Animal("cat"))
    unit = store.unit()
    unit.get(ANIMALS, "a", "1")
    unit.put(ANIMALS, "a", "2", Animal("dog"))
    put(store, "3", Animal("bird"))
    store.submit(unit).result()


def test_units_that_share_every_slot_conflict_only_over_the_same_record(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db", name="test", create=True, page_slots=1)
    put(store, "1", Animal("cat"))
    unit = store.unit()
    unit.get(ANIMALS, "a", "1")
    unit.put(ANIMALS, "a", "2", Animal("dog"))
    put(store, "3", Animal("bird"))
    store.submit(unit).result()
    store.close()


def test_unique_value_of_another_record_is_refused(store: Store) -> None:
    put(store, "1", Animal("cat"))
    with pytest.raises(AlreadyExists) as caught:
        put(store, "2", Animal("cat"))
    assert (caught.value.collection, caught.value.index, caught.value.scope, caught.value.value) == (
        "zoo.animals",
        "name",
        "a",
        "cat",
    )
    put(store, "2", Animal("cat"), scope="b")
    put(store, "1", Animal("cat", legs=3))


def test_unique_value_is_free_once_its_record_has_gone_or_changed(store: Store) -> None:
    put(store, "1", Animal("cat"))
    put(store, "1", Animal("dog"))
    put(store, "2", Animal("cat"))
    delete(store, "2")
    put(store, "3", Animal("cat"))


def test_unique_value_moves_between_records_in_one_unit(store: Store) -> None:
    put(store, "1", Animal("cat"))
    unit = store.unit()
    unit.put(ANIMALS, "a", "2", Animal("cat"))
    unit.delete(ANIMALS, "a", "1")
    store.submit(unit).result()
    assert store.reader.find(ANIMALS, "name", "a", "cat") == [("2", Animal("cat"))]


def test_one_unit_cannot_claim_a_unique_value_twice(store: Store) -> None:
    unit = store.unit()
    unit.put(ANIMALS, "a", "1", Animal("cat"))
    unit.put(ANIMALS, "a", "2", Animal("cat"))
    with pytest.raises(AlreadyExists):
        store.submit(unit).result()


def test_units_of_one_batch_see_each_other(tmp_path: Path) -> None:
    delivered: list[int] = []
    results: list[object] = []
    store = Store.open(
        tmp_path / "store.db",
        name="test",
        create=True,
        deliver=lambda batch: (delivered.append(len(batch)), [done(error) for done, error in batch], None)[2],
    )
    units = []
    for number in range(40):
        unit = store.unit()
        unit.put(ANIMALS, "a", str(number), Animal(f"n{number % 4}"))
        units.append(unit)
    for unit in units:
        store.commit(unit, results.append)
    store.close()
    assert len(results) == 40
    assert sum(result is None for result in results) == 4
    assert sum(isinstance(result, AlreadyExists) for result in results) == 36
    assert sum(delivered) == 40


def test_failed_unit_leaves_the_others_of_its_batch_alone(store: Store) -> None:
    put(store, "0", Animal("zero"))
    stale = store.unit()
    stale.get(ANIMALS, "a", "0")
    stale.put(ANIMALS, "a", "stale", Animal("stale"))
    put(store, "0", Animal("moved"))
    fresh = [store.unit() for _ in range(5)]
    for number, unit in enumerate(fresh):
        unit.put(ANIMALS, "a", f"f{number}", Animal(f"f{number}"))
    futures = [store.submit(unit) for unit in [fresh[0], fresh[1], stale, *fresh[2:]]]
    assert [future.exception() is None for future in futures] == [True, True, False, True, True, True]
    assert [id_ for id_, _ in store.reader.page(ANIMALS, "a", limit=10)] == ["0", "f0", "f1", "f2", "f3", "f4"]


def test_unit_with_nothing_to_commit_says_so(store: Store) -> None:
    unit = store.unit()
    assert unit.get(ANIMALS, "a", "1") is None
    assert not unit.has_writes
    unit.audit(AuditEntry("a", 1.0, b"{}"))
    assert unit.has_writes


def test_unit_after_close_is_refused(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db", name="test", create=True)
    unit = store.unit()
    unit.put(ANIMALS, "a", "1", Animal("cat"))
    store.close()
    with pytest.raises(StoreClosed):
        store.submit(unit).result()


def test_store_is_there_after_it_was_closed(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db", name="test", create=True)
    put(store, "1", Animal("cat"))
    store.close()
    store = Store.open(tmp_path / "store.db", name="test", create=False)
    assert store.reader.get(ANIMALS, "a", "1") == Animal("cat")
    store.close()


def test_missing_store_is_refused_unless_it_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        Store.open(tmp_path / "store.db", name="test", create=False)


def test_files_of_a_store_are_private(store: Store) -> None:
    put(store, "1", Animal("cat"))
    for path in store.path.parent.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


def test_timer_is_due_in_order_and_goes_with_the_unit_that_it_fires(store: Store) -> None:
    unit = store.unit()
    unit.schedule(Timer(30.0, "b", "k"))
    unit.schedule(Timer(20.0, "b", "z"))
    unit.schedule(Timer(20.0, "a", "k", b"payload"))
    store.submit(unit).result()
    assert store.next_due() == 20.0
    assert store.due_timers(10.0, 10) == []
    due = store.due_timers(25.0, 10)
    assert [(timer.kind, timer.key, timer.payload) for timer in due] == [("a", "k", b"payload"), ("b", "z", b"")]
    unit = store.unit()
    unit.fired(due[0])
    unit.schedule(Timer(50.0, "a", "k"))
    store.submit(unit).result()
    assert [(timer.due, timer.kind) for timer in store.due_timers(99.0, 10)] == [(20.0, "b"), (30.0, "b"), (50.0, "a")]


def test_timer_that_was_moved_meanwhile_does_not_fire(store: Store) -> None:
    unit = store.unit()
    unit.schedule(Timer(20.0, "a", "k"))
    store.submit(unit).result()
    (due,) = store.due_timers(20.0, 1)
    moving = store.unit()
    moving.schedule(Timer(40.0, "a", "k"))
    store.submit(moving).result()
    unit = store.unit()
    unit.fired(due)
    with pytest.raises(Conflict):
        store.submit(unit).result()
    cancelling = store.unit()
    cancelling.cancel("a", "k")
    store.submit(cancelling).result()
    assert store.next_due() is None


def test_outbox_keeps_messages_in_order_until_they_are_completed(store: Store) -> None:
    for number in range(3):
        unit = store.unit()
        unit.send(Message("eu-west-1", "key", "copy", bytes([number]) * 5000))
        store.submit(unit).result()
    unit = store.unit()
    unit.emit({"detail": 1})
    store.submit(unit).result()
    pending = store.pending(0, 10)
    assert [message.seq for message in pending] == [1, 2, 3, 4]
    assert [message.body for message in pending[:3]] == [bytes([number]) * 5000 for number in range(3)]
    assert msgspec.msgpack.decode(pending[3].body) == {"detail": 1}
    unit = store.unit()
    unit.complete(pending[0])
    unit.complete(pending[3])
    unit.send(Message("eu-west-1", "key", "copy", b""))
    store.submit(unit).result()
    assert [message.seq for message in store.pending(0, 10)] == [2, 3, 5]
    assert [message.seq for message in store.pending(2, 1)] == [3]


def test_message_is_received_once(store: Store) -> None:
    first, second = store.unit(), store.unit()
    assert first.receive("us-east-1", 7)
    assert not first.receive("us-east-1", 7)
    assert second.receive("us-east-1", 7)
    store.submit(first).result()
    with pytest.raises(Conflict):
        store.submit(second).result()
    assert not store.unit().receive("us-east-1", 7)
    assert store.unit().receive("us-east-1", 8)
    assert store.unit().receive("us-west-2", 7)


def test_receipts_below_the_floor_are_dropped(store: Store) -> None:
    unit = store.unit()
    unit.receive("us-east-1", 7)
    unit.receive("us-east-1", 9)
    store.submit(unit).result()
    unit = store.unit()
    unit.receive("us-east-1", 10, floor=9)
    store.submit(unit).result()
    assert store.unit().receive("us-east-1", 7)
    assert not store.unit().receive("us-east-1", 9)


def test_wake_numbers_move_with_timers_and_messages(store: Store) -> None:
    before = (store.timers_changed, store.outbox_changed)
    put(store, "1", Animal("cat"))
    assert (store.timers_changed, store.outbox_changed) == before
    unit = store.unit()
    unit.schedule(Timer(1.0, "a", "k"))
    store.submit(unit).result()
    assert (store.timers_changed, store.outbox_changed) == (before[0] + 1, before[1])
    unit = store.unit()
    unit.emit(1)
    store.submit(unit).result()
    assert (store.timers_changed, store.outbox_changed) == (before[0] + 1, before[1] + 1)


def test_integrity_of_a_used_store_is_sound(store: Store) -> None:
    for number in range(50):
        put(store, str(number), Animal(f"n{number}", ["red"]))
    assert store.integrity() == []
