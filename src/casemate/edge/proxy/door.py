"""Accepting: what version of HTTP a connection speaks, and what its TLS handshake told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Final

from casemate.edge.proxy.fingerprints import fingerprints
from casemate.edge.proxy.tls import hello_of
from casemate.foundation.http import Server, Tls
from casemate.foundation.http.connection import Connection
from casemate.foundation.http.message import tls_of

_BACKLOG: Final = 4096
_HANDSHAKE_SECONDS: Final = 10.0


class ClientTls(Tls):
    """A client's TLS session with the name that it asked for and its fingerprints, where they are known."""

    name: str | None = None
    ja3: str | None = None
    ja4: str | None = None


def client_tls(session: ssl.SSLObject | None) -> ClientTls | None:
    """What is known of a connection's TLS session."""
    known = tls_of(session)
    if known is None:
        return None
    seen = ClientTls(*known)
    hello = hello_of(session)
    if hello is not None:
        seen.name = hello.name
        found = fingerprints(hello.raw)
        if found is not None:
            seen.ja3, seen.ja4 = found
    return seen


class EdgeConnection(Connection):
    """A client's HTTP/1.1 connection."""

    __slots__ = ()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._tls is not None:
            self._tls = client_tls(transport.get_extra_info("ssl_object"))


class EdgeServer(Server):
    """A server that offers HTTP/2 where a client's TLS asks for it."""

    async def _listen(self, listening: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Server:
        hub = self._hub
        loop = asyncio.get_running_loop()
        if tls is None:
            return await loop.create_server(lambda: EdgeConnection(hub), sock=listening.dup(), backlog=_BACKLOG)
        return await loop.create_server(
            lambda: EdgeConnection(hub),
            sock=listening.dup(),
            ssl=tls,
            backlog=_BACKLOG,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS,
        )
