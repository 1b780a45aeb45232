"""Texts that a pattern can't tell apart: it says the same of all of them."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from casemate.engines.sensitive import bulk
from casemate.engines.sensitive.catalogue import managed_identifiers
from casemate.engines.sensitive.rules import Form, compile_rule
from casemate.engines.sensitive.views import view_of

FORMS = [form for each in managed_identifiers().values() for form in {*compile_rule(each).forms}]


def test_classes_hold_bytes_that_no_set_tells_apart() -> None:
    view = view_of(re.compile(rb"(?<!x)[0-4][5-9]a|(?i:b)"))
    assert view is not None
    assert (view.behind, view.width, view.in_lines) == (1, 4, True)
    assert view.classes[ord("0")] == view.classes[ord("4")] != view.classes[ord("5")]
    assert view.classes[ord("B")] != view.classes[ord("a")]
    assert view.at[256 + ord("7")] == view.at[256 + ord("#")]
    assert view.at[512 + ord("7")] != view.at[512 + ord("#")]


def test_reference_back_tells_each_byte_of_its_group_from_the_others() -> None:
    view = view_of(re.compile(rb"\d([ -])\d\1\d"))
    assert view is not None
    assert view.classes[ord(" ")] != view.classes[ord("-")]
    assert view_of(re.compile(rb"(.)\1")) is None


@pytest.mark.parametrize("pattern", [rb"^a", rb"a\b", rb"(?s)a.b$", b"x" * 200])
def test_patterns_that_look_at_more_than_a_few_bytes_have_no_view(pattern: bytes) -> None:
    assert view_of(re.compile(pattern)) is None


def texts(rng: random.Random) -> bytes:
    """Digits, letters and separators in all the lengths that identifiers have."""
    pieces = []
    for _ in range(3000):
        made = "".join(rng.choice("0123456789") for _ in range(rng.choice((1, 2, 3, 4, 4, 8, 9, 10, 11, 16))))
        pieces.append(
            rng.choice(("", "", "A", "x", "FR", "GB")) + made + rng.choice((" ", "-", "/", ".", "\n", ", ", "A"))
        )
    return "".join(pieces).encode()


def digit_forms() -> list[Form]:
    return [form for form in FORMS if form.digit_first and form.width <= 40]


def test_lengths_by_kinds_are_those_of_each_text_tried() -> None:
    data = texts(random.Random(6))
    starts = np.flatnonzero(np.isin(np.frombuffer(data, dtype=np.uint8), list(b"0123456789")))
    matching = 0
    for form in digit_forms():
        lengths = bulk._lengths(form, data, starts)
        assert lengths.tolist() == bulk._tried(form, data, starts).tolist(), form.regex.pattern
        matching += int((lengths > 0).sum())
    assert matching > 1000


def test_texts_within_values_are_those_that_the_pattern_finds_in_all_of_them() -> None:
    rng = random.Random(7)
    values = [value for value in texts(rng).split(b"\n") if len(value) < 20]
    values = [rng.choice(values[:12]) for _ in range(600)]
    data = b"\n".join(values)
    ends = np.cumsum([len(value) + 1 for value in values]) - 1
    starts = np.concatenate(([0], ends[:-1] + 1))
    for form in FORMS:
        begins, until = bulk.within(form, data, starts, ends)
        found = [(match.start(), match.end()) for match in form.regex.finditer(data) if b"\n" not in match[0]]
        assert list(zip(begins.tolist(), until.tolist(), strict=True)) == found, form.regex.pattern
