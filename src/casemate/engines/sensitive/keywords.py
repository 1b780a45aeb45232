"""How a keyword is written in running text, in names of columns and fields, and in the bytes of a file.

Keywords are not case sensitive, and a space in one also stands for nothing, an underscore or a hyphen (Macie user
guide, "Keyword requirements"). Beyond that a point may stand between words (keys of configurations), the usual
abbreviations of "number" and "account" are read, accents may be missing or written out (ü as ue, in HTML &uuml;), small
words between others may be left out (numéro permis), the letters of an acronym may have points (N.I.E.), and a long
keyword may stand in the plural.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from html.entities import codepoint2name
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
_SMALL_WORDS: Final = frozenset({"de", "del", "della", "di", "da", "do", "dos", "des", "du", "d", "la", "of"})
"""What names of columns leave out between other words."""
_WRITTEN_OUT: Final = {
    "ä": ("ae",), "ö": ("oe",), "ü": ("ue",), "ß": ("ss",), "ø": ("o", "oe"), "å": ("aa",), "æ": ("ae",), "ł": ("l",),
    "đ": ("d", "dj"),
}  # fmt: skip
"""Spellings without the letter, beyond leaving off its accent."""


def _spellings(char: str) -> list[bytes]:
    """The bytes that may stand for a character: either case, UTF-8 or cp1252, with or without its accent."""
    if char in _DASHES:
        return [*(dash.encode() for dash in _DASHES), b"\x96", b"_", b" ", b""]
    if char in _APOSTROPHES:
        return [b"'", "\u2019".encode(), b"\x92", b"&#39;", b"&#x27;", b"&apos;", b"&rsquo;", b"_", b"-", b" ", b""]
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
            if ord(form) in codepoint2name:
                spelled[b"&%s;" % codepoint2name[ord(form)].encode()] = None
    for plain in _WRITTEN_OUT.get(char.lower(), ()):
        spelled |= dict.fromkeys((plain.encode(), plain.capitalize().encode(), plain.upper().encode()))
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
    words = list(_WORD.finditer(keyword))
    small = False
    for word in words:
        between = _between(keyword[end : word.start()])
        written = _dotted(word[0]) if _is_acronym(keyword) else _of_word(word[0])
        before_small, small = small, word[0].lower() in _SMALL_WORDS and word not in {words[0], words[-1]}
        if small:
            parts.append(b"(?:" + between + written)
        else:
            parts.append(b")?" + between + written if before_small else between + written)
        if small and before_small:
            parts[-1] = b")?" + parts[-1]
        end = word.end()
    parts.append(_between(keyword[end:]))
    if end == len(keyword) and len(keyword) >= _LONG_ENOUGH_FOR_PLURAL and keyword[-1].isascii() and keyword[-1] != "s":
        parts.append(b"[sS]?")
    return b"".join(parts)


def _is_acronym(keyword: str) -> bool:
    return keyword.isascii() and keyword.isalpha() and len(keyword) <= _LONGEST_ACRONYM


def _dotted(word: str) -> bytes:
    """A short word that may be an acronym: with or without points between its letters."""
    return b"\\.?".join(_of_char(char) for char in word)


def _between(text: str) -> bytes:
    written = b""
    for char in text:
        if char == " ":
            written += b"[ _.-]?"
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


def _folded(keyword: str) -> list[str]:
    """The keyword in ASCII: accents left off, and accents written out; nothing where it has other letters."""
    bare, written = "", ""
    for char in keyword:
        base = unicodedata.normalize("NFD", char)[0]
        out = _WRITTEN_OUT.get(char.lower(), (base,))
        bare += base if base.isascii() else out[0]
        written += char if char.isascii() else out[-1]
    return [form for form in dict.fromkeys((bare, written)) if form.isascii()]


def anchors(keyword: str) -> list[bytes]:
    """Patterns of the first pass for a keyword. Each takes one byte before it and one behind it.

    The second and third find it inside camel case (customerSsn, customerSSN).
    """
    found = [b"[^0-9A-Za-z]" + keyword_regex(keyword) + b"[^a-z]"]
    for plain in _folded(keyword):
        words = _WORD.findall(plain)
        if not words or not words[0][0].isalpha():
            continue
        written = "".join(word.capitalize() for word in words)
        shorter = "".join(word.capitalize() for word in words if word.lower() not in _SMALL_WORDS)
        found += [b"[a-z]" + re.escape(each.encode()) + b"[^a-z]" for each in dict.fromkeys((written, shorter)) if each]
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
