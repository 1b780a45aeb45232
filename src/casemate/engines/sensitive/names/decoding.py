"""From the model's marks on tokens to names and addresses in a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from casemate.engines.sensitive.names.tokens import Tokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

OUTSIDE, NAME_BEGINS, NAME_GOES_ON, ADDRESS_BEGINS, ADDRESS_GOES_ON = range(5)
LABELS: Final = 5

MOST_NAME_TOKENS: Final = 14
CLOSING: Final = frozenset(",.;:-'\"()[]<>/\n")
HONORIFICS: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "herr",
        "frau",
        "sir",
        "lord",
        "lady",
        "monsieur",
        "madame",
        "señor",
        "señora",
        "signor",
    ]
)


@dataclass(frozen=True, slots=True)
class Found:
    """A name or an address: characters from `start` to before `end`; `score` from 0 to 1."""

    start: int
    end: int
    kind: Literal["NAME", "ADDRESS"]
    score: float


def marked(labels: NDArray[Any]) -> list[int]:
    """The marks as a list; empty where nothing is marked at all."""
    return labels.tolist() if labels.any() else []


def runs_of(labels: list[int], begins: int, goes_on: int) -> list[tuple[int, int]]:
    """Runs of tokens of one kind, from the first to before the last."""
    found: list[tuple[int, int]] = []
    start = -1
    for i, label in enumerate(labels):
        if label == begins:
            if start >= 0:
                found.append((start, i))
            start = i
        elif label == goes_on:
            start = i if start < 0 else start
        elif start >= 0:
            found.append((start, i))
            start = -1
    if start >= 0:
        found.append((start, len(labels)))
    return found


def names_in(tokens: Tokens, labels: list[int], chances: NDArray[Any]) -> list[Found]:
    """Full names: at least two words that begin with a letter, on one line. `chances` are (tokens, LABELS)."""
    found = []
    for first, last in runs_of(labels, NAME_BEGINS, NAME_GOES_ON):
        for start, end in _lines(tokens, first, last):
            if end - start > MOST_NAME_TOKENS or not _is_full(tokens.words[start:end]):
                continue
            score = float(1.0 - chances[start:end, OUTSIDE].mean())
            last_word = tokens.words[end - 1]
            possessive = 2 if last_word.lower().endswith(("'s", "\u2019s")) else 0
            found.append(Found(tokens.starts[start], tokens.ends[end - 1] - possessive, "NAME", score))
    return found


def _lines(tokens: Tokens, first: int, last: int) -> list[tuple[int, int]]:
    """Pieces of a run that stand on one line each, without marks around them."""
    pieces: list[tuple[int, int]] = []
    start = first
    for i in range(first, last + 1):
        if i == last or tokens.words[i] == "\n":
            pieces.append((start, i))
            start = i + 1
    return [_trimmed(tokens.words, *piece) for piece in pieces]


def _trimmed(words: list[str], start: int, end: int) -> tuple[int, int]:
    while start < end and (words[start] in CLOSING or words[start].lower() in HONORIFICS):
        start += 1
    while start < end and words[end - 1] in CLOSING:
        end -= 1
    if start < end < len(words) and words[end] == "." and len(words[end - 1]) == 1:
        end += 1  # an initial keeps its full stop
    return start, end


def _is_full(words: list[str]) -> bool:
    """Two words at least, one more than an initial; where one begins with a capital letter, two must."""
    letters = [word for word in words if word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in letters)
    return len(letters) >= 2 and capitals != 1 and any(len(word) > 1 for word in letters)
