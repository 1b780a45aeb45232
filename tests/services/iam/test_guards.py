"""Guards: users of a thing side by side pass, its deletion meets them all."""

from __future__ import annotations

import pytest

from casemate.foundation.records import Conflict, Store
from casemate.services.iam import guards


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store.db", name="aws", create=True)
    yield opened
    opened.close()


def units(store, *works):
    begun = [store.unit() for _ in works]
    for unit, work in zip(begun, works, strict=True):
        work(unit)
    return begun


def hold(by):
    return lambda unit: guards.hold(unit, "1", "thing", by)


def end(unit):
    guards.end(unit, "1", "thing")


def test_holders_with_other_guards_do_not_conflict(store):
    for unit in units(store, hold("a"), hold("b")):
        store.submit(unit).result()


@pytest.mark.parametrize("by", "abcdefghijklmnop")
@pytest.mark.parametrize("held_before", [False, True])
def test_the_end_conflicts_with_every_holder_under_way(store, by, held_before):
    if held_before:
        store.submit(units(store, hold(by))[0]).result()
    ending, holding = units(store, end, hold(by))
    store.submit(holding).result()
    with pytest.raises(Conflict):
        store.submit(touched(ending)).result()


def touched(unit):
    """An end of what nobody held writes nothing; the deletion itself does."""
    guards.hold(unit, "2", "other", "x")
    return unit


def test_nothing_is_left_behind(store):
    store.submit(units(store, hold("a"))[0]).result()
    store.submit(units(store, end)[0]).result()
    assert store.reader.page(guards.GUARDS, "1", limit=10) == []
