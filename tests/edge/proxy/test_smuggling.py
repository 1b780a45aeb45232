"""Requests that two readers could understand in two ways: none reaches the application as more, or as other, than one.

Each case is sent over a real socket. Where it is refused the application sees nothing; where it may pass, it sees exactly
the listed targets, framed by one Content-Length or one Transfer-Encoding.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

H = b"Host: a.example\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n"


class Case(NamedTuple):
    name: str
    raw: bytes
    status: int
    targets: tuple[bytes, ...] = ()


def post(headers: bytes, body: bytes = b"", start: bytes = b"POST /a HTTP/1.1") -> bytes:
    return start + b"\r\n" + H + headers + b"\r\n" + body


def get(headers: bytes = b"", start: bytes = b"GET /a HTTP/1.1") -> bytes:
    return start + b"\r\n" + H + headers + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n"
CASES = (
    # Content-Length and Transfer-Encoding together, in every disguise
    Case("CL.TE", post(b"Content-Length: 6\r\n" + CHUNKED, b"0\r\n\r\nG"), 400),
    Case("TE.CL", post(CHUNKED + b"Content-Length: 3\r\n", b"1\r\nZ\r\n0\r\n\r\n"), 400),
    Case("CL.TE with a whole request behind", post(b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n" + SMUGGLED), 400),
    Case("CL 0 and TE", post(b"Content-Length: 0\r\n" + CHUNKED, b"0\r\n\r\n" + SMUGGLED), 400),
    Case("TE twice", post(CHUNKED + CHUNKED, b"0\r\n\r\n"), 400),
    Case("TE chunked and identity", post(CHUNKED + b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n"), 400),
    Case("TE identity and chunked", post(b"Transfer-Encoding: identity\r\n" + CHUNKED, b"0\r\n\r\n"), 400),
    Case("TE identity", post(b"Transfer-Encoding: identity\r\n", b""), 400),
    Case("TE gzip, chunked", post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE chunked, gzip", post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n"), 400),
    Case("TE chunked twice in one", post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE xchunked", post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE chunkedx", post(b"Transfer-Encoding: chunkedx\r\n", b"0\r\n\r\n"), 400),
    Case("TE quoted", post(b'Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n"), 400),
    Case("TE with parameter", post(b"Transfer-Encoding: chunked;q=1\r\n", b"0\r\n\r\n"), 400),
    Case("TE empty", post(b"Transfer-Encoding:\r\nContent-Length: 1\r\n", b"a"), 400),
    Case("TE with a vertical tab", post(b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE with a form feed", post(b"Transfer-Encoding: chunked\x0c\r\n", b"0\r\n\r\n"), 400),
    Case("TE with NUL", post(b"Transfer-Encoding: chun\x00ked\r\n", b"0\r\n\r\n"), 400),
    Case("TE with space before colon", post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE with tab before colon", post(b"Transfer-Encoding\t: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n"), 400),
    Case("TE after a folded line", post(b"X: y\r\n Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE folded", post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE after a bare LF", post(b"X: y\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE after a bare CR", post(b"X: y\rTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"), 400),
    Case("TE in HTTP/1.0", post(CHUNKED, b"0\r\n\r\n", b"POST /a HTTP/1.0"), 400),
    Case(
        "TE_ with an underscore is another header",
        post(b"Transfer_Encoding: chunked\r\nContent-Length: 2\r\n", b"ab"),
        200,
        (b"/a",),
    ),
    # Content-Length
    Case("CL twice, different", post(b"Content-Length: 1\r\nContent-Length: 2\r\n", b"ab"), 400),
    Case("CL twice, the same", post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"ab"), 400),
    Case("CL list", post(b"Content-Length: 2, 2\r\n", b"ab"), 400),
    Case("CL plus", post(b"Content-Length: +2\r\n", b"ab"), 400),
    Case("CL minus", post(b"Content-Length: -2\r\n", b"ab"), 400),
    Case("CL hexadecimal", post(b"Content-Length: 0x2\r\n", b"ab"), 400),
    Case("CL with a letter", post(b"Content-Length: 2a\r\n", b"ab"), 400),
    Case("CL with a point", post(b"Content-Length: 2.0\r\n", b"ab"), 400),
    Case("CL empty", post(b"Content-Length:\r\n", b"ab"), 400),
    Case("CL of white space", post(b"Content-Length:  \r\n", b"ab"), 400),
    Case("CL with space within", post(b"Content-Length: 1 0\r\n", b"0123456789"), 400),
    Case("CL too large for 64 bits", post(b"Content-Length: 18446744073709551618\r\n", b"ab"), 400),
    Case("CL with space before colon", post(b"Content-Length : 2\r\n", b"ab"), 400),
    Case("CL with underline digits", post(b"Content-Length: 1_0\r\n", b"0123456789"), 400),
    Case("CL in other digits", post("Content-Length: \u0662\r\n".encode(), b"ab"), 400),
    Case("CL with a leading CR", post(b"\rContent-Length: 2\r\n", b"ab"), 400),
    Case("GET with CL and a request as body", get(b"Content-Length: %d\r\n" % len(SMUGGLED)) + SMUGGLED, 200, (b"/a",)),
    Case(
        "CL 0 and a request behind is two requests",
        post(b"Content-Length: 0\r\n", SMUGGLED),
        200,
        (b"/a", b"/smuggled"),
    ),
    # Chunks
    Case("chunk size negative", post(CHUNKED, b"-1\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk size plus", post(CHUNKED, b"+2\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk size 0x", post(CHUNKED, b"0x2\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk size empty", post(CHUNKED, b"\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk size with letters", post(CHUNKED, b"2g\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk size overflows", post(CHUNKED, b"10000000000000002\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk size with space before", post(CHUNKED, b" 2\r\nab\r\n0\r\n\r\n"), 400),
    Case("chunk line with bare LF", post(CHUNKED, b"2\nab\r\n0\r\n\r\n"), 400),
    Case("chunk line with bare CR", post(CHUNKED, b"2\rab\r\n0\r\n\r\n"), 400),
    Case("chunk extension with bare LF", post(CHUNKED, b"2;a\nab\r\n0\r\n\r\n"), 400),
    Case("chunk data without CRLF", post(CHUNKED, b"2\r\nabX0\r\n\r\n"), 400),
    Case("chunk data followed by LF alone", post(CHUNKED, b"2\r\nab\n0\r\n\r\n"), 400),
    Case("chunk longer than said", post(CHUNKED, b"2\r\nabcd\r\n0\r\n\r\n"), 400),
    Case("last chunk ends with LF alone", post(CHUNKED, b"0\r\n\n" + SMUGGLED), 400),
    Case("trailer with CL", post(CHUNKED, b"2\r\nab\r\n0\r\nContent-Length: 9\r\n\r\n"), 400),
    Case("trailer with TE", post(CHUNKED, b"2\r\nab\r\n0\r\nTransfer-Encoding: x\r\n\r\n"), 400),
    Case("other trailers are dropped", post(CHUNKED, b"2\r\nab\r\n0\r\nX-Sum: 9\r\n\r\n"), 200, (b"/a",)),
    Case("chunk extensions are dropped", post(CHUNKED, b"2;x=y\r\nab\r\n0\r\n\r\n"), 200, (b"/a",)),
    Case(
        "upper-case CHUNKED is chunked", post(b"Transfer-Encoding: CHUNKED\r\n", b"2\r\nab\r\n0\r\n\r\n"), 200, (b"/a",)
    ),
    # Lines
    Case("bare LF after the request line", b"GET /a HTTP/1.1\n" + H + b"\r\n", 400),
    Case("bare LF between headers", b"GET /a HTTP/1.1\r\nHost: a.example\nX: y\r\n\r\n", 400),
    Case("bare LF at the end of the head", b"GET /a HTTP/1.1\r\n" + H + b"\n" + SMUGGLED, 400),
    Case("bare CR in a value", get(b"X: a\rb\r\n"), 400),
    Case("bare CR at the end of the head", b"GET /a HTTP/1.1\r\n" + H + b"\r" + SMUGGLED, 400),
    Case("NUL in a value", get(b"X: a\x00b\r\n"), 400),
    Case("folded header", get(b"X: a\r\n b\r\n"), 400),
    Case("folded first header", b"GET /a HTTP/1.1\r\n X: y\r\n" + H + b"\r\n", 400),
    Case("header without colon", get(b"nonsense\r\n"), 400),
    Case("header without name", get(b": value\r\n"), 400),
    Case("space in a header name", get(b"X Y: z\r\n"), 400),
    Case("control character in a header name", get(b"X\x01: z\r\n"), 400),
    Case("header name beyond ASCII", get(b"X\xe9: z\r\n"), 400),
    # Request line and Host
    Case("tab in the request line", b"GET\t/a HTTP/1.1\r\n" + H + b"\r\n", 400),
    Case("space in the target", b"GET /a /b HTTP/1.1\r\n" + H + b"\r\n", 400),
    Case("control character in the target", b"GET /a\x01 HTTP/1.1\r\n" + H + b"\r\n", 400),
    Case("HTTP/0.9", b"GET /a\r\n\r\n", 505),
    Case("HTTP/1.2", b"GET /a HTTP/1.2\r\n" + H + b"\r\n", 400),
    Case("HTTP/2.0 in a 1.1 line", b"GET /a HTTP/2.0\r\n" + H + b"\r\n", 505),
    Case("lower-case http", b"GET /a http/1.1\r\n" + H + b"\r\n", 400),
    Case("version without digits", b"GET /a HTTP/1\r\n" + H + b"\r\n", 400),
    Case("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    Case("CONNECT", b"CONNECT internal:22 HTTP/1.1\r\nHost: internal:22\r\n\r\n", 501),
    Case("no Host", b"GET /a HTTP/1.1\r\n\r\n", 400),
    Case("two Hosts", get(b"Host: b.example\r\n"), 400),
    Case("Host with a space", b"GET /a HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    Case("Host with user", b"GET /a HTTP/1.1\r\nHost: me@a.example\r\n\r\n", 400),
    Case("Host with path", b"GET /a HTTP/1.1\r\nHost: a.example/x\r\n\r\n", 400),
    Case("absolute target of another host", b"GET http://b.example/a HTTP/1.1\r\n" + H + b"\r\n", 400),
    Case("absolute target of the same host", b"GET http://a.example/a HTTP/1.1\r\n" + H + b"\r\n", 200, (b"/a",)),
    Case("target without slash", b"GET a HTTP/1.1\r\n" + H + b"\r\n", 400),
    Case(
        "Upgrade with a body", post(b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n", b"ab"), 400
    ),
    Case(
        "Upgrade to h2c is not taken",
        get(b"Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
        200,
        (b"/a",),
    ),
    Case("Connection can't take Host away", get(b"Connection: close, host\r\n"), 200, (b"/a",)),
    Case(
        "Connection can't take Content-Length away",
        post(b"Connection: content-length\r\nContent-Length: 2\r\n", b"ab"),
        200,
        (b"/a",),
    ),
    Case("Expect of something else", post(b"Expect: the-unexpected\r\nContent-Length: 2\r\n", b"ab"), 417),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_ambiguous_request_reaches_the_application_once_or_never(edge, application, case):
    edge.start([application.address])

    answer = edge.exchange(case.raw)

    assert answer.startswith(b"HTTP/1.1 ")
    assert int(answer.split(b" ", 2)[1]) == case.status
    assert tuple(application.targets) == case.targets
    if not case.targets:
        assert application.raw == b""
    assert application.unfinished == b""
    for request in application.requests:
        head = request.partition(b"\r\n\r\n")[0].lower()
        assert head.count(b"\r\ncontent-length:") + head.count(b"\r\ntransfer-encoding:") <= 1
        assert head.count(b"\r\nhost:") == 1


def test_table_has_at_least_sixty_cases():
    assert len({case.raw for case in CASES}) >= 60


def test_answer_with_two_framings_is_not_relayed(edge, application):
    application.answer = lambda _request, transport: transport.write(
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    edge.start([application.address])

    assert edge.get().status == 502


def test_answer_that_nobody_asked_for_reaches_nobody(edge, application):
    application.answer = lambda _request, transport: transport.write(
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
    )
    edge.start([application.address])
    raw = b"GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n"

    answer = edge.exchange(raw % 1 + raw % 2)

    assert b"evil" not in answer
