"""What a person reads off a puzzle, who shares no code with it."""

from __future__ import annotations

import re

NUMBERS = [
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


def read(question: str) -> str:
    """What a person would answer."""
    if found := re.match(r"What is (\w+) (plus|minus) (\w+)\?", question):
        first, second = NUMBERS.index(found[1]), NUMBERS.index(found[3])
        return str(first + second if found[2] == "plus" else first - second)
    words = question.rpartition(": ")[2].rstrip(".?").split(", ")
    if found := re.match(r"Type the (\w+) of", question):
        return words[["first", "second", "third", "fourth", "fifth", "sixth"].index(found[1])]
    if found := re.match(r"How often does the word (\w+)", question):
        return str(words.count(found[1]))
    values = [NUMBERS.index(word) for word in words]
    return str(max(values) if "largest" in question else min(values))
