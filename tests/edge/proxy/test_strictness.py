"""What is no request by RFC 9112, part by part: refused with the status that says so, and the application sees nothing."""

from __future__ import annotations

import re
import socket
import time

import pytest

from casemate.foundation.http import Limits

H = b"Host: a.example\r\n"
CHUNKED = b"POST /a HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n"
GOOD = b"GET /good HTTP/1.1\r\n" + H + b"\r\n"

LINES = {
    "two spaces after the method": (b"GET  /a HTTP/1.1", 400),
    "two spaces after the target": (b"GET /a  HTTP/1.1", 400),
    "a space before the method": (b" GET /a HTTP/1.1", 400),
    "a space at the end": (b"GET /a HTTP/1.1 ", 400),
    "a tab after the method": (b"GET\t/a HTTP/1.1", 400),
    "a tab after the target": (b"GET /a\tHTTP/1.1", 400),
    "a vertical tab for a space": (b"GET\x0b/a HTTP/1.1", 400),
    "a form feed for a space": (b"GET /a\x0cHTTP/1.1", 400),
    "no space at all": (b"GET/aHTTP/1.1", 400),
    "no target": (b"GET  HTTP/1.1", 400),
    "a bare LF before it": (b"\nGET /a HTTP/1.1", 400),
    "a bare CR before it": (b"\rGET /a HTTP/1.1", 400),
    "LF and CR before it": (b"\n\rGET /a HTTP/1.1", 400),
    "a bare CR at its end": (b"GET /a HTTP/1.1\r", 400),
    "a tab in the target": (b"GET /a\tb HTTP/1.1", 400),
    "a bare CR in the target": (b"GET /a\rb HTTP/1.1", 400),
    "NUL in the target": (b"GET /a\0b HTTP/1.1", 400),
    "a control character in the target": (b"GET /a\x1bb HTTP/1.1", 400),
    "DEL in the target": (b"GET /a\x7fb HTTP/1.1", 400),
    "a high byte in the target": (b"GET /\xe9 HTTP/1.1", 400),
    "UTF-8 in the target": ("GET /\u00e9 HTTP/1.1".encode(), 400),
    "a high byte in the query": (b"GET /?a=\xff HTTP/1.1", 400),
    "a fragment after the path": (b"GET /a#b HTTP/1.1", 400),
    "a fragment after the query": (b"GET /a?b#c HTTP/1.1", 400),
    "a fragment alone": (b"GET # HTTP/1.1", 400),
    "an absolute target with a fragment": (b"GET http://a.example/a#b HTTP/1.1", 400),
    "an absolute target of another scheme": (b"GET ftp://a.example/a HTTP/1.1", 400),
    "an absolute target of the secure scheme": (b"GET https://a.example/a HTTP/1.1", 400),
    "an absolute target with a user": (b"GET http://me@a.example/a HTTP/1.1", 400),
    "an absolute target with user and password": (b"GET http://a.example:80@b.example/a HTTP/1.1", 400),
    "an absolute target with another port": (b"GET http://a.example:99/a HTTP/1.1", 400),
    "an absolute target without a host": (b"GET http:///a HTTP/1.1", 400),
    "an absolute target with one slash": (b"GET http:/a HTTP/1.1", 400),
    "an absolute target with a backslash": (b"GET http://a.example\\@b.example/a HTTP/1.1", 400),
    "an authority as the target": (b"GET a.example:80 HTTP/1.1", 400),
    "an authority for CONNECT": (b"CONNECT a.example:80 HTTP/1.1", 501),
    "a path for CONNECT": (b"CONNECT /a HTTP/1.1", 501),
    "an asterisk for GET": (b"GET * HTTP/1.1", 400),
    "an asterisk with more": (b"OPTIONS *a HTTP/1.1", 400),
    "a query as the target": (b"GET ?a=b HTTP/1.1", 400),
    "a backslash as the target": (b"GET \\a HTTP/1.1", 400),
    "no version": (b"GET /a", 505),
    "a version that is empty": (b"GET /a ", 400),
    "version 0.9": (b"GET /a HTTP/0.9", 505),
    "version 1.2": (b"GET /a HTTP/1.2", 400),
    "version 1.9": (b"GET /a HTTP/1.9", 400),
    "version 2.0": (b"GET /a HTTP/2.0", 505),
    "version 3.0": (b"GET /a HTTP/3.0", 400),
    "version 01.1": (b"GET /a HTTP/01.1", 400),
    "version 1.01": (b"GET /a HTTP/1.01", 400),
    "version 1.1.1": (b"GET /a HTTP/1.1.1", 400),
    "version 1,1": (b"GET /a HTTP/1,1", 400),
    "version 1": (b"GET /a HTTP/1", 400),
    "a version in small letters": (b"GET /a http/1.1", 400),
    "a version in mixed letters": (b"GET /a Http/1.1", 400),
    "a space in the version": (b"GET /a HTTP /1.1", 400),
    "HTTPS as the protocol": (b"GET /a HTTPS/1.1", 400),
    "RTSP as the protocol": (b"GET /a RTSP/1.0", 400),
    "RTSP as the protocol of OPTIONS": (b"OPTIONS /a RTSP/1.0", 400),
    "ICE as the protocol": (b"GET /a ICE/1.0", 400),
    "ICE and its method": (b"SOURCE /a ICE/1.0", 501),
    "a method in small letters": (b"get /a HTTP/1.1", 400),
    "a method that is unknown": (b"FOO /a HTTP/1.1", 400),
    "a method with a control character": (b"GE\x01T /a HTTP/1.1", 400),
    "a method with a colon": (b"GET: /a HTTP/1.1", 400),
    "a very long method": (b"G" * 300 + b" /a HTTP/1.1", 400),
    "a header line first": (b"Host: b.example", 400),
}
HOSTS = {
    "no Host": b"",
    "an empty Host": b"Host:\r\n",
    "a Host of white space": b"Host: \t \r\n",
    "two Hosts, the same": H + H,
    "two Hosts in two cases": H + b"hOsT: b.example\r\n",
    "two Hosts in one": b"Host: a.example, b.example\r\n",
    "Host with a path": b"Host: a.example/x\r\n",
    "Host with a query": b"Host: a.example?x\r\n",
    "Host with a fragment": b"Host: a.example#x\r\n",
    "Host with a user": b"Host: me@a.example\r\n",
    "Host with a scheme": b"Host: http://a.example\r\n",
    "Host with a backslash": b"Host: a.example\\b\r\n",
    "Host with a high byte": b"Host: \xe9.example\r\n",
    "Host with a tab": b"Host: a\tb\r\n",
    "Host with a control character": b"Host: a\x01b\r\n",
    "Host with a word for a port": b"Host: a.example:8x\r\n",
    "Host with a negative port": b"Host: a.example:-1\r\n",
    "Host with two ports": b"Host: a.example:80:80\r\n",
    "Host with port 65536": b"Host: a.example:65536\r\n",
    "Host of a port alone": b"Host: :80\r\n",
    "Host of an IPv6 address without brackets": b"Host: ::1\r\n",
    "Host of an open bracket": b"Host: [::1\r\n",
    "Host of no address in brackets": b"Host: [....]\r\n",
    "Host of an IPv4 address in brackets": b"Host: [127.0.0.1]\r\n",
    "space before Host": b" Host: a.example\r\n",
    "space before the colon": b"Host : a.example\r\n",
    "Host of 262 bytes": b"Host: " + b"a" * 262 + b"\r\n",
}
HEADERS = {
    **{
        f"{sign!r} in a name": b"X%bY: z\r\n" % sign
        for sign in (
            b" ",
            b"\t",
            b"\0",
            b"\x01",
            b"\x7f",
            b"\xe9",
            b"(",
            b")",
            b"/",
            b"@",
            b'"',
            b",",
            b";",
            b"=",
            b"[",
            b"{",
            b"\\",
            b"<",
            b"?",
        )
    },
    **{
        f"{sign!r} in a value": b"X: y%bz\r\n" % sign
        for sign in (b"\0", b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x1b", b"\x7f", b"\r", b"\n", b"\r\r\n")
    },
    "an empty name": b": x\r\n",
    "a space before the colon": b"X : y\r\n",
    "a tab before the colon": b"X\t: y\r\n",
    "no colon": b"abc\r\n",
    "a line folded by a space": b"X: y\r\n z\r\n",
    "a line folded by a tab": b"X: y\r\n\tz\r\n",
    "an empty value folded": b"X:\r\n y\r\n",
    "a line of a space": b" \r\n",
    "a line of a bare CR": b"\r\r\n",
    "a line ended by LF alone": b"X: y\n",
    "two Content-Types": b"Content-Type: a/b\r\nContent-Type: c/d\r\n",
    "two Authorizations": b"Authorization: a\r\nAuthorization: b\r\n",
}
BODIES = {
    **{
        f"Content-Length {value!r}": b"POST /a HTTP/1.1\r\n" + H + b"Content-Length:%b\r\n\r\nab" % value
        for value in (
            b" +2",
            b" -0",
            b" 0x2",
            b" 2,2",
            b" 2,",
            b" ,2",
            b" 2;a",
            b' "2"',
            b" 2e0",
            b" 2 2",
            b" 2\0",
            b" \x0b2",
            b" 2\x0c",
            b" 9223372036854775808",
            b" 18446744073709551615",
            b" 18446744073709551618",
            b" " + b"0" * 40 + b"2",
            b" two",
            b"",
        )
    },
    **{
        f"Transfer-Encoding {value!r}": b"POST /a HTTP/1.1\r\n" + H + b"Transfer-Encoding:%b\r\n\r\n0\r\n\r\n" % value
        for value in (
            b" chunked,",
            b" ,chunked",
            b" chunked chunked",
            b" chunked, identity",
            b" identity, chunked",
            b" deflate",
            b" trailers",
            b" chunked\xa0",
            b" \xef\xbb\xbfchunked",
            b" chun\x00ked",
            b" 'chunked'",
            b" chunked\\",
            " chun\u212aed".encode(),
            b"",
            b" \t",
        )
    },
    **{
        f"chunk line {line!r}": CHUNKED + line + b"ab\r\n0\r\n\r\n"
        for line in (
            b"+2\r\n",
            b"-2\r\n",
            b"0x2\r\n",
            b"\t2\r\n",
            b"2 \r\n",
            b"2\t\r\n",
            b"2 ;a\r\n",
            b"2 a\r\n",
            b"2,\r\n",
            b"2.0\r\n",
            b"2h\r\n",
            b"\xd9\xa2\r\n",
            b"2\n",
            b"2\r",
            b"2;a\n",
            b"2;a\rb\r\n",
            b"2;a\0\r\n",
            b"2;\x01\r\n",
            b"2;\xe9\r\n",
            b"2;a b\r\n",
            b"2;\r\n",
            b'2;a="\r\n',
            b'2;a="b\nc"\r\n',
            b"fffffffffffffffff2\r\n",
            b"2;" + b"a" * 70_000 + b"\r\n",
        )
    },
    "a chunk that is longer than it says": CHUNKED + b"2\r\nabc\r\n0\r\n\r\n",
    "a chunk without an end": CHUNKED + b"2\r\nab0\r\n\r\n",
    "a chunk ended by LF": CHUNKED + b"2\r\nab\n0\r\n\r\n",
    "a chunk ended by CR": CHUNKED + b"2\r\nab\r0\r\n\r\n",
    "a last chunk of -0": CHUNKED + b"2\r\nab\r\n-0\r\n\r\n",
    "a last chunk of 0x0": CHUNKED + b"2\r\nab\r\n0x0\r\n\r\n",
    "a last chunk ended by LF": CHUNKED + b"2\r\nab\r\n0\r\n\n",
    **{
        f"trailer {name!r}": CHUNKED + b"2\r\nab\r\n0\r\nX-A: b\r\n%b: c\r\n\r\n" % name
        for name in (
            b"Content-Length",
            b"Transfer-Encoding",
            b"Host",
            b"Authorization",
            b"Cookie",
            b"Content-Type",
            b"Content-Encoding",
            b"Content-Range",
            b"Connection",
            b"Upgrade",
            b"Expect",
            b"Trailer",
            b"TE",
            b"Range",
            b"If-Match",
            b"X-Forwarded-For",
            b"Proxy-Authorization",
            b"Cache-Control",
            b"hOST",
            b"X ",
            b"",
            b"X\0",
        )
    },
    "a trailer folded": CHUNKED + b"0\r\nX: y\r\n z\r\n\r\n",
    "a trailer ended by LF": CHUNKED + b"0\r\nX: y\n\r\n",
    "a trailer without colon": CHUNKED + b"0\r\nX\r\n\r\n",
    "a trailer with NUL": CHUNKED + b"0\r\nX: \0\r\n\r\n",
    "Content-Length and Transfer-Encoding": b"POST /a HTTP/1.1\r\n"
    + H
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Content-Length and an unknown coding": b"POST /a HTTP/1.1\r\n"
    + H
    + b"Content-Length: 2\r\nTransfer-Encoding: x\r\n\r\nab",
    "Content-Length and identity": b"POST /a HTTP/1.1\r\n"
    + H
    + b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab",
    "an empty coding, then chunked": b"POST /a HTTP/1.1\r\n"
    + H
    + b"Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}
CASES = {
    **{f"line: {name}": (line + b"\r\n" + H + b"\r\n", status) for name, (line, status) in LINES.items()},
    **{f"Host: {name}": (b"GET /a HTTP/1.1\r\n" + lines + b"\r\n", 400) for name, lines in HOSTS.items()},
    **{f"header: {name}": (b"GET /a HTTP/1.1\r\n" + H + lines + b"\r\n", 400) for name, lines in HEADERS.items()},
    **{f"body: {name}": (raw, 400) for name, raw in BODIES.items()},
}


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


@pytest.mark.parametrize("name", CASES)
def test_what_is_no_request_is_refused_and_nothing_reaches_the_application(edge, application, name):
    raw, status = CASES[name]
    edge.start([application.address])

    answer = edge.exchange(raw)

    assert statuses(answer) == [status]
    assert b"\r\nconnection: close" in answer
    assert application.connections == 0


# Of pipelined requests it isn't known where the one before ended: its body may have ended with the bare LF.
@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("line: ") and "before it" not in name])
def test_request_line_that_is_none_is_refused_behind_a_good_request_too(edge, application, name):
    raw, status = CASES[name]
    edge.start([application.address])

    answer = edge.exchange(GOOD + raw, half_close=False)

    assert statuses(answer) == [200, status]
    assert application.targets == [b"/good"]


