"""Wildcard matching in bounded time: `*` is any run of characters, `?` exactly one.

A pattern is a sequence of tokens rather than text, because a character that came from a policy variable is literal
whatever it is. Matching never backtracks: patterns without `?` are a chain of substring searches, the rest are run
as a bit-parallel automaton (one bit a token), so that time is bounded by len(value) * len(pattern) / word size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

STAR: Final = 0
ONE: Final = 1

Token = str | int
"""A literal text, or STAR, or ONE."""

Matcher = Callable[[str], bool]


def tokens_of(text: str) -> tuple[Token, ...]:
    """Tokens of a pattern in which every `*` and `?` is a wildcard."""
    return normalised(_split(text))


def _split(text: str) -> list[Token]:
    tokens: list[Token] = []
    start = 0
    for at, character in enumerate(text):
        if character in "*?":
            if at > start:
                tokens.append(text[start:at])
            tokens.append(STAR if character == "*" else ONE)
            start = at + 1
    if start < len(text):
        tokens.append(text[start:])
    return tokens


def normalised(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """The same pattern with neighbouring literals joined and runs of STAR folded into one."""
    result: list[Token] = []
    literal: list[str] = []
    for token in tokens:
        if isinstance(token, str):
            literal.append(token)
            continue
        if text := "".join(literal):
            result.append(text)
        literal.clear()
        if token == STAR and result and result[-1] == STAR:
            continue
        result.append(token)
    if text := "".join(literal):
        result.append(text)
    return tuple(result)


def literal_of(tokens: Sequence[Token]) -> str | None:
    """The one text that a normalised pattern matches, or None when it has wildcards."""
    if not tokens:
        return ""
    if len(tokens) == 1 and isinstance(tokens[0], str):
        return tokens[0]
    return None


def compile_glob(tokens: Sequence[Token]) -> Matcher:
    """A matcher for a normalised pattern, of the cheapest sort that is right."""
    literal = literal_of(tokens)
    if literal is not None:
        return literal.__eq__
    if ONE in tokens:
        return _automaton(tokens)
    head = tokens[0] if isinstance(tokens[0], str) else ""
    tail = tokens[-1] if isinstance(tokens[-1], str) else ""
    middles = [token for token in tokens[bool(head) : len(tokens) - bool(tail)] if isinstance(token, str)]
    if middles:
        return _chain(head, middles, tail)
    return _ends(head, tail)


def _ends(head: str, tail: str) -> Matcher:
    if not head and not tail:
        return lambda _value: True
    if not tail:
        return lambda value: value.startswith(head)
    if not head:
        return lambda value: value.endswith(tail)
    shortest = len(head) + len(tail)
    return lambda value: len(value) >= shortest and value.startswith(head) and value.endswith(tail)


def _chain(head: str, middles: list[str], tail: str) -> Matcher:
    """Every middle part found leftmost, one after the other: leftmost is never worse, so one pass decides."""

    def matches(value: str) -> bool:
        end = len(value) - len(tail)
        at = len(head)
        if end < at or not value.startswith(head) or not value.endswith(tail):
            return False
        for part in middles:
            at = value.find(part, at, end)
            if at < 0:
                return False
            at += len(part)
        return True

    return matches


def _automaton(tokens: Sequence[Token]) -> Matcher:
    """Bit p is set while the first p characters of the pattern match what was read; a star keeps its bit alive."""
    characters: list[str | None] = []
    stars = 0
    for token in tokens:
        if token == STAR:
            stars |= 1 << len(characters)
        elif isinstance(token, str):
            characters.extend(token)
        else:
            characters.append(None)
    wild = sum(1 << at for at, character in enumerate(characters) if character is None)
    masks: dict[str, int] = {}
    for at, character in enumerate(characters):
        if character is not None:
            masks[character] = masks.get(character, wild) | 1 << at
    final = 1 << len(characters)
    shortest = len(characters)

    def matches(value: str) -> bool:
        if len(value) < shortest:
            return False
        state = 1
        for character in value:
            state = (state & masks.get(character, wild)) << 1 | state & stars
            if not state:
                return False
        return bool(state & final)

    return matches
