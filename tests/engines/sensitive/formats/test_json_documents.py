from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.engines.sensitive.formats.samples import units, unpacked

from casemate.contracts.sensitive import Leaf, Leaves, Limits, Lines, Problem, TextBlock
from casemate.engines.sensitive.formats import json_documents
from casemate.engines.sensitive.formats.json_documents import JsonDocument

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=40,
)


def leaves(data: bytes, limits: Limits | None = None) -> list[Leaf]:
    return [leaf for unit in units(data, "a.json", limits) if isinstance(unit, Leaves) for leaf in unit.leaves]


def expected(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        return [one for key, item in value.items() for one in expected(item, (*path, key))]
    if isinstance(value, list):
        return [one for key, item in enumerate(value) for one in expected(item, (*path, key))]
    return [] if value is None or isinstance(value, bool) or value == "" else [(path, str(value))]


def test_values_come_with_paths_and_numbers_as_written() -> None:
    found = leaves(b'{"a": {"b": [1, 2.50, 1e3, "x"]}, "c": null, "d": true, "e": ""}')
    assert [(leaf.record, leaf.path, leaf.value) for leaf in found] == [
        (0, ("a", "b", 0), "1"),
        (0, ("a", "b", 1), "2.50"),
        (0, ("a", "b", 2), "1e3"),
        (0, ("a", "b", 3), "x"),
    ]


def test_key_that_stands_twice_hides_nothing() -> None:
    assert [leaf.value for leaf in leaves(b'{"a": "first", "a": "second"}')] == ["first", "second"]


@given(VALUES, st.integers(1, 64))
def test_document_larger_than_the_window_gives_the_same_leaves(value: Any, window: int) -> None:
    data = json.dumps([value]).encode()
    before = json_documents.WINDOW
    try:
        json_documents.WINDOW = window  # type: ignore[misc]
        pieces = iter([data[i : i + 7] for i in range(0, len(data), 7)])
        found = [leaf for batch in JsonDocument(pieces, "utf-8", 300).leaves(()) for leaf in batch.leaves]
    finally:
        json_documents.WINDOW = before  # type: ignore[misc]
    assert [(leaf.path, leaf.value) for leaf in found] == expected([value])


def test_large_document_is_walked_with_the_same_result() -> None:
    chooser = random.Random(1)
    records = [{"id": i, "text": "x" * chooser.randint(0, 60), "deep": {"list": [i, str(i)]}} for i in range(30_000)]
    value = {"Records": records, "end": "last"}
    assert [(leaf.path, leaf.value) for leaf in leaves(json.dumps(value).encode())] == expected(value)


def test_string_larger_than_the_window_is_one_leaf() -> None:
    value = {"a": "y" * 3_000_000, "b": "end"}
    assert [(leaf.path, len(leaf.value)) for leaf in leaves(json.dumps(value).encode())] == [
        (("a",), 3_000_000),
        (("b",), 3),
    ]


def test_nesting_deeper_than_the_limit_is_told_and_what_stood_before_is_kept() -> None:
    deep = b'["first",' + b"[" * 300 + b'"x"' + b"]" * 300 + b"]"
    found = unpacked(deep, "a.json")
    assert isinstance(found[-1], Problem)
    assert found[-1].reason == "JSON_NESTING_LEVEL_OVER_LIMIT"
    shallow = b"[" * 200 + b'"x"' + b"]" * 200
    assert [leaf.value for leaf in leaves(shallow)] == ["x"]


def test_nesting_far_beyond_the_stack_is_bounded() -> None:
    (problem,) = unpacked(b"[" * 2_000_000, "a.json")
    assert isinstance(problem, Problem)


def test_malformed_document_is_read_as_text_with_its_lines() -> None:
    (block,) = unpacked(b'{"a": 1,\n "b": oops}\n', "a.json")
    assert isinstance(block, TextBlock)
    assert (block.data, block.layout) == (b'{"a": 1,\n "b": oops}\n', Lines())


def test_rest_of_a_large_malformed_document_keeps_its_line_numbers() -> None:
    good = "[\n" + ",\n".join(json.dumps({"i": i, "pad": "p" * 100}) for i in range(20_000))
    text = good + ",\n{broken secret}\n]"
    found = unpacked(text.encode(), "a.json")
    assert isinstance(found[0], Leaves)
    rest = b"".join(unit.data for unit in found if isinstance(unit, TextBlock)).decode()
    line = next(i for i, one in enumerate(rest.split("\n")) if "secret" in one)
    assert line == next(i for i, one in enumerate(text.split("\n")) if "secret" in one)
