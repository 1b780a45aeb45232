"""Wildcards, policy variables and condition operators, written the slow way: one rule of the documentation a function.

Nothing here is compiled or remembered. A pattern is a list of tokens: a character that stands for itself, ANY
(any run of characters) or ONE (one character). Source: IAM user guide, "IAM JSON policy elements".
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

ANY = "any run of characters"
ONE = "one character"

Keys = Mapping[str, tuple[str, ...]]
Tokens = list[str]

NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}


def match_tokens(tokens: Tokens, text: str) -> bool:
    """`*` is any run of characters, `?` is one character; everything else is itself."""
    if not tokens:
        return text == ""
    if tokens[0] == ANY:
        return match_tokens(tokens[1:], text) or (text != "" and match_tokens(tokens, text[1:]))
    if text == "":
        return False
    return (tokens[0] == ONE or tokens[0] == text[0]) and match_tokens(tokens[1:], text[1:])


def plain_tokens(pattern: str) -> Tokens:
    return [{"*": ANY, "?": ONE}.get(character, character) for character in pattern]


def variable_value(expression: str, keys: Keys) -> str | None:
    """What stands between `${` and `}`: a key, or a key, a comma, a space and a default in single quotes."""
    name, comma, default = expression.partition(",")
    values = keys.get(name.strip().lower(), ())
    if len(values) == 1:  # "single-valued keys only"
        return values[0]
    return default.strip()[1:-1] if comma else None


def template_tokens(pattern: str, keys: Keys, *, variables: bool) -> Tokens | None:
    """The tokens of a pattern with its variables put in; None when a variable has no value and no default."""
    tokens: Tokens = []
    while pattern:
        if variables and pattern.startswith("${"):
            expression, _, pattern = pattern[2:].partition("}")
            # "Literals ${*} ${?} ${$}"; "a substituted value is literal: its own * is no wildcard".
            value = expression if expression in {"*", "?", "$"} else variable_value(expression, keys)
            if value is None:
                return None
            tokens.extend(value)
        else:
            tokens.extend(plain_tokens(pattern[0]))
            pattern = pattern[1:]
    return tokens


def match_segments(tokens: Tokens, arn: str) -> bool:
    """Six components compared one by one; a wildcard never crosses a colon of the first five."""
    return match_segment_lists(split_tokens(tokens), arn.split(":", 5))


def match_segment_lists(patterns: list[Tokens], segments: list[str]) -> bool:
    if len(patterns) != 6 or len(segments) != 6:
        return False
    return all(match_tokens(pattern, segment) for pattern, segment in zip(patterns, segments, strict=True))


def split_tokens(tokens: Tokens) -> list[Tokens]:
    segments: list[Tokens] = [[]]
    for token in tokens:
        if token == ":" and len(segments) < 6:
            segments.append([])
        else:
            segments[-1].append(token)
    return segments


def match_action(pattern: str, action: str) -> bool:
    """Action prefix and name are case-insensitive; `*` any run, `?` one character."""
    return match_tokens(plain_tokens(pattern.lower()), action.lower())


def match_resource(pattern: str, resource: str, keys: Keys, *, variables: bool) -> bool:
    """Case-sensitive; a bare `*` covers everything, and only it covers an action without resource type."""
    if pattern == "*":
        return True
    tokens = template_tokens(pattern, keys, variables=variables)
    # "No value and no default: in Resource and NotResource that entry matches nothing."
    return tokens is not None and match_segments(tokens, resource)


def match_condition(operator: str, key: str, values: list[str], keys: Keys, *, variables: bool) -> bool:
    """One key of one operator of a Condition block."""
    quantifier, colon, base = operator.rpartition(":")
    if_exists = base.endswith("IfExists")
    base = base.removesuffix("IfExists")
    present = keys.get(key.lower(), ())
    if base == "Null":
        # "Null true / false: [key absent] true / false; empty value counts as null."
        return any((value.lower() == "true") == (present in {(), ("",)}) for value in values)
    negated = base in NEGATED
    test = NEGATED.get(base, base)

    def matches(value: str) -> bool:
        return any(match_value(test, wanted, value, keys, variables=variables) for wanted in values)

    if not present and if_exists:
        return True  # "..IfExists (all but Null): true, both polarities"
    if colon and quantifier == "ForAllValues":
        # "true when absent or empty set or empty string; each request value must match some policy value;
        # negated: no request value matches any".
        return present in {(), ("",)} or all(matches(value) != negated for value in present)
    if colon:
        # "false when absent or empty; some request value matches some policy value; negated: some request
        # value matches none; + IfExists true".
        if present in {(), ("",)}:
            return if_exists
        return any(matches(value) != negated for value in present)
    if not present:
        return negated  # "positive operator, key absent: false"; "negated: true"
    if len(present) > 1:
        return False  # "set operator required; without it no match; negated likewise no match"
    return matches(present[0]) != negated  # "OR; for negated operators NOR"


def match_value(test: str, wanted: str, value: str, keys: Keys, *, variables: bool) -> bool:
    """One policy value of a positive operator against one request value; what is no number, date .. matches nothing."""
    try:
        return match_typed(test, wanted, value, keys, variables=variables)
    except (ArithmeticError, ValueError):
        return False


def match_typed(test: str, wanted: str, value: str, keys: Keys, *, variables: bool) -> bool:
    if test.startswith(("String", "Arn", "Bool")):
        return match_text(test, wanted, value, keys, variables=variables)
    if test.startswith("Numeric"):
        return compare(test.removeprefix("Numeric"), Decimal(value), Decimal(wanted))
    if test.startswith("Date"):
        return compare(test.removeprefix("Date"), instant(value), instant(wanted))
    if test == "BinaryEquals":
        return base64.b64decode(wanted) == base64.b64decode(value)
    assert test == "IpAddress"
    # "other family never matches"; no prefix is one address.
    network, address = ipaddress.ip_network(wanted, strict=False), ipaddress.ip_address(value)
    return network.version == address.version and address in network


def match_text(test: str, wanted: str, value: str, keys: Keys, *, variables: bool) -> bool:
    tokens = template_tokens(wanted, keys, variables=variables)
    if tokens is None:
        return False  # "No value and no default: positive operators do not match; negated ones do."
    if test == "StringLike":
        return match_tokens(tokens, value)
    if test in {"ArnLike", "ArnEquals"}:  # "ArnEquals = ArnLike: all take wildcards"
        return tokens == [ANY] or match_segments(tokens, value)
    # "StringEquals takes none [no wildcards]": what looks like one stands for itself.
    text = "".join({ANY: "*", ONE: "?"}.get(token, token) for token in tokens)
    if test in {"StringEqualsIgnoreCase", "Bool"}:
        return text.lower() == value.lower()
    assert test == "StringEquals"
    return text == value


def compare(relation: str, value: Decimal, wanted: Decimal) -> bool:
    """The request's value stands left: NumericLessThan means that it is less than the policy's."""
    return {
        "Equals": value == wanted,
        "LessThan": value < wanted,
        "LessThanEquals": value <= wanted,
        "GreaterThan": value > wanted,
        "GreaterThanEquals": value >= wanted,
    }[relation]


def instant(text: str) -> Decimal:
    """Epoch seconds, or the W3C profile of ISO 8601 from the year alone up to a fraction and a zone."""
    if text.isdigit() and len(text) != 4:
        return Decimal(text)
    day, _, time = text.partition("T")
    year, month, date = [int(part) for part in (day + "-01-01").split("-")[:3]]
    midnight = Decimal(int(datetime(year, month, date, tzinfo=UTC).timestamp()))
    if not time:
        return midnight
    if time.endswith("Z"):
        clock, offset = time[:-1], 0
    else:
        clock, sign, zone = time[:-6], time[-6], time[-5:]
        offset = (int(zone[:2]) * 3600 + int(zone[3:]) * 60) * (1 if sign == "+" else -1)
    parts = [*clock.split(":"), "0"][:3]
    return midnight + int(parts[0]) * 3600 + int(parts[1]) * 60 + Decimal(parts[2]) - offset
