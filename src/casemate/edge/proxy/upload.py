"""A body that is taken as it arrives: its first part is judged, the rest streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casemate.edge.proxy.answers import Answer
from casemate.foundation.http import BodyAborted, Flow, Request

if TYPE_CHECKING:
    from casemate.edge.proxy.core import Proxy
    from casemate.edge.proxy.exchange import Exchange

_LAST_CHUNK = b"0\r\n\r\n"


class Upload:
    """The sink of one body: BodySink. `length` is None where the client didn't say it."""

    __slots__ = ("_answer", "_exchange", "_flow", "_judged", "_length", "_pieces", "_proxy", "_request", "_size")

    def __init__(self, proxy: Proxy, request: Request, answer: Answer, length: int | None) -> None:
        self._proxy = proxy
        self._request = request
        self._answer = answer
        self._length = length
        self._pieces: list[bytes] = []
        self._size = 0
        self._judged = False
        self._exchange: Exchange | None = None
        self._flow: Flow | None = None

    @property
    def judged(self) -> bool:
        """Whether the request went to the web ACL; from then on its exchange is what is logged."""
        return self._judged

    def bind(self, flow: Flow) -> None:
        self._flow = flow

    def feed(self, data: bytes) -> None:
        self._size += len(data)
        if self._judged:
            exchange = self._exchange
            if exchange is not None:
                exchange.received = self._size
                exchange.feed(data if self._length is not None else _chunk(data))
            return
        self._pieces.append(data)
        # One byte more than rules see tells that there is more.
        if self._size > self._proxy.inspected:
            self._judge(complete=False)

    def end(self) -> None:
        if not self._judged:
            self._judge(complete=True)
        elif self._exchange is not None:
            self._exchange.finish(b"" if self._length is not None else _LAST_CHUNK)

    def abort(self, reason: BodyAborted) -> None:  # noqa: ARG002 - BodySink's signature
        self._pieces = []
        if self._exchange is not None and not self._exchange.status:
            self._exchange.abort()

    def _judge(self, *, complete: bool) -> None:
        self._judged = True
        body = b"".join(self._pieces)
        self._pieces = []
        size = len(body) if complete else self._length
        exchange = self._proxy.judge(self._request, self._answer, body, size=size, complete=complete)
        if exchange is None:
            return
        self._exchange = exchange
        head = self._proxy.head(exchange)
        if complete:
            exchange.go(b"%b\r\ncontent-length: %d\r\n\r\n%b" % (head, len(body), body))
        elif self._length is not None:
            data = b"%b\r\ncontent-length: %d\r\n\r\n%b" % (head, self._length, body)
            exchange.go(data, whole=False, flow=self._flow)
        else:
            data = b"%b\r\ntransfer-encoding: chunked\r\n\r\n%b" % (head, _chunk(body))
            exchange.go(data, whole=False, flow=self._flow)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
