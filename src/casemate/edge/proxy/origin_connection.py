"""One connection to an application: requests out, answers back, one at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol, cast

import httptools

from casemate.edge.proxy.forwarding import Pairs
from casemate.foundation.http import BodyAborted, BodyStream

if TYPE_CHECKING:
    from casemate.edge.proxy.origins import Origin

LARGEST_HEAD: Final = 65_536
MOST_HEADERS: Final = 200
_SWITCHING: Final = 101
_BODILESS: Final = frozenset((204, 304))


class Response(Protocol):
    """Who waits for an answer: one of `whole`, `stream`, `upgraded`, `lost` and `late` is called, once."""

    method: bytes

    def whole(self, status: int, headers: Pairs, connection: bytes | None, body: bytes) -> None: ...

    def stream(
        self, status: int, headers: Pairs, connection: bytes | None, length: int | None, body: BodyStream
    ) -> None: ...

    def upgraded(self, headers: Pairs, rest: bytes) -> None: ...

    def lost(self, *, answered: bool, reused: bool) -> None: ...

    def late(self) -> None: ...

    def origin_full(self) -> None: ...

    def origin_ready(self) -> None: ...


class OriginConnection(asyncio.Protocol):
    """Parses strictly; whatever can't be understood ends the connection and the answer with it."""

    __slots__ = (
        "_body",
        "_complete",
        "_connection",
        "_head_size",
        "_headers",
        "_keep",
        "_parser",
        "_pieces",
        "_response",
        "_status",
        "_stream",
        "active",
        "origin",
        "reused",
        "sent_whole",
        "transport",
    )

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.transport: asyncio.Transport = cast("asyncio.Transport", None)
        self.active = 0.0  # coarse time of the last sign of life
        self.reused = False
        self.sent_whole = True
        self._response: Response | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._reset()

    def _reset(self) -> None:
        self._status = 0  # of a final head, when it is complete
        self._headers: Pairs = []
        self._connection: bytes | None = None  # the headers of this name, joined
        self._head_size = 0
        self._pieces: list[bytes] = []
        self._stream: BodyStream | None = None
        self._complete = self._keep = False
        self._body = True

    # For who asks

    def ask(self, response: Response, data: bytes, *, whole: bool) -> None:
        """Send a request's first bytes, or all of it when `whole`."""
        self._response = response
        self.sent_whole = whole
        self.active = self.origin.now
        self.origin.busy.add(self)
        self.transport.write(data)

    def more(self, response: Response, data: bytes) -> None:
        """Send more of a request's body, unless its answer has come already."""
        if self._response is response:
            self.active = self.origin.now
            self.transport.write(data)

    def whole_for(self, response: Response) -> None:
        """All of a request was sent."""
        if self._response is response:
            self.sent_whole = True

    def abandon(self, response: Response) -> None:
        """Nobody waits for this answer any more: the connection is of no use, unless it serves another by now."""
        if self._response is response:
            self._response = None
            self.transport.abort()

    def expire(self) -> None:
        """The application said nothing for too long."""
        response, self._response = self._response, None
        self.transport.abort()
        if self._stream is not None:
            self._stream.abort(BodyAborted("the application said nothing for too long"))
        elif response is not None:
            response.late()

    def pause(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        if not self.transport.is_closing():
            self.active = self.origin.now
            self.transport.resume_reading()

    # The socket's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        response = self._response
        self.active = self.origin.now
        if response is None:  # an application that speaks unasked would answer the next request with this
            self.transport.abort()
            return
        if not self._status:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switch(response, data[upgrade.args[0] :])
            return
        except httptools.HttpParserError:
            self._fail()
            return
        if self._status:
            self._pass_on(response)
        elif self._head_size > LARGEST_HEAD:
            self._fail()

    def eof_received(self) -> None:
        return None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.origin.left(self)
        response, self._response = self._response, None
        if response is None:
            return
        if self._stream is not None and not self._framed():
            self._stream.end()  # a body that ends with its connection
        elif self._stream is not None:
            self._stream.abort(BodyAborted("the application closed the connection"))
        else:
            response.lost(answered=self._head_size > 0, reused=self.reused)

    def pause_writing(self) -> None:
        if self._response is not None:
            self._response.origin_full()

    def resume_writing(self) -> None:
        if self._response is not None:
            self._response.origin_ready()

    # The parser's callbacks

    def on_message_begin(self) -> None:
        if self._complete:
            raise httptools.HttpParserError("an answer that nobody asked for")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._status:
            key, value = name.lower(), value.strip(b" \t")
            self._headers.append((key, value))
            if key == b"connection":
                self._connection = value if self._connection is None else self._connection + b"," + value

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 and status != _SWITCHING:
            self._headers = []  # 100 Continue, 103 Early Hints: the answer is still to come
            self._connection = None
            return
        if len(self._headers) > MOST_HEADERS:
            raise httptools.HttpParserError("too many headers")
        self._status = status
        self._keep = self._parser.should_keep_alive()
        self._body = (
            self._response is not None
            and self._response.method != b"HEAD"
            and status not in _BODILESS
            and status != _SWITCHING
        )

    def on_body(self, data: bytes) -> None:
        if self._body:
            self._pieces.append(data)

    def on_message_complete(self) -> None:
        if self._status:
            self._complete = True

    # The answer's way on

    def _framed(self) -> bool:
        return any(name in {b"content-length", b"transfer-encoding"} for name, _ in self._headers)

    def _pass_on(self, response: Response) -> None:
        pieces, self._pieces = self._pieces, []
        if not self._body and not self._complete:
            # The parser waits for a body that HEAD does not get.
            self._complete = True
            self._parser = httptools.HttpResponseParser(self)
        stream = self._stream
        if stream is not None:
            for piece in pieces:
                stream.feed(piece)
            if self._complete:
                self._release()
                stream.end()
            return
        status, headers, connection = self._status, self._headers, self._connection
        if self._complete:
            body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            self._release()
            response.whole(status, headers, connection, body)
            return
        self._stream = stream = BodyStream()
        stream.bind(self)
        response.stream(status, headers, connection, _length(headers), stream)
        for piece in pieces:
            stream.feed(piece)

    def _release(self) -> None:
        """Ready for another request, or closed where this one left the connection in doubt."""
        said = self._connection
        self._response = None
        # An answer without a body ends with its head, whatever the parser thinks of its length.
        keep = (self._keep or not self._body) and self.sent_whole and (said is None or b"close" not in said.lower())
        self._reset()
        self.reused = True
        self.origin.released(self, keep=keep)

    def _fail(self) -> None:
        response, self._response = self._response, None
        self.transport.abort()
        if self._stream is not None:
            self._stream.abort(BodyAborted("the application's answer is malformed"))
        elif response is not None:
            response.lost(answered=True, reused=False)

    def _switch(self, response: Response, rest: bytes) -> None:
        if self._status != _SWITCHING:
            self._fail()
            return
        self.origin.busy.discard(self)
        response.upgraded(self._headers, rest)


def _length(headers: Pairs) -> int | None:
    """The Content-Length of an answer that isn't chunked; the parser has checked it."""
    names = {name: value for name, value in headers if name in {b"content-length", b"transfer-encoding"}}
    length = names.get(b"content-length")
    return int(length) if length is not None and b"transfer-encoding" not in names else None
