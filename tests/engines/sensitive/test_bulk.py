"""Checking many texts at once says of each what checking one says."""

from __future__ import annotations

import random

import numpy as np
import pytest

from casemate.engines.sensitive import bulk
from casemate.engines.sensitive.catalogue import managed_identifiers
from casemate.engines.sensitive.names.finder import NameFinder
from casemate.engines.sensitive.names.regions import regions
from casemate.engines.sensitive.proximity import _merged
from casemate.engines.sensitive.rules import compile_rule
from casemate.engines.sensitive.validators.checksums import luhn

IDS = ("CREDIT_CARD_NUMBER", "USA_SOCIAL_SECURITY_NUMBER", "BANK_ACCOUNT_NUMBER", "UK_PASSPORT_NUMBER")


def texts(rng: random.Random) -> list[str]:
    """Digits of many lengths, with separators and without, right and wrong check digits, and what is never reported."""
    found = [
        "4111111111111111",
        "078-05-1120",
        "000-12-3456",
        "000000000",
        "111111111",
        "536-22-1234",
        "5-3-6",
        "12 34",
    ]
    for _ in range(400):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((9, 9, 13, 14, 15, 16, 17, 19))))
        prefix = rng.choice(
            ("4", "34", "3005", "36", "6011", "3528", "51", "2221", "2720", "62", "5019", "9", "666", "")
        )
        digits = (prefix + digits)[: len(digits)]
        body = digits[:-1]
        last = next(sign for sign in "0123456789" if luhn(body + sign))
        digits = rng.choice((digits, body + last))
        if len(digits) == 9 and rng.random() < 0.5:
            digits = rng.choice((f"{digits[:3]}-{digits[3:5]}-{digits[5:]}", "000000000", "666111111"))
        separator = rng.choice(("", "", "-", " ")) if digits.isdigit() else ""
        found.append(separator.join(digits[at : at + 4] for at in range(0, len(digits), 4)))
    return found


@pytest.mark.parametrize("identifier", IDS)
def test_held_says_of_each_text_what_holds_says(identifier: str) -> None:
    rule = compile_rule(managed_identifiers()[identifier])
    for form in rule.forms:
        chosen = [text for text in texts(random.Random(5)) if form.regex.fullmatch(text.encode())]
        data, begins, ends = b"", [], []
        for text in chosen:
            begins.append(len(data))
            data += text.encode()
            ends.append(len(data))
            data += b"\n"
        held = bulk.held(form, data, np.array(begins), np.array(ends), rule.never).tolist()
        assert held == [form.holds(text, rule.never) for text in chosen]
        assert True in held
        assert False in held


def test_lines_tell_the_line_and_its_beginning() -> None:
    lines = bulk.Lines(b"ab\ncd\n\nx")
    before = lines.before(np.array([0, 3, 4, 7]))
    assert before.tolist() == [0, 1, 1, 3]
    assert lines.begin(before).tolist() == [0, 3, 3, 7]


def test_regions_are_none_in_a_log_and_hold_a_name_in_prose() -> None:
    log = "2026-11-24T10:00:01.123Z INFO [worker-3] GET /items/12345 200 9ms 00ff12345abc\n" * 50
    assert regions(log) == []
    text = "x " * 600 + "and then Maria Schneider came in. " + "y " * 600
    assert [(start < 1209 < end) for start, end in regions(text)] == [True]


def test_finder_finds_the_same_in_regions_as_in_the_whole_text() -> None:
    finder = NameFinder()
    address = "He lives at 12 Maple Street, Springfield, IL 62704 now."
    text = "\n".join(
        ["INFO Starting Jetty"] * 60 + ["Dr. Łukasz Kowalczyk met Anna Berger."] + ["a b c"] * 300 + [address]
    )
    again = finder._find(text, ("NAME", "ADDRESS"))
    assert finder.find(text) == again
    assert {one.kind for one in again} == {"NAME", "ADDRESS"}


def test_regions_around_many_keywords_are_those_around_each() -> None:
    rng = random.Random(2)
    spans = sorted((start, start + rng.randrange(2, 20)) for start in (rng.randrange(20_000) for _ in range(200)))
    assert bulk.ManySpans(spans, []).regions(43, 20_010) == _merged(spans, 43, 20_010)
    assert 20 < len(_merged(spans, 43, 20_010)) < 200
