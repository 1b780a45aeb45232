"""What a client may cost beyond its requests: frames that ask for work, and what it begins and never completes."""

from __future__ import annotations

from typing import Final

from h2.connection import H2Connection
from h2.errors import ErrorCodes

CALM: Final = 200
"""Frames that bring no request, more than requests served, before a client is sent away; refilled 20 a second."""
CALM_A_SECOND: Final = 20
_FRAME_HEADER: Final = 9


class Calm:
    """How much a client may still disturb."""

    __slots__ = ("_at", "_left")

    def __init__(self, now: float) -> None:
        self._left = float(CALM)
        self._at = now

    def spend(self, cost: float, now: float) -> bool:
        """Take a frame's cost; whether that was not too much."""
        if now > self._at:
            self._left = min(float(CALM), self._left + (now - self._at) * CALM_A_SECOND)
            self._at = now
        self._left -= cost
        return self._left >= 0

    def refund(self, amount: float) -> None:
        self._left = min(float(CALM), self._left + amount)


class Unfinished:
    """Frames and header blocks that aren't complete: the library looks at whole ones only, and keeps what there is.

    It shows neither; a version of it that keeps them otherwise fails the tests of these bounds.
    """

    __slots__ = ("_h2", "_largest", "_since")

    def __init__(self, h2: H2Connection, largest_block: int) -> None:
        self._h2 = h2
        self._largest = largest_block
        self._since: float | None = None  # when the header block began

    def look(self, now: float) -> ErrorCodes | None:
        """After each read: the error that ends the connection, if it must end."""
        incoming = self._h2.incoming_buffer
        waiting, block = incoming._data, incoming._headers_buffer
        if len(waiting) >= _FRAME_HEADER and int.from_bytes(waiting[:3], "big") > self._h2.max_inbound_frame_size:
            return ErrorCodes.FRAME_SIZE_ERROR
        if not block:
            self._since = None
        elif sum(len(part.data) for part in block) > self._largest:
            return ErrorCodes.ENHANCE_YOUR_CALM
        elif self._since is None:
            self._since = now
        return None

    def late(self, now: float, longest: float) -> bool:
        """Whether a header block has been on its way for more than so many seconds."""
        return self._since is not None and now - self._since > longest
