"""The server: listening sockets, the tick, the drain."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from casemate.foundation.clock import Clock
from casemate.foundation.http.body import BodySink
from casemate.foundation.http.connection import Connection
from casemate.foundation.http.hub import Hub, OnError
from casemate.foundation.http.limits import Limits
from casemate.foundation.http.message import Request
from casemate.foundation.http.reply import Reply

_BACKLOG = 1_024
_HANDSHAKE_TIMEOUT = 10.0


class Handler(Protocol):
    """Who answers requests. Called in the event loop; answers now, or later from the same loop."""

    def __call__(self, request: Request, reply: Reply, /) -> None: ...


class StreamHandler(Handler, Protocol):
    """A handler that sees each head before the body.

    It may answer at once, give a sink that takes the body as it arrives, or give None to be called with the whole body.
    """

    def on_head(self, request: Request, reply: Reply, /) -> BodySink | None: ...


class Counters(NamedTuple):
    """What a server has done: requests handed to the handler, connections accepted and open, refusals of its own."""

    requests: int
    accepted: int
    open: int
    refused: int


class Server:
    """An HTTP/1.1 server on given sockets, in the running event loop. Times come from `clock` (real and monotonic)."""

    def __init__(
        self, handler: Handler | StreamHandler, *, clock: Clock, on_error: OnError, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._hub = Hub(handler, self._limits, clock, on_head=getattr(handler, "on_head", None), on_error=on_error)
        self._listeners: list[tuple[socket.socket, asyncio.Server]] = []
        self._ticker: asyncio.TimerHandle | None = None

    @property
    def counters(self) -> Counters:
        hub = self._hub
        return Counters(hub.requests, hub.accepted, len(hub.clients), hub.refused)

    async def start(self, sockets: Sequence[socket.socket], tls: ssl.SSLContext | None = None) -> None:
        """Accept on bound sockets. They stay the caller's: what is listened on is a duplicate of each."""
        for listening in sockets:
            self._listeners.append((listening, await self._listen(listening, tls)))
        if self._ticker is None:
            self._tick()

    async def replace_tls(self, tls: ssl.SSLContext) -> None:
        """Use another context for connections from now on. No connect is lost: the socket listens throughout."""
        replaced = self._listeners
        self._listeners = [(listening, await self._listen(listening, tls)) for listening, _ in replaced]
        for _, listener in replaced:
            listener.close()

    async def drain(self, timeout: float) -> None:  # noqa: ASYNC109 - the grace given to clients, not a cancellation
        """Stop accepting, let what is under way be answered, close; cut whoever is left after `timeout` seconds."""
        hub = self._hub
        hub.draining = True
        for _, listener in self._listeners:
            listener.close()
        self._listeners = []
        for client in tuple(hub.clients):
            client.quit()
        if hub.clients:
            hub.emptied = asyncio.Event()
            try:
                await asyncio.wait_for(hub.emptied.wait(), timeout)
            except TimeoutError:
                for client in tuple(hub.clients):
                    client.broken()
                await hub.emptied.wait()
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None

    async def _listen(self, listening: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Server:
        hub = self._hub
        return await asyncio.get_running_loop().create_server(
            lambda: Connection(hub),
            sock=listening.dup(),
            ssl=tls,
            backlog=_BACKLOG,
            ssl_handshake_timeout=None if tls is None else _HANDSHAKE_TIMEOUT,
        )

    def _tick(self) -> None:
        self._hub.tick()
        self._ticker = asyncio.get_running_loop().call_later(self._limits.tick, self._tick)
