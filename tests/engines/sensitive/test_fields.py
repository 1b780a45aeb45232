"""Records taken apart at once are the same values at the same places as taken apart one by one."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import numpy as np

from casemate.engines.sensitive.fields import ORDER_BITS, Field, Fields, fields_of


def record(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    """A record like its neighbours in most, with every kind of value somewhere."""
    values: list[Any] = ["text", "", 7, 0, 1.5, True, False, None, [], {}, ["a", 1, ["b"]], [1, 2]]
    made = {name: rng.choice(values) for name in ("a", "b", "c", "é d") if rng.random() < 0.8}
    if depth < 2 and rng.random() < 0.7:
        made["inside"] = record(rng, depth + 1)
        made["list"] = [record(rng, depth + 1) for _ in range(rng.randrange(3))]
    return made


def gathered(fields: Iterable[Field]) -> list[tuple[int, str, str]]:
    """Record, path and value of each, in the order of places."""
    rows = sorted(
        (int(place), repr(field.path), value)
        for field in fields
        for place, value in zip(field.places, field.values, strict=True)
    )
    return [(place >> ORDER_BITS, path, value) for place, path, value in rows]


def one_by_one(records: list[Any]) -> list[tuple[int, str, str]]:
    found: list[Field] = []
    fields = Fields(found.extend)
    for number, value in enumerate(records):
        fields.add(value, number + 3)
    fields.flush()
    return gathered(found)


def test_columns_hold_what_records_hold_in_the_same_order() -> None:
    rng = random.Random(3)
    records = [record(rng) for _ in range(500)]
    columns = fields_of(np.arange(3, 503), records)
    assert columns is not None
    assert gathered(columns) == one_by_one(records)
    assert len(gathered(columns)) > 2000


def test_records_that_have_no_paths_in_common_are_not_taken_apart_at_once() -> None:
    records = [{f"name {number}": "x"} for number in range(30_000)]
    assert fields_of(np.arange(len(records)), records) is None


def test_records_deeper_than_allowed_lose_what_is_too_deep() -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = {"a": deep, "b": "y"}
    columns = fields_of(np.arange(1), [deep])
    assert columns is not None
    assert gathered(columns) == [(each[0] - 3, *each[1:]) for each in one_by_one([deep])]
