"""From requests to answers: each request's turn, refusals in their place, the end of the connection.

A request passes through three hands: `_incoming` while its body is on its way, `_queue` while an earlier one is being
answered (pipelining; bounded by one slice of input), `_active` while its handler works on it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from casemate.foundation.http.body import BodyAborted, Flow
from casemate.foundation.http.framing import Refused
from casemate.foundation.http.head import HeadReader
from casemate.foundation.http.hub import Hub
from casemate.foundation.http.reply import Reply

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NOTHING = memoryview(b"")
_PLAIN = [(b"content-type", b"text/plain")]

IDLE, HEAD, BODY, BUSY, CLOSING = range(5)


class Turns(HeadReader):
    """The requests of one connection in the order in which they are served."""

    __slots__ = (
        "_active",
        "_advancing",
        "_deadline",
        "_eof",
        "_feeding",
        "_flow_paused",
        "_incoming",
        "_phase",
        "_queue",
        "_reading_paused",
        "_refusal",
        "_reserved",
        "_rest",
        "_stalled_since",
        "_transport",
        "hub",
        "write",
    )

    _transport: asyncio.Transport
    write: Callable[[bytes], None]

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub.limits, streams=hub.on_head is not None)
        self.hub = hub
        self._incoming: Reply | None = None
        self._active: Reply | None = None
        self._queue: deque[Reply] = deque()
        self._refusal: Refused | None = None
        self._rest = NOTHING  # read, and not parsed yet
        self._feeding = self._advancing = False
        self._flow_paused = self._reading_paused = self._eof = False
        self._stalled_since: float | None = None
        self._phase = IDLE
        self._deadline = 0.0
        self._reserved = 0  # bytes of a buffered body counted in the hub

    def _pump(self) -> None:
        raise NotImplementedError

    def _flow(self) -> Flow:
        raise NotImplementedError

    def _advance(self) -> None:
        """Give the next waiting request its turn; when none waits, send a refusal that is due or read on."""
        if self._advancing or self._feeding or self._phase == CLOSING:
            return
        self._advancing = True
        while self._queue and self._active is None and self._stalled_since is None:
            reply = self._queue.popleft()
            if self._streams:
                self._start(reply)
            elif reply.complete:
                self._handle(reply)
            elif reply.expects:
                self.write(CONTINUE)
        self._advancing = False
        if self._refusal is not None and self._active is None and not self._queue:
            self._send_refusal(self._refusal)
        elif self._rest or self._reading_paused:
            self._pump()

    def _start(self, reply: Reply) -> None:
        """A request's turn with a handler that may take its body as it arrives."""
        on_head = self.hub.on_head
        assert on_head is not None
        self._active = reply
        try:
            sink = on_head(reply.request, reply)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is answered and reported
            self._failed(error, reply)
            return
        if reply.done:
            self.hub.requests += 1
            return
        if sink is None:
            self._active = None
            if int(reply.request.header(b"content-length") or 0) > self.limits.body_bytes:
                self._drop_waiting()
                self._refuse(Refused(413, "the body is too large"))
            elif reply.complete:
                self._handle(reply)
            elif reply.expects:
                self.write(CONTINUE)
            return
        self.hub.requests += 1
        if reply.expects and not reply.complete:
            self.write(CONTINUE)
        reply.sink = sink
        chunks, reply.chunks = reply.chunks or (), None
        try:
            sink.bind(self._flow())
            for chunk in chunks:
                sink.feed(chunk)
            if reply.complete:
                sink.end()
        except Exception as error:  # noqa: BLE001 - a sink is part of the handler
            self._failed(error, reply)

    def _handle(self, reply: Reply) -> None:
        chunks = reply.chunks
        if chunks is not None:
            reply.request.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            reply.chunks = None
        self._active = reply
        self.hub.requests += 1
        try:
            self.hub.handler(reply.request, reply)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is answered and reported
            self._failed(error, reply)

    def _failed(self, error: Exception, reply: Reply) -> None:
        self.hub.failed(error, reply.request)
        if not reply.started and not reply.gone:
            reply.send(500, _PLAIN, b"internal failure\n")
        elif not reply.done:
            reply.cut()

    def _refuse(self, refusal: Refused) -> None:
        """Take nothing more from this client; answer the refusal after the answers that are still due."""
        if self._refusal is not None or self._phase == CLOSING:
            return
        self._refusal = refusal
        self.hub.refused += 1
        reply, self._incoming = self._incoming, None
        if reply is not None:
            self._abort_body(reply, refusal.reason)
            self._release()
            if self._queue and self._queue[-1] is reply:
                self._queue.pop()
            if self._active is reply:
                if reply.started:
                    self.broken()
                    return
                self._active = None
            reply.lose()
        self._phase = BUSY
        self._advance()

    def _send_refusal(self, refusal: Refused) -> None:
        body = refusal.reason.encode() + b"\n"
        head = b"\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.write(self.hub.start_line(refusal.status) + head + body)
        self._close(linger=True)

    def _abort_body(self, reply: Reply, reason: str) -> None:
        if not reply.complete:
            reply.complete = True
            if reply.sink is not None:
                try:
                    reply.sink.abort(BodyAborted(reason))
                except Exception as error:  # noqa: BLE001 - a sink is part of the handler
                    self.hub.failed(error, reply.request)

    def _release(self) -> None:
        self.hub.buffered -= self._reserved
        self._reserved = 0

    def _drop_waiting(self) -> None:
        """Nothing comes after the answer that is due now: what waits behind it is never begun."""
        for reply in self._queue:
            reply.lose()
            if reply is self._incoming:
                self._incoming = None
        self._queue.clear()

    def _close(self, *, linger: bool = False) -> None:
        """Close once what is written has left.

        `linger` reads and drops what the client still sends for a while, so that a reset can't overtake the answer.
        """
        self._phase = CLOSING
        self._rest = NOTHING
        self._drop_waiting()
        if self._incoming is not None:
            self._abort_body(self._incoming, "the request was answered")
            self._incoming = None
        if not linger or self._eof:
            self._deadline = self.hub.now + self.limits.write_timeout
            self._transport.close()
            return
        self._deadline = self.hub.now + self.limits.linger
        if self._reading_paused:
            self._reading_paused = False
            self._transport.resume_reading()
        if self._tls is None and self._transport.can_write_eof():
            self._transport.write_eof()

    def finished(self, reply: Reply, keep: bool) -> None:
        """An answer is written whole: the next request's turn, or the end."""
        self._active = None
        self._flow_paused = False  # a sink that was left full must not stop the next request
        if self._reserved:
            self._release()
        if not keep:
            self._close(linger=not reply.complete)
            return
        if self._incoming is None and not self._queue:
            if self._eof and not self._rest and not self._feeding and self._refusal is None:
                self._close()
                return
            self._phase = IDLE
            self._deadline = self.hub.now + self.limits.idle_timeout
        if not self._feeding and (self._queue or self._rest or self._reading_paused or self._refusal is not None):
            self._advance()

    def broken(self) -> None:
        """Cut the connection."""
        self._phase = CLOSING
        if self._incoming is not None:
            self._abort_body(self._incoming, "the connection was cut")
            self._incoming = None
        self._transport.abort()
