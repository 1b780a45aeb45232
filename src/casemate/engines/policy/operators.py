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

from casemate.engines.policy.arns import compile_arn
from casemate.engines.policy.errors import LEGACY, SYNTAX
from casemate.engines.policy.globs import Matcher, compile_glob, literal_of
from casemate.engines.policy.grammar import fail
from casemate.engines.policy.templates import Part, parse_template, resolve, static_tokens, variables_of
from casemate.engines.policy.values import Network, address, moment, network, number, octets

if TYPE_CHECKING:
    from casemate.engines.policy.context_keys import Keys

Match = Callable[[str, "Keys"], bool]

TextEntry = Callable[[Sequence[Part]], Matcher | None]


@dataclass(frozen=True, slots=True)
class Operator:
    """`compile` takes (values, variables allowed, path of the condition); `negated` operators ask that none matches."""

    name: str
    family: str
    negated: bool
    compile: Callable[[Sequence[str], bool, str], Match]


def _texts(
    wildcards: bool, entry: Callable[[Sequence[Any]], Matcher | None], fold: bool = False
) -> Callable[[Sequence[str], bool, str], Match]:
    """Operators on text: static values become a set and matchers, templates are resolved at each request."""

    def compile_values(values: Sequence[str], variables: bool, _path: str) -> Match:
        exact: set[str] = set()
        matchers: list[Matcher] = []
        templates: list[tuple[Part, ...]] = []
        for value in values:
            parts = parse_template(value, variables=variables, wildcards=wildcards)
            if variables_of(parts):
                templates.append(parts)
                continue
            tokens = static_tokens(parts)
            matcher = entry(tokens)
            literal = literal_of(tokens)
            if matcher is None:
                continue
            if literal is None:
                matchers.append(matcher)
            else:
                exact.add(literal.lower() if fold else literal)
        static = _static_texts(frozenset(exact), tuple(matchers), fold)
        return _with_templates(static, tuple(templates), entry) if templates else static

    return compile_values


def _static_texts(exact: frozenset[str], matchers: tuple[Matcher, ...], fold: bool) -> Match:
    if fold:
        return lambda value, _keys: value.lower() in exact
    if not matchers:
        return lambda value, _keys: value in exact
    if len(matchers) == 1 and not exact:
        only = matchers[0]
        return lambda value, _keys: only(value)
    return lambda value, _keys: value in exact or any(matches(value) for matches in matchers)


def _with_templates(
    static: Match, templates: tuple[tuple[Part, ...], ...], entry: Callable[[Sequence[Any]], Matcher | None]
) -> Match:
    def match(value: str, keys: Keys) -> bool:
        if static(value, keys):
            return True
        for parts in templates:
            tokens = resolve(parts, keys)
            matcher = entry(tokens) if tokens is not None else None
            if matcher is not None and matcher(value):
                return True
        return False

    return match


def _folded(tokens: Sequence[Any]) -> Matcher:
    text = "".join(tokens).lower()
    return lambda value: value.lower() == text


def _ordered(
    read: Callable[[str], Any], compare: Callable[[Any, Any], bool], message: str
) -> Callable[[Sequence[str], bool, str], Match]:
    """Operators on numbers and dates: the request's value is compared with each of the policy's."""

    def compile_values(values: Sequence[str], _variables: bool, path: str) -> Match:
        bounds = tuple(_read(read, value, message, path) for value in values)

        def match(value: str, _keys: Keys) -> bool:
            found = read(value)
            return found is not None and any(compare(found, bound) for bound in bounds)

        return match

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
    templates = [
        parts for value in values if variables_of(parts := parse_template(value, variables=variables, wildcards=False))
    ]
    static = frozenset(
        _read(_boolean, value, SYNTAX, path)
        for value in values
        if not variables_of(parse_template(value, variables=variables, wildcards=False))
    )
    plain = _static_texts(static, (), fold=True)
    return _with_templates(plain, tuple(templates), _folded) if templates else plain


def _binaries(values: Sequence[str], _variables: bool, path: str) -> Match:
    wanted = frozenset(_read(octets, value, SYNTAX, path) for value in values)
    return lambda value, _keys: octets(value) in wanted


def _addresses(values: Sequence[str], _variables: bool, path: str) -> Match:
    ranges: tuple[Network, ...] = tuple(_read(network, value, SYNTAX, path) for value in values)

    def match(value: str, _keys: Keys) -> bool:
        found = address(value)
        if found is None:
            return False
        version, bits = found
        return any(version == wanted and bits & mask == base for wanted, base, mask in ranges)

    return match


def truth_values(values: Sequence[str], path: str) -> frozenset[bool]:
    """The values of Null: "true" and "false" in any case."""
    return frozenset(_read(_boolean, value, SYNTAX, path) == "true" for value in values)


def _table() -> dict[str, Operator]:
    exact = _texts(wildcards=False, entry=compile_glob)
    ignoring_case = _texts(wildcards=False, entry=_folded, fold=True)
    like = _texts(wildcards=True, entry=compile_glob)
    arn = _texts(wildcards=True, entry=compile_arn)
    rows: list[tuple[str, str, bool, Callable[[Sequence[str], bool, str], Match]]] = [
        ("StringEquals", "string", False, exact),
        ("StringNotEquals", "string", True, exact),
        ("StringEqualsIgnoreCase", "string", False, ignoring_case),
        ("StringNotEqualsIgnoreCase", "string", True, ignoring_case),
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
