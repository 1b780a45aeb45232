from __future__ import annotations

import numpy as np
import pytest

from casemate.engines.sensitive.names.decoding import LABELS, names_in, runs_of
from casemate.engines.sensitive.names.tokens import BREAK, SPACE, START, TIGHT, WIDE, tokens_of


def names(text: str, labels: list[int]) -> list[str]:
    tokens = tokens_of(text)
    assert len(tokens.words) == len(labels), tokens.words
    chances = np.zeros((len(labels), LABELS), dtype=np.float32)
    chances[np.arange(len(labels)), labels] = 1
    return [text[one.start : one.end] for one in names_in(tokens, labels, chances)]


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("Ann Lee", [1, 2], ["Ann Lee"]),
        ("Ann Lee", [2, 2], ["Ann Lee"]),
        ("Ann Lee", [1, 1], []),
        ("Ann", [1], []),
        ("Ann, Bo Lee", [1, 0, 1, 2], ["Bo Lee"]),
        ("Dr. Ann Lee.", [1, 2, 2, 2, 2], ["Ann Lee"]),
        ("Lee, A.", [1, 2, 2, 2], ["Lee, A."]),
        ("Ann Lee's", [1, 2], ["Ann Lee"]),
        ("Ann Lee\nBo Roe", [1, 2, 2, 2, 2], ["Ann Lee", "Bo Roe"]),
        ("Ann\nLee", [1, 2, 2], []),
        ("le Président", [1, 2], []),
        ("ann lee", [1, 2], ["ann lee"]),
        ("J. S.", [1, 2, 2, 2], []),
    ],
)
def test_marks_become_full_names_on_one_line(text: str, labels: list[int], expected: list[str]) -> None:
    assert names(text, labels) == expected


def test_runs_end_where_another_begins() -> None:
    assert runs_of([0, 1, 2, 1, 0, 2, 2], 1, 2) == [(1, 3), (3, 4), (5, 7)]


def test_tokens_keep_places_and_what_stands_before() -> None:
    text = "Ann-Lee  O'Hara\n42km"
    tokens = tokens_of(text)
    assert tokens.words == ["Ann", "-", "Lee", "O'Hara", "\n", "42", "km"]
    assert [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)] == tokens.words
    assert tokens.gaps().tolist() == [START, TIGHT, TIGHT, WIDE, TIGHT, BREAK, TIGHT]
    assert tokens_of("a b").gaps().tolist() == [START, SPACE]
