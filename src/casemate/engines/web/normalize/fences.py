"""Blocks of code in Markdown: what somebody shows."""

from __future__ import annotations

import re

_FENCE = re.compile(rb"[ \t]{0,3}```([\w+#-]{0,20})[ \t]*\r?\Z")


def without_fences(value: bytes) -> bytes:
    """A text without its blocks of code, each between lines of three backticks; what is never closed stays."""
    if b"```" not in value:
        return value
    kept: list[bytes] = []
    shown: list[bytes] | None = None
    for line in value.split(b"\n"):
        fence = _FENCE.match(line)
        if shown is None:
            if fence is None:
                kept.append(line)
            else:
                shown = [line]
        elif fence is not None and not fence.group(1):
            shown = None
            kept.append(b"")
        else:
            shown.append(line)
    if shown is not None:
        kept += shown
    return b"\n".join(kept)
