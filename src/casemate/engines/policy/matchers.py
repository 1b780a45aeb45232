"""Wildcard matching in bounded time, by the cheapest sort of function that is right.

Nothing here backtracks: patterns without `?` are a chain of substring searches, the others and large sets of patterns
are run as one bit-parallel automaton.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.automata import run_together
from casemate.engines.policy.globs import ONE, Matcher, Token, literal_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ALONE: Final = 8
"""Up to this many patterns one after the other are cheaper than all together."""


def compile_any(patterns: Sequence[Sequence[Token]]) -> tuple[Matcher, ...]:
    """Matchers for a set of normalised patterns: a value matches the set when one of them says so."""
    if len(patterns) <= MAX_ALONE:
        return tuple(compile_glob(pattern) for pattern in patterns)
    return (run_together(patterns),)


def compile_glob(tokens: Sequence[Token]) -> Matcher:
    """A matcher for a normalised pattern, of the cheapest sort that is right."""
    literal = literal_of(tokens)
    if literal is not None:
        return literal.__eq__
    if ONE in tokens:
        return run_together([tokens])
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
