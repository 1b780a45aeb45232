"""One request's way to an application and its answer's way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from casemate.edge.proxy.answers import Answer, fail
from casemate.edge.proxy.forwarding import Pairs, relayed
from casemate.edge.proxy.origins import Origin, Origins, OriginUnreachable
from casemate.foundation.http import BodyAborted, BodyStream, ClientGone, Flow, Request

if TYPE_CHECKING:
    from casemate.edge.proxy.origin_connection import OriginConnection
    from casemate.engines.web import RequestView, Verdict
    from casemate.engines.web.compiler import LogPolicy

_IDEMPOTENT: Final = frozenset(b"GET HEAD OPTIONS PUT DELETE TRACE".split())


class Exchange:
    """A request that goes through. Implements what an OriginConnection asks of a Response.

    `data` is what is sent first (the head, and the whole body unless more is fed); it is kept until the answer begins,
    so that a kept connection that the application closed meanwhile costs an idempotent request nothing.

    For logs: `began` and `ended_real` are times of the day; `since`, `sent_at`, `heard_at` and `ended_at` monotonic,
    0 for what did not happen; where `since` is 0 nothing is logged and no time taken. `explained` is a header for the
    answer, empty unless asked for.
    """

    __slots__ = (
        "_connection",
        "_data",
        "_done",
        "_fed_whole",
        "_flow",
        "_origins",
        "_pending",
        "_task",
        "_tries",
        "answer",
        "answered_bytes",
        "began",
        "client",
        "ended_at",
        "ended_real",
        "explained",
        "failure",
        "heard_at",
        "method",
        "on_upgrade",
        "origin",
        "origin_status",
        "policy",
        "received",
        "request",
        "sent_at",
        "since",
        "source",
        "status",
        "trace",
        "verdict",
        "view",
    )

    view: RequestView
    policy: LogPolicy
    """What the WAF log may say of it."""

    def __init__(
        self,
        request: Request,
        answer: Answer,
        *,
        origins: Origins,
        source: str,
        done: Callable[[Exchange], None],
    ) -> None:
        self.request = request
        self.answer = answer
        self.method = request.method
        self.origin: Origin | None = None
        self.on_upgrade: Callable[[Exchange, Pairs, bytes], None] | None = None
        self.status = self.origin_status = 0
        self.answered_bytes = 0
        self.received = 0
        self.began = self.since = self.sent_at = self.heard_at = self.ended_at = self.ended_real = 0.0
        self.source = source
        self.failure = ""
        self.explained: Pairs = []
        self.client = ""
        self.trace = b""
        self.verdict: Verdict | None = None
        self._origins = origins
        self._done = done
        self._connection: OriginConnection | None = None
        self._data = b""
        self._pending: list[bytes] | None = None
        self._fed_whole = True
        self._flow: Flow | None = None
        self._task: asyncio.Task[None] | None = None
        self._tries = 0

    # The request's way out

    def go(self, data: bytes, *, whole: bool = True, flow: Flow | None = None) -> None:
        """Send to an application. With `whole` False more follows by `feed` and `finish`, at the pace of `flow`."""
        self._data = data
        self._fed_whole = whole
        self._flow = flow
        self.origin = origin = self._origins.pick()
        connection = origin.take()
        if connection is not None:
            self._send(connection)
        else:
            self._reach(origin)

    def feed(self, data: bytes) -> None:
        """More of the body, framed as it is to be sent."""
        if self._connection is not None:
            self._connection.more(self, data)
        elif self._pending is not None:
            self._pending.append(data)

    def finish(self, data: bytes = b"") -> None:
        """The body's end, with what of it is left to send."""
        if data:
            self.feed(data)
        self._fed_whole = True
        if self._connection is not None:
            self._connection.whole_for(self)

    def abort(self) -> None:
        """The rest of the request will not come."""
        if self._task is not None:
            self._task.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abandon(self)
        if not self.answer.done:
            self.answer.cut()
        self._end(460)  # as ALB logs a client that closed the connection

    def _send(self, connection: OriginConnection) -> None:
        self._connection = connection
        self._tries += 1
        if self.since:
            self.sent_at = self._origins.monotonic()
        pending, self._pending = self._pending, None
        connection.ask(self, self._data, whole=self._fed_whole)
        if pending is not None:
            for piece in pending:
                connection.more(self, piece)
            if self._flow is not None:
                self._flow.resume()

    def _reach(self, origin: Origin) -> None:
        self._pending = []
        if self._flow is not None:
            self._flow.pause()
        self._task = asyncio.get_running_loop().create_task(self._connect(origin))

    async def _connect(self, origin: Origin) -> None:
        for _ in range(2):
            try:
                connection = await origin.connect()
            except OriginUnreachable:
                # Nothing was sent: another origin may be asked whatever the method.
                other = self._origins.pick(but=origin)
                if other is origin:
                    break
                self.origin = origin = other
                continue
            self._task = None
            if self.answer.gone:
                origin.released(connection, keep=True)
                self._end(460)
            else:
                self._send(connection)
            return
        self._task = None
        self._failed(502)

    # The answer's way back

    def whole(self, status: int, headers: Pairs, connection: bytes | None, body: bytes) -> None:
        self._connection = None
        self.origin_status = status
        if self.since:
            self.heard_at = self._origins.monotonic()
        self.answered_bytes = len(body)
        passed = relayed(headers, connection, head=self.method == b"HEAD")
        self.answer.send(status, passed + self.explained if self.explained else passed, body)
        self._end(status)

    def stream(
        self, status: int, headers: Pairs, connection: bytes | None, length: int | None, body: BodyStream
    ) -> None:
        self.origin_status = status
        if self.since:
            self.heard_at = self._origins.monotonic()
        self._task = asyncio.get_running_loop().create_task(
            self._relay(status, relayed(headers, connection, head=False) + self.explained, length, body)
        )

    async def _relay(self, status: int, headers: Pairs, length: int | None, body: BodyStream) -> None:
        answer = self.answer
        answer.start(status, headers, length)
        try:
            while piece := await body.read():
                self.answered_bytes += len(piece)
                answer.write(piece)
                await answer.drain()
            answer.finish()
        except BodyAborted:
            answer.cut()
        except ClientGone:
            if self._connection is not None:
                self._connection.abandon(self)
        self._task = self._connection = None
        self._end(status)

    def upgraded(self, headers: Pairs, rest: bytes) -> None:
        self.origin_status = 101
        if self.on_upgrade is None:  # nobody asked for it
            if self._connection is not None:
                self._connection.abandon(self)
            self._failed(502)
            return
        self.on_upgrade(self, headers, rest)
        self._end(101)

    @property
    def connection(self) -> OriginConnection | None:
        return self._connection

    def lost(self, *, answered: bool, reused: bool) -> None:
        self._connection = None
        origin = self.origin
        assert origin is not None
        again = not answered and self._fed_whole and self._pending is None and self.method in _IDEMPOTENT
        if again and reused and self._tries <= 2 and not self.answer.gone:
            self._reach(origin)
            return
        if not reused:
            origin.failed()
        self._failed(502)

    def late(self) -> None:
        self._connection = None
        if self.origin is not None:
            self.origin.failed()
        self._failed(504)

    def origin_full(self) -> None:
        if self._flow is not None:
            self._flow.pause()

    def origin_ready(self) -> None:
        if self._flow is not None:
            self._flow.resume()

    def _failed(self, status: int) -> None:
        fail(self.answer, status)
        self._end(status)

    def _end(self, status: int) -> None:
        if not self.status:
            self.status = status
            self._done(self)
