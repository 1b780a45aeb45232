"""Bodies taken as they arrive, with flow control."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol


class BodyAborted(Exception):
    """The rest of a request's body will not come: the client went away, was too slow, or sent nonsense."""


class Flow(Protocol):
    """The tap of one request's body. Both calls may be repeated."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class BodySink(Protocol):
    """Who takes a body as it arrives. `bind` comes first, then pieces, then one of `end` and `abort`.

    After `pause` a bounded number of pieces may still come: what was already read from the socket is parsed in slices
    of 16 KB and stops at the end of one.
    """

    def bind(self, flow: Flow) -> None: ...

    def feed(self, data: bytes) -> None: ...

    def end(self) -> None: ...

    def abort(self, reason: BodyAborted) -> None: ...


class BodyStream:
    """A sink that one coroutine reads from. Reading from the socket stops while `high_water` bytes wait here."""

    __slots__ = ("_buffered", "_ended", "_error", "_flow", "_paused", "_pieces", "_waiter", "high_water")

    def __init__(self, high_water: int = 262_144) -> None:
        self.high_water = high_water
        self._pieces: deque[bytes] = deque()
        self._buffered = 0
        self._ended = False
        self._paused = False
        self._error: BodyAborted | None = None
        self._flow: Flow | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def read(self) -> bytes:
        """The next piece, b"" after the last. Raises BodyAborted. One reader at a time."""
        while not self._pieces:
            if self._error is not None:
                raise self._error
            if self._ended:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        piece = self._pieces.popleft()
        self._buffered -= len(piece)
        if self._paused and self._buffered * 2 <= self.high_water and self._flow is not None:
            self._paused = False
            self._flow.resume()
        return piece

    def bind(self, flow: Flow) -> None:
        self._flow = flow

    def feed(self, data: bytes) -> None:
        self._pieces.append(data)
        self._buffered += len(data)
        if not self._paused and self._buffered >= self.high_water and self._flow is not None:
            self._paused = True
            self._flow.pause()
        self._wake()

    def end(self) -> None:
        self._ended = True
        self._wake()

    def abort(self, reason: BodyAborted) -> None:
        self._error = reason
        self._pieces.clear()
        self._buffered = 0
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
