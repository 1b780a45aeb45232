r"""The patterns of the models, with the meaning that AWS gives them.

AWS's services match with Java's `Matcher.matches`: the whole value, whether or not the pattern is anchored. `\w`, `\d`
and `\s` are ASCII there, `.` stops at every Unicode line end, `\p{L}` names a Unicode category, and a dash after a
class escape is a dash. `matcher` gives a function with that meaning.

Python's engine backtracks. Patterns of the models that would take exponential time are replaced by equal ones that
don't (`_LINEAR`); the tests time every pattern of every model on hostile values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

Matcher = Callable[[str], Any]

_CATEGORIES: Final = Path(__file__).parent / "data" / "categories.json"
_NOT_A_LINE_END: Final = r"[^\n\r\x85\u2028\u2029]"
# Java writes the code points above the basic plane as pairs of surrogates.
_JAVA_ASTRAL: Final = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff")
_LEADING_FLAGS: Final = re.compile(r"\^?\(\?([is]+)\)")
_TOKEN: Final = re.compile(
    r"""(?P<category>\\(?P<sign>[pP])\{(?P<name>\w+)\})
      | (?P<class_escape>\\[wdsWDS])
      | (?P<escape>\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.))
      | (?P<open>\[\^?\]?)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_ASCII_ONLY: Final = {"Print": r"\x20-\x7e", "ASCII": r"\x00-\x7f"}

# Patterns whose repetitions overlap, as written in the models, and an equal one whose repetitions
# give nothing back.
_LINEAR: Final[dict[str, str]] = {
    r"[a-zA-Z](?:-?[a-zA-Z0-9]+)*": r"[a-zA-Z](?:-?[a-zA-Z0-9]++)*+",
    r"[a-z](?:-?[a-z0-9]+){0,15}": r"[a-z](?:-?[a-z0-9]++){0,15}+",
    r"^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$": r"[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]++)*+",
    # The repeated class contains the blank of its separator: all that matters is one character other than a tab.
    r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$": r"\t*+[^\x00-\x1F:\x7F][^\x00-\x08\x0A-\x1F:\x7F]*",
    r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$": r"\t*+[\x20-\x7E][\t\x20-\x7E]*",
    r"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$": r"[a-z0-9A-Z][\.\-\w]*[a-z0-9A-Z]",
    # \S may itself be one of the three line ends that are no ASCII blanks.
    r".*\S.*": r"[ \t\x0B\f]*+(?:[^\s\x85\u2028\u2029].*+(?:[\x85\u2028\u2029].*)?|[\x85\u2028\u2029].*)",
    r".*[0-9]{12}.*": r"(?>.*?[0-9]{12}).*",
    r"\/?.+\/.+": r".[^\/\n\r\x85\u2028\u2029]*+\/.+",
}


@cache
def matcher(pattern: str) -> Matcher:
    """A function that is true of exactly the strings that the pattern matches as a whole."""
    source = _LINEAR.get(pattern, pattern)
    if r"\p" not in source and r"\P" not in source:
        return _compile(source, ascii_only=False).fullmatch
    within_ascii = _compile(source, ascii_only=True).fullmatch

    def matches(text: str) -> Any:
        # The full Unicode classes have hundreds of ranges: most values never need them.
        return within_ascii(text) if text.isascii() else _compile(source, ascii_only=False).fullmatch(text)

    return matches


@cache
def _compile(pattern: str, *, ascii_only: bool) -> re.Pattern[str]:
    flags = re.ASCII
    if leading := _LEADING_FLAGS.match(pattern):
        flags |= re.IGNORECASE if "i" in leading[1] else 0
        flags |= re.DOTALL if "s" in leading[1] else 0
        pattern = pattern[leading.end() :]
    return re.compile(_translate(pattern.replace(*_JAVA_ASTRAL), flags, ascii_only=ascii_only), flags)


def _translate(pattern: str, flags: int, *, ascii_only: bool) -> str:
    out: list[str] = []
    inside = False
    after_class = False
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if token["category"]:
            text = _category(token["name"], ascii_only=ascii_only)
            if not inside:
                text = f"[{'^' if token['sign'] == 'P' else ''}{text}]"
        elif token["open"]:
            text = text if not inside else "".join(rf"\{character}" for character in text)
            inside = True
        elif token["other"]:
            text = _plain(text, flags, inside=inside, after_class=after_class)
            inside = inside and token[0] != "]"
        after_class = inside and bool(token["class_escape"] or token["category"])
        out.append(text)
    return "".join(out)


def _plain(character: str, flags: int, *, inside: bool, after_class: bool) -> str:
    if not inside:
        return _NOT_A_LINE_END if character == "." and not flags & re.DOTALL else character
    if character in "&|~" or (character == "-" and after_class):
        return "\\" + character
    return character


def _category(name: str, *, ascii_only: bool) -> str:
    if name in _ASCII_ONLY:
        return _ASCII_ONLY[name]
    ranges = _categories()[name]
    limit = 0x7F if ascii_only else 0x10FFFF
    pairs = [(first, min(last, limit)) for first, last in zip(ranges[::2], ranges[1::2], strict=True) if first <= limit]
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in pairs)


@cache
def _categories() -> dict[str, list[int]]:
    table: dict[str, Any] = msgspec.json.decode(_CATEGORIES.read_bytes())
    del table["unicode"]
    return table
