"""One HTTP/2 stream: a request's body in, an answer out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from h2.exceptions import ProtocolError

from casemate.foundation.http import BodySink, ClientGone, ReplyMisuse, Request
from casemate.foundation.http.reply import Headers

if TYPE_CHECKING:
    from casemate.edge.proxy.http2.connection import Http2Connection

_FRESH, _STARTED, _DONE = range(3)
_BODILESS: Final = frozenset((204, 304))
HIGH_WATER: Final = 65_536
"""Bytes of an answer that wait for the client's window before `drain` makes the application wait."""


class Stream:
    """The Answer to one request, and the Flow of its body."""

    __slots__ = (
        "_drained",
        "_left",
        "_outgoing",
        "_state",
        "_unacknowledged",
        "body",
        "complete",
        "connection",
        "ending",
        "gone",
        "number",
        "paused",
        "received",
        "request",
        "since",
        "sink",
    )

    def __init__(self, connection: Http2Connection, number: int, request: Request) -> None:
        self.connection = connection
        self.number = number
        self.request = request
        self.sink: BodySink | None = None
        self.body: list[bytes] = []
        self.received = 0
        self.since = connection.hub.now
        self.complete = False
        self.paused = False
        self.gone = False
        self.ending = False
        self._outgoing = bytearray()
        self._unacknowledged = 0
        self._left: int | None = None
        self._state = _FRESH
        self._drained: asyncio.Future[None] | None = None

    # The request's body: flow control

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False
        if self._unacknowledged:
            self.connection.acknowledge(self.number, self._unacknowledged)
            self._unacknowledged = 0

    def took(self, length: int) -> None:
        """So many bytes of flow-controlled data came; the client may send as many again, unless we are full."""
        self._unacknowledged += length
        if not self.paused:
            self.resume()

    # The answer

    @property
    def done(self) -> bool:
        return self._state == _DONE

    @property
    def started(self) -> bool:
        return self._state != _FRESH

    def send(self, status: int, headers: Headers, body: bytes = b"") -> None:
        """Answer whole. Raises ReplyMisuse when it was answered before."""
        bodiless = self.request.method == b"HEAD" or status in _BODILESS
        known = bodiless or any(name == b"content-length" for name, _ in headers)
        length = [] if known else [(b"content-length", b"%d" % len(body))]
        self._head(status, [*headers, *length], end=bodiless or not body)
        self._state = _DONE
        if not bodiless and body:
            self._outgoing += body
            self.ending = True
            self.flush()
        self.connection.written()
        self._finished()

    def start(self, status: int, headers: Headers, length: int | None = None) -> None:
        """Begin an answer in pieces."""
        told = [] if length is None or status in _BODILESS else [(b"content-length", b"%d" % length)]
        self._head(status, [*headers, *told], end=False)
        self._state = _STARTED
        self._left = None if self.request.method == b"HEAD" or status in _BODILESS else length
        self.connection.written()

    def write(self, chunk: bytes) -> None:
        if self._state != _STARTED:
            raise ReplyMisuse("write comes between start and finish")
        if self._left is not None:
            self._left -= len(chunk)
            if self._left < 0:
                raise ReplyMisuse("more than the announced length")
        if self.gone or self.request.method == b"HEAD":
            return
        self._outgoing += chunk
        self.flush()
        self.connection.written()

    async def drain(self) -> None:
        """Wait until the client has taken enough. Raises ClientGone."""
        if self.gone:
            raise ClientGone
        if len(self._outgoing) > HIGH_WATER or self.connection.stalled:
            self._drained = asyncio.get_running_loop().create_future()
            try:
                await self._drained
            finally:
                self._drained = None

    def finish(self) -> None:
        if self._state != _STARTED:
            raise ReplyMisuse("finish comes after start, once")
        if self._left:
            self.cut()
            return
        self._state = _DONE
        self.ending = True
        self.flush()
        self.connection.written()
        self._finished()

    def cut(self) -> None:
        """End an answer that can't be completed: INTERNAL_ERROR for this stream alone."""
        self._state = _DONE
        self._outgoing.clear()
        if not self.gone:
            self.connection.reset(self.number)

    def lose(self) -> None:
        """The client ended the stream or the connection."""
        self.gone = True
        self._outgoing.clear()
        if self._drained is not None and not self._drained.done():
            self._drained.set_exception(ClientGone())

    def flush(self) -> None:
        """Send as much as the windows let through."""
        if self.gone:
            return
        outgoing, connection = self._outgoing, self.connection
        while outgoing and not connection.stalled:
            size = min(connection.window(self.number), len(outgoing))
            if size <= 0:
                break
            piece = bytes(outgoing[:size])
            del outgoing[:size]
            end = self.ending and not outgoing
            connection.send_data(self.number, piece, end=end)
            if end:
                self._close()
                return
        if self.ending and not outgoing:
            connection.send_data(self.number, b"", end=True)
            self._close()
        elif len(outgoing) <= HIGH_WATER and not connection.stalled:
            self._wake()

    def _wake(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def _close(self) -> None:
        self.ending = False
        self.connection.closed_by_us(self)

    def _head(self, status: int, headers: Headers, *, end: bool) -> None:
        if self._state != _FRESH:
            raise ReplyMisuse("a request can be answered once")
        if self.gone:
            return
        for name, value in headers:
            if b"\n" in value or b"\r" in value or b"\0" in value or b"\n" in name or b"\r" in name:
                raise ReplyMisuse("a header may not hold CR or LF")
        date = self.connection.hub.start_line(status).rpartition(b"date: ")[2]
        block = [(b":status", b"%d" % status), (b"date", date), *headers]
        try:
            self.connection.send_headers(self.number, block, end=end)
        except ProtocolError:  # an application's header that HTTP/2 has no place for
            self.cut()
            self.lose()
            return
        if end:
            self.connection.closed_by_us(self)

    def _finished(self) -> None:
        """An answer before the request's end: the rest of the request is not wanted (RFC 9113 8.1)."""
        if not self.complete and not self.gone and not self._outgoing:
            self.connection.not_wanted(self.number)
