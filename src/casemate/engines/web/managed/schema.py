"""The files of a managed rule group: their shape (README.md), and the check that refuses one that breaks it."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

import msgspec

from casemate.engines.web.errors import ManagedRuleFormat
from casemate.engines.web.managed.fields import known_field

ACTIONS: Final = ("ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE")
COMPARISONS: Final = ("EQ", "NE", "LE", "LT", "GE", "GT")
FLAGS: Final = frozenset({"caseless", "dotall"})
_LABEL: Final = re.compile(r"[0-9A-Za-z_\-:]{1,1024}")
_ENDS: Final = re.compile(r"\\[AzZ]")


class SizeCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[inspect.size]`: the size of the fields as they came against `bytes`."""

    comparison: str
    bytes: int


class AbsentCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[inspect.absent]`: a header that is missing, or empty where `empty` says that counts."""

    header: str
    empty: bool = False


class AddressCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[inspect.addresses]`: the client's address in a list that the operator supplied."""

    list: str


class Inspect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[inspect]]`."""

    fields: tuple[str, ...] = ()
    normalize: tuple[str, ...] = ("raw",)
    detectors: tuple[str, ...] = ()
    level: str = ""
    patterns: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    flags: tuple[str, ...] = ("caseless",)
    unless: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    size: SizeCheck | None = None
    absent: AbsentCheck | None = None
    addresses: AddressCheck | None = None


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[positive]]` or `[[negative]]`: a request, or a field and a value."""

    request: str = ""
    field: str = ""
    value: str = ""
    bare: bool = False
    note: str = ""


class ManagedRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule's file."""

    name: str
    group: str
    action: str
    description: str
    labels: tuple[str, ...] = ()
    inspect: tuple[Inspect, ...]
    positive: tuple[Example, ...] = ()
    negative: tuple[Example, ...] = ()


def decode_rule(text: str, *, group: str, name: str, where: str) -> ManagedRule:
    """A rule from its file. Raises ManagedRuleFormat saying what breaks the format."""
    try:
        rule = msgspec.convert(tomllib.loads(text), ManagedRule)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ManagedRuleFormat(f"{where}: {error}") from None
    wrong = next(_wrongs(rule, group, name), None)
    if wrong:
        raise ManagedRuleFormat(f"{where}: {wrong}")
    return rule


def _wrongs(rule: ManagedRule, group: str, name: str) -> Any:
    if (rule.group, rule.name) != (group, name):
        yield f"names {rule.group}/{rule.name} and stands at {group}/{name}"
    if rule.action not in ACTIONS:
        yield f"action '{rule.action}' is none of {', '.join(ACTIONS)}"
    if not rule.inspect:
        yield "inspects nothing"
    for label in rule.labels:
        if not _LABEL.fullmatch(label):
            yield f"label '{label}' has characters that labels can't have"
    for number, inspect in enumerate(rule.inspect):
        for wrong in _wrong_inspections(inspect):
            yield f"inspect[{number}]: {wrong}"


def _wrong_inspections(inspect: Inspect) -> Any:
    special = inspect.size or inspect.absent or inspect.addresses
    matched = inspect.detectors or inspect.patterns or inspect.literals or inspect.all_of
    if bool(special) == bool(matched):
        yield "says either what to match (detectors, patterns, literals, all_of) or one of size, absent, addresses"
    if (matched or inspect.size) and not inspect.fields:
        yield "names no fields"
    for field in inspect.fields:
        if not known_field(field):
            yield f"field '{field}' is unknown"
    for flag in inspect.flags:
        if flag not in FLAGS:
            yield f"flag '{flag}' is none of {', '.join(sorted(FLAGS))}"
    if inspect.size and inspect.size.comparison not in COMPARISONS:
        yield f"comparison '{inspect.size.comparison}' is none of {', '.join(COMPARISONS)}"
    for pattern in (*inspect.patterns, *inspect.unless, *inspect.all_of):
        if _ENDS.search(pattern.replace("\\\\", "")):
            yield f"pattern '{pattern}' says \\A, \\z or \\Z; say ^ or $"
