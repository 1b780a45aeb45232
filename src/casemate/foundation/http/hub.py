"""What all connections of a server share: the handler, the limits, the coarse time, the counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.utils import formatdate
from typing import Protocol

from casemate.foundation.clock import Clock
from casemate.foundation.http.body import BodySink
from casemate.foundation.http.limits import Limits
from casemate.foundation.http.message import REASONS, Request
from casemate.foundation.http.reply import Reply

OnHead = Callable[[Request, Reply], BodySink | None]
OnError = Callable[[Exception, Request | None], None]

# Refused clients linger to read their answer; beyond so many more they are simply dropped.
_LINGERING = 1_000


class Client(Protocol):
    """A connection as the hub sees it."""

    def sweep(self, now: float) -> None: ...

    def quit(self) -> None: ...

    def broken(self) -> None: ...


class Hub:
    """Shared state of the connections of one server, in one event loop."""

    __slots__ = (
        "_clock",
        "_on_error",
        "_start_lines",
        "accepted",
        "buffered",
        "clients",
        "draining",
        "emptied",
        "handler",
        "limits",
        "now",
        "on_head",
        "refused",
        "requests",
    )

    def __init__(
        self,
        handler: Callable[[Request, Reply], None],
        limits: Limits,
        clock: Clock,
        *,
        on_head: OnHead | None,
        on_error: OnError,
    ) -> None:
        self.handler = handler
        self.on_head = on_head
        self.limits = limits
        self.clients: set[Client] = set()
        self.draining = False
        self.emptied: asyncio.Event | None = None
        self.requests = 0
        self.accepted = 0
        self.refused = 0
        self.buffered = 0
        self._clock = clock
        self._on_error = on_error
        self._start_lines: dict[int, bytes] = {}
        self.now = clock.monotonic()

    def tick(self) -> None:
        """Move the coarse time on, renew the Date header, look at every client's deadline."""
        self.now = now = self._clock.monotonic()
        self._start_lines.clear()
        for client in tuple(self.clients):
            client.sweep(now)

    def start_line(self, status: int) -> bytes:
        """The status line and the Date header, as of the last tick, without a line end."""
        line = self._start_lines.get(status)
        if line is None:
            date = formatdate(self._clock.real(), usegmt=True).encode()
            line = b"HTTP/1.1 %d %b\r\ndate: %b" % (status, REASONS.get(status, b""), date)
            self._start_lines[status] = line
        return line

    def admit(self, client: Client) -> bool:
        """Count a new connection; whether it may stay."""
        self.accepted += 1
        self.clients.add(client)
        if len(self.clients) > self.limits.connections + _LINGERING:
            client.broken()
        return len(self.clients) <= self.limits.connections

    def leave(self, client: Client) -> None:
        self.clients.discard(client)
        if self.emptied is not None and not self.clients:
            self.emptied.set()

    def failed(self, error: Exception, request: Request | None) -> None:
        """Tell the owner about an error in a handler or a sink."""
        self._on_error(error, request)
