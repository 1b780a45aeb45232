"""Condition operators: how one value of a request is held against the values of a policy.

IAM User Guide, "IAM JSON policy elements: Condition operators". An operator compiles the policy's values into one
function of (request value, context) that says whether any of them matches; sets, absence and negation are the
business of `conditions`. Text that is no number, date, address, Boolean or base64 is refused in a policy, and
matches nothing in a request.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from casemate.engines.policy.arns import compile_any_arn, is_arn
from casemate.engines.policy.errors import LEGACY, SYNTAX
from casemate.engines.policy.globs import Matcher, Token, literal_of
from casemate.engines.policy.grammar import fail
from casemate.engines.policy.matchers import compile_any
from casemate.engines.policy.templates import Part, parse_template, resolve, static_tokens, variables_of
from casemate.engines.policy.values import Network, address, moment, network, number, octets

if TYPE_CHECKING:
    from casemate.engines.policy.context_keys import Keys

Patterns = Sequence[tuple[Token, ...]]


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a request's value matches any of the policy's: `static`, or bound to a context first for variables."""

    static: Matcher | None
    bind: Callable[[Keys], Matcher]


Compile = Callable[[Sequence[str], bool, str], Match]
"""From (values, whether variables count, path of the condition) to their match."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator; negated ones ask that no value of the policy matches."""

    name: str
    family: str
    negated: bool
    compile: Compile


def _constant(matcher: Matcher) -> Match:
    return Match(matcher, lambda _keys: matcher)


def _texts(wildcards: bool, any_of: Callable[[Patterns], Matcher]) -> Compile:
    """Operators on text: `any_of` makes a matcher of patterns, at once or when their variables are known."""

    def compile_values(values: Sequence[str], variables: bool, _path: str) -> Match:
        parsed = [parse_template(value, variables=variables, wildcards=wildcards) for value in values]
        templates = [parts for parts in parsed if variables_of(parts)]
        static = any_of([static_tokens(parts) for parts in parsed if not variables_of(parts)])
        return _resolved(static, templates, any_of) if templates else _constant(static)

    return compile_values


def _resolved(static: Matcher, templates: Sequence[Sequence[Part]], any_of: Callable[[Patterns], Matcher]) -> Match:
    """Templates become patterns once a test; one without a value matches nothing."""

    def bind(keys: Keys) -> Matcher:
        found = [resolve(parts, keys) for parts in templates]
        dynamic = any_of([tokens for tokens in found if tokens is not None])
        return lambda value: static(value) or dynamic(value)

    return Match(None, bind)


def _any_text(patterns: Patterns) -> Matcher:
    exact = frozenset(text for pattern in patterns if (text := literal_of(pattern)) is not None)
    return _either(exact, compile_any([pattern for pattern in patterns if literal_of(pattern) is None]))


def _any_arn(patterns: Patterns) -> Matcher:
    literals = ((literal_of(pattern), pattern) for pattern in patterns)
    exact = frozenset(text for text, pattern in literals if text is not None and is_arn(pattern))
    return _either(exact, compile_any_arn([pattern for pattern in patterns if literal_of(pattern) is None]))


def _any_text_in_any_case(patterns: Patterns) -> Matcher:
    exact = frozenset((literal_of(pattern) or "").lower() for pattern in patterns)
    return lambda value: value.lower() in exact


def _either(exact: frozenset[str], matchers: tuple[Matcher, ...]) -> Matcher:
    if not matchers:
        return exact.__contains__
    if len(matchers) == 1 and not exact:
        return matchers[0]
    return lambda value: value in exact or any(matches(value) for matches in matchers)


def _ordered(read: Callable[[str], Any], compare: Callable[[Any, Any], bool], message: str) -> Compile:
    """Operators on numbers and dates: the request's value is compared with each of the policy's."""

    def compile_values(values: Sequence[str], _variables: bool, path: str) -> Match:
        bounds = tuple(_read(read, value, message, path) for value in values)

        def match(value: str) -> bool:
            found = read(value)
            return found is not None and any(compare(found, bound) for bound in bounds)

        return _constant(match)

    return compile_values


