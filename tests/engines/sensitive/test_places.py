"""Places by the million are kept small, and come out as they went in."""

from __future__ import annotations

import io
import pickle
import random
import tracemalloc
from collections.abc import Iterator

import msgspec
import pytest

from casemate.contracts.sensitive import Limits, Lines, Opened, TextBlock, Unit
from casemate.engines.sensitive import Detection, FileResult, Occurrences, Resource, compile_plan, finding, scan
from casemate.engines.sensitive.findings import finding_in_pieces
from casemate.engines.sensitive.places import BLOCK, Places
from casemate.engines.sensitive.streaming import pieces_of_json, pieces_of_repr

NOW = "2026-11-24T10:00:00Z"


@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_places_come_out_as_they_went_in(count: int) -> None:
    rng = random.Random(count)
    given = [(rng.randrange(1 << 40), number, -number, 7) for number in range(count)]
    one_by_one, at_once = Places(4), Places(4)
    packed = Places(4)
    for place in given:
        one_by_one.add(place)
    at_once.add([part for place in given for part in place])
    for place in given:
        packed.add_packed(b"".join(part.to_bytes(8, "little", signed=True) for part in place))
    for places in (one_by_one, at_once, packed, pickle.loads(pickle.dumps(one_by_one))):
        assert len(places) == count
        assert [tuple(places[index]) for index in range(count)] == given
    if count > 1:
        assert tuple(one_by_one[1]) == given[1]


def occurrences(count: int) -> Occurrences:
    found = Occurrences()
    for number in range(count):
        found.add_line((number + 1, number + 1, 3))
        found.add_cell(number, 27, "a\ud800'\"é", "Tab 1" if number % 2 else None)
        found.add_record(number, f"$.a[{number % 3}]" if number % 5 else None)
        found.add_page(number)
    return found


def test_finding_in_pieces_is_byte_by_byte_that_of_the_whole() -> None:
    several = occurrences(5000)
    detections = (
        Detection("PKCS", "CREDENTIALS", "High", occurrences(1)),
        Detection("USA_SOCIAL_SECURITY_NUMBER", "PERSONAL_INFORMATION", "High", several),
        Detection("it's \U0001f600", "CUSTOM_IDENTIFIER", "Low", occurrences(2), None),
    )
    for members in ((), ("in.zip", "b'\"\ud83d.txt")):
        result = FileResult(members, "text/plain", "PARTIAL", "MALFORMED_FILE", "cut", detections)
        resource = Resource("dir/ü.csv", 7, NOW, bucket="b")
        whole = finding(result, resource, now=NOW, most=None)
        pieces = list(finding_in_pieces(result, resource, now=NOW))
        assert b"".join(pieces) == b"".join(pieces_of_json(whole))
        assert whole is not None
        assert whole["id"].encode() in b"".join(pieces)
        assert max(map(len, pieces)) < 1_000_000
    clean = FileResult((), "text/plain", "COMPLETE", None, None, ())
    assert not list(finding_in_pieces(clean, Resource("a", 1, NOW), now=NOW))


@pytest.mark.parametrize("value", [{}, [], [1, "a", None, True, 1.5, {"b": [{"c": "ü"}]}], {"x": {"y": [[], {}]}}])
def test_pieces_of_a_tree_are_its_json_and_its_repr(value: object) -> None:
    assert b"".join(pieces_of_json(value)) == msgspec.json.encode(value)
    assert "".join(pieces_of_repr(value)) == repr(value)


class ManyLines:
    """A text without end but for its number of lines, made as it is read."""

    def __init__(self, lines: int) -> None:
        self._lines = lines

    def units(self, _stream: object, _name: str, _limits: Limits) -> Iterator[Unit]:
        yield Opened("text/plain")
        block = b"ssn: 536-22-8741 and more of the line, to be as long as lines are\n" * 1000
        for _ in range(self._lines // 1000):
            yield TextBlock(block, Lines())


def peak(lines: int) -> int:
    """The most bytes that scanning and describing so many findings takes."""
    plan = compile_plan(["USA_SOCIAL_SECURITY_NUMBER"])
    plan.named("ssn")
    tracemalloc.start()
    try:
        result = scan(io.BytesIO(), "a.log", plan, parsers=ManyLines(lines))
        pieces = (len(piece) for each in result for piece in finding_in_pieces(each, Resource("a", 1, NOW), now=NOW))
        assert sum(pieces) > 40 * lines
        assert result.files[0].detections[0].count == lines
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_by_a_few_bytes_an_occurrence() -> None:
    few, many = peak(40_000), peak(120_000)
    assert (many - few) / 80_000 < 32
