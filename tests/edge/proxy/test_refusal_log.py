"""What was refused, or lost its client, before it was judged: a line of the access log, and none of the WAF log."""

from __future__ import annotations

import re
import shlex
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from hpack import Encoder

from casemate.edge.proxy.core import Logs
from casemate.edge.proxy.log_file import LogFile
from casemate.foundation.http import Limits

GET = b"GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nUser-Agent: me\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: a.example\r\nUser-Agent: me\r\n"
REFUSED = {
    "two spaces": (b"GET  /a HTTP/1.1\r\nHost: a.example\r\n\r\n", "400"),
    "no request at all": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", "400"),
    "no Host": (b"GET /a HTTP/1.1\r\n\r\n", "400"),
    "two lengths": (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
    "another version": (b"GET /a HTTP/2.0\r\n\r\n", "505"),
    "another method": (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "501"),
    "a head too large": (GET + b"X: " + b"y" * 60_000 + b"\r\n\r\n", "431"),
    "a target too long": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", "414"),
}


@pytest.fixture
def files(tmp_path: Path) -> Logs:
    def lost(lines: int, reason: str) -> None:
        raise AssertionError((lines, reason))

    return Logs(LogFile(tmp_path / "waf.log", lost), LogFile(tmp_path / "access.log", lost))


def lines(edge: Any, *, least: int = 1) -> list[list[str]]:
    """The access log's lines, once there are so many."""
    proxy = edge.proxy
    until = time.monotonic() + 5
    while True:
        edge.loop.call(lambda: [file.flush() for file in proxy._logs if file is not None])
        found = (edge.folder / "access.log").read_text().splitlines()
        if len(found) >= least or time.monotonic() > until:
            return [shlex.split(line) for line in found]


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_request_is_one_line_with_its_status_and_dashes(edge, application, files, name):
    raw, status = REFUSED[name]
    edge.start([application.address], logs=files)

    answer = edge.exchange(raw, half_close=False)

    [line] = lines(edge)
    assert answer.startswith(b"HTTP/1.1 " + status.encode())
    assert len(line) == 30
    assert line[0] == "http"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line[1])
    assert re.fullmatch(r"127\.0\.0\.1:\d+", line[3])
    assert line[4:10] == ["-", "-1", "-1", "-1", status, "-"]
    assert 0 < int(line[10]) <= len(raw)
    assert int(line[11]) == len(answer.partition(b"\r\n\r\n")[2])
    assert line[12:14] == [f"- http://-:{edge.port}- -", "-"]
    assert [word for at, word in enumerate(line[14:], 14) if at != 21] == ["-"] * 15
    assert (edge.folder / "waf.log").read_text() == ""


@pytest.mark.parametrize(
    ("raw", "status", "received"),
    [
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", "400", 3),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nHost: b\r\n\r\n", "400", 3),
        (POST + b"Content-Length: 10\r\n\r\nabc", "408", 3),
    ],
    ids=["a broken chunk", "a forbidden trailer", "a body that never comes"],
)
def test_request_that_is_refused_for_its_body_is_logged_with_its_line(  # noqa: PLR0917 - fixtures and a case's parts
    edge, application, files, raw, status, received
):
    edge.start([application.address], logs=files, limits=Limits(body_timeout=0.2))

    edge.exchange(raw, half_close=False)

    [line] = lines(edge)
    assert len(line) == 30
    assert (line[4], line[8], line[9]) == ("-", status, "-")
    assert int(line[10]) == raw.index(b"\r\n\r\n") + 4 + received
    assert line[12:14] == [f"POST http://a.example:{edge.port}/a HTTP/1.1", "me"]
    assert application.connections == 0


def test_request_that_is_refused_after_it_was_judged_is_logged_once(edge, application, files):
    edge.start([application.address], logs=files)
    begun = POST + b"Transfer-Encoding: chunked\r\n\r\n2710\r\n" + b"x" * 10_000 + b"\r\n"

    with edge.connect() as connection:
        connection.sendall(begun)
        time.sleep(0.1)
        connection.sendall(b"zz\r\n")
        connection.recv(1_000)

    assert [line[8] for line in lines(edge)] == ["460"]


def test_slow_head_is_logged_as_408(edge, application, files):
    edge.start([application.address], logs=files, limits=Limits(header_timeout=0.2))

    edge.exchange(GET, half_close=False)

    [line] = lines(edge)
    assert (line[8], line[10]) == ("408", str(len(GET)))


