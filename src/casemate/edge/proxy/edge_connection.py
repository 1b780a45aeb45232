"""A client's HTTP/1.1 connection."""

from __future__ import annotations

import asyncio
import re
from typing import Final, Protocol, cast

from casemate.edge.proxy.access_log import Refusal
from casemate.edge.proxy.known import BODILESS, LONGEST, Known, again, known_of
from casemate.edge.proxy.sessions import client_tls
from casemate.edge.proxy.upload import Upload
from casemate.foundation.http import Request
from casemate.foundation.http.connection import Connection
from casemate.foundation.http.framing import Refused
from casemate.foundation.http.hub import Hub
from casemate.foundation.http.reply import Reply
from casemate.foundation.http.turns import CLOSING, IDLE

CLIENT_CLOSED: Final = 460
"""What an Application Load Balancer logs where the client went away before its request was whole."""
_LF: Final = 10
_EMPTY_LINES: Final = re.compile(rb"(?:\r\n)+").match


class Notes(Protocol):
    """Who notes what never became a request: the proxy."""

    def refused(self, refusal: Refusal) -> None: ...


class EdgeConnection(Connection):
    """A client's HTTP/1.1 connection; reads request lines more strictly than foundation/http does (RFC 9112 3).

    The parser takes several spaces for one, and RTSP for HTTP. It doesn't say where a request began, so the line is
    looked for where it must stand. Of requests that come together in one piece (pipelined), only the first one's place
    is known; the others' lines must stand somewhere in it.

    A head that a client repeats is not parsed again (known.py).
    """

    __slots__ = ("_behind", "_known", "_open", "_piece", "_unjudged", "_unread")

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._piece: bytes | bytearray | memoryview = b""  # what was read since the piece in which a head began
        self._open = False  # whether a head has begun and isn't complete
        self._known: Known | None = None
        self._unjudged: Reply | None = None  # whose body was not whole when the request was refused
        self._unread = 0  # bytes of it, where no head could be read
        self._behind = False  # whether something else stands in the piece before the head

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._tls is not None:
            self._tls = client_tls(transport.get_extra_info("ssl_object"))

    def _feed(self, data: bytes | memoryview) -> int:
        known = self._known
        # Only where a request may begin: neither within a head nor within a body.
        idle = self._phase == IDLE and not self._open and self._incoming is None
        if known is not None and idle and isinstance(data, bytes):
            found = known.repeated(data, self.limits.target_bytes)
            if found is not None:
                self._repeat(again(known, found, self._peer, self._tls))
                return len(data)
        if not self._open:
            # An empty line may have been cut in two.
            self._piece = b"\r" + data if data[0] == _LF and self._piece[-1:] == b"\r" else data
            self._behind = self._incoming is not None
        elif isinstance(self._piece, bytearray):
            self._piece += data
        else:
            self._piece = bytearray(self._piece) + data
        consumed = super()._feed(data)
        if not self._open:
            self._piece = self._piece[-1:]  # kept connections are many, and wait long
        return consumed

    def on_message_begin(self) -> None:
        """The parser's callback: the first byte of a request, after empty lines."""
        self._open = True

    def _begin(self, request: Request, keep: bool, expects: bool) -> None:
        line = b"%b %b HTTP/1." % (request.method, request.target)
        piece = bytes(self._piece)
        self._open = False
        if not (line in piece if self._behind else piece.startswith(line) or _after_empty_lines(piece, line)):
            raise Refused(400, "the request line is malformed")
        if keep and not self._behind and len(piece) <= LONGEST and request.method in BODILESS:
            self._known = known_of(request, piece, line) or self._known
        self._behind = True
        if request.target[:1] != b"/" and request.target != b"*":
            scheme = b"http" if self._tls is None else b"https"
            if request.target.partition(b"://")[0].lower() != scheme:
                raise Refused(400, "the request target and the connection have different schemes")
        super()._begin(request, keep, expects)

    def _repeat(self, request: Request) -> None:
        """Begin and complete a request whose head is known: what the parser's callbacks would do."""
        self._chunked = False
        self._feeding = True
        try:
            super()._begin(request, True, False)
            self.on_message_complete()
        finally:
            self._feeding = False
        if self._queue or self._refusal is not None or self._reading_paused:
            self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        reply = self._incoming
        if reply is not None and self._refusal is None and not _judged(reply):
            self._note(CLIENT_CLOSED, 0, reply)
        super().connection_lost(exc)

    # Refusals

    def _refuse(self, refusal: Refused) -> None:
        if self._refusal is None:
            self._unjudged = self._incoming
            self._unread = len(self._piece)
        super()._refuse(refusal)

    def _send_refusal(self, refusal: Refused) -> None:
        super()._send_refusal(refusal)
        reply = self._unjudged
        if self._unread or reply is not None:  # a connection too many was refused before it asked anything
            self._note(refusal.status, len(refusal.reason) + 1, reply)

    def _note(self, status: int, sent: int, reply: Reply | None) -> None:
        request = reply.request if reply is not None else None
        version, received = ("1.1", self._unread) if request is None else (request.http_version, self._received)
        refusal = Refusal(status, self._peer, self._tls, version, received, sent, request)
        cast("Notes", self.hub.handler).refused(refusal)

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


def _after_empty_lines(piece: bytes, line: bytes) -> bool:
    """RFC 9112 2.2: empty lines before a request are passed by."""
    empty = _EMPTY_LINES(piece)
    return empty is not None and piece.startswith(line, empty.end())


def _judged(reply: Reply) -> bool:
    return isinstance(reply.sink, Upload) and reply.sink.judged
