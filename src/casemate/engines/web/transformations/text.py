"""Transformations of case, white space, comments and nulls; digests."""

from __future__ import annotations

import hashlib
import re
from typing import Final

WHITE_SPACE: Final = b" \t\n\r\f\v"
_NO_BREAK_SPACE: Final = b"\xa0"
_TO_SPACE: Final = bytes.maketrans(b"\t\n\r\f\v\xa0", b"      ")
_SPACES: Final = re.compile(rb" {2,}")
_COMMENT: Final = re.compile(rb"/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMMENT_CHARACTERS: Final = re.compile(rb"<!--|-->|/\*|\*/|--|#")


def none(value: bytes) -> bytes:
    """The request as received."""
    return value


def lowercase(value: bytes) -> bytes:
    """A-Z to a-z."""
    return value.lower()


def uppercase(value: bytes) -> bytes:
    """a-z to A-Z."""
    return value.upper()


def compress_white_space(value: bytes) -> bytes:
    r"""\f, \t, \n, \r, \v and byte 160 become a space; several spaces become one."""
    value = value.translate(_TO_SPACE)
    return _SPACES.sub(b" ", value) if b"  " in value else value


def remove_whitespace(value: bytes) -> bytes:
    r"""Without spaces, \f, \t, \n, \r, \v and byte 160."""
    return value.translate(None, WHITE_SPACE + _NO_BREAK_SPACE)


def trim(value: bytes) -> bytes:
    """Without white space at both ends."""
    return value.strip(WHITE_SPACE)


def trim_left(value: bytes) -> bytes:
    """Without white space at the beginning."""
    return value.lstrip(WHITE_SPACE)


def trim_right(value: bytes) -> bytes:
    """Without white space at the end."""
    return value.rstrip(WHITE_SPACE)


def replace_comments(value: bytes) -> bytes:
    """Each C-style comment becomes one space, an unterminated one too; a lone `*/` stays."""
    if b"/*" not in value:
        return value
    end = value.rfind(b"*/")
    head, tail = (value, b"") if end < 0 else (value[: end + 2], value[end + 2 :])
    if end < 0:
        return value[: value.index(b"/*")] + b" "
    head = _COMMENT.sub(b" ", head)
    opened = tail.find(b"/*")
    return head + (tail if opened < 0 else tail[:opened] + b" ")


def remove_comments_char(value: bytes) -> bytes:
    """Without the characters that open or close comments: `/*`, `*/`, `--`, `#`, `<!--`, `-->`."""
    return _COMMENT_CHARACTERS.sub(b"", value)


def remove_nulls(value: bytes) -> bytes:
    """Without NUL bytes."""
    return value.replace(b"\0", b"")


def replace_nulls(value: bytes) -> bytes:
    """NUL bytes become spaces."""
    return value.replace(b"\0", b" ")


def md5(value: bytes) -> bytes:
    """The MD5 digest, 16 raw bytes."""
    return hashlib.md5(value, usedforsecurity=False).digest()


def sha256(value: bytes) -> bytes:
    """The SHA-256 digest, 32 raw bytes."""
    return hashlib.sha256(value).digest()
