"""Transformations that undo an encoding: URL, Base64, hexadecimal, UTF-8."""

from __future__ import annotations

import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*")
_ESCAPES: Final = re.compile(rb"%(?:u([0-9a-fA-F]{4})|([0-9a-fA-F]{2}))")
_SQL_HEX: Final = re.compile(rb"0[xX]((?:[0-9a-fA-F]{2})+)")
_NOT_ASCII: Final = re.compile("[^\x00-\x7f]")


def url_decode(value: bytes) -> bytes:
    """%HH to bytes and `+` to a space; sequences that aren't valid stay."""
    if b"+" in value:
        value = value.replace(b"+", b" ")
    return unquote_to_bytes(value) if b"%" in value else value


def narrow(code: int) -> int:
    """A 16-bit code as one byte: full-width ASCII (FF01-FF5E) by its ASCII twin, else the low byte."""
    return (code & 0xFF) + 0x20 if 0xFF01 <= code <= 0xFF5E else code & 0xFF


def _unescaped(match: re.Match[bytes]) -> bytes:
    wide, plain = match.groups()
    return bytes((narrow(int(wide, 16)),)) if wide else bytes((int(plain, 16),))


def url_decode_uni(value: bytes) -> bytes:
    """Like `url_decode`, with Microsoft's %uHHHH too."""
    if b"%u" not in value:
        return url_decode(value)
    return _ESCAPES.sub(_unescaped, value.replace(b"+", b" "))


def _decoded(digits: bytes) -> bytes:
    # A last group of one digit carries no whole byte.
    digits = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def base64_decode(value: bytes) -> bytes:
    """What the Base64 text up to its first invalid character decodes to; a value that begins with none stays."""
    found = _BASE64.match(value)
    digits = found.group() if found else b""
    return _decoded(digits) if len(digits) > 1 else value


def base64_decode_ext(value: bytes) -> bytes:
    """Base64 decoded, characters that aren't valid ignored (also `-` and `_`, and `=` in the middle)."""
    digits = _NOT_BASE64.sub(b"", value)
    return _decoded(digits) if len(digits) > 1 else value


def hex_decode(value: bytes) -> bytes:
    """A string of hexadecimal digits to bytes; a value with anything else in it, or of odd length, stays."""
    try:
        return binascii.unhexlify(value)
    except (binascii.Error, ValueError):
        return value


def sql_hex_decode(value: bytes) -> bytes:
    """Each 0x414243 to ABC, wherever it stands."""
    if b"0x" not in value and b"0X" not in value:
        return value
    return _SQL_HEX.sub(lambda match: binascii.unhexlify(match.group(1)), value)


def utf8_to_unicode(value: bytes) -> bytes:
    """Each non-ASCII character as %uhhhh (surrogate pairs beyond 16 bits); bytes that aren't UTF-8 stay."""
    if value.isascii():
        return value

    def escape(match: re.Match[str]) -> str:
        character = match.group()
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:  # an undecodable byte, kept by surrogateescape
            return character
        units = character.encode("utf-16-be").hex()
        return "".join(f"%u{units[i : i + 4]}" for i in range(0, len(units), 4))

    return _NOT_ASCII.sub(escape, value.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
