"""Random identifiers, cheap: a page of the system's randomness at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Final

_IDS: Final = 256
_BYTES: Final = 16
# 32 digits an id; version and variant take the place of what stood there (RFC 9562, section 5.4).
_DIGITS: Final = re.compile(r"(.{8})(.{4}).(.{3}).(.{3})(.{12})")
_UUID: Final = r"\1-\2-4\3-a\4-\5 "


class RandomIds:
    """Random version 4 UUIDs in text form. Not for several threads, and not for secrets.

    A page of randomness is cut into ids in one step: made one by one they would cost ten times as much. A child
    process must make its own source.
    """

    __slots__ = ("_pending", "_random")

    def __init__(self, random: Callable[[int], bytes] = os.urandom) -> None:
        self._random = random
        self._pending: list[str] = []

    def next(self) -> str:
        if not self._pending:
            self._pending = _DIGITS.sub(_UUID, self._random(_IDS * _BYTES).hex()).split()
        return self._pending.pop()