@pytest.mark.parametrize("body", [b"abc", b"x" * 20_000], ids=["short", "judged already"])
def test_client_that_leaves_within_its_body_is_logged_once_as_460(edge, application, files, body):
    edge.start([application.address], logs=files)

    with edge.connect() as connection:
        connection.sendall(POST + b"Content-Length: 100000\r\n\r\n" + body)
        time.sleep(0.1)

    found = lines(edge)
    time.sleep(0.05)
    assert [line[8] for line in lines(edge)] == ["460"]
    assert found[0][12] == f"POST http://a.example:{edge.port}/a HTTP/1.1"


def test_client_that_says_nothing_is_not_logged(edge, application, files):
    edge.start([application.address], logs=files, limits=Limits(header_timeout=0.1, idle_timeout=0.1, connections=1))
    with edge.connect() as first:
        with edge.connect() as second:
            assert second.recv(100).startswith(b"HTTP/1.1 503")
        assert first.recv(100) == b""
    edge.get(b"/after")

    assert [line[12] for line in lines(edge)] == [f"GET http://a.example:{edge.port}/after HTTP/1.1"]


def test_pipelined_requests_and_the_refusal_behind_them_are_a_line_each(edge, application, files):
    edge.start([application.address], logs=files)

    edge.exchange(GET + b"\r\n" + GET + b"\r\n" + b"nonsense\r\n\r\n", half_close=False)

    assert sorted(line[8] for line in lines(edge, least=3)) == ["200", "200", "400"]


def test_flood_of_malformed_requests_takes_a_bounded_line_each(edge, application, files):
    edge.start([application.address], logs=files)
    for _ in range(50):
        with edge.connect() as connection:
            connection.sendall(b"\x80" * 30_000)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1_000)

    found = lines(edge, least=50)

    assert len(found) == 50
    assert (edge.folder / "access.log").stat().st_size < 50 * 300


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


BASE = [(":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/a")]


@pytest.mark.parametrize(
    ("frames", "status", "request_line"),
    [
        (lambda block: frame(1, 5, 1, block([*BASE[:3], (":path", "a")])), "400", None),
        (lambda block: frame(1, 5, 1, block([*BASE, ("X-Upper", "1")])), "400", None),
        (lambda block: frame(1, 5, 1, block([("x", "y")])), "400", None),
        (lambda block: frame(1, 5, 1, block([*BASE[:3], (":path", "/" + "a" * 17_000)])), "414", None),
        (lambda block: frame(0, 1, 0, b"x"), "400", None),
        (lambda block: frame(6, 0, 0, b"12345678") * 300, "400", None),
        (lambda block: frame(1, 4, 1, block([*BASE, ("content-length", "9")])) + frame(0, 1, 1, b"x"), "400", None),
        (lambda block: frame(1, 4, 1, block(BASE)) + frame(3, 0, 1, b"\0\0\0\x08"), "460", "/a"),
    ],
    ids=["path", "upper case", "no method", "target", "stream 0", "flood", "length", "reset"],
)
def test_http2_request_that_is_none_is_a_line_too(  # noqa: PLR0917 - fixtures and a case's parts
    edge, application, certificates, files, frames, status, request_line
):
    edge.start([application.address], certificates=certificates, logs=files)
    with edge.connect(alpn="h2") as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0))
        connection.sendall(frames(Encoder().encode))
        [line] = lines(edge)

    assert len(line) == 30
    assert (line[0], line[4], line[8]) == ("h2", "-", status)
    expected = (
        f"POST https://a.example:{edge.port}{request_line} HTTP/2.0" if request_line else f"- https://-:{edge.port}- -"
    )
    assert line[12] == expected
    assert line[15] == "TLSv1.3"
    assert application.connections == 0


def test_http2_streams_of_a_connection_that_breaks_are_a_line_each(edge, application, certificates, files):
    edge.start([application.address], certificates=certificates, logs=files)
    encoder = Encoder()
    with edge.connect(alpn="h2") as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(4, 1, 0))
        connection.sendall(frame(1, 4, 1, encoder.encode(BASE)) + frame(1, 4, 3, encoder.encode(BASE)))
        time.sleep(0.1)
        connection.sendall(frame(0, 1, 0, b"x"))
        found = lines(edge, least=2)

    assert [(line[8], line[12].split()[0]) for line in found] == [("400", "POST")] * 2
