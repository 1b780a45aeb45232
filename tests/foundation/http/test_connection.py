"""How input is cut into pieces must not matter: whole, byte by byte or anywhere, the same requests are served."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from casemate.foundation.clock import ManualClock
from casemate.foundation.http import Limits, Reply, Request
from casemate.foundation.http.connection import Connection
from casemate.foundation.http.hub import Hub

PIECES = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"0\r\nX-Trailer: 1\r\n\r\n",
    b"GET /u HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    b"GET /k HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"GET /close HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"PUT /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    b"Content-Length: 3\r\n",
    b"Host: b\r\n",
    b"\r\n",
    b"\n",
    b" ",
    b"\0",
    b"GET ",
]


class Transport:
    """Keeps what is written. Closing is noted, as a socket's would be."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def get_extra_info(self, name: str) -> Any:
        return None

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.closed = True

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def converse(data: bytes, cuts: list[int]) -> tuple[list[tuple[bytes, bytes, bytes]], list[bytes]]:
    """The requests served and the status lines answered when `data` arrives cut at those places."""
    served: list[tuple[bytes, bytes, bytes]] = []
    errors: list[Exception] = []

    def handler(request: Request, reply: Reply) -> None:
        served.append((request.method, request.target, request.body))
        reply.send(200, [])

    transport = Transport()
    hub = Hub(handler, Limits(), ManualClock(), on_head=None, on_error=lambda error, _request: errors.append(error))
    connection = Connection(hub)
    connection.connection_made(transport)
    bounds = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(bounds):
        if not transport.closed:
            connection.data_received(data[start:end])
    assert not errors
    connection.connection_lost(None)
    assert not hub.clients
    assert hub.buffered == 0
    statuses = [line.split(b"\r\n", 1)[0][9:12] for line in transport.written]
    return served, [status for status in statuses if status != b"100"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=8),
    st.lists(st.integers(0, 10_000), max_size=12),
)
def test_cutting_the_input_changes_nothing(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    whole = converse(data, [])
    assert converse(data, cuts) == whole
    assert converse(data, list(range(len(data)))) == whole
    served, statuses = whole
    assert len(statuses) <= len(served) + 1, "at most one refusal, at the end"
    assert b"500" not in statuses
