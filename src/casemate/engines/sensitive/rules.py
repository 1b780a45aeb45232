"""Managed identifiers made ready for matching."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from re import _parser  # type: ignore[attr-defined] # widths and first bytes of patterns: only `re` itself knows them
from typing import Any, Final

from casemate.engines.sensitive.catalogue import Edges, Identifier, Pattern, Proximity
from casemate.engines.sensitive.validators import VALIDATORS

_EDGES: Final[dict[Edges, tuple[str, str]]] = {
    "number": (r"(?<![0-9A-Za-z_])(?<![0-9][.\-/])", r"(?![0-9A-Za-z_]|[.\-/][0-9])"),
    "word": (r"(?<![0-9A-Za-z_])", r"(?![0-9A-Za-z_])"),
    "decimal": (r"(?<![0-9A-Za-z_.])", r"(?![0-9A-Za-z_]|\.[0-9])"),
    "base64": (r"(?<![0-9A-Za-z/+])", r"(?![0-9A-Za-z/+=])"),
    "token": (r"(?<![0-9A-Za-z_\-])", r"(?![0-9A-Za-z_\-])"),
    "phone": (r"(?<![0-9A-Za-z_+])(?<![0-9][.\-/])", r"(?![0-9A-Za-z_]|[.\-/][0-9])"),
    "left": (r"(?<![0-9A-Za-z_\-])", ""),
    "none": ("", ""),
}
_SEPARATORS: Final = str.maketrans("", "", " .-/")
_ONLY_ZEROES: Final = re.compile(r"[A-Za-z]?[0 .\-/]*0[0 .\-/]*[A-Za-z]?")
_DIGITS: Final = frozenset(b"0123456789")
_SPELLINGS: Final = frozenset({"licence", "license"})
_ALL: Final = frozenset(range(256))
LONGEST_LEAD: Final = 64
"""Digits: what is longer at the beginning of a text is no number of anything."""
_WIDEST: Final = 128 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """A pattern of an identifier, compiled."""

    regex: re.Pattern[bytes]
    keyword: Proximity
    width: int
    """The most bytes that it matches."""
    strength: int
    nearest: bool
    compact: re.Pattern[str] | None
    check: Callable[[str], bool] | None
    check_compact: bool
    check_name: str
    """What the check is called, so that many texts may be checked at once."""
    anchor: bytes | None
    """For the first pass; takes up to one byte before the text."""
    digit_first: bool
    """Whether every text of the form begins with a digit."""
    apart: bool
    """Whether no text of the form follows a digit and a point, hyphen or slash."""
    follows: tuple[tuple[int, frozenset[int]], ...]
    """Where it does: how many digits can stand at the beginning of a text, up to the first other character, and the
    bytes that this character can be."""

    def holds(self, text: str, never: frozenset[str]) -> bool:
        """Whether a text that has the form is what the identifier looks for."""
        compact = text if text.isdigit() else text.translate(_SEPARATORS).upper()
        if compact in never or text in never or ("000" in compact and _ONLY_ZEROES.fullmatch(text) is not None):
            return False
        if self.compact is not None and self.compact.fullmatch(compact) is None:
            return False
        return self.check is None or self.check(compact if self.check_compact else text)


@dataclass(frozen=True, slots=True)
class Rule:
    """An identifier, compiled. `forms` need a keyword near or inside; `free` have an anchor."""

    identifier: Identifier
    forms: tuple[Form, ...]
    free: tuple[Form, ...]
    never: frozenset[str]
    hints: re.Pattern[bytes] | None
    """Words that speak for the identifier's country."""
    spelling: re.Pattern[bytes] | None
    """Words whose spelling speaks for it, less loudly."""
    width: int = field(default=0)


def compile_rule(identifier: Identifier) -> Rule:
    """An identifier's patterns, compiled."""
    forms = tuple(_form(pattern) for pattern in identifier.pattern)
    near = tuple(form for form in forms if form.keyword in {"near", "inside"})
    never = frozenset({*identifier.never, *(text.translate(_SEPARATORS).upper() for text in identifier.never)})
    hints = _any_of([word for word in identifier.hints if word not in _SPELLINGS])
    spelling = _any_of([word for word in identifier.hints if word in _SPELLINGS])
    width = max((form.width for form in near), default=0)
    return Rule(identifier, near, tuple(form for form in forms if form.anchor), never, hints, spelling, width)


def _any_of(words: Sequence[str]) -> re.Pattern[bytes] | None:
    if not words:
        return None
    joined = "|".join(re.escape(word) for word in words)
    return re.compile(rf"(?i)(?<![a-z])(?:{joined})s?(?![a-z])".encode())


