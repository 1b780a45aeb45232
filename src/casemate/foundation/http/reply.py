"""How a request is answered: at once or later, whole or in pieces, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

from casemate.foundation.http.body import BodySink
from casemate.foundation.http.message import Request

Headers = Sequence[tuple[bytes, bytes]]

_FRESH, _STARTED, _DONE = range(3)
_BODILESS = frozenset((204, 304))


class ClientGone(Exception):
    """The client closed the connection before its answer was complete."""


class ReplyMisuse(Exception):
    """A bug of a handler: it answered twice, wrote before a start, or put a line break into a header."""


class Timekeeper(Protocol):
    """What a reply needs of its server."""

    @property
    def draining(self) -> bool: ...

    def start_line(self, status: int) -> bytes: ...


class Wire(Protocol):
    """What a reply needs of its connection."""

    @property
    def hub(self) -> Timekeeper: ...

    @property
    def write(self) -> Callable[[bytes], None]: ...

    def finished(self, reply: Reply, keep: bool) -> None: ...

    def broken(self) -> None: ...

    async def writable(self) -> None: ...


class Reply:
    """The answer to one request. A reply whose client has gone swallows what it is given.

    Headers have lower-case names; `date`, `content-length`, `transfer-encoding` and `connection` are written here and
    may not be among them, but for the `content-length` of an answer to HEAD.
    """

    __slots__ = ("_chunked", "_keep", "_left", "_state", "_wire", "chunks", "complete", "expects", "request", "sink")

    def __init__(self, request: Request, wire: Wire, keep: bool, expects: bool) -> None:
        self.request = request
        self._wire: Wire | None = wire
        self._keep = keep
        self._state = _FRESH
        # The request's body on its way: whose it is, what waits for its turn, whether the last byte was read.
        self.expects = expects
        self.complete = False
        self.sink: BodySink | None = None
        self.chunks: list[bytes] | None = None

    @property
    def gone(self) -> bool:
        """Whether the client went away before the answer was complete."""
        return self._wire is None and self._state != _DONE

    @property
    def done(self) -> bool:
        return self._state == _DONE

    @property
    def wire(self) -> Wire | None:
        """The connection, for who takes it over; None once it is gone."""
        return self._wire

    @property
    def started(self) -> bool:
        return self._state != _FRESH

    def lose(self) -> None:
        """The connection is gone; whatever is still answered goes nowhere."""
        self._wire = None

    def send(self, status: int, headers: Headers, body: bytes = b"") -> None:
        """Answer whole, in one write. Raises ReplyMisuse when it was answered before."""
        if self._state:
            raise ReplyMisuse("a request can be answered once")
        lines = _lines(headers)
        self._state = _DONE
        wire = self._wire
        if wire is None:
            return
        hub = wire.hub
        keep = self._keep and self.complete and not hub.draining
        length = _length_line(len(body))
        if self.request.method == b"HEAD" or status in _BODILESS:
            if status in _BODILESS or any(name == b"content-length" for name, _ in headers):
                length = b""
            body = b""
        connection = b"" if keep and self.request.http_version == "1.1" else self._connection_line(keep)
        wire.write(b"".join((hub.start_line(status), lines, length, connection, b"\r\n\r\n", body)))
        wire.finished(self, keep)

    def start(self, status: int, headers: Headers, length: int | None = None) -> None:
        """Begin an answer in pieces of `length` bytes in all, or of a length not yet known. Raises ReplyMisuse."""
        if self._state:
            raise ReplyMisuse("a request can be answered once")
        lines = _lines(headers)
        self._state = _STARTED
        self._left = length
        self._chunked = False
        if self._wire is None:
            return
        bodiless = self.request.method == b"HEAD" or status in _BODILESS
        if length is not None:
            if status not in _BODILESS:
                lines += _length_line(length)
        elif not bodiless and self.request.http_version == "1.0":
            self._keep = False  # the end of the connection is the end of the body
        elif not bodiless:
            self._chunked = True
            lines += b"\r\ntransfer-encoding: chunked"
        if bodiless:
            self._left = None
        self._keep = self._keep and self.complete and not self._wire.hub.draining
        self._wire.write(self._wire.hub.start_line(status) + lines + self._connection_line(self._keep) + b"\r\n\r\n")

    def write(self, chunk: bytes) -> None:
        """Send a piece. Await `drain` between pieces: it is what keeps a slow client from filling the memory."""
        if self._state != _STARTED:
            raise ReplyMisuse("write comes between start and finish")
        if self._left is not None:
            self._left -= len(chunk)
            if self._left < 0:
                raise ReplyMisuse("more than the announced length")
        if self._wire is None or not chunk or self.request.method == b"HEAD":
            return
        self._wire.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if self._chunked else chunk)

    async def drain(self) -> None:
        """Wait until the client has taken enough. Raises ClientGone."""
        if self._wire is None:
            raise ClientGone
        await self._wire.writable()

    def finish(self) -> None:
        """End an answer in pieces. One that is shorter than announced cuts the connection: the client must see it."""
        if self._state != _STARTED:
            raise ReplyMisuse("finish comes after start, once")
        self._state = _DONE
        wire = self._wire
        if wire is None:
            return
        if self._left:
            wire.broken()
            return
        if self._chunked:
            wire.write(b"0\r\n\r\n")
        wire.finished(self, self._keep and self.complete and not wire.hub.draining)

    def cut(self) -> None:
        """End an answer that can't be completed by cutting the connection; before `start`, answer nothing at all."""
        self._state = _DONE
        if self._wire is not None:
            self._wire.broken()

    def _connection_line(self, keep: bool) -> bytes:
        if not keep:
            return b"\r\nconnection: close"
        return b"\r\nconnection: keep-alive" if self.request.http_version == "1.0" else b""


@lru_cache(4096)  # by content; formatting bytes costs more than all the rest of an answer's head
def _length_line(length: int) -> bytes:
    return b"\r\ncontent-length: %d" % length


def _lines(headers: Headers) -> bytes:
    """Each header after a line end, as the end of the line before is written with it."""
    parts = [b""]
    for pair in headers:
        parts.append(b": ".join(pair))  # noqa: PERF401 - a comprehension costs a call in Python 3.11
    lines = b"\r\n".join(parts)
    # A line break smuggled in with a value would begin a header, or a second answer, of a stranger's making.
    count = len(headers)
    if lines.count(b"\n") != count or lines.count(b"\r") != count:
        raise ReplyMisuse("a header may not hold CR or LF")
    return lines
