"""Transformations that undo escapes of languages: ANSI C, JavaScript, CSS, HTML."""

from __future__ import annotations

import re
from typing import Final

from casemate.engines.web.transformations.decoding import narrow

_CONTROLS: Final = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
}
_C: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([abfnrtv\\?'\"]))")
_JS: Final = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(.))", re.DOTALL)
_JS_EXT: Final = re.compile(
    rb"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-3]?[0-7]{1,2})|(\r\n|.))", re.DOTALL
)
_CSS: Final = re.compile(rb"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?|(\r\n|\n|\f)|(.)|\Z)", re.DOTALL)
_HTML: Final = re.compile(rb"&(?:#[xX]([0-9a-fA-F]{1,8})|#([0-9]{1,10})|(quot|nbsp|lt|gt|amp));?", re.IGNORECASE)
_NAMED: Final = {b"quot": b'"', b"nbsp": b"\xa0", b"lt": b"<", b"gt": b">", b"amp": b"&"}


def _byte(code: int) -> bytes:
    return bytes((code & 0xFF,))


def escape_seq_decode(value: bytes) -> bytes:
    r"""ANSI C escapes: \a \b \f \n \r \t \v \\ \? \' \" \xHH \OOO; encodings that aren't valid stay."""

    def unescape(match: re.Match[bytes]) -> bytes:
        hexadecimal, octal, letter = match.groups()
        if hexadecimal:
            return _byte(int(hexadecimal, 16))
        if octal:
            return _byte(int(octal, 8))
        return _CONTROLS.get(letter, letter)

    return _C.sub(unescape, value) if b"\\" in value else value


def js_decode(value: bytes) -> bytes:
    r"""JavaScript escapes; \uHHHH keeps its low byte (full-width ASCII its twin); \c becomes c."""

    def unescape(match: re.Match[bytes]) -> bytes:
        wide, hexadecimal, octal, letter = match.groups()
        if wide:
            return _byte(narrow(int(wide, 16)))
        if hexadecimal:
            return _byte(int(hexadecimal, 16))
        if octal:
            return _byte(int(octal, 8))
        return _CONTROLS.get(letter, letter)

    return _JS.sub(unescape, value) if b"\\" in value else value


def _utf8(code: int) -> bytes:
    if 0xFF01 <= code <= 0xFF5E:
        return _byte(narrow(code))
    return chr(code).encode("utf-8", "replace") if code < 0x110000 else b"?"


def js_decode_ext(value: bytes) -> bytes:
    r"""Like JS_DECODE, losing nothing: \uHHHH and \u{H…} become UTF-8 (full-width ASCII its twin).

    A backslash before a line end goes. AWS's guide doesn't describe this one; this is ECMAScript's escape grammar.
    """

    def unescape(match: re.Match[bytes]) -> bytes:
        braced, wide, hexadecimal, octal, letter = match.groups()
        if braced or wide:
            return _utf8(int(braced or wide, 16))
        if hexadecimal:
            return _byte(int(hexadecimal, 16))
        if octal:
            return _byte(int(octal, 8))
        return b"" if letter in {b"\n", b"\r", b"\r\n"} else _CONTROLS.get(letter, letter)

    return _JS_EXT.sub(unescape, value) if b"\\" in value else value


def css_decode(value: bytes) -> bytes:
    r"""CSS 2 escapes, the last two bytes of a code counting; \ before another character goes (ja\vascript)."""

    def unescape(match: re.Match[bytes]) -> bytes:
        digits, _line, letter = match.groups()
        if digits:
            return _byte(narrow(int(digits[-4:], 16)))
        return letter or b""

    return _CSS.sub(unescape, value) if b"\\" in value else value


def html_entity_decode(value: bytes) -> bytes:
    """&quot; &nbsp; &lt; &gt; &amp; and numeric references; up to 255 as one byte, beyond as UTF-8.

    The semicolon may be missing, as browsers allow.
    """

    def unescape(match: re.Match[bytes]) -> bytes:
        hexadecimal, decimal, name = match.groups()
        if name:
            return _NAMED[name.lower()]
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        if code < 0x100:
            return _byte(code)
        return chr(code).encode("utf-8", "replace") if code < 0x110000 else match.group()

    return _HTML.sub(unescape, value) if b"&" in value else value
