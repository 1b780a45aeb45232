"""ARN patterns: six parts, each matched on its own, so that a wildcard never reaches over a colon of the first five.

IAM User Guide, "IAM JSON policy elements: Condition operators" (ARN operators) and "Resource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.globs import STAR, Matcher, Token, compile_glob, literal_of, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS: Final = 6
"""arn, partition, service, region, account and the rest."""


def split_tokens(tokens: Sequence[Token]) -> list[list[Token]]:
    """The pattern cut at its first five literal colons; the last part keeps all others."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if not isinstance(token, str):
            parts[-1].append(token)
            continue
        pieces = token.split(":", PARTS - len(parts))
        parts[-1].append(pieces[0])
        parts.extend([piece] for piece in pieces[1:])
    return parts


def compile_arn(tokens: Sequence[Token]) -> Matcher | None:
    """A matcher of whole ARNs; None for a pattern of fewer than six parts, which matches no ARN.

    The bare `*` is the exception: it matches every value.
    """
    if tuple(tokens) == (STAR,):
        return lambda _value: True
    parts = [normalised(part) for part in split_tokens(tokens)]
    if len(parts) < PARTS:
        return None
    literals = [literal_of(part) for part in parts[:-1]]
    rest = compile_glob(parts[-1])
    known = [literal for literal in literals if literal is not None]
    if len(known) == len(literals):
        return _fixed_head(":".join(known) + ":", parts[-1], rest)
    heads = [compile_glob(part) for part in parts]

    def matches(value: str) -> bool:
        pieces = value.split(":", PARTS - 1)
        return len(pieces) == PARTS and all(head(piece) for head, piece in zip(heads, pieces, strict=True))

    return matches


def _fixed_head(head: str, tail: Sequence[Token], rest: Matcher) -> Matcher:
    """The common case: only the resource part has wildcards."""
    literal = literal_of(tail)
    if literal is not None:
        return (head + literal).__eq__
    if tuple(tail) == (STAR,):
        return lambda value: value.startswith(head)
    length = len(head)
    return lambda value: value.startswith(head) and rest(value[length:])
