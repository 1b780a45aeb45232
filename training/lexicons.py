"""Builds the hashed lexicons that ship: `python -m training.lexicons`."""

# ruff: noqa: T201  a script says what it does

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np

from casemate.engines.sensitive.names.lexicons import hash_of
from training import corpora, sources
from training.generation import plain_lines

TARGET = Path(__file__).resolve().parents[1] / "src" / "casemate" / "engines" / "sensitive" / "names" / "data"


def word_lists() -> dict[str, set[str]]:
    """The lists by name, words in lower case."""
    given, family = Counter[str](), Counter[str]()
    for one in sources.people():
        given.update({part.lower() for name in one.given for part in _parts(name)})
        family.update({part.lower() for name in one.family for part in _parts(name)})
    places = {part.lower() for city in sources.cities() for part in _parts(city.name) if len(part) > 2}
    return {"given": set(given), "family": set(family), "place": places, "common": _common()}


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[\s-]+", name.replace("\u2019", "'")) if len(part) > 1]


def _common() -> set[str]:
    """Words that stand in small letters in real text: a name among them says little."""
    counts = Counter[str]()
    for source in corpora.SOURCES:
        for sentence in corpora.load(source):
            counts.update(set(re.findall(r"\b[a-z][a-z']+\b", sentence.text)))
    for line in plain_lines():
        counts.update(set(re.findall(r"\b[a-z][a-z']+\b", line)))
    return {word for word, count in counts.items() if count >= 4}


def build() -> dict[str, np.ndarray]:
    """The hashed lists, sorted."""
    return {
        name: np.array(sorted({hash_of(word) for word in words}), dtype=np.uint32)
        for name, words in word_lists().items()
    }


def main() -> None:
    TARGET.mkdir(exist_ok=True)
    lists = build()
    np.savez_compressed(TARGET / "lexicons.npz", **lists)
    print({name: len(array) for name, array in lists.items()})


if __name__ == "__main__":
    main()
