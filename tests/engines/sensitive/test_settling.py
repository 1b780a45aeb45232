"""Settling many claims in arrays is settling them one by one."""

from __future__ import annotations

import random

import numpy as np

from casemate.engines.sensitive.catalogue import managed_identifiers
from casemate.engines.sensitive.rules import compile_rule
from casemate.engines.sensitive.settling import Candidates, Settled, settle

RULES = [compile_rule(each) for each in managed_identifiers().values() if each.pattern][:40]


def candidates(rng: random.Random, size: int) -> list[tuple[int, int, int, int]]:
    """Claims of which some stand alone, some are said twice, and some overlap."""
    made = []
    for _ in range(400):
        start = rng.randrange(size - 30)
        end = start + rng.choice((4, 9, 9, 12))
        for number in rng.sample(range(len(RULES)), rng.choice((1, 1, 2, 3))):
            made += [(start, end, number, rng.choice((15, 25, 31, 35, 41)))] * rng.choice((1, 1, 2))
    return made


def test_claims_in_arrays_are_settled_as_claims_one_by_one() -> None:
    rng = random.Random(8)
    words = ("ontario ", "licence ", "123456789 ", "uk passport ", "x ", "2026-11-24 ", "texas\n")
    data = "".join(rng.choice(words) for _ in range(6000)).encode()
    given = candidates(rng, len(data))
    loose, blocks = Candidates(), Candidates()
    for each in given:
        loose.add(each)
    for number in range(len(RULES)):
        mine = np.array([each for each in given if each[2] == number], dtype=np.int64).reshape(-1, 4)
        if number % 2:
            blocks.add_many(mine[:, 0], mine[:, 1], number, mine[:, 3])
        else:
            blocks.loose += [(start, end, which, score) for start, end, which, score in mine.tolist()]
    one_by_one, at_once = settle(data, RULES, loose, b"canada"), settle(data, RULES, blocks, b"canada")
    assert list(one_by_one) == list(at_once)
    assert 100 < len(at_once) < len(given)
    assert [column.tolist() for column in one_by_one.arrays()] == [column.tolist() for column in at_once.arrays()]


def test_settled_gives_those_of_some_rules() -> None:
    found = [(0, 4, 1), (6, 9, 2), (12, 14, 1)]
    for settled in (Settled(found), Settled(block=np.array(found))):
        assert settled.of(frozenset({1})) == [found[0], found[2]]
        assert len(settled) == 3
