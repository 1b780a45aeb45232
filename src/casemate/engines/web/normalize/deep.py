# ruff: noqa: E501 - samples of text and expressions are read as one
"""Everything that an application may decode, nested and mixed, as a few views of one value."""

from __future__ import annotations

import re

from casemate.engines.web.normalize.characters import fold
from casemate.engines.web.normalize.encodings import decoded_texts
from casemate.engines.web.normalize.escapes import html_decode, script_decode
from casemate.engines.web.normalize.percent import percent_decode, plus_to_space
from casemate.engines.web.normalize.shellwords import TRICKY, unhidden

# A value without any of these is its own only view: one search decides it.
_ENCODED = re.compile(
    rb"[%+\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]|&[#A-Za-z]|\\[xu0-7]|[A-Za-z0-9_/-]{16}|[A-Za-z0-9_/-]{7,}=|^[A-Za-z0-9_/-]{2,6}={1,2}$"
)
_MAYBE_TEXT = re.compile(rb"[A-Za-z0-9+/_-]{8}|[A-Za-z0-9+/_-]{2}=")
# Where a literal plus would change the meaning: concatenation and arithmetic beside quotes and brackets, encoded or not.
# Each alternative looks back from the plus, which is found first.
_PLUS_MATTERS = re.compile(
    rb"""\+(?:(?<=\d\+)\d|(?<=[OC]:\+)\d|(?<=['"`\])]\+)[^\s<>|&+]|(?<=(?:%2[279]|%5d|%60|x2[279]|39;|34;|27;|22;|ot;|os;)\+)[^\s<>|&+]|(?<=[\w)\]}'"+!~;-]\+)(?:['"`(\[{!~]|%(?:25){0,4}(?:2[1278]|5b|60|7b|7e)|\\x2[278]|&(?:#|quot|apos)))""",
    re.IGNORECASE,
)
_ROUNDS = 6
_VIEWS = 6
_LONGEST = 65536


def deep(value: bytes) -> tuple[bytes, ...]:
    """The fully decoded value first, then what differs, in several views.

    Those are: a plus kept as it is, without NULs, text found in Base64 or hexadecimal, the words that a shell would read.

    At most six views of at most 64 KB, and as many for shells; six rounds of decoding.
    """
    views = layers(value)
    if TRICKY.search(views[0]) is None and len(views) == 1:
        return views
    plain = list(views)
    for view in views:
        if view is not views[0] and b"+" in view and view.replace(b"+", b" ") == views[0]:
            # To a shell a plus is nothing, so that this view's words are the first one's.
            continue
        words = unhidden(view)
        if words is not view and words not in plain:
            plain.append(words)
    return tuple(plain)


def layers(value: bytes) -> tuple[bytes, ...]:
    """`deep`'s views without those for shells."""
    if _ENCODED.search(value) is None:
        return (value,)
    value = value[:_LONGEST]
    first = _settle(plus_to_space(value) if b"+" in value else value)
    views = [first]
    if b"+" in value and _PLUS_MATTERS.search(value):
        _add(views, _settle(value))
    if b"\x00" in first:
        _add(views, first.replace(b"\x00", b""))
    if _MAYBE_TEXT.search(value):
        for source in {value, first}:
            for text in decoded_texts(source):
                _add(views, _settle(text))
                if len(views) == _VIEWS:
                    return tuple(views)
    return tuple(views)


def decoded(value: bytes) -> tuple[bytes, ...]:
    """Only the first of `deep`'s views: decoded until nothing changes."""
    if _ENCODED.search(value) is None:
        return (value,)
    value = value[:_LONGEST]
    return (_settle(plus_to_space(value) if b"+" in value else value),)


def _add(views: list[bytes], view: bytes) -> None:
    if view and view not in views:
        views.append(view)


def _settle(value: bytes) -> bytes:
    for _ in range(_ROUNDS):
        before = value
        if b"%" in value:
            value = percent_decode(value)
        if b"&" in value:
            value = html_decode(value)
        if b"\\" in value:
            value = script_decode(value)
        if value == before:
            break
    folded = fold(value)
    if folded is not value and folded != value:
        for decode in (percent_decode, html_decode, script_decode):
            folded = decode(folded)
    return folded
