"""How a keyword is written in running text, in names of columns and fields, and in the bytes of a file.

Keywords are not case sensitive, and a space in one also stands for nothing, an underscore or a hyphen (Macie user
guide, "Keyword requirements"). Beyond that the usual abbreviations of "number" and "account" are read, accents may be
missing, and a long keyword may stand in the plural.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

_ABBREVIATED: Final = {
    "number": ("number", "num", "no", "nr", "nbr"),
    "numbers": ("numbers", "number"),
    "número": ("número", "núm", "nº", "n°"),
    "numéro": ("numéro", "num", "nº", "n°", "no"),
    "account": ("account", "acct"),
    "identification": ("identification", "id"),
}
_WORD: Final = re.compile(r"[^\W_]+")
_LONG_ENOUGH_FOR_PLURAL: Final = 5
_LONGEST_ACRONYM: Final = 5
_DASHES: Final = "-\u2010\u2011\u2013"
_APOSTROPHES: Final = "'\u2019`"


def _spellings(char: str) -> list[bytes]:
    """The bytes that may stand for a character: either case, UTF-8 or cp1252, with or without its accent."""
    if char in _DASHES:
        return [*(dash.encode() for dash in _DASHES), b"\x96"]
    if char in _APOSTROPHES:
        return [b"'", "\u2019".encode(), b"\x92", b"&#39;", b"&apos;"]
    forms = {char.lower(), char.upper()} - {""}
    spelled: dict[bytes, None] = {}
    for form in sorted(forms):
        if len(form) > 1:
            continue
        spelled[form.encode()] = None
        if not form.isascii():
            spelled[unicodedata.normalize("NFD", form).encode()] = None
            plain = unicodedata.normalize("NFD", form)[0]
            if plain.isascii():
                spelled[plain.encode()] = None
            try:
                spelled[form.encode("cp1252")] = None
            except UnicodeEncodeError:
                continue
    return list(spelled)


def _of_char(char: str) -> bytes:
    if char.isascii() and char.isalpha():
        return b"[" + char.lower().encode() + char.upper().encode() + b"]"
    spelled = _spellings(char)
    if len(spelled) == 1:
        return re.escape(spelled[0])
    return b"(?:" + b"|".join(re.escape(form) for form in sorted(spelled, key=len, reverse=True)) + b")"


def _of_word(word: str) -> bytes:
    forms = _ABBREVIATED.get(word.lower(), (word,))
    written = [b"".join(_of_char(char) for char in form) for form in forms]
    return written[0] if len(written) == 1 else b"(?:" + b"|".join(written) + b")"


@functools.cache
def keyword_regex(keyword: str) -> bytes:
    """A pattern over bytes for a keyword in all its spellings, without its edges."""
    parts: list[bytes] = []
    end = 0
    for word in _WORD.finditer(keyword):
        parts.append(_between(keyword[end : word.start()]))
        parts.append(_of_word(word[0]))
        end = word.end()
    parts.append(_between(keyword[end:]))
    if end == len(keyword) and len(keyword) >= _LONG_ENOUGH_FOR_PLURAL and keyword[-1].isascii() and keyword[-1] != "s":
        parts.append(b"[sS]?")
    return b"".join(parts)


def _between(text: str) -> bytes:
    written = b""
    for char in text:
        if char == " ":
            written += b"[ _-]?"
        elif char == ".":
            written += b"\\.?"
        elif char == "_":
            written += b"[ _-]?"
        else:
            written += _of_char(char)
    return written


def longest(keyword: str) -> int:
    """The most bytes that a spelling of the keyword takes."""
    return sum(max((len(form) for form in _spellings(char)), default=1) for char in keyword) + 8


def anchors(keyword: str) -> list[bytes]:
    """Patterns of the first pass for a keyword. Each takes one byte before it and one behind it.

    The second and third find it inside camel case (customerSsn, customerSSN).
    """
    found = [b"[^0-9A-Za-z]" + keyword_regex(keyword) + b"[^a-z]"]
    words = _WORD.findall(keyword)
    if keyword.isascii() and words and words[0][0].isalpha():
        written = "".join(word.capitalize() for word in words)
        found.append(b"[a-z]" + re.escape(written.encode()) + b"[^a-z]")
        if len(words) == 1 and len(written) <= _LONGEST_ACRONYM:
            found.append(b"[a-z]" + written.upper().encode() + b"[^a-z]")
    return found


def exact(keyword: str) -> re.Pattern[bytes]:
    """The keyword with its edges: no letter or digit before it, no letter behind it, unless camel case parts them."""
    regex = keyword_regex(keyword)
    left = b"(?:(?<![0-9A-Za-z])|(?<=[a-z])(?=[A-Z]))"
    right = b"(?:(?![A-Za-z])|(?<=[a-z])(?=[A-Z]))" if keyword[-1].isalnum() else b""
    return re.compile(left + regex + right)


@functools.lru_cache(maxsize=4096)
def name_bytes(name: str) -> bytes:
    """A name of a column or field as keywords are looked for in it: camel case taken apart, line ends gone."""
    apart = re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.sub(r"\s+", " ", apart).encode("utf-8", "replace")