def _read(read: Callable[[str], Any], value: str, message: str, path: str) -> Any:
    found = read(value)
    if found is None:
        fail(message, detail=f"{value[:64]!r} is no value for this operator", path=path)
    return found


def _boolean(value: str) -> str | None:
    lowered = value.lower()
    return lowered if lowered in {"true", "false"} else None


def _booleans(values: Sequence[str], variables: bool, path: str) -> Match:
    parsed = [parse_template(value, variables=variables, wildcards=False) for value in values]
    for value, parts in zip(values, parsed, strict=True):
        if not variables_of(parts):
            _read(_boolean, value, SYNTAX, path)
    match = _IGNORING_CASE(values, variables, path)

    def bind(keys: Keys) -> Matcher:
        bound = match.bind(keys)
        return lambda value: _boolean(value) is not None and bound(value)

    return Match(None, bind) if match.static is None else match


def _binaries(values: Sequence[str], _variables: bool, path: str) -> Match:
    wanted = frozenset(_read(octets, value, SYNTAX, path) for value in values)
    return _constant(lambda value: octets(value) in wanted)


def _addresses(values: Sequence[str], _variables: bool, path: str) -> Match:
    ranges: tuple[Network, ...] = tuple(_read(network, value, SYNTAX, path) for value in values)

    def match(value: str) -> bool:
        found = address(value)
        if found is None:
            return False
        version, bits = found
        return any(version == wanted and bits & mask == base for wanted, base, mask in ranges)

    return _constant(match)


def truth_values(values: Sequence[str], path: str) -> frozenset[bool]:
    """The values of Null: "true" and "false" in any case."""
    return frozenset(_read(_boolean, value, SYNTAX, path) == "true" for value in values)


_IGNORING_CASE: Final = _texts(wildcards=False, any_of=_any_text_in_any_case)


def _table() -> dict[str, Operator]:
    exact = _texts(wildcards=False, any_of=_any_text)
    like = _texts(wildcards=True, any_of=_any_text)
    arn = _texts(wildcards=True, any_of=_any_arn)
    rows: list[tuple[str, str, bool, Compile]] = [
        ("StringEquals", "string", False, exact),
        ("StringNotEquals", "string", True, exact),
        ("StringEqualsIgnoreCase", "string", False, _IGNORING_CASE),
        ("StringNotEqualsIgnoreCase", "string", True, _IGNORING_CASE),
        ("StringLike", "string", False, like),
        ("StringNotLike", "string", True, like),
        ("ArnEquals", "arn", False, arn),
        ("ArnLike", "arn", False, arn),
        ("ArnNotEquals", "arn", True, arn),
        ("ArnNotLike", "arn", True, arn),
        ("Bool", "bool", False, _booleans),
        ("BinaryEquals", "binary", False, _binaries),
        ("IpAddress", "address", False, _addresses),
        ("NotIpAddress", "address", True, _addresses),
    ]
    for prefix, family, read, message in (("Numeric", "numeric", number, SYNTAX), ("Date", "date", moment, LEGACY)):
        rows += [
            (f"{prefix}Equals", family, False, _ordered(read, operator.eq, message)),
            (f"{prefix}NotEquals", family, True, _ordered(read, operator.eq, message)),
            (f"{prefix}LessThan", family, False, _ordered(read, operator.lt, message)),
            (f"{prefix}LessThanEquals", family, False, _ordered(read, operator.le, message)),
            (f"{prefix}GreaterThan", family, False, _ordered(read, operator.gt, message)),
            (f"{prefix}GreaterThanEquals", family, False, _ordered(read, operator.ge, message)),
        ]
    return {row[0]: Operator(*row) for row in rows}


OPERATORS: Final = _table()
"""Every operator but Null, by its exact name."""
NULL: Final = "Null"
