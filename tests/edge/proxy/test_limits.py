"""The proxy's limits at one below, at, and one above each of them, over HTTP/1.1 and HTTP/2."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hpack import Encoder
from hpack.hpack import Decoder

from casemate.edge.proxy.core import BUFFERED
from casemate.foundation.http import Limits

DEFAULTS = Limits()
HOST = (b"host", b"a.example")
VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
Pairs = list[tuple[bytes, bytes]]


def ask1(edge: Any, target: bytes, headers: Pairs) -> int:
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    answer = edge.exchange(b"GET " + target + b" HTTP/1.1\r\n" + lines + b"\r\n")
    return int(answer[9:12])


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


def ask2(edge: Any, target: bytes, headers: Pairs) -> int:
    """The status, or the negative code of a stream's error."""
    encoder = Encoder()
    block = encoder.encode(
        [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a.example"), (b":path", target), *headers[1:]]
    )
    pieces = [block[at : at + 16_000] for at in range(0, len(block), 16_000)]
    frames = [
        frame(9 if at else 1, (0 if at else 1) | (4 if at == len(pieces) - 1 else 0), 1, piece)
        for at, piece in enumerate(pieces)
    ]
    with edge.connect(alpn="h2") as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + b"".join(frames))
        buffer = b""
        while True:
            while len(buffer) >= 9 and len(buffer) >= 9 + int.from_bytes(buffer[:3], "big"):
                length, kind = int.from_bytes(buffer[:3], "big"), buffer[3]
                payload, buffer = buffer[9 : 9 + length], buffer[9 + length :]
                if kind == 1:
                    return int(dict(Decoder().decode(payload))[":status"])
                if kind in {3, 7}:
                    return -int.from_bytes(payload[-4:], "big")
            piece = connection.recv(65_536)
            if not piece:
                return 0
            buffer += piece


@pytest.fixture(params=["1.1", "2"])
def ask(request: Any, edge: Any, application: Any, certificates: Any) -> Any:
    secure = {"certificates": certificates} if request.param == "2" else {}
    edge.start([application.address], **secure)
    return lambda target, headers: (ask2 if request.param == "2" else ask1)(edge, target, headers)


@pytest.mark.parametrize(("over", "status"), [(-1, 200), (0, 200), (1, 414)])
def test_target_of_16_kilobytes(ask: Any, over: int, status: int) -> None:
    assert DEFAULTS.target_bytes == 16_384
    assert ask(b"/".ljust(16_384 + over, b"a"), [HOST]) == status


@pytest.mark.parametrize(("over", "status"), [(-1, 200), (0, 200), (1, 431)])
def test_head_of_100_lines(ask: Any, over: int, status: int) -> None:
    assert DEFAULTS.header_count == 100
    assert ask(b"/", [HOST, *((b"x-%d" % n, b"y") for n in range(99 + over))]) == status


@pytest.mark.parametrize(("over", "status"), [(-1, 200), (0, 200), (1, 431)])
def test_head_of_32_kilobytes_with_four_bytes_a_line(edge: Any, application: Any, over: int, status: int) -> None:
    edge.start([application.address])
    room = 32_768 - len(b"hosta.example") - 4
    assert ask1(edge, b"/", [HOST, (b"x", b"y" * (room - 5 + over))]) == status


@pytest.mark.parametrize(("over", "status"), [(-1, 200), (0, 200), (1, 431)])
def test_http2_head_of_32_kilobytes_with_its_pseudo_headers(
    edge: Any, application: Any, certificates: Any, over: int, status: int
) -> None:
    edge.start([application.address], certificates=certificates)
    pseudo = len(b":methodGET:schemehttps:authoritya.example:path/") + 4 * 4
    assert ask2(edge, b"/", [HOST, (b"x", b"y" * (32_768 - pseudo - 5 + over))]) == status


def acl(handling: str) -> dict[str, Any]:
    statement = {
        "ByteMatchStatement": {
            "FieldToMatch": {"Body": {"OversizeHandling": handling}},
            "PositionalConstraint": "CONTAINS",
            "SearchString": base64.b64encode(b"needle").decode(),
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        }
    }
    rule = {"Name": "r", "Priority": 0, "Action": {"Block": {}}, "Statement": statement, "VisibilityConfig": VISIBILITY}
    return {"Name": "a", "DefaultAction": {"Allow": {}}, "Rules": [rule]}


@pytest.mark.parametrize("handling", ["CONTINUE", "MATCH", "NO_MATCH"])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_body_is_judged_by_its_first_8_kilobytes(
    edge: Any, application: Any, handling: str, chunked: bool, over: int
) -> None:
    edge.start([application.address], acl=acl(handling))
    found = {}
    for word in (b"needle", b"-hay--"):
        body = b"x" * (8_192 + over - 6) + word
        if chunked:
            # In pieces, so that what rules see ends within one.
            pieces = [body[at : at + 1_000] for at in range(0, len(body), 1_000)]
            data = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
            framing = b"Transfer-Encoding: chunked"
        else:
            data, framing = body, b"Content-Length: %d" % len(body)
        raw = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + framing + b"\r\n\r\n" + data
        found[word] = edge.exchange(raw, half_close=False)[9:12]

    oversize = over > 0
    assert found[b"needle"] == (b"403" if not oversize or handling == "MATCH" else b"200")
    assert found[b"-hay--"] == (b"403" if oversize and handling == "MATCH" else b"200")


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_body_that_is_read_whole_and_one_that_is_streamed_arrive_alike(edge: Any, application: Any, over: int) -> None:
    edge.start([application.address])
    body = bytes(range(256)) * 256 + b"!"
    body = body[: BUFFERED + over].ljust(BUFFERED + over, b"!")

    assert edge.get(method=b"POST", body=body).status == 200

    assert application.requests[0].partition(b"\r\n\r\n")[2] == body


@pytest.mark.parametrize(("streams", "refused"), [(100, 0), (101, 1)])
def test_http2_connection_of_100_streams(
    edge: Any, application: Any, certificates: Any, streams: int, refused: int
) -> None:
    application.answer = lambda _request, _transport: None
    edge.start([application.address], certificates=certificates)
    encoder = Encoder()
    block = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a.example"), (b":path", b"/")]
    with edge.connect(alpn="h2", timeout=0.5) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0))
        for number in range(streams):
            connection.sendall(frame(1, 5, 2 * number + 1, encoder.encode(block)))
        buffer = b""
        try:
            while piece := connection.recv(65_536):
                buffer += piece
        except TimeoutError:
            pass
    kinds = []
    while len(buffer) >= 9:
        kinds.append(buffer[3])
        buffer = buffer[9 + int.from_bytes(buffer[:3], "big") :]

    assert kinds.count(3) + kinds.count(7) == refused
