"""Our CBOR decoder gives what the library gives for what requests hold, and refuses the rest."""

from __future__ import annotations

import math
import time

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemate.gateway.protocols import MalformedRequest
from casemate.gateway.protocols.cbor_documents import MAX_DEPTH, Timestamp, decode_cbor

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(DOCUMENTS)
def test_document_that_the_library_encodes_is_decoded(document):
    assert decode_cbor(cbor2.dumps(document)) == document


@pytest.mark.parametrize(
    ("encoded", "document"),
    [
        ("9f0102ff", [1, 2]),
        ("bf616101ff", {"a": 1}),
        ("7f61616162ff", "ab"),
        ("5f41614162ff", b"ab"),
        ("f7", None),
        ("f93c00", 1.0),
        ("fa3fc00000", 1.5),
        ("c11a514b67b0", Timestamp(1363896240)),
        ("c1fb41d452d9ec200000", Timestamp(1363896240.5)),
        ("9f9fffff", [[]]),
        ("3bffffffffffffffff", -(1 << 64)),
    ],
)
def test_published_example_is_decoded(encoded, document):
    assert decode_cbor(bytes.fromhex(encoded)) == document


def test_nan_is_decoded():
    assert math.isnan(decode_cbor(bytes.fromhex("f97e00")))


@pytest.mark.parametrize(
    "encoded",
    [
        "", "ff", "0102", "18", "1b00", "61ff", "62c328", "5f61ff", "7f5f61ffff", "7f61c361a9ff", "5bffffffffffffffff", "9bffffffffffffffff",
        "bbffffffffffffffff", "9a00ffffff", "82ff01", "a1ff01", "a161", "a16161ff", "bf6161ff", "a2616101616102", "a10101", "a1410101", "a1f601",
        "c0613161", "c16161", "c1c101", "c249ffffffffffffffffff", "c48201", "d81c81d81d00", "d8236128", "d9d9f701", "d9010281", "e0", "f818", "fc", "1c", "1f", "3f", "df01",
    ],
)  # fmt: skip
def test_anything_else_is_refused(encoded):
    with pytest.raises(MalformedRequest):
        decode_cbor(bytes.fromhex(encoded))


@pytest.mark.parametrize("head", [b"\x81", b"\x9f", b"\xa1\x61a", b"\xc1", b"\xbf\x61a"])
def test_depth_is_bounded(head):
    with pytest.raises(MalformedRequest, match=r"nested deeper|not a number"):
        decode_cbor(head * (MAX_DEPTH + 1) + b"\x01")


def test_claimed_length_costs_nothing():
    began = time.process_time()
    with pytest.raises(MalformedRequest):
        decode_cbor(b"\x82\x9b\x00\xff\xff\xff\xff\xff\xff\xff" + b"\x01" * 1000)
    assert time.process_time() - began < 0.1
