"""The Condition element: operators, sets and absent keys, compiled into tests of a request's context.

IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys". For one operator on one
key, with the request's values V and the policy's values P:

    plain            V absent: false, or true when negated;  V of two or more: false, in both polarities
    ...IfExists      V absent: true, in both polarities
    ForAllValues:    V absent or empty: true;  else each of V matches some of P (negated: none of V matches any of P)
    ForAnyValue:     V absent or empty: false; else some of V matches some of P (negated: some of V matches none of P)
    Null             "true": V is absent or empty; "false": it is neither
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from casemate.engines.policy.grammar import ConditionSyntax, fail
from casemate.engines.policy.operators import NULL, OPERATORS, Match, truth_values

if TYPE_CHECKING:
    from casemate.engines.policy.context_keys import Keys

Test = Callable[["Keys"], bool]

FOR_ALL: Final = "ForAllValues:"
FOR_ANY: Final = "ForAnyValue:"
IF_EXISTS: Final = "IfExists"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a statement: what was written, and its test."""

    operator: str
    key: str
    values: tuple[str, ...]
    test: Test


@dataclass(frozen=True, slots=True)
class OperatorName:
    """An operator taken apart: "ForAnyValue:StringLikeIfExists" is ("ForAnyValue:", "StringLike", True)."""

    qualifier: str
    base: str
    if_exists: bool


def take_apart(name: str) -> OperatorName | None:
    """The parts of an operator's name; None when there is no such operator. Null takes neither set nor IfExists."""
    qualifier = next((prefix for prefix in (FOR_ALL, FOR_ANY) if name.startswith(prefix)), "")
    base = name[len(qualifier) :]
    if base == NULL and not qualifier:
        return OperatorName("", NULL, if_exists=False)
    if base in OPERATORS:
        return OperatorName(qualifier, base, if_exists=False)
    bare = base.removesuffix(IF_EXISTS)
    if bare in OPERATORS:
        return OperatorName(qualifier, bare, if_exists=True)
    return None


def compile_condition(syntax: ConditionSyntax, *, variables: bool) -> Condition:
    """One condition as a test; raises PolicySyntaxError for an unknown operator or a value that it cannot take."""
    name = take_apart(syntax.operator)
    if name is None:
        fail(detail=f"unknown condition operator {syntax.operator[:64]!r}", path=syntax.path)
    key = syntax.key.lower()
    if name.base == NULL:
        test = _null(key, truth_values(syntax.values, syntax.path))
    else:
        operator = OPERATORS[name.base]
        match = operator.compile(syntax.values, variables, syntax.path)
        test = _test(name, key, match, operator.negated)
        if not name.qualifier and not (variables and _has_variable(syntax)):
            test = _shortcut(name, key, syntax.values) or test
    return Condition(syntax.operator, syntax.key, syntax.values, test)


def _has_variable(syntax: ConditionSyntax) -> bool:
    return any("${" in value for value in syntax.values)


def _test(name: OperatorName, key: str, match: Match, negated: bool) -> Test:
    if name.qualifier == FOR_ALL:
        return _for_all(key, match, negated)
    if name.qualifier == FOR_ANY:
        return _for_any(key, match, negated, name.if_exists)
    return _single(key, match, negated, absent=negated or name.if_exists)


def _shortcut(name: OperatorName, key: str, wanted: tuple[str, ...]) -> Test | None:
    """The commonest conditions of all without a second call: they are most of what a hot request spends here."""
    if name.base in {"StringEquals", "StringNotEquals"}:
        negated = name.base == "StringNotEquals"
        return _member(key, frozenset(wanted), negated=negated, absent=negated or name.if_exists)
    if name.base == "Bool":
        spellings = frozenset(text for value in wanted for text in _spellings(value))
        return _member(key, spellings, negated=False, absent=name.if_exists)
    return None


def _spellings(truth: str) -> tuple[str, ...]:
    """A Boolean in every mixture of cases."""
    return tuple("".join(letters) for letters in product(*zip(truth.lower(), truth.upper(), strict=True)))


def _member(key: str, wanted: frozenset[str], *, negated: bool, absent: bool) -> Test:
    def test(keys: Keys) -> bool:
        values = keys.get(key)
        if not values:
            return absent
        return len(values) == 1 and (values[0] in wanted) is not negated

    return test


def _single(key: str, match: Match, negated: bool, absent: bool) -> Test:
    """Several values need a set operator: without one neither polarity matches."""
    static, bind = match.static, match.bind
    if static is not None:

        def test_static(keys: Keys) -> bool:
            values = keys.get(key)
            if not values:
                return absent
            return len(values) == 1 and static(values[0]) is not negated

        return test_static

    def test(keys: Keys) -> bool:
        values = keys.get(key)
        if not values:
            return absent
        return len(values) == 1 and bind(keys)(values[0]) is not negated

    return test


def _for_all(key: str, match: Match, negated: bool) -> Test:
    bind = match.bind

    def test(keys: Keys) -> bool:
        values = keys.get(key)
        if is_null(values):
            return True
        matches = bind(keys)
        return all(matches(value) is not negated for value in values or ())

    return test


def _for_any(key: str, match: Match, negated: bool, absent: bool) -> Test:
    bind = match.bind

    def test(keys: Keys) -> bool:
        values = keys.get(key)
        if is_null(values):
            return absent
        matches = bind(keys)
        return any(matches(value) is not negated for value in values or ())

    return test


def _null(key: str, wanted: frozenset[bool]) -> Test:
    return lambda keys: is_null(keys.get(key)) in wanted


def is_null(values: tuple[str, ...] | None) -> bool:
    """Absent, or nothing but empty text."""
    return not values or not any(values)
