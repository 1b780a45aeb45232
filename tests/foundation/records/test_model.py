"""Random units against a model in plain dictionaries: what a unit sees of its own writes, and what is there after it."""

import random
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import AlreadyExists, Collection, Index, Reader, Store


class Thing(msgspec.Struct, frozen=True):
    name: str
    tags: list[str]


def collection(*, erasable: bool) -> Collection[Thing]:
    return Collection(
        "things",
        Thing,
        indexes=[Index("name", lambda t: [t.name], unique=True), Index("tag", lambda t: t.tags)],
        erasable=erasable,
    )


Model = dict[tuple[str, str], Thing]

SCOPES = ("", "a")
IDS = [str(number) for number in range(8)]
NAMES = [f"n{number}" for number in range(10)]
TAGS = ["red", "green", "blue"]


def agree(reader: Reader, things: Collection[Thing], model: Model, choose: random.Random) -> None:
    scope = choose.choice(SCOPES)
    here = {id_: thing for (in_scope, id_), thing in sorted(model.items()) if in_scope == scope}
    for id_ in IDS:
        assert reader.get(things, scope, id_) == here.get(id_)
    after, limit = choose.choice(["", "2", "5"]), choose.randrange(1, 6)
    assert (
        reader.page(things, scope, after=after, limit=limit)
        == [(id_, thing) for id_, thing in here.items() if id_ > after][:limit]
    )
    tag = choose.choice(TAGS)
    tagged = [(id_, thing) for id_, thing in here.items() if tag in thing.tags]
    assert reader.find(things, "tag", scope, tag) == tagged
    assert (
        reader.find(things, "tag", scope, tag, after=after, limit=limit)
        == [(id_, thing) for id_, thing in tagged if id_ > after][:limit]
    )
    name = choose.choice(NAMES)
    assert reader.find(things, "name", scope, name) == [(id_, t) for id_, t in here.items() if t.name == name]
    for index, values in (("tag", lambda t: set(t.tags)), ("name", lambda t: {t.name})):
        pairs = sorted((value, id_) for id_, thing in here.items() for value in values(thing))
        start = choose.choice([("", ""), *pairs])
        stop = choose.choice([None, "green", "n5"])
        expected = [pair for pair in pairs if pair > start and (stop is None or pair[0] < stop)][:limit]
        found = reader.page_index(things, index, scope, after=start, stop=stop, limit=limit)
        assert [(value, id_) for value, id_, _ in found] == expected
        assert all(thing == here[id_] for _, id_, thing in found)
    assert reader.memo(("sum", scope), lambda r: sorted(t.name for _, t in r.page(things, scope, limit=99))) == sorted(
        thing.name for thing in here.values()
    )


def is_unique(model: Model) -> bool:
    names = [(scope, thing.name) for (scope, _), thing in model.items()]
    return len(names) == len(set(names))


@pytest.mark.parametrize("erasable", [False, True])
@pytest.mark.parametrize("slots", [1, 65536])
def test_random_units_do_what_a_dictionary_does(tmp_path: Path, erasable: bool, slots: int) -> None:
    choose = random.Random(slots + erasable)
    things = collection(erasable=erasable)
    store = Store.open(tmp_path / "store.db", name="test", create=True, page_slots=slots)
    model: Model = {}
    refused = 0
    for _ in range(250):
        unit, wanted = store.unit(), dict(model)
        for _ in range(choose.randrange(1, 5)):
            scope, id_ = choose.choice(SCOPES), choose.choice(IDS)
            if choose.random() < 0.3:
                unit.delete(things, scope, id_)
                wanted.pop((scope, id_), None)
            else:
                thing = Thing(choose.choice(NAMES), [choose.choice(TAGS) for _ in range(choose.randrange(3))])
                if (scope, id_) not in wanted and choose.random() < 0.5:
                    unit.add(things, scope, id_, thing)
                else:
                    unit.put(things, scope, id_, thing)
                wanted[scope, id_] = thing
            agree(unit, things, wanted, choose)
        try:
            store.submit(unit).result()
        except AlreadyExists:
            refused += 1
            assert not is_unique(wanted)
        else:
            assert is_unique(wanted)
            model = wanted
        agree(store.reader, things, model, choose)
    assert 10 < refused < 240
    assert store.integrity() == []
    store.close()
    store = Store.open(tmp_path / "store.db", name="test", create=False)
    for _ in range(20):
        agree(store.reader, things, model, choose)
    store.close()
