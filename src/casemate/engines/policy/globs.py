"""Wildcard patterns as tokens: `*` is any run of characters, `?` exactly one.

A pattern is a sequence of tokens rather than text, because a character that came from a policy variable is literal
whatever it is. `matchers` makes functions of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

STAR: Final = 0
ONE: Final = 1

Token = str | int
"""A literal text, or STAR, or ONE."""

_WILD: Final[dict[str, Token]] = {"*": STAR, "?": ONE}
_WILDCARDS = re.compile(r"([*?])")

Matcher = Callable[[str], bool]


def tokens_of(text: str) -> tuple[Token, ...]:
    """Tokens of a pattern in which every `*` and `?` is a wildcard."""
    if "*" not in text and "?" not in text:
        return (text,) if text else ()
    return normalised(_WILD.get(piece, piece) for piece in _WILDCARDS.split(text))


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
