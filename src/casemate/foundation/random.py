"""Random identifiers, cheap: a page of the system's randomness at a time."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

_IDS: Final = 256
_BYTES: Final = 16
_DIGITS: Final = 32


def uuid_of(digits: str) -> str:
    """32 random hexadecimal digits as a version 4 UUID: version and variant take two places (RFC 9562, section 5.4)."""
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class RandomIds:
    """Random version 4 UUIDs in text form. Not for several threads, and not for secrets.

    The system is asked for a page of randomness at a time. A child process must make its own source.
    """

    __slots__ = ("_page", "_random", "_used")

    def __init__(self, random: Callable[[int], bytes] = os.urandom) -> None:
        self._random = random
        self._page = ""
        self._used = 0

    def next(self) -> str:
        start = self._used
        if start == len(self._page):
            self._page, start = self._random(_IDS * _BYTES).hex(), 0
        self._used = end = start + _DIGITS
        return uuid_of(self._page[start:end])
