"""Training examples: real sentences with other names put in, templates, and text that has no names."""

# ruff: noqa: E501  lists of words and patterns read best whole

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from training.addresses import Addresses
from training.corpora import Mark, Sentence
from training.people import Names
from training.sources import COUNTRIES, City, People
from training.templates import ADDRESSED, COMPANY_ENDINGS, NAMED, PLAIN, PRODUCTS

SLOT = re.compile(r"\{([ngfocadiewt])\}")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
    "Jan",
    "Feb",
    "Mar",
    "Apr",
]
PEOPLE_LINES = re.compile(r"author|copyright|\bby\b|contribut|thank|maintain|credit|invent|@|algorithm", re.IGNORECASE)


class Example(NamedTuple):
    """A text, and what is marked in it: kinds PER and ADDR."""

    text: str
    marks: tuple[Mark, ...]


class Generator:
    """Makes examples. The same seed and lists make the same examples."""

    def __init__(self, people: Sequence[People], cities: Sequence[City], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  examples, not secrets
        self._names = Names(people, self._random)
        self._addresses = Addresses(cities, self._names, self._random)
        self._words = common_words()
        self._cities = [city.name for city in cities if city.population > 15_000]

    def epoch(self, sentences: Sequence[Sentence]) -> Iterator[Example]:
        """One pass over real sentences, with as much again of everything else."""
        for sentence in sentences:
            yield self.written(self.swapped(sentence))
        for _ in range(int(len(sentences) * 0.55) + 2000):
            yield self.written(self.filled(self._random.choice(NAMED)))
        for _ in range(int(len(sentences) * 0.22) + 1200):
            yield self.written(self.filled(self._random.choice(ADDRESSED)))
        for _ in range(int(len(sentences) * 0.25) + 1000):
            yield self.written(self.filled(self._random.choice(PLAIN)))
        plain = plain_lines()
        for _ in range(int(len(sentences) * 0.4) + 1000):
            yield Example("\n".join(self._random.choice(plain) for _ in range(self._random.randint(1, 3))), ())

    def swapped(self, sentence: Sentence) -> Example:
        """A real sentence; most times with other names, companies and places in it."""
        choose = self._random
        keep = choose.random() < 0.3
        text, marks, place = "", [], 0
        for mark in sentence.marks:
            text += sentence.text[place : mark.start]
            old = sentence.text[mark.start : mark.end]
            new = old if keep or choose.random() < 0.15 else self._other(old, mark.kind)
            if mark.kind == "PER":
                marks.append(Mark(len(text), len(text) + len(new), "PER"))
            text += new
            place = mark.end
        return Example(text + sentence.text[place:], tuple(marks))

    def filled(self, template: str) -> Example:
        """A template with made-up values."""
        text, marks, place = "", [], 0
        for slot in SLOT.finditer(template):
            text += template[place : slot.start()]
            value = self._value(slot.group(1))
            kind = {"n": "PER", "g": "PER", "f": "", "a": "ADDR"}.get(slot.group(1))
            if kind:
                marks.append(Mark(len(text), len(text) + len(value), kind))
            text += value
            place = slot.end()
        return Example(text + template[place:], tuple(marks))

    def written(self, example: Example) -> Example:
        """Sometimes all in small or capital letters, or only the names so: lengths stay."""
        roll = self._random.random()
        text = example.text
        if roll < 0.06:
            changed = text.lower()
        elif roll < 0.10:
            changed = text.upper()
        elif roll < 0.125:
            changed = string.capwords(text, " ")
        elif roll < 0.165 and example.marks:
            changed = text
            for mark in example.marks:
                changed = changed[: mark.start] + changed[mark.start : mark.end].upper() + changed[mark.end :]
        else:
            return example
        return Example(changed, example.marks) if len(changed) == len(text) else example

    def _other(self, old: str, kind: str) -> str:
        choose = self._random
        if kind == "PER":
            full = " " in old or choose.random() < 0.35
            return self._names.full() if full and choose.random() < 0.93 else self._names.given()
        if kind == "ORG":
            return self._company() if choose.random() < 0.6 else old
        return choose.choice(self._cities) if choose.random() < 0.6 else old

    def _company(self) -> str:
        choose = self._random
        roll = choose.random()
        if roll < 0.45:
            return f"{self._names.family()} {choose.choice(COMPANY_ENDINGS)}"
        if roll < 0.55:
            return f"{self._names.family()}{choose.choice((' & ', ', ', '-', ' and '))}{self._names.family()}"
        if roll < 0.7:
            return f"{choose.choice(self._cities)} {choose.choice(COMPANY_ENDINGS)}"
        if roll < 0.8:
            return choose.choice(PRODUCTS)
        return f"{choose.choice(self._words).title()} {choose.choice(COMPANY_ENDINGS)}"

    def _value(self, slot: str) -> str:
        choose = self._random
        match slot:
            case "n":
                return self._names.full(turned=0.12)
            case "g":
                return self._names.given()
            case "f":
                return self._names.family()
            case "o":
                return self._company()
            case "c":
                return (
                    self._addresses.city(choose.choice(COUNTRIES))
                    if choose.random() < 0.5
                    else choose.choice(self._cities)
                )
            case "a":
                return self._addresses.one()
            case "d":
                return self._date()
            case "i":
                return str(choose.randint(1, 10 ** choose.randint(1, 9)))
            case "e":
                return f"{self._names.given().split()[0].lower()}{choose.choice(('', '.x', '42', '_j'))}@{choose.choice(self._words)}.com"
            case "t":
                return choose.choice(PRODUCTS) if choose.random() < 0.5 else choose.choice(self._words).upper()
            case _:
                return " ".join(choose.choice(self._words) for _ in range(choose.randint(1, 4)))

    def _date(self) -> str:
        choose = self._random
        day, month, year = choose.randint(1, 28), choose.choice(MONTHS), choose.randint(1940, 2026)
        return choose.choice(
            (
                f"{day} {month} {year}",
                f"{month} {day}, {year}",
                f"{year}-{choose.randint(1, 12):02d}-{day:02d}",
                f"{day:02d}/{choose.randint(1, 12):02d}/{year}",
                f"{day:02d}.{choose.randint(1, 12):02d}.{year}",
            )
        )


@cache
def plain_lines() -> tuple[str, ...]:
    """Lines without names of people: documentation of AWS (botocore, Apache-2.0), Python's own (PSF) and its code."""
    import gzip  # noqa: PLC0415  only where lines are read

    import botocore  # noqa: PLC0415

    found: set[str] = set()
    for service in ("macie2", "kms", "iam", "s3", "ec2", "lambda", "rds", "glue", "connect", "quicksight"):
        for path in sorted((Path(botocore.__file__).parent / "data" / service).glob("*/service-2.json.gz")):
            for text in _documentation(json.loads(gzip.decompress(path.read_bytes()))):
                found.update(_sentences(re.sub(r"<[^>]+>", " ", text)))
    for path in sorted(Path(json.__file__).parents[1].glob("*.py")):
        lines = path.read_text("utf-8", "replace").splitlines()
        found.update(line.strip()[:200] for line in lines if len(line) > 20 and not PEOPLE_LINES.search(line))
    return tuple(sorted(found)[:: max(1, len(found) // 60_000)])


def _documentation(shape: object) -> Iterator[str]:
    if isinstance(shape, dict):
        for key, value in shape.items():
            if key == "documentation" and isinstance(value, str):
                yield value
            else:
                yield from _documentation(value)
    elif isinstance(shape, list):
        for value in shape:
            yield from _documentation(value)


def _sentences(text: str) -> Iterator[str]:
    for sentence in re.split(r"(?<=[.:])\s+", " ".join(text.split())):
        if 25 < len(sentence) < 300 and not PEOPLE_LINES.search(sentence):
            yield sentence


@cache
def common_words() -> tuple[str, ...]:
    """Words of small letters that are frequent in the plain lines."""
    counts: dict[str, int] = {}
    for line in plain_lines():
        for word in re.findall(r"\b[a-z]{3,14}\b", line):
            counts[word] = counts.get(word, 0) + 1
    return tuple(sorted(word for word, count in counts.items() if count >= 20))
