"""An application that does nothing: a fixed answer of 5 bytes to whatever is asked. `python edge_origin.py FD`."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

import uvloop

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nhello"


class Application(asyncio.Protocol):
    """Answers once for each request, bodies by Content-Length alone."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        while True:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                break
            length = 0
            at = buffer.lower().find(b"content-length:", 0, end)
            if at >= 0:
                length = int(buffer[at + 15 : buffer.find(b"\r\n", at)])
            if len(buffer) < end + 4 + length:
                break
            buffer = buffer[end + 4 + length :]
            self._transport.write(ANSWER)
        self._buffer = buffer


async def main() -> None:
    listener = socket.socket(fileno=int(sys.argv[1]))
    server = await asyncio.get_running_loop().create_server(Application, sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
