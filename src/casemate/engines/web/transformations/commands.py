"""Transformations of command lines."""

from __future__ import annotations

import re
from typing import Final

_SEPARATORS: Final = bytes.maketrans(b",;\t\n\r\f\v", b"       ")
_SPACES: Final = re.compile(rb" +(?=[/(])| {2,}")


def _shorten(match: re.Match[bytes]) -> bytes:
    return b" " if match.string[match.end() : match.end() + 1] not in {b"/", b"("} else b""


def _line(value: bytes, deleted: bytes) -> bytes:
    value = value.translate(_SEPARATORS, deleted)
    if b" " in value:
        value = _SPACES.sub(_shorten, value)
    return value.lower()


def cmd_line(value: bytes) -> bytes:
    r"""Without \ " ' ^ and spaces before / and (; `,` and `;` to spaces; several spaces to one; in lower case."""
    return _line(value, b"\\\"'^")


def cmd_line_win(value: bytes) -> bytes:
    r"""Like CMD_LINE for cmd.exe: " and ^ vanish there, a backslash is part of a path.

    AWS's guide doesn't describe this one.
    """
    return _line(value, b'"^')


def cmd_line_unix(value: bytes) -> bytes:
    r"""Like CMD_LINE for a Unix shell: \ " ' vanish there, ^ is an ordinary character.

    AWS's guide doesn't describe this one.
    """
    return _line(value, b"\\\"'")
