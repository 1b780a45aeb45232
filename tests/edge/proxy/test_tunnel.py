"""WebSocket handshakes are judged; what follows passes both ways."""

from __future__ import annotations

import base64
from typing import Any

HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n"
)
BLOCK_ADMIN: dict[str, Any] = {
    "Name": "admin",
    "DefaultAction": {"Allow": {}},
    "Rules": [
        {
            "Name": "no-admin",
            "Priority": 0,
            "Action": {"Block": {}},
            "VisibilityConfig": {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"},
            "Statement": {
                "ByteMatchStatement": {
                    "FieldToMatch": {"UriPath": {}},
                    "PositionalConstraint": "STARTS_WITH",
                    "SearchString": base64.b64encode(b"/admin").decode(),
                    "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                }
            },
        }
    ],
}


def read_until(connection: Any, end: bytes) -> bytes:
    received = b""
    while end not in received:
        piece = connection.recv(65_536)
        assert piece, received
        received += piece
    return received


def test_bytes_pass_both_ways_after_the_handshake(edge, application):
    def echo(_request: bytes, transport: Any) -> None:
        transport.write(SWITCHED + b"early")
        transport.get_protocol().taken = lambda data: transport.write(b"<" + data + b">")

    application.answer = echo
    edge.start([application.address])
    with edge.connect() as connection:
        connection.sendall(HANDSHAKE % b"/chat")
        answer = read_until(connection, b"early")
        assert answer.startswith(b"HTTP/1.1 101 ")
        assert b"\r\nsec-websocket-accept: x\r\n" in answer

        connection.sendall(b"ping")
        assert read_until(connection, b"<ping>")
        connection.sendall(b"\x81" * 100_000)
        assert len(read_until(connection, b"\x81>")) > 0

    assert b"upgrade: websocket" in application.requests[0]


def test_frames_sent_before_the_answer_are_not_lost(edge, application, loop):
    got: list[bytes] = []

    def later(_request: bytes, transport: Any) -> None:
        def switch() -> None:
            transport.get_protocol().taken = lambda data: (got.append(data), transport.write(b"got"))
            transport.write(SWITCHED)

        loop.loop.call_later(0.05, switch)

    application.answer = later
    edge.start([application.address])
    with edge.connect() as connection:
        connection.sendall(HANDSHAKE % b"/chat" + b"too early")
        read_until(connection, b"got")

    assert b"".join(got) == b"too early"


def test_blocked_handshake_never_reaches_the_application(edge, application):
    edge.start([application.address], acl=BLOCK_ADMIN)

    with edge.connect() as connection:
        connection.sendall(HANDSHAKE % b"/admin/chat")
        answer = read_until(connection, b"</html>")

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert application.requests == []


def test_application_that_declines_answers_as_usual(edge, application):
    edge.start([application.address])

    with edge.connect() as connection:
        connection.sendall(HANDSHAKE % b"/chat")
        answer = read_until(connection, b"hello")

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_upgrade_that_nobody_asked_for_is_refused(edge, application):
    application.answer = lambda _request, transport: transport.write(SWITCHED)
    edge.start([application.address])

    assert edge.get().status == 502