@pytest.mark.parametrize(
    "raw",
    [
        GOOD,
        b"\r\n\r\n" + GOOD,
        b"POST /good HTTP/1.1\r\n" + H + b"Content-Length: 40\r\n\r\n" + b"GET  / HTTP/1.1\r\nHost: b\r\n\r\n".ljust(40),
        b"POST /good HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
        b"GET /good HTTP/1.0\r\n" + H + b"Connection: keep-alive\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n" + H + b"\r\n",
        b"GET HTTP://A.EXAMPLE/good HTTP/1.1\r\n" + H + b"\r\n",
        b"GET /good HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        b"GET /good HTTP/1.1\r\nHost: a.example:65535\r\n\r\n",
        b"POST /good HTTP/1.1\r\n" + H + b"Content-Length: 03\r\n\r\nabc",
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_good_requests_pass_however_they_are_cut(edge, application, raw, size):
    edge.start([application.address])
    several = raw * 3 + GOOD

    with edge.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(several), size):
            connection.sendall(several[at : at + size])
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        until = time.monotonic() + 5
        while time.monotonic() < until and (piece := connection.recv(65_536)):
            answer += piece

    assert statuses(answer) == [200] * 4
    assert len(application.requests) == 4


def test_empty_line_that_is_cut_in_two_is_an_empty_line(edge, application):
    edge.start([application.address])
    answers = []
    with edge.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (b"\r", b"\n" + GOOD, GOOD, b"\n" + GOOD):
            connection.sendall(piece)
            if len(piece) > 1:
                answers += statuses(connection.recv(65_536))
            else:
                time.sleep(0.05)

    assert answers == [200, 200, 400]


def test_later_request_of_a_connection_is_read_as_strictly_as_the_first(edge, application):
    edge.start([application.address])
    hidden = b"GET  /a HTTP/1.1\r\n" + H + b"X: GET /a HTTP/1.1\r\n\r\n"

    with edge.connect() as connection:
        connection.sendall(GOOD)
        first = connection.recv(65_536)
        connection.sendall(hidden)
        second = connection.recv(65_536)

    assert (statuses(first), statuses(second)) == ([200], [400])
    assert application.targets == [b"/good"]


def test_absolute_target_names_the_scheme_of_its_connection(edge, application, certificates):
    edge.start([application.address], certificates=certificates)

    good, bad = (
        edge.exchange(b"GET %b://a.example/ HTTP/1.1\r\n" % scheme + H + b"Connection: close\r\n\r\n")
        for scheme in (b"https", b"http")
    )

    assert (statuses(good), statuses(bad)) == ([200], [400])
    assert application.targets == [b"/"]


def test_head_that_comes_in_single_bytes_costs_no_more_than_its_length(edge, application):
    edge.start([application.address], limits=Limits(header_timeout=30))
    raw = GOOD[:-2] + b"X: " + b"y" * 8_000 + b"\r\n\r\n"

    with edge.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun = time.process_time()
        for at in range(len(raw)):
            connection.sendall(raw[at : at + 1])
        answer = connection.recv(65_536)

    assert statuses(answer) == [200]
    assert time.process_time() - begun < 3
