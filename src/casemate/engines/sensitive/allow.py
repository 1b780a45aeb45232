"""Allow lists: text that is never reported.

A list of words ignores text that is a whole entry, in any case; a pattern ignores text that it matches in full (Macie
user guide, "Allow list options and requirements"; API reference, AllowLists).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from casemate.engines.sensitive.errors import InvalidAllowList
from casemate.engines.sensitive.regexes import UnsupportedPattern, compile_regex

MOST_ENTRIES: Final = 100_000
LARGEST_LIST: Final = 35 * 1024 * 1024
LONGEST_ENTRY: Final = 90
LONGEST_REGEX: Final = 512


@dataclass(frozen=True, slots=True)
class AllowList:
    """Words, or one pattern; never both."""

    words: frozenset[str] = frozenset()
    regex: str | None = None

    @classmethod
    def of_words(cls, lines: Iterable[str]) -> AllowList:
        """A list of entries, one a line; empty lines and white space around entries do not count.

        Raises InvalidAllowList for more than 100,000 entries, an entry over 90 characters, or no entry at all.
        """
        words: set[str] = set()
        for line in lines:
            entry = line.strip()
            if not entry:
                continue
            if len(entry) > LONGEST_ENTRY:
                raise InvalidAllowList(
                    f"entry {entry[:20]!r}… has {len(entry)} characters; at most {LONGEST_ENTRY} count"
                )
            words.add(entry.casefold())
            if len(words) > MOST_ENTRIES:
                raise InvalidAllowList(f"more than {MOST_ENTRIES} entries")
        if not words:
            raise InvalidAllowList("the list is empty")
        return cls(words=frozenset(words))

    @classmethod
    def of_regex(cls, regex: str) -> AllowList:
        """A pattern of up to 512 characters. Raises InvalidAllowList."""
        if not 1 <= len(regex) <= LONGEST_REGEX:
            raise InvalidAllowList(f"regex must have 1 to {LONGEST_REGEX} characters, not {len(regex)}")
        try:
            compile_regex(regex)
        except UnsupportedPattern as error:
            raise InvalidAllowList(f"regex: {error}") from None
        return cls(regex=regex)


class Allowed:
    """All allow lists of a plan, as one question."""

    def __init__(self, lists: Iterable[AllowList]) -> None:
        lists = list(lists)
        self._words = frozenset(word for each in lists for word in each.words)
        self._patterns: list[Any] = [compile_regex(each.regex) for each in lists if each.regex is not None]
        self.any = bool(self._words or self._patterns)

    def __call__(self, text: str) -> bool:
        """Whether this text is not to be reported."""
        return text.casefold() in self._words or any(pattern.fullmatch(text) is not None for pattern in self._patterns)
