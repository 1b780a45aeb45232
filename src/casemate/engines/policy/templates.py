"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}` and the literals `${*}`, `${?}`, `${$}`.

IAM User Guide, "IAM policy elements: Variables and tags". Only documents of version 2012-10-17 have variables; in
older ones the same characters stand for themselves. What a variable resolves to is literal: its own `*` matches `*`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casemate.engines.policy.globs import ONE, STAR, Token, normalised, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from casemate.engines.policy.context_keys import Keys


@dataclass(frozen=True, slots=True)
class Variable:
    """A condition key to be put in; `key` is empty for one that is malformed and so never has a value."""

    key: str
    default: str | None
    text: str


Part = str | int | Variable

_LITERALS: Final = ("${*}", "${?}", "${$}")
# Possessive throughout: a value of nothing but beginnings is read once.
_VARIABLE = re.compile(r"\$\{(?:(?P<literal>[*?$])|(?P<key>[^\s'\"${},]++)(?:,\s*+'(?P<default>[^']*+)'\s*+)?+)\}")


def parse_template(text: str, *, variables: bool, wildcards: bool) -> tuple[Part, ...]:
    """The parts of a value: literal texts, wildcards where the place takes them, variables where the version does."""
    if not variables or "${" not in text:
        return tokens_of(text) if wildcards else ((text,) if text else ())
    parts: list[Part] = []
    for piece in _pieces(text):
        if isinstance(piece, Variable):
            parts.append(piece)
        elif piece in _LITERALS:
            parts.append(piece[2])
        elif wildcards:
            parts.extend(tokens_of(piece))
        else:
            parts.append(piece)
    return _joined(parts)


def _pieces(text: str) -> Iterator[str | Variable]:
    at = 0
    while (start := text.find("${", at)) >= 0:
        found = _VARIABLE.match(text, start)
        end = found.end() if found else text.find("}", start) + 1
        if not end:
            break
        if start > at:
            yield text[at:start]
        if found is None:
            yield Variable("", None, text[start:end])
        elif found["literal"]:
            yield found[0]
        else:
            yield Variable(found["key"].lower(), found["default"], found[0])
        at = end
    if at < len(text):
        yield text[at:]


def _joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    result: list[Part] = []
    run: list[Token] = []
    for part in parts:
        if isinstance(part, Variable):
            result.extend(normalised(run))
            run.clear()
            result.append(part)
        else:
            run.append(part)
    result.extend(normalised(run))
    return tuple(result)


def variables_of(parts: Sequence[Part]) -> list[Variable]:
    """The variables of a template, in order; none means that the template is static."""
    return [part for part in parts if isinstance(part, Variable)]


def static_tokens(parts: Sequence[Part]) -> tuple[Token, ...]:
    """The tokens of a template without variables."""
    return tuple(part for part in parts if not isinstance(part, Variable))


def resolve(parts: Sequence[Part], keys: Keys) -> tuple[Token, ...] | None:
    """The template with its variables put in; None when one has neither a single value nor a default."""
    tokens: list[Token] = []
    for part in parts:
        if not isinstance(part, Variable):
            tokens.append(part)
            continue
        values = keys.get(part.key) if part.key else None
        if values is not None and len(values) == 1:
            tokens.append(values[0])
        elif not values and part.default is not None:
            tokens.append(part.default)
        else:
            return None
    return normalised(tokens)


def plain_text(tokens: Sequence[Token]) -> str:
    """Tokens as text again, wildcards by their characters (for messages and lint only)."""
    return "".join(token if isinstance(token, str) else {STAR: "*", ONE: "?"}[token] for token in tokens)
