"""Patterns that users write: searched by RE2, whose time grows with the text and never explodes.

Macie takes a subset of PCRE without backreferences, conditionals, recursion, lookaround and embedded code (user
guide, "Configuration options for custom data identifiers"). RE2 has none of these either; what else differs is
refused with its reason, and so is a pattern that matches the empty text.
"""

from __future__ import annotations

import functools
import re
from typing import Any, Final

_LARGEST_PROGRAM: Final = 8 * 1024 * 1024
_REFUSED: Final = (
    (re.compile(r"\(\?<?[=!]"), "look-ahead and look-behind are not supported"),
    (re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]|\\k[<{']|\(\?P=|\\g"), "backreferences are not supported"),
    (re.compile(r"\(\?\("), "conditional patterns are not supported"),
    (re.compile(r"\(\?(?:R|\d|&|P>)"), "recursive patterns are not supported"),
    (re.compile(r"\(\?\??\{|\(\?C"), "embedded code is not supported"),
)


class UnsupportedPattern(ValueError):
    """A pattern that cannot be searched for; the message says why."""


@functools.lru_cache(maxsize=1024)
def compile_regex(regex: str) -> Any:
    """A compiled pattern over text, with `finditer`, `search` and `fullmatch`. Raises UnsupportedPattern."""
    for construct, why in _REFUSED:
        if construct.search(regex):
            raise UnsupportedPattern(why)
    import re2  # type: ignore[import-untyped] # noqa: PLC0415 - native: only a plan with patterns of users needs it

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _LARGEST_PROGRAM
    try:
        compiled = re2.compile(regex, options)
    except re2.error as error:
        raise UnsupportedPattern(str(error.args[0] if error.args else error)) from None
    if compiled.search("") is not None and compiled.search("").group() == "" and compiled.fullmatch("") is not None:
        raise UnsupportedPattern("it matches the empty text")
    return compiled
