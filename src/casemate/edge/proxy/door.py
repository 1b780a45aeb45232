"""Accepting: what version of HTTP a connection speaks, and what its TLS handshake told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Final, cast

from casemate.edge.proxy.edge_connection import EdgeConnection
from casemate.edge.proxy.http2 import Http2Connection
from casemate.foundation.http import Server
from casemate.foundation.http.hub import Hub

if TYPE_CHECKING:
    from casemate.edge.proxy.http2.connection import Takes

_BACKLOG: Final = 4096
_HANDSHAKE_SECONDS: Final = 10.0


class Door(asyncio.Protocol):
    """Waits for a TLS handshake; the protocol that it agreed on takes the connection."""

    __slots__ = ("_hub",)

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        session = transport.get_extra_info("ssl_object")
        protocol: EdgeConnection | Http2Connection = EdgeConnection(self._hub)
        if session is not None and session.selected_alpn_protocol() == "h2":
            protocol = Http2Connection(self._hub, cast("Takes", self._hub.handler))
        cast("asyncio.Transport", transport).set_protocol(protocol)
        protocol.connection_made(transport)


class EdgeServer(Server):
    """A server that offers HTTP/2 where a client's TLS asks for it."""

    async def _listen(self, listening: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Server:
        hub = self._hub
        return await asyncio.get_running_loop().create_server(
            (lambda: EdgeConnection(hub)) if tls is None else (lambda: Door(hub)),
            sock=listening.dup(),
            ssl=tls,
            backlog=_BACKLOG,
            ssl_handshake_timeout=None if tls is None else _HANDSHAKE_SECONDS,
        )