def _form(pattern: Pattern) -> Form:
    left, right = _EDGES[pattern.edges]
    flags = re.IGNORECASE if pattern.ignore_case else 0
    regex = re.compile(f"{left}(?:{pattern.regex}){right}".encode(), flags)
    validator = VALIDATORS[pattern.validator] if pattern.validator else None
    anchor = None
    if pattern.anchor is not None:
        anchor = (f"(?i:{pattern.anchor})" if pattern.ignore_case else f"(?:{pattern.anchor})").encode()
    return Form(
        regex=regex,
        keyword=pattern.keyword,
        width=_width(pattern),
        strength=pattern.strength,
        nearest=pattern.nearest,
        compact=re.compile(pattern.compact) if pattern.compact else None,
        check=validator.check if validator else None,
        check_compact=validator is not None and validator.compact,
        check_name=pattern.validator or "",
        anchor=anchor,
        digit_first=_first_bytes(regex) <= _DIGITS,
        apart=pattern.edges in {"number", "phone"},
        follows=_follows(regex),
    )


def _width(pattern: Pattern) -> int:
    """The widest match of a pattern."""
    return min(int(_parse(pattern.regex.encode()).getwidth()[1]), _WIDEST)


def _parse(regex: bytes) -> Any:
    return _parser.parse(regex)


def _first_bytes(regex: re.Pattern[bytes]) -> frozenset[int]:
    """The bytes that a match can begin with: those after which some text of the form can still follow."""
    return frozenset(_firsts(_parse(regex.pattern)))


def _firsts(items: Any) -> set[int]:
    """First bytes of a parsed sequence; every byte where they can't be told."""
    found: set[int] = set()
    for code, value in items:
        name = str(code)
        if name in {"ASSERT", "ASSERT_NOT", "AT"}:
            continue
        optional = False
        if name == "LITERAL":
            found.add(value)
        elif name == "IN" and all(str(kind) in {"LITERAL", "RANGE", "CATEGORY"} for kind, _ in value):
            for kind, part in value:
                found |= _members(str(kind), part)
        elif name == "SUBPATTERN":
            found |= _firsts(value[3])
            optional = value[3].getwidth()[0] == 0
        elif name == "BRANCH":
            for branch in value[1]:
                found |= _firsts(branch)
            optional = any(branch.getwidth()[0] == 0 for branch in value[1])
        elif name in {"MAX_REPEAT", "MIN_REPEAT"}:
            found |= _firsts(value[2])
            optional = value[0] == 0
        else:
            return set(range(256))
        if not optional:
            return found
    return set(range(256))


def _follows(regex: re.Pattern[bytes]) -> tuple[tuple[int, frozenset[int]], ...]:
    """Lengths of the digits that a match can begin with, and the bytes that can follow each."""
    going_on, ended = _lead(_parse(regex.pattern), {0})
    for length in going_on:
        ended[length] = _ALL - _DIGITS
    return tuple((length, frozenset(ended[length])) for length in sorted(ended) if length <= LONGEST_LEAD)


def _lead(items: Any, lengths: set[int]) -> tuple[set[int], dict[int, frozenset[int]]]:
    """After a parsed sequence: lengths of leading digits that may still grow, and what follows the others."""
    ended: dict[int, frozenset[int]] = {}
    for code, value in items:
        name = str(code)
        over: dict[int, frozenset[int]] = {}
        if name in {"ASSERT", "ASSERT_NOT", "AT"}:
            continue
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            lengths, over = _lead_of_repeat(value, lengths)
        elif name == "SUBPATTERN":
            lengths, over = _lead(value[3], lengths)
        elif name == "BRANCH":
            branches = [_lead(branch, lengths) for branch in value[1]]
            lengths = set().union(*(branch[0] for branch in branches))
            for branch in branches:
                _join(over, branch[1])
        elif name == "GROUPREF":
            over = dict.fromkeys(lengths, _ALL - _DIGITS)
        else:
            firsts = frozenset(_firsts([(code, value)]))
            over = dict.fromkeys(lengths, firsts - _DIGITS) if firsts - _DIGITS else {}
            lengths = {length + 1 for length in lengths} if firsts & _DIGITS else set()
        _join(ended, over)
        if not lengths:
            break
    return {length for length in lengths if length <= LONGEST_LEAD}, ended


def _lead_of_repeat(value: Any, lengths: set[int]) -> tuple[set[int], dict[int, frozenset[int]]]:
    least, most, items = value
    going_on: set[int] = set(lengths) if least == 0 else set()
    ended: dict[int, frozenset[int]] = {}
    for turn in range(1, min(int(most), LONGEST_LEAD) + 1):
        lengths, over = _lead(items, lengths)
        _join(ended, over)
        if turn >= least:
            going_on |= lengths
        if not lengths:
            break
    return going_on, ended


def _join(ended: dict[int, frozenset[int]], more: dict[int, frozenset[int]]) -> None:
    for length, following in more.items():
        ended[length] = ended.get(length, frozenset()) | following


def _members(kind: str, part: Any) -> set[int]:
    if kind == "LITERAL":
        return {part}
    if kind == "RANGE":
        return set(range(part[0], part[1] + 1))
    return set(_DIGITS) if str(part) == "CATEGORY_DIGIT" else set(range(256))
