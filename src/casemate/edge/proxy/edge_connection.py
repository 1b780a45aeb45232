"""A client's HTTP/1.1 connection."""

from __future__ import annotations

import asyncio

from casemate.edge.proxy.sessions import client_tls
from casemate.foundation.http.connection import Connection
from casemate.foundation.http.turns import CLOSING


class EdgeConnection(Connection):
    """A client's HTTP/1.1 connection."""

    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._tls is not None:
            self._tls = client_tls(transport.get_extra_info("ssl_object"))

    def detach(self) -> tuple[asyncio.Transport, bytes]:
        """Let go of the socket for good: its transport, and what was read beyond the request that is being answered."""
        rest = bytes(self._rest)
        self._rest = memoryview(b"")
        self._phase = CLOSING
        if self._active is not None:
            self._active.lose()
            self._active = None
        self.hub.leave(self)
        return self._transport, rest
