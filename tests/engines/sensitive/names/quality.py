"""Real text, marked by hand, and how much of it a finder finds.

`credits.txt` is from credits, changelogs and copyright notices of free software; `addresses.txt` holds public addresses
in sentences, and after `%%` lines without one. [[ ]] marks a name, {{ }} an address. Nothing was trained on either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from casemate.engines.sensitive.names import NameFinder

HERE = Path(__file__).parent
MARK = re.compile(r"\[\[(?P<NAME>.+?)\]\]|\{\{(?P<ADDRESS>.+?)\}\}", re.DOTALL)


class Marked(NamedTuple):
    """A text and what stands in it: (start, end, kind)."""

    text: str
    marks: list[tuple[int, int, str]]


class Quality(NamedTuple):
    """By overlap: what was found touches what is marked."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def marked(source: str) -> Marked:
    text, marks, place = "", [], 0
    for match in MARK.finditer(source):
        text += source[place : match.start()]
        value = match.group(match.lastgroup or 0)
        marks.append((len(text), len(text) + len(value), match.lastgroup or ""))
        text += value
        place = match.end()
    return Marked(text + source[place:], marks)


def credits_texts() -> list[Marked]:
    return [marked(part) for part in (HERE / "credits.txt").read_text("utf-8").split("%%\n")]


def address_texts() -> list[Marked]:
    with_address, without = (HERE / "addresses.txt").read_text("utf-8").split("%%\n")
    lines = re.findall(r"(?:[^\n{]|\{\{.*?\}\})+\n?", with_address, re.DOTALL)
    return [marked(line) for line in [*lines, *without.splitlines()] if line.strip()]


def quality(finder: NameFinder, texts: Iterable[Marked], kind: str) -> Quality:
    right = found = met = wanted = 0
    for text, marks in texts:
        spans = [(one.start, one.end) for one in finder.find(text) if one.kind == kind]
        gold = [(start, end) for start, end, of in marks if of == kind]
        found += len(spans)
        wanted += len(gold)
        right += sum(any(a < y and x < b for x, y in gold) for a, b in spans)
        met += sum(any(a < y and x < b for a, b in spans) for x, y in gold)
    return Quality(right / max(1, found), met / max(1, wanted))
