"""Escapes of HTML, JavaScript and CSS."""

from __future__ import annotations

import re
from html.entities import html5

_ENTITY = re.compile(rb"&(?:#[xX]0{0,8}([0-9a-fA-F]{1,6})|#0{0,8}([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,30}));?")
_BACKSLASH = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{0{0,8}([0-9a-fA-F]{1,6})\})")
_OCTAL = re.compile(rb"(?:\\[0-3]?[0-7]{2}){2,}")
_ONE_OCTAL = re.compile(rb"\\([0-3]?[0-7]{2})")
_CSS = re.compile(rb"\\0{0,4}([2-7][0-9a-fA-F])(?:[ \t\r\n\f]|(?=[^0-9a-fA-F]))")

_NAMED = {name.rstrip(";").encode(): text.encode() for name, text in html5.items() if len(text) == 1}


def html_decode(value: bytes) -> bytes:
    """One round of HTML character references, named and numeric, with or without the semicolon."""
    return _ENTITY.sub(_reference, value)


def script_decode(value: bytes) -> bytes:
    r"""JavaScript's \xNN, \uNNNN, \u{N}, and runs of octal escapes as printf and echo -e write them."""
    value = _BACKSLASH.sub(_code, value)
    return _OCTAL.sub(lambda run: _ONE_OCTAL.sub(_octal, run.group()), value)


def css_decode(value: bytes) -> bytes:
    r"""CSS escapes of ASCII characters, \6a or \00006a followed by white space or what is no hexadecimal digit."""
    return _CSS.sub(lambda match: bytes((int(match.group(1), 16),)), value)


def _encoded(code: int) -> bytes:
    if code < 0x80:
        return bytes((code,))
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return b""
    return chr(code).encode()


def _reference(match: re.Match[bytes]) -> bytes:
    hexadecimal, decimal, name = match.groups()
    if hexadecimal:
        return _encoded(int(hexadecimal, 16))
    if decimal:
        return _encoded(int(decimal))
    found = _NAMED.get(name)
    if found is None or (not match.group().endswith(b";") and name not in _WITHOUT_SEMICOLON):
        return match.group()
    return found


# Of those that HTML accepts without a semicolon, the ones that are ASCII.
_WITHOUT_SEMICOLON = frozenset({b"lt", b"gt", b"quot", b"amp", b"LT", b"GT", b"QUOT", b"AMP"})


def _code(match: re.Match[bytes]) -> bytes:
    return _encoded(int(next(group for group in match.groups() if group), 16))


def _octal(match: re.Match[bytes]) -> bytes:
    return bytes((int(match.group(1), 8) & 0xFF,))
