"""Request ids: random UUIDs, cheap enough for every request."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

_BATCH: Final = 256
_BYTES: Final = 16


class RequestIds:
    """A source of request ids in UUID form (version 4).

    One system call gives the randomness of 256 ids. An id is no secret: that later ones wait in memory tells nobody
    anything. A child process must make its own source.
    """

    __slots__ = ("_pending", "_random")

    def __init__(self, random: Callable[[int], bytes] = os.urandom) -> None:
        self._random = random
        self._pending: list[str] = []

    def __call__(self) -> str:
        try:
            digits = self._pending.pop()
        except IndexError:
            digits = self._refill()
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:]}"

    def _refill(self) -> str:
        digits = self._random(_BATCH * _BYTES).hex()
        self._pending = [digits[at : at + 2 * _BYTES] for at in range(0, len(digits), 2 * _BYTES)]
        return self._pending.pop()


_VARIANT: Final = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
