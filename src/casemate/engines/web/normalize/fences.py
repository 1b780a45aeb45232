"""Blocks of code in Markdown: what somebody shows."""

from __future__ import annotations

import re

_FENCE = re.compile(
    rb"(?:^|\n)[ \t]{0,3}```[\w+#-]{0,20}[ \t]*\r?\n.{0,8000}?\n[ \t]{0,3}```[ \t]*(?=\r?\n|$)", re.DOTALL
)
_MOST = 64


def without_fences(value: bytes) -> bytes:
    """A text without its blocks of code, each between lines of three backticks; the first 64 of them."""
    if b"```" not in value:
        return value
    return _FENCE.sub(b"\n", value, count=_MOST)
