"""Leases: one holder at a time, numbered, checked at commit."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import Collection, Conflict, Store


class Note(msgspec.Struct, frozen=True):
    text: str


NOTES = Collection("test.notes", Note)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.db", name="test", create=True)
    yield opened
    opened.close()


def test_lease_has_one_holder_until_it_lapses(store: Store) -> None:
    assert store.leases.acquire("timers", "one", 100.0, 10.0) == 1
    assert store.leases.acquire("timers", "two", 105.0, 10.0) is None
    assert store.leases.acquire("timers", "one", 105.0, 10.0) == 1
    assert store.leases.acquire("timers", "two", 114.0, 10.0) is None
    assert store.leases.acquire("timers", "two", 115.0, 10.0) == 2
    assert store.leases.acquire("timers", "one", 116.0, 10.0) is None
    assert store.leases.acquire("other", "one", 116.0, 10.0) == 1


def test_holder_that_let_its_lease_lapse_gets_a_new_number(store: Store) -> None:
    assert store.leases.acquire("timers", "one", 100.0, 10.0) == 1
    assert store.leases.acquire("timers", "one", 111.0, 10.0) == 2


def test_released_lease_is_free_at_once(store: Store) -> None:
    number = store.leases.acquire("timers", "one", 100.0, 10.0)
    assert number == 1
    store.leases.release("timers", 7)
    assert store.leases.acquire("timers", "two", 101.0, 10.0) is None
    store.leases.release("timers", number)
    assert store.leases.acquire("timers", "two", 101.0, 10.0) == 2


def test_unit_under_a_lease_that_was_taken_over_is_refused(store: Store) -> None:
    assert store.leases.acquire("timers", "one", 100.0, 10.0) == 1
    late, timely = store.unit(), store.unit()
    for unit in (late, timely):
        unit.put(NOTES, "", "1", Note("done"))
        unit.checks("timers", 1)
    # Prolonging keeps the number.
    assert store.leases.acquire("timers", "one", 105.0, 10.0) == 1
    store.submit(timely).result()
    assert store.leases.acquire("timers", "two", 120.0, 10.0) == 2
    late = store.unit()
    late.put(NOTES, "", "1", Note("done twice"))
    late.checks("timers", 1)
    with pytest.raises(Conflict, match="lease"):
        store.submit(late).result()
    assert store.reader.get(NOTES, "", "1") == Note("done")


def test_unit_under_a_lease_that_never_was_is_refused(store: Store) -> None:
    unit = store.unit()
    unit.put(NOTES, "", "1", Note("done"))
    unit.checks("timers", 1)
    with pytest.raises(Conflict):
        store.submit(unit).result()
