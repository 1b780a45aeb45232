r"""What AWS WAF takes as a regular expression.

Source: AWS WAF Developer Guide, "Supported regular expression syntax": PCRE's syntax without back-references and
capturing sub-expressions, arbitrary zero-width assertions, subroutine references and recursive patterns, conditional
patterns, backtracking control verbs, \C, \R, \K, callouts, atomic groups and possessive quantifiers. Groups are written
with plain brackets and capture nothing.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_PATTERN: Final = 512  # characters; the model's maximum for RegexString

# Escapes and classes are read first, so that what follows never looks inside them.
_TOKEN: Final = re.compile(
    r"\\Q.*?(?:\\E|$)"
    r"|\\(?P<escape>g[{<'\-+0-9]|k[{<']|[1-9]|.)"
    r"|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]"
    r"|\((?P<group>\*[A-Z_0-9:=]+\)?|\?(?:<[=!]|[=!>&|RC(+\-0-9]|P[=>])?)?"
    r"|(?P<repeat>[*+?]|\{\d+(?:,\d*)?\})(?P<possessive>\+)?",
    re.DOTALL,
)
_ESCAPES: Final = {
    "C": r"\C, the single byte",
    "R": r"\R, the newline match",
    "K": r"\K, the start of match reset",
    "X": r"\X, the extended grapheme cluster",
    "N": r"\N, the character that is no newline",
    "G": r"\G, a zero-width assertion",
}
_GROUPS: Final = {
    "?=": "a lookahead",
    "?!": "a negative lookahead",
    "?<=": "a lookbehind",
    "?<!": "a negative lookbehind",
    "?>": "an atomic group",
    "?&": "a subroutine reference",
    "?P>": "a subroutine reference",
    "?P=": "a back-reference",
    "?R": "a recursive pattern",
    "?C": "a callout",
    "?(": "a conditional pattern",
    "?|": "a branch reset",
}
_START_VERBS: Final = frozenset({"*UTF8)", "*UTF)", "*UCP)"})
_OPTIONS: Final = re.compile(r"\?-?[imsxJU]")


def refusal(pattern: str) -> str | None:
    """Why AWS would refuse `pattern`, naming the construct; None when the dialect takes it.

    A pattern that passes can still be refused by the compiler (brackets that don't close, too large).
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"{len(pattern)} characters, and at most {LONGEST_PATTERN} are allowed"
    for token in _TOKEN.finditer(pattern):
        escape, group, possessive = token.group("escape", "group", "possessive")
        if escape:
            if escape[0] in "123456789gk":
                return "a back-reference or subroutine reference"
            if escape in _ESCAPES:
                return _ESCAPES[escape]
        elif group:
            reason = _group(group, pattern[token.start() + 1 :])
            if reason:
                return reason
        elif possessive:
            return "a possessive quantifier"
    return None


def _group(group: str, rest: str) -> str | None:
    if group.startswith("*"):
        return None if group in _START_VERBS else "a backtracking control verb"
    known = _GROUPS.get(group)
    if known:
        return known
    if group[1:2] in {"+", "-"} or group[1:2].isdigit():
        return None if _OPTIONS.match(rest) else "a subroutine reference"
    return None
