"""A server on a real socket, and a client that sees every byte."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest
import uvloop

from casemate.foundation.clock import ManualClock
from casemate.foundation.http import Handler, Limits, Reply, Request, Server, StreamHandler

PATIENCE = 5.0


class Answer(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Client:
    """One connection. Reads answers as RFC 9112 has them, and nothing else."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> tuple[int, dict[bytes, bytes]]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        first, *lines = head[:-4].split(b"\r\n")
        version, status, _ = first.split(b" ", 2)
        assert version == b"HTTP/1.1"
        headers = dict(line.split(b": ", 1) for line in lines)
        assert len(headers) == len(lines), "no header twice"
        return int(status), headers

    async def answer(self, *, bodiless: bool = False) -> Answer:
        status, headers = await self.head()
        if bodiless or status in {100, 204, 304}:
            return Answer(status, headers, b"")
        if headers.get(b"transfer-encoding") == b"chunked":
            return Answer(status, headers, await self._chunks())
        if b"content-length" in headers:
            size = int(headers[b"content-length"])
            return Answer(status, headers, await asyncio.wait_for(self.reader.readexactly(size), PATIENCE))
        return Answer(status, headers, await asyncio.wait_for(self.reader.read(), PATIENCE))

    async def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int(await asyncio.wait_for(self.reader.readline(), PATIENCE), 16)
            chunk = await self.reader.readexactly(size + 2)
            body += chunk[:-2]
            if not size:
                return body

    async def closed(self) -> bool:
        """Whether the server ends the connection without another byte."""
        try:
            return await asyncio.wait_for(self.reader.read(1), PATIENCE) == b""
        except ConnectionResetError:
            return True

    async def silent(self) -> bool:
        """Whether nothing comes while everything that is ready runs."""
        try:
            await asyncio.wait_for(self.reader.read(1), 0.05)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        """Reset the connection, so that the server can't take it for a half-close."""
        raw = self.writer.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Running:
    """A started server and its clock."""

    def __init__(self, server: Server, clock: ManualClock, port: int, errors: list[Exception]) -> None:
        self.server = server
        self.clock = clock
        self.port = port
        self.errors = errors
        self.clients: list[Client] = []

    async def connect(self, tls: ssl.SSLContext | None = None) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, ssl=tls))
        self.clients.append(client)
        return client

    async def ask(self, data: bytes) -> Answer:
        client = await self.connect()
        await client.send(data)
        return await client.answer()

    async def pass_time(self, seconds: float) -> None:
        """Let the server see the time go by, and what it then does reach the sockets."""
        await self.settle()
        self.clock.advance(seconds)
        self.server._hub.tick()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0.001)


def echo(request: Request, reply: Reply) -> None:
    reply.send(200, [(b"x-method", request.method), (b"x-target", request.target)], request.body)


Serve = Callable[..., None]


@pytest.fixture
def serve() -> Serve:
    """Run a test's coroutine against a server with that handler; errors that the server reports fail the test."""

    def run(
        test: Callable[[Running], Awaitable[Any]],
        handler: Handler | StreamHandler = echo,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
        *,
        failing: bool = False,
    ) -> None:
        async def main() -> None:
            clock = ManualClock()
            errors: list[Exception] = []
            server = Server(handler, clock=clock, on_error=lambda error, _request: errors.append(error), limits=limits)
            with socket.socket() as listening:
                listening.bind(("127.0.0.1", 0))
                await server.start([listening], tls)
                running = Running(server, clock, listening.getsockname()[1], errors)
                try:
                    await asyncio.wait_for(test(running), 30)
                finally:
                    for client in running.clients:
                        client.abort()
                    await server.drain(1)
            assert bool(errors) is failing, errors
            assert server.counters.open == 0
            assert server._hub.buffered == 0

        uvloop.run(main())

    return run
