"""Text hidden in Base64 or hexadecimal."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

# A shorter run, unless it is padded, decodes to too little to be an attack, and ordinary words would be tried.
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/_-])(?:[A-Za-z0-9+/_-]{8,}={0,2}|[A-Za-z0-9+/_-]{2,7}={1,2}(?![^\s&;,]))")
_HEXADECIMAL = re.compile(rb"(?<![0-9A-Za-z])(?:0x)?((?:[0-9a-fA-F]{2}){8,})(?![0-9A-Za-z])")
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e]*\Z")
_SHORTEST = 8
_RUNS = 6
_LONGEST = 8192
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def decoded_texts(value: bytes) -> Iterator[bytes]:
    """The printable ASCII that runs of Base64 (RFC 4648, both alphabets) and hexadecimal in `value` stand for.

    At most six runs of each kind and 8 KB of a run are looked at; a run that decodes to no text is passed over.
    """
    for number, match in enumerate(_BASE64.finditer(value)):
        if number == _RUNS:
            break
        run = match.group()[:_LONGEST]
        text = _base64(run)
        if text:
            yield text
        elif b"/" in run:
            # A path has slashes between its segments, of which one may be encoded.
            for segment in run.split(b"/")[:_RUNS]:
                text = _base64(segment) if len(segment) >= _SHORTEST else None
                if text:
                    yield text
    for number, match in enumerate(_HEXADECIMAL.finditer(value)):
        if number == _RUNS:
            break
        run = match.group(1)[:_LONGEST]
        text = binascii.unhexlify(run)
        if _TEXT.match(text):
            yield text


def _base64(run: bytes) -> bytes | None:
    run = run.rstrip(b"=").translate(_TO_STANDARD)
    if len(run) % 4 == 1:
        return None
    # Most runs are no text: the first twelve octets show it.
    head = binascii.a2b_base64(run[:16] + b"=" * (-len(run[:16]) % 4))
    if not _TEXT.match(head):
        return None
    text = binascii.a2b_base64(run + b"=" * (-len(run) % 4))
    return text if _TEXT.match(text) else None
