"""Real sentences with people, organisations and places marked, from the corpora in CASEMATE_TEST_DATA/ner.

The corpora (see docs/model-card.md for sources and licences) hold tokens; here they become text again, as it is written,
with the places of what was marked. A person's name that is one word is marked too: the model learns what a person is,
and the finder drops single words afterwards.
"""

# ruff: noqa: E501  lists of words and patterns read best whole

from __future__ import annotations

import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from casemate.engines.sensitive.names.lexicons import TITLES

SOURCES = {"btc": "btc.conll.gz", "wnut": "wnut17-train.conll.gz", "gum": "gum-wikinews.conll.gz"}

KINDS = {
    "PER": "PER",
    "person": "PER",
    "ORG": "ORG",
    "organization": "ORG",
    "corporation": "ORG",
    "group": "ORG",
    "LOC": "LOC",
    "location": "LOC",
    "place": "LOC",
}

NO_SPACE_BEFORE = re.compile(r"^([,.;:!?%)\]}\u2026]|'s|'m|'re|'ve|'ll|'d|n't|\u2019s|\u2019m|\u2019re|'S|N'T)$")
NO_SPACE_AFTER = re.compile(r"^[(\[{#@$\u00a3\u20ac]$")
NOT_NAMES = frozenset(
    [
        "the",
        "a",
        "an",
        "he",
        "she",
        "they",
        "we",
        "i",
        "you",
        "his",
        "her",
        "their",
        "our",
        "my",
        "your",
        "its",
        "it",
        "who",
        "this",
        "that",
        "these",
        "those",
        "him",
        "them",
        "us",
        "me",
        "myself",
        "himself",
        "herself",
        "wikinews",
        "user",
        "people",
        "biologist",
        "linguist",
        "magician",
        "libertarian",
        "socialist",
        "democrat",
        "republican",
        "democrats",
        "republicans",
        "senator",
        "pennsylvania",
        "massachusetts",
        "candidate",
        "american",
        "nasa",
        "administrator",
        "u.s.",
        "us",
        "ie6",
        "m5s",
        "unesco",
        "slovenian",
        "counseling",
        "psychology",
        "texas",
        "arlington",
        "muslim",
        "sheriff",
        "pan-democrat",
        "pro-beijing",
        "dab",
        "npp",
        "neo",
        "poet",
        "mets",
        "gazette",
        "institute",
        "prize-winner",
        "brampton",
        "symbiote",
        "digi-destined",
        "ed.",
        "r-texas",
        "co-founder",
        "governor",
        "governor(s)",
        "virginia",
        "undersecretary",
        "scientology",
        "scientologist",
        "scientologists",
        "crown",
        "emeritus",
        "dr.",
        "mr.",
        "mrs.",
        "ms.",
        "angeles",
    ]
)


WITHIN_OTHERS = (
    "Patrizia d'Ettorre|Noam Chomsky|Rick Santorum|Dan Savage|David Titley|R Saravanan|O.J. Simpson|Jack Herrick|Eric Holder|"
    "Robert Sarvis|Bob McDonnell|Hugh McGuire|Joseph Conrad|Lawrence Lessig|Larry Lessig|Britney Spears|David Shankbone|"
    "Terry Gross|Ted Kennedy|Aner Shalev|Ahmed Mohamed|Barack Obama|Suleiman al-Amr|Nathan Law|Wong Kwok-kin|Bruce Wayne|"
    "Michael Jackson|George Whitman|Tom Cruise|Stan Lee|Mark Hamill|John Cornyn|Claudio De Vincenti|Andy Warhol|"
    "Kristin Wilkins|Kathryn Waters|Edward Steichen|K.C. Maurer|Julie Couillard|Thomas Sam|Manju Sam|Valeska Paris|"
    "Jason Beghe|Steve Whitmore|Tom Devocht|Mark Rathbun|John Kerry|Mark Zuckerberg|John Key|Mark Tedeschi|Tom Molomby|"
    "Friedrich Engels|Karl Marx|Paul Dewar|John Baird|Dennis Hopper|Carlo De Benedetti|Steve Rubell|Bill Ingalls"
)
"""People whom GUM leaves inside a longer phrase of another kind ("Rick Santorum's views"), found by reading the texts."""


