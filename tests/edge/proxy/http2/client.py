"""A client of HTTP/2 that does what it is told, also what no client may: frames by hand, and what comes back."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from hpack import Encoder
from hpack.hpack import Decoder

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY_FLAG = 0x1, 0x1, 0x4, 0x8, 0x20
NO_ERROR, PROTOCOL, INTERNAL, FLOW, TIMEOUT, CLOSED, SIZE, REFUSED, CANCEL, COMPRESSION, CONNECT, CALM = range(12)
REQUEST = [(":method", "GET"), (":scheme", "https"), (":authority", "a.example"), (":path", "/")]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


class Client:
    """An HTTP/2 client that does what it is told, also what it may not."""

    def __init__(self, connection: Any, *, preface: bool = True) -> None:
        self.socket = connection
        self.encoder = Encoder()
        self.decoder = Decoder()
        self.buffer = b""
        self.closed = False
        if preface:
            self.send(PREFACE + frame(SETTINGS, 0, 0))
            while (found := self.next()) is not None and found[0] != SETTINGS:
                pass
            self.send(frame(SETTINGS, ACK, 0))

    def send(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except OSError:
            self.closed = True

    def block(self, headers: list[tuple[str, str]]) -> bytes:
        return self.encoder.encode(headers)

    def request(
        self, stream: int = 1, *, more: list[tuple[str, str]] | None = None, end: bool = True, **replace: str
    ) -> None:
        headers = [(name, replace.get(name.strip(":"), value)) for name, value in REQUEST] + (more or [])
        self.send(frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, self.block(headers)))

    def next(self) -> tuple[int, int, int, bytes] | None:
        """The next frame: kind, flags, stream, payload; None when the connection has ended."""
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            try:
                piece = self.socket.recv(65_536)
            except TimeoutError:
                raise
            except OSError:
                piece = b""
            if not piece:
                return None
            self.buffer += piece
        length = int.from_bytes(self.buffer[:3], "big")
        kind, flags = self.buffer[3], self.buffer[4]
        stream = int.from_bytes(self.buffer[5:9], "big") & 0x7FFFFFFF
        payload, self.buffer = self.buffer[9 : 9 + length], self.buffer[9 + length :]
        return kind, flags, stream, payload

    def outcome(self, stream: int = 1) -> tuple[str, int]:
        """What became of a stream: ("status", n), ("reset", code), ("goaway", code) or ("closed", 0)."""
        while (found := self.next()) is not None:
            kind, _, number, payload = found
            if kind == GOAWAY:
                return "goaway", int.from_bytes(payload[4:8], "big")
            if kind == HEADERS:
                headers = dict(self.decoder.decode(payload))
                if number == stream:
                    return "status", int(headers.get(":status", 0))
            if kind == RST and number == stream:
                return "reset", int.from_bytes(payload, "big")
        return "closed", 0

    def ping(self) -> bool:
        """Whether the connection still lives."""
        self.send(frame(PING, 0, 0, b"12345678"))
        while (found := self.next()) is not None:
            if found[0] == PING and found[1] & ACK:
                return True
            if found[0] == GOAWAY:
                return False
        return False


class Case(NamedTuple):
    name: str
    act: Callable[[Client], None]
    codes: set[int]
    """Error codes that may come; empty where the request is answered 200."""
    stream: int = 1
    only_connection: bool = False
    """Whether nothing but a connection error will do."""


def raw(*frames: bytes) -> Callable[[Client], None]:
    return lambda client: client.send(b"".join(frames))


def request(*more: tuple[str, str], **replace: str) -> Callable[[Client], None]:
    return lambda client: client.request(more=list(more), **replace)


def headers(block: list[tuple[str, str]], flags: int = END_HEADERS | END_STREAM) -> Callable[[Client], None]:
    return lambda client: client.send(frame(HEADERS, flags, 1, client.block(block)))


def then(*steps: Callable[[Client], None]) -> Callable[[Client], None]:
    def act(client: Client) -> None:
        for step in steps:
            step(client)

    return act


def opened(client: Client) -> None:
    client.request(end=False)


def many(count: int, make: Callable[[int], bytes]) -> Callable[[Client], None]:
    return lambda client: client.send(b"".join(make(number) for number in range(count)))
