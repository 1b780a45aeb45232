"""Requests whose head a client repeats: taken without the parser, and no more than the parser would take."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from casemate.edge.proxy.edge_connection import EdgeConnection
from casemate.foundation.http import Limits

REST = b" HTTP/1.1\r\nHost: a.example\r\nUser-Agent: me\r\nCookie: a=b\r\nx-amzn-waf-forged: 1\r\n\r\n"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """As many entries as requests went through the parser."""
    seen: list[int] = []
    begin = EdgeConnection.on_message_begin

    def counted(connection: EdgeConnection) -> None:
        seen.append(1)
        begin(connection)

    monkeypatch.setattr(EdgeConnection, "on_message_begin", counted)
    return seen


def ask(connection: socket.socket, raw: bytes) -> bytes:
    connection.sendall(raw)
    return connection.recv(65_536)[9:12]


def test_repeated_head_is_parsed_once_and_every_target_arrives(edge: Any, application: Any, parsed: list[int]) -> None:
    edge.start([application.address])
    with edge.connect() as connection:
        answers = [ask(connection, b"GET /%d?q=%d" % (n, n) + REST) for n in range(5)]
        answers.append(ask(connection, b"HEAD /5?q=5" + REST))

    assert answers == [b"200"] * 6
    assert len(parsed) == 1
    assert application.targets == [b"/%d?q=%d" % (n, n) for n in range(6)]
    assert [request.split(b" ")[0] for request in application.requests] == [b"GET"] * 5 + [b"HEAD"]
    heads = [request.split(b"\r\n", 1)[1].partition(b"x-amzn-trace-id")[0] for request in application.requests]
    assert len(set(heads)) == 1
    assert b"cookie: a=b" in heads[0]
    assert b"forged" not in heads[0]


def test_each_repeated_request_is_judged_and_logged_by_itself(edge: Any, application: Any, parsed: list[int]) -> None:
    rule = {
        "Name": "r",
        "Priority": 0,
        "Action": {"Block": {}},
        "Statement": {
            "RegexMatchStatement": {
                "FieldToMatch": {"UriPath": {}},
                "RegexString": "^/blocked",
                "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            }
        },
        "VisibilityConfig": {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"},
    }
    edge.start([application.address], acl={"Name": "a", "DefaultAction": {"Allow": {}}, "Rules": [rule]})
    with edge.connect() as connection:
        answers = [ask(connection, b"GET " + path + REST) for path in (b"/a", b"/blocked", b"/b", b"/blocked")]

    assert answers == [b"200", b"403", b"200", b"403"]
    assert len(parsed) == 1


@pytest.mark.parametrize("byte", range(256))
def test_target_passes_the_second_time_if_and_only_if_it_passes_the_first(
    byte: int, edge: Any, application: Any
) -> None:
    edge.start([application.address])
    raw = b"GET /a" + bytes([byte]) + b"b" + REST
    with edge.connect() as first:
        expected = ask(first, raw)
    with edge.connect() as second:
        assert ask(second, b"GET /warm" + REST) == b"200"
        assert ask(second, raw) == expected


@pytest.mark.parametrize(
    "start",
    [
        b"GET  /a", b"GET /a ", b" GET /a", b"\nGET /a", b"GET a", b"GET *", b"get /a", b"FOO /a", b"GET /a#b", b"GET http://b/a",
        b"GET /a HTTP/1.1\r\nHost: b\r\n\r\nGET  /b", b"GET /a HTTP/1.1\r\nX: y\r\n\r\nGET /b", b"GET /" + b"a" * 300,
    ],
)  # fmt: skip
def test_malformed_line_with_a_known_head_is_refused(start: bytes, edge: Any, application: Any) -> None:
    edge.start([application.address], limits=Limits(target_bytes=300))
    with edge.connect() as connection:
        assert ask(connection, b"GET /warm" + REST) == b"200"
        assert ask(connection, start + REST) in {b"400", b"414"} or b"b\r\n" in start

    assert b"/b" not in application.targets


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length: 3",
        b"Transfer-Encoding: chunked",
        b"Expect: 100-continue",
        b"Upgrade: h2c",
        b"Connection: close",
    ],
)
def test_head_that_decides_about_a_body_or_the_connection_is_parsed_each_time(
    line: bytes, edge: Any, application: Any, parsed: list[int]
) -> None:
    edge.start([application.address])
    body = b"abc" if b"Length" in line else b"3\r\nabc\r\n0\r\n\r\n" if b"chunked" in line else b""
    raw = b"GET /a HTTP/1.1\r\nHost: a.example\r\n" + line + b"\r\n\r\n" + body
    for _ in range(2):
        with edge.connect() as connection:
            assert ask(connection, raw) == b"200"
            if b"close" not in line:
                assert ask(connection, raw) == b"200"

    assert len(parsed) == (2 if b"close" in line else 4)


def test_other_requests_between_repeated_ones_are_read_as_they_are(edge: Any, application: Any) -> None:
    edge.start([application.address])
    known = b"GET /known" + REST
    post = b"POST /p HTTP/1.1\r\nHost: b.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    with edge.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = [ask(connection, raw) for raw in (known, post, known, b"\r\n" + known, known)]
        connection.sendall(known[:20])
        answers.append(ask(connection, known[20:]))
        connection.sendall(known + known)
        answers += [connection.recv(65_536)[9:12]]

    assert answers == [b"200"] * 7
    assert application.targets[:6] == [b"/known", b"/p", b"/known", b"/known", b"/known", b"/known"]
    assert b"host: b.example" in application.requests[1]


def test_head_of_the_same_length_is_another_head(edge: Any, application: Any) -> None:
    edge.start([application.address])
    other = REST.replace(b"a.example", b"b.example").replace(b"a=b", b"c=d")
    with edge.connect() as connection:
        answers = [ask(connection, b"GET /" + raw) for raw in (REST, other, REST)]

    assert answers == [b"200"] * 3
    hosts = [b"host: b.example" in request and b"cookie: c=d" in request for request in application.requests]
    assert hosts == [False, True, False]


def test_body_that_looks_like_a_known_request_is_a_body(edge: Any, application: Any) -> None:
    edge.start([application.address])
    known = b"GET /known" + REST
    head = b"POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: %d\r\n\r\n" % len(known)
    with edge.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert ask(connection, known) == b"200"
        connection.sendall(head)
        time.sleep(0.05)
        assert ask(connection, known) == b"200"

    assert application.targets == [b"/known", b"/p"]
    assert application.requests[1].endswith(known)


def test_rest_of_a_head_that_looks_like_a_known_request_is_the_rest_of_a_head(edge: Any, application: Any) -> None:
    edge.start([application.address])
    known = b"GET /known" + REST
    with edge.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert ask(connection, known) == b"200"
        assert ask(connection, known + b"GET /p HTTP/1.1\r\nX: ") == b"200"
        assert ask(connection, known) == b"200"

    assert application.targets == [b"/known", b"/known", b"/p"]
    assert b"\r\nx: GET /known HTTP/1.1\r\n" in application.requests[2]


def test_two_requests_in_one_piece_are_two_each_time(edge: Any, application: Any) -> None:
    edge.start([application.address])
    two = b"GET /1" + REST + b"GET /2" + REST
    with edge.connect() as connection:
        for _ in range(3):
            connection.sendall(two)
            answer = b""
            while answer.count(b"hello") < 2:
                answer += connection.recv(65_536)

    assert application.targets == [b"/1", b"/2"] * 3


def test_long_head_is_not_kept(edge: Any, application: Any, parsed: list[int]) -> None:
    edge.start([application.address])
    raw = b"GET /a HTTP/1.1\r\nHost: a.example\r\nX: " + b"y" * 5_000 + b"\r\n\r\n"
    with edge.connect() as connection:
        assert [ask(connection, raw), ask(connection, raw)] == [b"200", b"200"]

    assert len(parsed) == 2


def test_kept_connection_holds_little_of_what_was_read(edge: Any, application: Any) -> None:
    edge.start([application.address])
    long = b"GET /a HTTP/1.1\r\nHost: a.example\r\nX: " + b"y" * 12_000 + b"\r\n\r\n"
    with edge.connect() as connection:
        for raw in (b"GET /a" + REST, long, b"GET /b" + REST):
            assert ask(connection, raw) == b"200"
        [client] = edge.server._hub.clients
        held = len(client._piece) + len(client._rest) + len(client._known._rest)

    assert held < 1_000
