"""SearchString: Base64 in JSON, of texts and of bytes; and plain words by those who didn't encode them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import Plan, RequestView, evaluate

Plans = Callable[..., Plan]
Rule = Callable[..., dict[str, Any]]
Views = Callable[..., RequestView]


def statement(search: str, transformation: str = "NONE", constraint: str = "EXACTLY") -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "SearchString": search,
            "FieldToMatch": {"Body": {}},
            "TextTransformations": [{"Priority": 0, "Type": transformation}],
            "PositionalConstraint": constraint,
        }
    }


@pytest.mark.parametrize(
    ("search", "transformation", "body"),
    [
        (base64.b64encode(hashlib.md5(b"abc").digest()).decode(), "MD5", b"abc"),
        (base64.b64encode(hashlib.sha256(b"abc").digest()).decode(), "SHA256", b"abc"),
        # Without padding and in small letters only: what follows a transformation to bytes is bytes.
        ("qqqq", "HEX_DECODE", b"aaaaaa"),
        ("//79", "HEX_DECODE", b"fffefd"),
        (base64.b64encode(bytes(range(128, 152))).decode(), "NONE", bytes(range(128, 152))),
        (base64.b64encode(b"\x00\x01\x02\x03").decode(), "NONE", b"\x00\x01\x02\x03"),
        (base64.b64encode(b"text").decode(), "NONE", b"text"),
    ],
)
def test_base64_is_decoded(  # noqa: PLR0917 - a case and three fixtures
    search: str, transformation: str, body: bytes, plan_of: Plans, rule: Rule, view: Views
) -> None:
    plan = plan_of([rule("r", statement(search, transformation), "Block")])
    assert evaluate(view(method=b"POST", body=body), plan).blocked
    assert not evaluate(view(method=b"POST", body=body + b"x"), plan).blocked


@pytest.mark.parametrize("word", ["password", "/etc/foo", "administrator123", "no-base64", "abc", "abc=="])
def test_plain_words_are_taken_as_they_stand_with_a_note(word: str, plan_of: Plans, rule: Rule, view: Views) -> None:
    plan = plan_of([rule("r", statement(word), "Block")])
    assert evaluate(view(method=b"POST", body=word.encode()), plan).blocked
    assert any("plain text" in note for note in plan.notes)
