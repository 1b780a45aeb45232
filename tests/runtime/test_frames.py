from __future__ import annotations

import msgspec
import pytest

from casemate.contracts.sensitive import (
    Leaf,
    Leaves,
    Limits,
    Lines,
    PageText,
    Prose,
    RecordBatch,
    TableBatch,
    TextBlock,
)
from casemate.engines.sensitive.formats import Packed
from casemate.runtime.frames import PREFIX, Done, Failed, FrameRefused, frame_of, limits_of, limits_text, unit_of

UNITS = (
    TableBatch(("a", None), [["1", None], ["x", "y"]], 3, "Sheet"),
    RecordBatch((("a",), ("b", 0, "c")), [["1"], [None]], 7),
    Leaves([Leaf(0, ("a", 1), "x")]),
    PageText(2, "text"),
    Prose("text"),
    Packed("a/b", b"data", last=True),
    Failed("MALFORMED_FILE", "why"),
    Done(),
)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: type(unit).__name__)
def test_unit_arrives_as_it_was_sent(unit: object) -> None:
    frame = frame_of(unit)  # type: ignore[arg-type]
    assert int.from_bytes(frame[:PREFIX], "big") == len(frame) - PREFIX
    assert unit_of(frame[PREFIX:]) == unit


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        [99, "x"],
        [2, ["a"], [["1"], ["2"]], 1, None],
        [2, ["a", "b"], [["1"], ["2", "3"]], 1, None],
        [3, [["a"]], [[5]], 0],
        [4, [[0, ["a"], None]]],
        [5, "one", "text"],
    ],
)
def test_frame_of_another_shape_is_refused(value: object) -> None:
    with pytest.raises(FrameRefused):
        unit_of(msgspec.msgpack.encode(value))


def test_unit_that_no_parser_sends_is_not_framed() -> None:
    with pytest.raises(ValueError, match="TextBlock"):
        frame_of(TextBlock(b"x", Lines()))


def test_limits_travel_as_an_argument() -> None:
    assert limits_of(limits_text(Limits(seconds=1.5, memory_bytes=7))) == Limits(seconds=1.5, memory_bytes=7)
