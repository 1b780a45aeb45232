"""JSON as AWS WAF reads it, and what an application would read from a body."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemate.engines.web.components import body_values, json_body

LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
).filter(lambda document: isinstance(document, dict | list))


@pytest.mark.parametrize(
    "body",
    [
        # AWS WAF Developer Guide, "JSON body": parsed as two valid pairs.
        b'{"key1":"value1""key2":"value2"}',
        b'{"key1":"value1","key2""value2"}',
        b'{"key1"::"value1","key2""value2"}',
        b'{"key1":"value1","key2":"value2"}',
    ],
)
def test_documented_lenient_forms_parse_as_two_pairs(body: bytes) -> None:
    assert json_body.parse(body) == ({"key1": "value1", "key2": "value2"}, True)


@pytest.mark.parametrize(
    ("body", "root"),
    [
        (b'{"a":1,"a":2}', {"a": 1}),
        (b'{"a":1,"b":', {"a": 1, "b": None}),
        (b'{"a":"x', {"a": None}),
        (b"[1,2,oops,3]", [1, 2]),
        (b'{"a":[1,2}', {"a": [1, 2]}),
        (b'{"a":1} trailing', {"a": 1}),
        (b'"text"', None),
        (b"12", None),
        (b"", None),
        (b'{"a":"\\ud800"}', {"a": None}),
    ],
)
def test_parsing_stops_at_the_first_failure_and_keeps_what_came_before(body: bytes, root: Any) -> None:
    assert json_body.parse(body) == (root, False)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS)
def test_fast_and_lenient_readers_agree_on_well_formed_documents(document: Any) -> None:
    body = json.dumps(document).encode()
    assert json_body.parse(body) == json_body._parse_leniently(body) == (document, True)
    names, values = json_body.names_and_values(document)
    assert set(names) == set(json_body.elements(document, keys=True, values=False))
    assert set(values) == set(json_body.elements(document, keys=False, values=True))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]:,"\\a1 ', max_size=60).map(str.encode))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    document = json_body.parse(body)
    if document.root is not None:
        assert all(type(each) is bytes for each in json_body.elements(document.root, keys=True, values=True))
    for kind in (b"multipart/form-data; boundary=a", b""):
        read = body_values.read(kind, body)
        assert sum(len(each) for each in (*read.values, *read.file_contents)) <= 4 * len(body)


def test_depth_beyond_the_bound_ends_the_reading() -> None:
    body = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    document = json_body.parse(body)
    assert not document.complete
    assert document.root is not None


@pytest.mark.parametrize(
    ("pointer", "steps"), [("/a/b", ("a", "b")), ("/", ("",)), ("/a~1b/~0", ("a/b", "~")), ("/0", ("0",))]
)
def test_json_pointer_as_rfc_6901(pointer: str, steps: tuple[str, ...]) -> None:
    assert json_body.split_pointer(pointer) == steps


MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nA title\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="shell.php"\r\nContent-Type: image/png\r\n\r\n<?php\r\n'
    b"--b--\r\n"
)


@pytest.mark.parametrize(
    ("kind", "body", "values", "names"),
    [
        (b"application/x-www-form-urlencoded", b"a=1&b=%27x&c", {b"1", b"%27x"}, {b"a", b"b", b"c"}),
        (b"application/json", b'{"a":{"b":["x",1]}}', {b"x", b"1"}, {b"a", b"b"}),
        (b"text/plain", b'{"a":"believed for what it is"}', {b"believed for what it is"}, {b"a"}),
        (b"", b"a=1&b=2", {b"1", b"2"}, {b"a", b"b"}),
        (b"text/plain", b"just text, with = in it", {b"just text, with = in it"}, set()),
        (b"multipart/form-data; boundary=b", MULTIPART, {b"A title"}, {b"title", b"file"}),
        (b'multipart/form-data; boundary="b"', MULTIPART, {b"A title"}, {b"title", b"file"}),
        (b"multipart/form-data; boundary=wrong", MULTIPART, {MULTIPART}, set()),
        (
            b"application/xml",
            b"<a href='x'><b>text</b><![CDATA[raw <i>]]><c d=\"y\"/></a>",
            {b"x", b"text", b"raw <i>", b"y"},
            {b"a", b"b", b"c"},
        ),
    ],
)
def test_body_is_read_as_an_application_would(kind: bytes, body: bytes, values: set[bytes], names: set[bytes]) -> None:
    found = body_values.read(kind, body)
    assert (set(found.values), set(found.names)) == (values, names)


def test_uploads_are_told_apart_from_fields() -> None:
    found = body_values.read(b"multipart/form-data; boundary=b", MULTIPART)
    assert (found.file_names, found.file_contents) == ((b"shell.php",), (b"<?php",))


def test_json_that_breaks_off_is_still_inspected_whole() -> None:
    found = body_values.read(b"application/json", b'{"a":"x", <script>}')
    assert b'{"a":"x", <script>}' in found.values


def test_more_values_than_the_bound_are_inspected_as_one() -> None:
    found = body_values.read(b"application/json", json.dumps([f"v{n}" for n in range(5_000)]).encode())
    assert len(found.values) == 2_001
    assert b"".join(found.values).count(b"v") == 5_000


def test_markup_that_is_not_said_to_be_xml_is_a_value_as_a_whole_too() -> None:
    body = b"<img src=x onerror=alert(1)> thanks"
    assert body in body_values.read(b"text/plain", body).values
    assert body_values.read(b"application/xml", b"<a>b</a>").values == (b"b",)
    assert body_values.read(b"", b'<?xml version="1.0"?><a>b</a>').values == (b"1.0", b"b")
