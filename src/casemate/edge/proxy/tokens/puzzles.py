"""Puzzles in plain words: no picture, no sound, nothing to drag; a screen reader and a keyboard are enough."""

from __future__ import annotations

import random
from typing import Final, NamedTuple

_NUMBERS: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth")
_WORDS: Final = [
    "apple",
    "bridge",
    "candle",
    "dragon",
    "engine",
    "forest",
    "garden",
    "hammer",
    "island",
    "jacket",
    "kettle",
    "ladder",
    "market",
    "needle",
    "orange",
    "pencil",
    "rabbit",
    "saddle",
    "tunnel",
    "violin",
    "window",
    "yellow",
    "anchor",
    "basket",
    "copper",
]


class Puzzle(NamedTuple):
    """A question and its answer as `normal` writes it."""

    question: str
    answer: str


def make(chance: random.Random) -> Puzzle:
    """A puzzle of some kind; `chance` decides."""
    return chance.choice((_sum, _ordered, _counted, _compared))(chance)


def normal(answer: str) -> str:
    """An answer as it is compared: lower case, trimmed, number words as digits."""
    text = " ".join(answer.lower().split())[:64].strip(".")
    return str(_NUMBERS.index(text)) if text in _NUMBERS else text


def _sum(chance: random.Random) -> Puzzle:
    first, second = chance.randint(2, 20), chance.randint(2, 20)
    if chance.random() < 0.5:
        first, second = max(first, second), min(first, second)
        return Puzzle(f"What is {_NUMBERS[first]} minus {_NUMBERS[second]}?", str(first - second))
    return Puzzle(f"What is {_NUMBERS[first]} plus {_NUMBERS[second]}?", str(first + second))


def _ordered(chance: random.Random) -> Puzzle:
    words = chance.sample(_WORDS, 6)
    place = chance.randrange(6)
    return Puzzle(f"Type the {_ORDINALS[place]} of these words: {', '.join(words)}.", words[place])


def _counted(chance: random.Random) -> Puzzle:
    wanted, other = chance.sample(_WORDS, 2)
    count = chance.randint(2, 5)
    words = [wanted] * count + [other] * chance.randint(1, 4) + chance.sample(_WORDS, 2)
    count = words.count(wanted)
    chance.shuffle(words)
    return Puzzle(f"How often does the word {wanted} occur here: {', '.join(words)}?", str(count))


def _compared(chance: random.Random) -> Puzzle:
    numbers = chance.sample(range(2, 21), 4)
    largest = chance.random() < 0.5
    found = max(numbers) if largest else min(numbers)
    said = ", ".join(_NUMBERS[number] for number in numbers)
    return Puzzle(f"Which of these numbers is the {'largest' if largest else 'smallest'}: {said}?", str(found))
