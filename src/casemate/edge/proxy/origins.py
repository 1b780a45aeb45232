"""The applications behind the proxy: kept connections, and which of them are well.

Health is passive: connections that fail or answers that don't come take an origin out, for longer each time; an origin
that is asked by `health_path` must answer below 500 too. When all are out, all are tried.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Final

from casemate.edge.proxy.configuration import OriginAddress, Timeouts
from casemate.edge.proxy.origin_connection import OriginConnection
from casemate.foundation.clock import Clock

MOST_IDLE: Final = 256
"""Kept connections an origin and process."""
FAILURES_OUT: Final = 3
"""Failures in a row that take an origin out."""
SECONDS_OUT: Final = (5.0, 10.0, 20.0, 60.0)


class OriginUnreachable(Exception):
    """No connection could be made."""


class Origin:
    """One application's address."""

    def __init__(self, address: OriginAddress, timeouts: Timeouts, tls: ssl.SSLContext | None, now: float) -> None:
        self.address = address
        self.host_header = address.name.encode()
        self.now = now
        self.busy: set[OriginConnection] = set()
        self.idle: list[OriginConnection] = []
        self.out_until = 0.0
        self._timeouts = timeouts
        self._tls = tls
        self._failures = 0
        self._times_out = 0

    def well(self) -> bool:
        return self.now >= self.out_until

    def take(self) -> OriginConnection | None:
        """A kept connection, the one used last."""
        while self.idle:
            connection = self.idle.pop()
            if not connection.transport.is_closing():
                return connection
        return None

    async def connect(self) -> OriginConnection:
        """Raises OriginUnreachable, and counts that as a failure."""
        address, loop = self.address, asyncio.get_running_loop()
        try:
            _, connection = await asyncio.wait_for(
                loop.create_connection(
                    lambda: OriginConnection(self),
                    address.host,
                    address.port,
                    ssl=self._tls,
                    server_hostname=address.host if self._tls is not None else None,
                ),
                self._timeouts.connect,
            )
        except (OSError, TimeoutError, ssl.SSLError) as error:
            self.failed()
            raise OriginUnreachable(str(error)) from None
        return connection

    def released(self, connection: OriginConnection, *, keep: bool) -> None:
        """An answer is complete."""
        self.busy.discard(connection)
        self._failures = self._times_out = 0
        if keep and len(self.idle) < MOST_IDLE:
            self.idle.append(connection)
        else:
            connection.transport.close()

    def left(self, connection: OriginConnection) -> None:
        """A connection is gone."""
        self.busy.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)

    def failed(self) -> None:
        """Count a failure; some in a row take the origin out."""
        self._failures += 1
        if self._failures >= FAILURES_OUT:
            self.out_until = self.now + SECONDS_OUT[min(self._times_out, len(SECONDS_OUT) - 1)]
            self._times_out += 1
            self._failures = FAILURES_OUT - 1  # one more try decides when it is asked again

    def out(self, seconds: float) -> None:
        """Take the origin out for a while."""
        self.out_until = max(self.out_until, self.now + seconds)

    def recovered(self) -> None:
        """It was asked and is well."""
        self.out_until = 0.0
        self._failures = self._times_out = 0

    def sweep(self, now: float) -> None:
        """End answers that don't come and connections that nobody used."""
        self.now = now
        for connection in tuple(self.busy):
            if now - connection.active > self._timeouts.response:
                connection.expire()
        while self.idle and now - self.idle[0].active > self._timeouts.idle:
            self.idle.pop(0).transport.close()

    def close(self) -> None:
        for connection in self.idle:
            connection.transport.close()
        self.idle.clear()


class Origins:
    """Which origin a request goes to."""

    def __init__(
        self, addresses: Sequence[OriginAddress], timeouts: Timeouts, tls: ssl.SSLContext | None, clock: Clock
    ) -> None:
        self.monotonic = clock.monotonic
        self.all = [Origin(address, timeouts, tls if address.tls else None, self.monotonic()) for address in addresses]
        self._turn = 0

    def pick(self, *, but: Origin | None = None) -> Origin:
        """The one with the fewest requests under way, in turn where these are equal; `but` is passed by if possible."""
        if len(self.all) == 1:
            return self.all[0]
        candidates = [origin for origin in self.all if origin is not but and origin.well()]
        if not candidates:
            candidates = [origin for origin in self.all if origin is not but] or self.all
        self._turn += 1
        turn = self._turn % len(candidates)
        return min(candidates[turn:] + candidates[:turn], key=lambda origin: len(origin.busy))

    def sweep(self) -> None:
        """Each second: what took too long ends."""
        now = self.monotonic()
        for origin in self.all:
            origin.sweep(now)

    def close(self) -> None:
        for origin in self.all:
            origin.close()
