"""The pool of key pairs: nobody gets one that another got, and what is taken is made again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from tests.conftest import eventually

from casemate.engines.keys import pool as module
from casemate.engines.keys.pool import KEPT, PairPool


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The specs of the pairs that were made, each of which is only a number: real ones take seconds."""
    numbers, specs, lock = count(), [], threading.Lock()

    def make(spec: str) -> bytes:
        with lock:
            specs.append(spec)
            return f"{spec} {next(numbers)}".encode()

    monkeypatch.setattr(module, "generate_pair", make)
    yield specs
    eventually(lambda: "key pairs" not in {each.name for each in threading.enumerate()})


def test_pairs_of_rsa_are_kept_ready_after_the_first_is_asked_for(made: list[str]) -> None:
    pool = PairPool()
    assert made == []
    assert pool.take("RSA_2048").startswith(b"RSA_2048 ")
    eventually(lambda: pool.ready("RSA_2048") == KEPT["RSA_2048"])
    assert (pool.ready("RSA_3072"), pool.ready("RSA_4096")) == (0, 0)
    pool.take("RSA_2048")
    eventually(lambda: pool.ready("RSA_2048") == KEPT["RSA_2048"])
    assert len(made) == KEPT["RSA_2048"] + 2


def test_pairs_of_other_specs_are_made_when_asked_for(made: list[str]) -> None:
    pool = PairPool()
    assert [pool.take("ECC_NIST_P256")[:13] for _ in range(3)] == [b"ECC_NIST_P256"] * 3
    assert (made, pool.ready("ECC_NIST_P256")) == (["ECC_NIST_P256"] * 3, 0)


def test_no_two_that_ask_at_once_get_one_pair(made: list[str]) -> None:
    pool = PairPool()
    with ThreadPoolExecutor(8) as asking:
        taken = list(asking.map(lambda _: pool.take("RSA_4096"), range(200)))
    assert len(set(taken)) == 200
    assert set(made) == {"RSA_4096"}
