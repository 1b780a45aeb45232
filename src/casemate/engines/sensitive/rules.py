"""Managed identifiers made ready for matching."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

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
    anchor: bytes | None
    """For the first pass; takes up to one byte before the text."""

    def holds(self, text: str, never: frozenset[str]) -> bool:
        """Whether a text that has the form is what the identifier looks for."""
        compact = text.translate(_SEPARATORS).upper()
        if text in never or compact in never or _ONLY_ZEROES.fullmatch(text) is not None:
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
    width: int = field(default=0)


def compile_rule(identifier: Identifier) -> Rule:
    """An identifier's patterns, compiled."""
    forms = tuple(_form(pattern) for pattern in identifier.pattern)
    near = tuple(form for form in forms if form.keyword in {"near", "inside"})
    never = frozenset({*identifier.never, *(text.translate(_SEPARATORS).upper() for text in identifier.never)})
    hints = None
    if identifier.hints:
        words = "|".join(re.escape(word) for word in identifier.hints)
        hints = re.compile(rf"(?i)(?<![a-z])(?:{words})(?![a-z])".encode())
    width = max((form.width for form in near), default=0)
    return Rule(identifier, near, tuple(form for form in forms if form.anchor), never, hints, width)


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
        anchor=anchor,
    )


def _width(pattern: Pattern) -> int:
    """The widest match of a pattern, from the counts in it; patterns have no unbounded repeats."""
    widest = 0
    for alternative in pattern.regex.split("|"):
        counts = [int(most or least) for least, most in re.findall(r"\{(\d+)(?:,(\d+))?\}", alternative)]
        widest += len(alternative) + sum(count * 4 for count in counts)
    return min(widest, _WIDEST)
