"""One client's connection: the socket's side, and from bytes to heads and bodies."""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

from casemate.foundation.http.body import Flow
from casemate.foundation.http.framing import Refused
from casemate.foundation.http.hub import Hub
from casemate.foundation.http.message import Request, tls_of
from casemate.foundation.http.reply import ClientGone, Reply
from casemate.foundation.http.turns import BODY, BUSY, CLOSING, CONTINUE, HEAD, IDLE, NOTHING, Turns

# Input is parsed in slices: the parser can't be stopped between pipelined requests, so a slice bounds how many wait.
_SLICE = 16_384
# A body of one-byte chunks has five bytes of framing a byte; more is made to waste our time.
_FRAMING_PER_BYTE = 8


class Connection(Turns, asyncio.Protocol):
    """The protocol of one accepted socket."""

    __slots__ = ("_body_since", "_drained", "_pumping", "_received", "_wire_bytes")

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self._drained: asyncio.Future[None] | None = None
        self._pumping = False
        self._received = self._wire_bytes = 0
        self._body_since = 0.0

    # The socket's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.write = self._transport.write
        peer = transport.get_extra_info("peername")
        self._peer = (peer[0], peer[1]) if isinstance(peer, tuple) else ("", 0)
        self._tls = tls_of(transport.get_extra_info("ssl_object"))
        # A client that connects and says nothing gets as long as a head may take.
        self._deadline = self.hub.now + self.limits.header_timeout
        if not self.hub.admit(self):
            self._refuse(Refused(503, "too many connections"))

    def data_received(self, data: bytes) -> None:
        phase, size = self._phase, len(data)
        if phase == CLOSING or self._refusal is not None:
            return
        # Between two requests nothing blocks but a client that does not take its answers.
        free = phase == IDLE and self._stalled_since is None
        if size > _SLICE or not (free or not (self._rest or self._blocked())):
            self._rest = memoryview(bytes(self._rest) + data if self._rest else data)
            self._pump()
        elif (consumed := self._feed(data)) < size and self._phase != CLOSING:
            self._rest = memoryview(data)[consumed:]
            self._pump()
        if self._fed and self._phase == IDLE:
            self._phase = HEAD
            self._deadline = self.hub.now + self.limits.header_timeout

    def eof_received(self) -> bool:
        # A client may half-close and still wait for the answers to what it sent; TLS has no such half.
        self._eof = True
        return self._tls is None and self._incoming is None and (self._active is not None or bool(self._queue))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._phase = CLOSING
        self.hub.leave(self)
        self._release()
        for reply in (self._active, self._incoming, *self._queue):
            if reply is not None:
                reply.lose()
                self._abort_body(reply, "the client closed the connection")
        self._active = self._incoming = None
        self._queue.clear()
        self._rest = NOTHING
        del self._parser  # it holds this connection's callbacks: without a cycle all goes at once
        if self._drained is not None and not self._drained.done():
            self._drained.set_exception(ClientGone())
            self._drained.exception()  # a waiter that was cancelled meanwhile must not leave a warning behind

    def pause_writing(self) -> None:
        self._stalled_since = self.hub.now

    def resume_writing(self) -> None:
        self._stalled_since = None
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        self._advance()

    # From bytes to heads and bodies

    def _blocked(self) -> bool:
        """Whether what is read must wait: for a sink, for the client to take its answers, for the request before."""
        if self._flow_paused:
            return True
        if self._active is None:
            return self._stalled_since is not None or bool(self._queue)
        return self._active is not self._incoming

    def _pump(self) -> None:
        """Parse what was read, slice by slice, as far as it may be taken now; stop reading while any is left."""
        if self._pumping:
            return
        self._pumping = True
        while self._rest and self._phase != CLOSING and self._refusal is None and not self._blocked():
            rest = self._rest
            self._rest = rest[_SLICE:]
            consumed = self._feed(rest[:_SLICE])
            if consumed < _SLICE and self._phase != CLOSING:
                self._rest = rest[consumed:]
        self._pumping = False
        if self._phase == CLOSING or self._refusal is not None:
            self._rest = NOTHING
        elif self._eof and self._phase == IDLE and not self._rest:
            self._close()
        pause = self._flow_paused or bool(self._rest)
        if pause != self._reading_paused and not self._transport.is_closing():
            self._reading_paused = pause
            if pause:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _feed(self, data: bytes | memoryview) -> int:
        """Parse; how many bytes were taken. Only a request with an Upgrade leaves some, for a new parser."""
        consumed = len(data)
        self._feeding = True
        self._fed += consumed
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # Upgrade may be ignored (RFC 9110 7.8). What follows it belongs to the next request.
            self._parser = httptools.HttpRequestParser(self)
            consumed = upgrade.args[0]
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            if not isinstance(cause, Refused):
                if isinstance(cause, Exception):
                    self.hub.failed(cause, None)
                cause = Refused(500, "internal failure")
            self._refuse(cause)
        except httptools.HttpParserError:
            self._refuse(Refused(400, "malformed request"))
        finally:
            self._feeding = False
        if self._incoming is not None:
            self._watch_body(self._incoming, consumed)
        elif self._fed > self.limits.header_bytes + _SLICE:
            # The head is not even complete; complete ones are measured exactly.
            self._refuse(Refused(431, "the request's head is too large"))
        if self._queue or self._refusal is not None or self._reading_paused:
            self._advance()
        return consumed

    def _watch_body(self, reply: Reply, fed: int) -> None:
        hub, limits = self.hub, self.limits
        if self._phase != BODY:
            self._phase = BODY
            self._body_since = hub.now
            self._wire_bytes = 0
        self._deadline = hub.now + limits.body_timeout
        self._wire_bytes += fed
        if self._chunked and self._wire_bytes > limits.header_bytes + _SLICE + _FRAMING_PER_BYTE * self._received:
            self._refuse(Refused(400, "more framing than body"))
        elif reply.sink is None:
            hub.buffered += self._received - self._reserved
            self._reserved = self._received
            if hub.buffered > limits.total_body_bytes:
                self._refuse(Refused(503, "too many large requests at once"))

    def _begin(self, request: Request, keep: bool, expects: bool) -> None:
        self._received = 0
        self._incoming = reply = Reply(request, self, keep, expects)
        if self._active is not None or self._queue or self._stalled_since is not None:
            self._queue.append(reply)
        elif self._streams:
            self._start(reply)
        elif expects:
            self.write(CONTINUE)

    def on_body(self, data: bytes) -> None:
        """The parser's callback: a piece of body."""
        reply = self._incoming
        if reply is None:
            return
        self._received += len(data)
        if reply.sink is not None:
            try:
                reply.sink.feed(data)
            except Exception as error:  # noqa: BLE001 - a sink is part of the handler
                self._failed(error, reply)
            return
        if self._received > self.limits.body_bytes:
            raise Refused(413, "the body is too large")
        if reply.chunks is None:
            reply.chunks = [data]
        else:
            reply.chunks.append(data)

    def on_message_complete(self) -> None:
        """The parser's callback: a request's last byte was read."""
        reply = self._incoming
        if reply is None:
            return
        self._incoming = None
        self._headers = []
        self._fed = 0
        self._phase = BUSY
        reply.complete = True
        if reply.sink is not None:
            try:
                reply.sink.end()
            except Exception as error:  # noqa: BLE001 - a sink is part of the handler
                self._failed(error, reply)
        elif not self._queue:
            self._handle(reply)

    # For replies

    async def writable(self) -> None:
        """Wait until the client has taken enough of its answer. Raises ClientGone."""
        if self._stalled_since is None:
            return
        if self._drained is None:
            self._drained = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._drained)

    # For sinks: the tap of the body

    def _flow(self) -> Flow:
        return self

    def pause(self) -> None:
        self._flow_paused = True
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        self._flow_paused = False
        if not self._feeding:
            self._pump()

    # For the hub

    def sweep(self, now: float) -> None:
        """Act on whichever deadline has passed."""
        limits, phase = self.limits, self._phase
        if phase == CLOSING:
            if now > self._deadline:
                self._expire_closing(now)
        elif self._stalled_since is not None and now - self._stalled_since > limits.write_timeout:
            self.broken()
        elif phase == BODY:
            self._sweep_body(now)
        elif phase == HEAD and now > self._deadline:
            self._refuse(Refused(408, "the request's head took too long"))
        elif phase == IDLE and now > self._deadline:
            self._close()

    def _sweep_body(self, now: float) -> None:
        limits = self.limits
        if self._reading_paused:  # the sink's doing, not the client's
            self._deadline += limits.tick
            self._body_since += limits.tick
            return
        elapsed = now - self._body_since
        slow = elapsed > limits.body_timeout and self._received < limits.body_rate * elapsed
        if slow or now > self._deadline:
            self._refuse(Refused(408, "the request's body took too long"))

    def _expire_closing(self, now: float) -> None:
        if self._transport.is_closing():
            self._transport.abort()
        else:
            self._deadline = now + self.limits.write_timeout
            self._transport.close()

    def quit(self) -> None:
        """The server drains: close if nothing is under way."""
        if self._phase == IDLE:
            self._close()
