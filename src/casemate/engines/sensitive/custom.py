"""Custom data identifiers: a user's own pattern, with keywords, ignore words and severity levels.

API reference, CreateCustomDataIdentifier; user guide, "Configuration options for custom data identifiers".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import msgspec

from casemate.engines.sensitive.errors import InvalidIdentifier
from casemate.engines.sensitive.regexes import UnsupportedPattern, compile_regex

LONGEST_REGEX: Final = 512
MOST_KEYWORDS: Final = 50
MOST_IGNORE_WORDS: Final = 10
DEFAULT_DISTANCE: Final = 50
_ORDER: Final = {"LOW": 0, "MEDIUM": 1, "HIGH": 2}


class SeverityLevel(msgspec.Struct, frozen=True, rename="camel"):
    """From this many occurrences on, this severity."""

    occurrences_threshold: int
    severity: Literal["LOW", "MEDIUM", "HIGH"]


class CustomIdentifier(msgspec.Struct, frozen=True, rename="camel"):
    """A custom data identifier, with the member names of the API."""

    name: str
    regex: str
    keywords: tuple[str, ...] = ()
    ignore_words: tuple[str, ...] = ()
    maximum_match_distance: int = DEFAULT_DISTANCE
    severity_levels: tuple[SeverityLevel, ...] = ()
    arn: str | None = None

    def severity(self, count: int) -> str | None:
        """The severity of this many occurrences: None where they are too few to be reported."""
        if not self.severity_levels:
            return "Medium"
        reached = [level.severity for level in self.severity_levels if count >= level.occurrences_threshold]
        return reached[-1].capitalize() if reached else None


def check(identifier: CustomIdentifier) -> None:
    """Hold an identifier to the API's limits. Raises InvalidIdentifier, which names the member."""
    if not 1 <= len(identifier.name) <= 128:
        raise InvalidIdentifier("name must have 1 to 128 characters")
    if not 1 <= len(identifier.regex) <= LONGEST_REGEX:
        raise InvalidIdentifier(f"regex must have 1 to {LONGEST_REGEX} characters, not {len(identifier.regex)}")
    try:
        compile_regex(identifier.regex)
    except UnsupportedPattern as error:
        raise InvalidIdentifier(f"regex: {error}") from None
    _check_words("keywords", identifier.keywords, most=MOST_KEYWORDS, shortest=3)
    _check_words("ignoreWords", identifier.ignore_words, most=MOST_IGNORE_WORDS, shortest=4)
    if not 1 <= identifier.maximum_match_distance <= 300:
        raise InvalidIdentifier(f"maximumMatchDistance must be from 1 to 300, not {identifier.maximum_match_distance}")
    _check_levels(identifier.severity_levels)


def _check_words(member: str, words: Sequence[str], *, most: int, shortest: int) -> None:
    if len(words) > most:
        raise InvalidIdentifier(f"{member} may have {most} entries, not {len(words)}")
    for word in words:
        if not shortest <= len(word) <= 90:
            raise InvalidIdentifier(f"{member}: {word!r} has {len(word)} characters; {shortest} to 90 are allowed")


def _check_levels(levels: Sequence[SeverityLevel]) -> None:
    ranks = [_ORDER[level.severity] for level in levels]
    thresholds = [level.occurrences_threshold for level in levels]
    if ranks != sorted(set(ranks)) or thresholds != sorted(set(thresholds)) or any(value < 1 for value in thresholds):
        raise InvalidIdentifier("severityLevels must ascend, in severity and in occurrencesThreshold, each once")


class CustomMatcher:
    """Finds one custom identifier in text."""

    def __init__(self, identifier: CustomIdentifier) -> None:
        self.identifier = identifier
        self._regex: Any = compile_regex(identifier.regex)
        self._keywords = tuple(word.casefold() for word in identifier.keywords)

    def named(self, names: str) -> bool:
        """Whether a name of a column or field holds a keyword."""
        folded = names.casefold()
        return any(word in folded for word in self._keywords)

    def find(self, text: str, *, named: bool = False) -> Iterator[tuple[int, int]]:
        """Start and end, in characters, of each text that counts."""
        ends: list[int] | None = None
        for match in self._regex.finditer(text):
            start, end = match.span()
            if start == end or any(word in match[0] for word in self.identifier.ignore_words):
                continue
            if self._keywords and not named:
                if ends is None:
                    ends = self._keyword_ends(text)
                distance = self.identifier.maximum_match_distance
                if not any(last <= start and end - last <= distance for last in ends):
                    continue
            yield start, end

    def _keyword_ends(self, text: str) -> list[int]:
        folded = text.lower()
        ends: list[int] = []
        for word in self._keywords:
            place = folded.find(word)
            while place >= 0:
                ends.append(place + len(word))
                place = folded.find(word, place + 1)
        return ends
