"""Random identifiers, cheap: a page of the system's randomness at a time."""

from __future__ import annotations

import os
from typing import Final

_PAGE: Final = 4096
_BYTES: Final = 16


class RandomIds:
    """Random version 4 UUIDs in text form. Not for several threads, and not for secrets."""

    __slots__ = ("_digits", "_position")

    def __init__(self) -> None:
        self._digits = ""
        self._position = 0

    def next(self) -> str:
        position = self._position
        if position >= len(self._digits):
            self._digits = os.urandom(_PAGE).hex()
            position = 0
        self._position = position + 2 * _BYTES
        digits = self._digits
        return (
            f"{digits[position : position + 8]}-{digits[position + 8 : position + 12]}-4"
            f"{digits[position + 13 : position + 16]}-a{digits[position + 17 : position + 20]}-"
            f"{digits[position + 20 : position + 32]}"
        )
