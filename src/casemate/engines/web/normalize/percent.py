"""Percent-decoding as lenient applications do it: %41, %u0041, nested, with what is malformed left alone."""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

_MALFORMED = re.compile(rb"%(?![0-9a-fA-F]{2})")
_FEW = 4  # escapes up to which splitting is as fast
_UNICODE = re.compile(rb"%[uU]([0-9a-fA-F]{4})")


def percent_decode(value: bytes) -> bytes:
    """One round of %XX (RFC 3986) and %uXXXX (IIS, JScript's escape()); malformed escapes stay as they are."""
    if b"%u" in value or b"%U" in value:
        value = _UNICODE.sub(_character, value)
    if value.count(b"%") < _FEW or _MALFORMED.search(value) is not None:
        return unquote_to_bytes(value)
    # Quoted-printable is the same but for its sign, and is decoded in C.
    return binascii.a2b_qp(value.replace(b"=", b"=3D").replace(b"%", b"="))


def plus_to_space(value: bytes) -> bytes:
    """`+` as a space, as in application/x-www-form-urlencoded."""
    return value.replace(b"+", b" ")


def _character(match: re.Match[bytes]) -> bytes:
    code = int(match.group(1), 16)
    if code < 0x80:
        return bytes((code,))
    return chr(code).encode("utf-8", "replace")
