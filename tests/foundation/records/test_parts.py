"""The small parts: the cache of two generations, the page, the lock, the layout of erasable bodies, the entries of a record."""

import os
import threading
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import Collection, Index
from casemate.foundation.records.cache import Generations
from casemate.foundation.records.lock import StoreLock
from casemate.foundation.records.page import CHANGES, EPOCH, HEADER_WORDS, WRITING, Page
from casemate.foundation.records.sqlite.padding import PAGE_SIZE, pad, unpad


class Item(msgspec.Struct):
    size: int


def test_cache_keeps_what_is_used_and_drops_what_is_not() -> None:
    cache: Generations[int, Item] = Generations(1000)
    cache.put(-1, Item(10), 0)
    for number in range(500):
        cache.put(number, Item(10), 0)
        assert cache.get(-1) is not None
    assert cache.get(0) is None
    assert cache.get(499) is not None


def test_cache_never_holds_more_than_its_limit_and_one_value() -> None:
    cache: Generations[int, Item] = Generations(1000)
    for number in range(300):
        cache.put(number, Item(number % 37), 0)
        held = [cache.young, cache._old]
        assert sum(item.size for half in held for item in half.values()) <= 1000 + 36


def test_cache_counts_a_replaced_value_once() -> None:
    cache: Generations[int, Item] = Generations(1000)
    for _ in range(200):
        cache.put(1, Item(400), 0)
        cache.put(2, Item(90), 0)
    assert cache.get(1) is not None
    assert cache._size == 490


def test_cache_takes_nothing_from_an_epoch_that_is_over() -> None:
    cache: Generations[int, Item] = Generations(1000)
    cache.put(1, Item(10), 0)
    cache.begin(1)
    assert cache.get(1) is None
    cache.put(2, Item(10), 0)
    assert cache.get(2) is None
    cache.put(2, Item(10), 1)
    assert cache.get(2) is not None


def test_page_marks_and_publishes_slots_for_everybody_who_maps_it(tmp_path: Path) -> None:
    one = Page(tmp_path / "page", slots=1024)
    other = Page(tmp_path / "page", slots=64)
    slot = one.slot("a", "b", "c")
    assert other.slot("a", "b", "c") == slot
    assert HEADER_WORDS <= slot < HEADER_WORDS + 1024
    one.mark([slot, slot])
    one.marked()
    assert (other.words[slot], other.words[WRITING], other.words[CHANGES]) == (1, 1, 1)
    one.publish()
    assert (other.words[slot], other.words[WRITING], other.words[CHANGES]) == (2, 0, 2)
    assert other.words[EPOCH] == one.words[EPOCH]


def test_page_left_by_a_writer_that_died_is_made_even_in_a_new_epoch(tmp_path: Path) -> None:
    dead = Page(tmp_path / "page", slots=1024)
    slots = [dead.slot(str(number)) for number in range(5)]
    dead.mark(slots)
    heir = Page(tmp_path / "page")
    epoch = heir.words[EPOCH]
    heir.recover()
    assert heir.words[EPOCH] == epoch + 1
    assert [heir.words[slot] for slot in slots] == [2] * 5
    heir.recover()
    assert heir.words[EPOCH] == epoch + 1


def test_page_of_another_boot_begins_again(tmp_path: Path) -> None:
    page = Page(tmp_path / "page", slots=64)
    page.mark([HEADER_WORDS + 3])
    epoch = page.words[EPOCH]
    page.words[7] = 12345
    again = Page(tmp_path / "page")
    assert list(again.words[HEADER_WORDS:]) == [0] * 64
    assert (again.words[EPOCH], again.words[WRITING]) == (epoch + 1, 0)


def test_page_that_a_crash_left_unfinished_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"half")
    page = Page(tmp_path / "page", slots=64)
    assert (tmp_path / "page").stat().st_size == (HEADER_WORDS + 64) * 8
    assert len(page.words) == HEADER_WORDS + 64


def test_page_is_no_hole_in_a_file(tmp_path: Path) -> None:
    Page(tmp_path / "page")
    status = (tmp_path / "page").stat()
    assert status.st_blocks * 512 >= status.st_size


def test_lock_excludes_another_instance_in_the_same_process(tmp_path: Path) -> None:
    order: list[str] = []
    first, second = StoreLock(tmp_path / "db"), StoreLock(tmp_path / "db")
    started = threading.Event()

    def wait() -> None:
        started.set()
        with second:
            order.append("second")

    thread = threading.Thread(target=wait)
    with first:
        thread.start()
        started.wait(30)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    first.close()
    second.close()


def test_lock_goes_to_the_one_that_waits_before_the_one_that_comes_back(tmp_path: Path) -> None:
    first, second = StoreLock(tmp_path / "db"), StoreLock(tmp_path / "db")
    waits = []
    stop = threading.Event()
    turns = 0

    def greedy() -> None:
        nonlocal turns
        while not stop.is_set():
            with first:
                turns += 1

    thread = threading.Thread(target=greedy)
    thread.start()
    for _ in range(50):
        before = turns
        with second:
            waits.append(turns - before)
    stop.set()
    thread.join()
    # Threads are held up by the interpreter as well: what matters is that nobody waits for long.
    assert sorted(waits)[25] < 1000
    first.close()
    second.close()


@pytest.mark.parametrize("texts", [(), ("a" * 10, "b" * 70, ""), ("c" * 300,)])
def test_padded_body_never_stands_in_the_first_bytes_of_its_row(texts: tuple[str, ...]) -> None:
    overflow, least = PAGE_SIZE - 4, (PAGE_SIZE - 12) * 32 // 255 - 23
    for size in [*range(9000), 16_000, 16_384, 1_048_576, 1_100_000]:
        body = b"\x01" * size
        payload = pad(body, texts)
        assert unpad(payload) == body
        before = 2 + sum(len(text) + (1 if len(text) < 58 else 2) for text in texts)
        row = before + _varint(2 * len(payload) + 12) + len(payload)
        # The format's rule: what remains of a row in the tree.
        remains = least + (row - least) % overflow
        local = remains if remains <= PAGE_SIZE - 35 else least
        assert row > PAGE_SIZE - 35
        assert local < row - len(payload) + 512, size


def _varint(number: int) -> int:
    return max(1, -(-number.bit_length() // 7))


def test_record_stands_once_under_each_value() -> None:
    class Tagged(msgspec.Struct, frozen=True):
        tags: list[str]

    tagged = Collection("tagged", Tagged, indexes=[Index("tag", lambda t: iter(t.tags)), Index("all", lambda _: ["x"])])
    assert tagged.entries(Tagged(["b", "a", "b"])) == [
        ("tagged/tag", "b", False),
        ("tagged/tag", "a", False),
        ("tagged/all", "x", False),
    ]
    with pytest.raises(KeyError):
        tagged.space("missing")


def test_descriptors_of_a_lock_stay_in_their_process(tmp_path: Path) -> None:
    lock = StoreLock(tmp_path / "db")
    assert not os.get_inheritable(lock._gate)
    assert not os.get_inheritable(lock._lock)
    lock.close()
