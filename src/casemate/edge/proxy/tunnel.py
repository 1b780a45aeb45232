"""A connection that was upgraded (WebSocket, RFC 6455): bytes in both directions until either side ends.

The handshake was a request like any other and was judged as one; what follows it isn't inspected, as with AWS WAF.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

IDLE_SECONDS: Final = 3_600.0
"""Without a byte either way; applications that want more send pings."""


class Pipe(asyncio.Protocol):
    """One end of a tunnel: what it reads goes out at the other."""

    __slots__ = ("finished", "other", "transport", "tunnel")

    def __init__(self, tunnel: Tunnel, transport: asyncio.Transport) -> None:
        self.tunnel = tunnel
        self.transport = transport
        self.other: Pipe = self
        self.finished = False

    def data_received(self, data: bytes) -> None:
        self.tunnel.quiet = False
        if not self.other.transport.is_closing():
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        """Half an end is passed on; with the other half all ends."""
        self.finished = True
        other = self.other
        if other.finished or other.transport.is_closing() or not other.transport.can_write_eof():
            return False
        other.transport.write_eof()
        return self.transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.other.transport.close()
        self.tunnel.ended()

    def pause_writing(self) -> None:
        if not self.other.transport.is_closing():
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self.other.transport.is_closing():
            self.other.transport.resume_reading()


class Tunnel:
    """Two transports joined. `sweep` ends it when nothing passed for an hour."""

    def __init__(self, client: asyncio.Transport, origin: asyncio.Transport, ended: Callable[[Tunnel], None]) -> None:
        self._ended: Callable[[Tunnel], None] | None = ended
        self.quiet = False
        self._quiet_since = 0.0
        self._pipes = Pipe(self, client), Pipe(self, origin)
        self._pipes[0].other, self._pipes[1].other = self._pipes[1], self._pipes[0]

    def begin(self, to_client: bytes, to_origin: bytes) -> None:
        """Take both connections over, with what was read of each too early."""
        client, origin = self._pipes
        for pipe in (client, origin):
            pipe.transport.set_protocol(pipe)
        client.transport.write(to_client)
        if to_origin:
            origin.transport.write(to_origin)
        for pipe in (client, origin):
            pipe.transport.resume_reading()

    def ended(self) -> None:
        told, self._ended = self._ended, None
        if told is not None:
            told(self)

    def sweep(self, now: float) -> None:
        if not self.quiet:
            self.quiet = True
            self._quiet_since = now
        elif now - self._quiet_since > IDLE_SECONDS:
            self.close()

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.transport.close()
