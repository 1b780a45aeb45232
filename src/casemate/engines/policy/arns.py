"""ARN patterns: six parts, each matched on its own, so that a wildcard never reaches over a colon of the first five.

IAM User Guide, "IAM JSON policy elements: Condition operators" (ARN operators) and "Resource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.automata import ARN_SEPARATORS, run_together
from casemate.engines.policy.globs import STAR, Matcher, Token, literal_of, normalised
from casemate.engines.policy.matchers import MAX_ALONE, compile_glob

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


def is_arn(tokens: Sequence[Token]) -> bool:
    """Whether a pattern has the six parts of an ARN."""
    return len(split_tokens(tokens)) == PARTS


def compile_any_arn(patterns: Sequence[Sequence[Token]]) -> tuple[Matcher, ...]:
    """Matchers for a set of ARN patterns: an ARN matches the set when one of them says so."""
    if len(patterns) <= MAX_ALONE:
        found = (compile_arn(pattern) for pattern in patterns)
        return tuple(matcher for matcher in found if matcher is not None)
    if any(tuple(pattern) == (STAR,) for pattern in patterns):
        return (lambda _value: True,)
    return (run_together([pattern for pattern in patterns if is_arn(pattern)], separators=ARN_SEPARATORS),)


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