class Mark(NamedTuple):
    """Something marked in a text: from `start` to before `end`, PER, ORG or LOC."""

    start: int
    end: int
    kind: str


class Sentence(NamedTuple):
    """A text, and what is marked in it."""

    text: str
    marks: tuple[Mark, ...]


def folder() -> Path:
    """Where the corpora lie. Raises FileNotFoundError, and says what to do."""
    base = Path(os.environ.get("CASEMATE_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / "ner"
    if not base.is_dir():
        raise FileNotFoundError(f"no corpora in {base}: set CASEMATE_TEST_DATA to the folder that holds ner/")
    return base


def load(source: str) -> list[Sentence]:
    """The sentences of one corpus: btc, wnut or gum."""
    rows = list(_rows(folder() / SOURCES[source]))
    if source == "gum":
        common = _lower_words(rows)
        return [_completed(_sentence(_names_only(row, common))) for row in rows]
    return [_sentence(_without_handles(row)) for row in rows]


def _rows(path: Path) -> Iterator[list[tuple[str, str]]]:
    row: list[tuple[str, str]] = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            token, _, tag = line.rstrip("\n").rpartition("\t")
            if token:
                row.append((token.replace("'\"'", '"'), tag))
            elif row:
                yield row
                row = []
    if row:
        yield row


def _without_handles(row: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """BTC marks accounts (@somebody) as people: they are none."""
    found: list[tuple[str, str]] = []
    for i, (token, tag) in enumerate(row):
        handle = token.startswith("@") or (i > 0 and row[i - 1][0] == "@") or "_" in token
        found.append((token, "O" if handle else tag))
    return found


def _lower_words(rows: list[list[tuple[str, str]]]) -> frozenset[str]:
    counts = Counter(token for row in rows for token, _ in row if token.islower())
    return frozenset(token for token, count in counts.items() if count >= 1) | frozenset(TITLES.split())


def _names_only(row: list[tuple[str, str]], common: frozenset[str]) -> list[tuple[str, str]]:
    """GUM marks whole phrases ("the biologist Nick Bos"): of people only the proper name is kept."""
    found: list[tuple[str, str]] = []
    for i, (token, tag) in enumerate(row):
        label = "O"
        if tag == "person":
            known = token.lower() in common or token.lower() in NOT_NAMES
            within = 0 < i < len(row) - 1 and token in {".", "-", "de", "van", "von", "al", "bin"}
            name = (token[:1].isupper() and not known) or (within and found[-1][1].endswith("PER"))
            label = ("I-PER" if found and found[-1][1].endswith("PER") else "B-PER") if name else "O"
        elif tag in KINDS:
            proper = token[:1].isupper() and token.lower() not in common
            label = f"{'I' if found and found[-1][1].endswith(KINDS[tag]) else 'B'}-{KINDS[tag]}" if proper else "O"
        found.append((token, label))
    return found


def _completed(sentence: Sentence) -> Sentence:
    marks = list(sentence.marks)
    for match in re.finditer(rf"\b(?:{WITHIN_OTHERS})\b", sentence.text):
        if not any(mark.kind == "PER" and mark.start < match.end() and match.start() < mark.end for mark in marks):
            marks = [mark for mark in marks if mark.end <= match.start() or match.end() <= mark.start]
            marks.append(Mark(match.start(), match.end(), "PER"))
    return Sentence(sentence.text, tuple(sorted(marks)))


def _sentence(row: list[tuple[str, str]]) -> Sentence:
    text, marks = "", []
    open_mark: Mark | None = None
    quoted = False
    before = ""
    for token, tag in row:
        glued = not text or NO_SPACE_BEFORE.match(token) or NO_SPACE_AFTER.match(before)
        if token == '"':  # noqa: S105  a token of text
            glued, quoted = glued or quoted, not quoted
        elif before == '"' and quoted:
            glued = True
        start = len(text) + (not glued)
        text = f"{text}{'' if glued else ' '}{token}"
        before = token
        prefix, _, kind = tag.partition("-")
        kind = KINDS.get(kind, "")
        if open_mark is not None and (prefix != "I" or kind != open_mark.kind):
            marks.append(open_mark)
            open_mark = None
        if kind:
            open_mark = Mark(start if open_mark is None else open_mark.start, len(text), kind)
    if open_mark is not None:
        marks.append(open_mark)
    return Sentence(text, tuple(marks))
