"""Derived values are kept exactly as long as everything that they were derived from stands still."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import Collection, Conflict, Index, Reader, Store, Unit
from casemate.foundation.records.page import EPOCH, WRITING


class Policy(msgspec.Struct, frozen=True):
    text: str
    groups: list[str] = []


POLICIES = Collection("iam.policies", Policy, indexes=[Index("group", lambda p: p.groups)])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.db", name="test", create=True)
    yield opened
    opened.close()


def put(store: Store, id_: str, text: str, *groups: str) -> None:
    unit = store.unit()
    unit.put(POLICIES, "a", id_, Policy(text, list(groups)))
    store.submit(unit).result()


def delete(store: Store, id_: str) -> None:
    unit = store.unit()
    unit.delete(POLICIES, "a", id_)
    store.submit(unit).result()


class Counting:
    """A build that counts how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, reader: Reader) -> list[str]:
        self.runs += 1
        first = reader.get(POLICIES, "a", "first")
        members = reader.find(POLICIES, "group", "a", "g")
        return [first.text if first else "none", *(policy.text for _, policy in members)]


@pytest.fixture
def build() -> Counting:
    return Counting()


def test_memo_is_built_once_while_nothing_changes(store: Store, build: Counting) -> None:
    put(store, "first", "f")
    for _ in range(5):
        assert store.reader.memo("k", build) == ["f"]
    put(store, "unrelated", "u", "other")
    assert store.reader.memo("k", build) == ["f"]
    assert build.runs == 1


def test_memo_is_built_again_when_a_record_that_it_read_changes(store: Store, build: Counting) -> None:
    assert store.reader.memo("k", build) == ["none"]
    put(store, "first", "f")
    assert store.reader.memo("k", build) == ["f"]
    put(store, "first", "g")
    assert store.reader.memo("k", build) == ["g"]
    delete(store, "first")
    assert store.reader.memo("k", build) == ["none"]


def test_memo_is_built_again_when_an_index_that_it_read_gains_loses_or_changes_a_record(
    store: Store, build: Counting
) -> None:
    assert store.reader.memo("k", build) == ["none"]
    put(store, "1", "one", "g")
    assert store.reader.memo("k", build) == ["none", "one"]
    put(store, "1", "uno", "g")
    assert store.reader.memo("k", build) == ["none", "uno"]
    put(store, "1", "uno")
    assert store.reader.memo("k", build) == ["none"]


def test_memo_over_pages_is_built_again_when_a_record_comes_or_goes(store: Store) -> None:
    def ids(reader: Reader) -> list[str]:
        return [id_ for id_, _ in reader.page(POLICIES, "a", limit=10)]

    def values(reader: Reader) -> list[str]:
        return [value for value, _, _ in reader.page_index(POLICIES, "group", "a", limit=10)]

    assert (store.reader.memo("i", ids), store.reader.memo("v", values)) == ([], [])
    put(store, "1", "one", "g")
    assert (store.reader.memo("i", ids), store.reader.memo("v", values)) == (["1"], ["g"])
    put(store, "1", "one", "h")
    assert (store.reader.memo("i", ids), store.reader.memo("v", values)) == (["1"], ["h"])
    delete(store, "1")
    assert (store.reader.memo("i", ids), store.reader.memo("v", values)) == ([], [])


def test_memo_within_a_memo_falls_with_what_the_inner_one_read(store: Store, build: Counting) -> None:
    def outer(reader: Reader) -> int:
        return len(reader.memo("inner", build))

    assert store.reader.memo("outer", outer) == 1
    put(store, "1", "one", "g")
    assert store.reader.memo("outer", outer) == 2


def test_memo_built_while_a_slot_is_marked_is_used_but_not_kept(store: Store, build: Counting) -> None:
    put(store, "first", "f")
    words = store._page.words
    slot = store._page.slot("iam.policies", "a", "first")
    words[slot] += 1
    words[WRITING] = 1
    assert store.reader.memo("k", build) == ["f"]
    assert store.reader.memo("k", build) == ["f"]
    assert build.runs == 2
    put(store, "unrelated", "u")
    assert words[slot] & 1 == 0
    for _ in range(3):
        assert store.reader.memo("k", build) == ["f"]
    assert build.runs == 3


def test_everything_kept_falls_when_a_new_epoch_begins(store: Store, build: Counting) -> None:
    put(store, "first", "f")
    assert store.reader.memo("k", build) == ["f"]
    kept = store.reader.get(POLICIES, "a", "first")
    assert store.reader.get(POLICIES, "a", "first") is kept
    store._page.words[WRITING] = 1
    epoch = store._page.words[EPOCH]
    store._page.recover()
    assert store._page.words[EPOCH] == epoch + 1
    assert store.reader.get(POLICIES, "a", "first") is not kept
    assert store.reader.memo("k", build) == ["f"]
    assert build.runs == 2


def test_unit_that_used_a_memo_conflicts_when_a_record_under_it_has_moved(store: Store, build: Counting) -> None:
    put(store, "1", "one", "g")
    unit = store.unit()
    assert unit.memo("k", build) == ["none", "one"]
    unit.put(POLICIES, "a", "9", Policy("nine"))
    delete(store, "1")
    with pytest.raises(Conflict):
        store.submit(unit).result()


def test_unit_that_used_a_memo_of_an_absent_record_conflicts_when_it_exists_by_then(
    store: Store, build: Counting
) -> None:
    unit = store.unit()
    assert unit.memo("k", build) == ["none"]
    unit.put(POLICIES, "a", "9", Policy("nine"))
    put(store, "first", "f")
    with pytest.raises(Conflict):
        store.submit(unit).result()


def test_unit_derives_from_its_own_writes_and_keeps_that_to_itself(store: Store, build: Counting) -> None:
    put(store, "first", "f")
    assert store.reader.memo("k", build) == ["f"]
    unit = store.unit()
    assert unit.memo("k", build) == ["f"]
    unit.put(POLICIES, "a", "unrelated", Policy("u"))
    assert unit.memo("k", build) == ["f"]
    assert build.runs == 1
    unit.put(POLICIES, "a", "1", Policy("one", ["g"]))
    assert unit.memo("k", build) == ["f", "one"]
    unit.put(POLICIES, "a", "first", Policy("mine"))
    assert unit.memo("k", build) == ["mine", "one"]
    assert store.reader.memo("k", build) == ["f"]
    store.submit(unit).result()
    assert store.reader.memo("k", build) == ["mine", "one"]


def test_readers_under_load_never_see_an_older_record_than_before(store: Store) -> None:
    unit: Unit = store.unit()
    unit.put(POLICIES, "a", "first", Policy("0"))
    store.submit(unit).result()
    last = 0
    pending = []
    for number in range(1, 300):
        unit = store.unit()
        unit.put(POLICIES, "a", "first", Policy(str(number)))
        pending.append(store.submit(unit))
        for _ in range(20):
            found = store.reader.get(POLICIES, "a", "first")
            assert found is not None
            assert int(found.text) >= last
            last = int(found.text)
            assert int(store.reader.memo("k", lambda r: r.get(POLICIES, "a", "first")).text) >= last  # type: ignore[union-attr]
        if pending[-1].exception() is None:
            found = store.reader.get(POLICIES, "a", "first")
            assert found is not None
            assert int(found.text) == number
            last = number
