"""RFC 9113 over real sockets: what a client may not do ends its stream or its connection, and nothing else.

Each case sends frames after a proper preface and names what must come back: an answer's status, a stream error (RST_STREAM
with one of some codes), or a connection error (GOAWAY with one of some codes, or the connection closed). As in the RFC, a
stream error may be treated as a connection error.
"""

from __future__ import annotations

import struct

import pytest
from tests.edge.proxy.http2.client import (
    CALM,
    CANCEL,
    CLOSED,
    COMPRESSION,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    FLOW,
    GOAWAY,
    HEADERS,
    INTERNAL,
    PING,
    PRIORITY,
    PROTOCOL,
    PUSH,
    REFUSED,
    REQUEST,
    RST,
    SETTINGS,
    SIZE,
    WINDOW,
    Case,
    Client,
    frame,
    headers,
    many,
    opened,
    raw,
    request,
    then,
)

from casemate.foundation.http import Limits


def rapid_reset(client: Client) -> None:
    block = client.block(REQUEST)
    for number in range(1, 1201, 2):
        client.send(
            frame(HEADERS, END_HEADERS | END_STREAM, number, block if number == 1 else client.block(REQUEST))
            + frame(RST, 0, number, struct.pack(">I", CANCEL))
        )


def header_bomb(client: Client) -> None:
    block = client.block(REQUEST + [(f"x-{number}", "v" * 1000) for number in range(90)])
    pieces = [block[at : at + 16_384] for at in range(0, len(block), 16_384)]
    client.send(frame(HEADERS, END_STREAM, 1, pieces[0]))
    for piece in pieces[1:-1]:
        client.send(frame(CONTINUATION, 0, 1, piece))
    client.send(frame(CONTINUATION, END_HEADERS, 1, pieces[-1]))


def split_headers(client: Client) -> None:
    block = client.block(REQUEST)
    client.send(
        frame(HEADERS, END_STREAM, 1, block[:3])
        + frame(CONTINUATION, 0, 1, block[3:6])
        + frame(CONTINUATION, END_HEADERS, 1, block[6:])
    )


CASES = (
    # 3.4, 4: preface and frames
    Case("plain request", request(), set()),
    Case("unknown frame type is ignored", then(raw(frame(0x7F, 0xFF, 0, b"x")), request()), set()),
    Case("unknown flags are ignored", then(raw(frame(PING, 0xFE, 0, b"12345678")), request()), set()),
    Case("reserved bit is ignored", lambda c: c.send(frame(HEADERS, 5, 0x80000001, c.block(REQUEST))), set()),
    Case("frame larger than the maximum", then(opened, raw(frame(DATA, 1, 1, b"x" * 16_385))), {SIZE}),
    Case("SETTINGS larger than the maximum", raw(frame(SETTINGS, 0, 0, b"\0" * 16_386)), {SIZE}, 0, True),
    Case(
        "bad header compression",
        raw(frame(HEADERS, 5, 1, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff")),
        {COMPRESSION, PROTOCOL},
        1,
        True,
    ),
    Case("index that the table doesn't have", raw(frame(HEADERS, 5, 1, b"\xfe")), {COMPRESSION, PROTOCOL}, 1, True),
    Case(
        "table size update beyond the limit",
        raw(frame(HEADERS, 5, 1, b"\x3f\xe1\xff\x03")),
        {COMPRESSION, PROTOCOL},
        1,
        True,
    ),
    # 5.1: states
    Case("DATA on an idle stream", raw(frame(DATA, 1, 1, b"x")), {PROTOCOL, CLOSED}, 1, True),
    Case("RST_STREAM on an idle stream", raw(frame(RST, 0, 1, b"\0\0\0\x08")), {PROTOCOL}, 1, True),
    Case("WINDOW_UPDATE on an idle stream", raw(frame(WINDOW, 0, 1, b"\0\0\0\x01")), {PROTOCOL}, 1, True),
    Case("CONTINUATION on an idle stream", raw(frame(CONTINUATION, 4, 1, b"")), {PROTOCOL}, 1, True),
    Case("DATA after END_STREAM", then(request(), raw(frame(DATA, 1, 1, b"x"))), {CLOSED, PROTOCOL}),
    Case("even stream number", lambda c: c.request(2), {PROTOCOL}, 2, True),
    Case("stream number 0 for HEADERS", lambda c: c.request(0), {PROTOCOL}, 0, True),
    Case(
        "stream numbers going back",
        then(lambda c: c.request(5, end=False), lambda c: c.request(3)),
        {PROTOCOL, CLOSED},
        3,
        True,
    ),
    Case(
        "more streams than allowed",
        lambda c: [c.request(n, end=False) for n in range(1, 2 * 101 + 1, 2)] and None,
        {PROTOCOL, REFUSED, CALM},
        201,
    ),
    Case("priority on itself", raw(frame(PRIORITY, 0, 1, struct.pack(">IB", 1, 1))), {PROTOCOL}),
    Case(
        "priority in HEADERS on itself",
        lambda c: c.send(frame(HEADERS, 0x25, 1, struct.pack(">IB", 1, 1) + c.block(REQUEST))),
        {PROTOCOL},
    ),
    # 6: frames
    Case("DATA on stream 0", raw(frame(DATA, 0, 0, b"x")), {PROTOCOL}, 0, True),
    Case(
        "DATA with more padding than payload",
        then(opened, raw(frame(DATA, 9, 1, b"\x06hello"))),
        {PROTOCOL, SIZE},
        1,
        True,
    ),
    Case("padded DATA", then(opened, raw(frame(DATA, 9, 1, b"\x02hi\0\0"))), set()),
    Case(
        "HEADERS with more padding than payload",
        raw(frame(HEADERS, 13, 1, b"\x10abc")),
        {PROTOCOL, SIZE, COMPRESSION},
        1,
        True,
    ),
    Case("HEADERS in pieces", split_headers, set()),
    Case(
        "another frame between HEADERS and CONTINUATION",
        lambda c: c.send(frame(HEADERS, 1, 1, c.block(REQUEST)[:4]) + frame(PING, 0, 0, b"12345678")),
        {PROTOCOL},
        1,
        True,
    ),
    Case(
        "CONTINUATION of another stream",
        lambda c: c.send(frame(HEADERS, 1, 1, c.block(REQUEST)[:4]) + frame(CONTINUATION, 4, 3, b"")),
        {PROTOCOL},
        1,
        True,
    ),
    Case(
        "CONTINUATION flood",
        lambda c: c.send(
            frame(HEADERS, 1, 1, c.block(REQUEST)) + b"".join(frame(CONTINUATION, 0, 1, b"") for _ in range(200))
        ),
        {PROTOCOL, CALM, INTERNAL},
        1,
        True,
    ),
    Case("PRIORITY on stream 0", raw(frame(PRIORITY, 0, 0, b"\0\0\0\x01\x01")), {PROTOCOL}, 0, True),
    Case("PRIORITY of the wrong size", raw(frame(PRIORITY, 0, 1, b"\0\0\0\x01")), {SIZE}),
    Case("RST_STREAM on stream 0", raw(frame(RST, 0, 0, b"\0\0\0\x08")), {PROTOCOL}, 0, True),
    Case("RST_STREAM of the wrong size", then(opened, raw(frame(RST, 0, 1, b"\0\0\x08"))), {SIZE}, 1, True),
    Case("SETTINGS on a stream", raw(frame(SETTINGS, 0, 1)), {PROTOCOL}, 1, True),
    Case("SETTINGS of the wrong size", raw(frame(SETTINGS, 0, 0, b"\0\x03\0\0\0")), {SIZE}, 0, True),
    Case("SETTINGS ACK with payload", raw(frame(SETTINGS, 1, 0, b"\0\x03\0\0\0\x01")), {SIZE, PROTOCOL}, 0, True),
    Case("ENABLE_PUSH of 2", raw(frame(SETTINGS, 0, 0, b"\0\x02\0\0\0\x02")), {PROTOCOL}, 0, True),
    Case("INITIAL_WINDOW_SIZE too large", raw(frame(SETTINGS, 0, 0, b"\0\x04\x80\0\0\0")), {FLOW}, 0, True),
    Case("MAX_FRAME_SIZE too small", raw(frame(SETTINGS, 0, 0, b"\0\x05\0\0\x3f\xff")), {PROTOCOL}, 0, True),
    Case("MAX_FRAME_SIZE too large", raw(frame(SETTINGS, 0, 0, b"\0\x05\x01\0\0\0")), {PROTOCOL}, 0, True),
    Case("unknown setting is ignored", then(raw(frame(SETTINGS, 0, 0, b"\0\xff\0\0\0\x01")), request()), set()),
    Case(
        "PUSH_PROMISE from a client",
        then(opened, lambda c: c.send(frame(PUSH, 4, 1, b"\0\0\0\x02" + c.block(REQUEST)))),
        {PROTOCOL},
        1,
        True,
    ),
    Case("PING on a stream", raw(frame(PING, 0, 1, b"12345678")), {PROTOCOL}, 1, True),
    Case("PING of the wrong size", raw(frame(PING, 0, 0, b"1234567")), {SIZE}, 0, True),
    Case("GOAWAY on a stream", raw(frame(GOAWAY, 0, 1, b"\0" * 8)), {PROTOCOL}, 1, True),
    Case("WINDOW_UPDATE of 0 for the connection", raw(frame(WINDOW, 0, 0, b"\0\0\0\0")), {PROTOCOL}, 0, True),
    Case("WINDOW_UPDATE of 0 for a stream", then(opened, raw(frame(WINDOW, 0, 1, b"\0\0\0\0"))), {PROTOCOL}),
    Case("WINDOW_UPDATE of the wrong size", raw(frame(WINDOW, 0, 0, b"\0\0\x01")), {SIZE}, 0, True),
    Case("connection window overflows", raw(frame(WINDOW, 0, 0, b"\x7f\xff\xff\xff")), {FLOW}, 0, True),
    Case("stream window overflows", then(opened, raw(frame(WINDOW, 0, 1, b"\x7f\xff\xff\xff"))), {FLOW}),
    Case(
        "more data than the window",
        then(opened, lambda c: [c.send(frame(DATA, 0, 1, b"x" * 16_384)) for _ in range(600)] and None),
        {FLOW, PROTOCOL},
    ),
    # 8.1, 8.2, 8.3: requests
    Case("upper-case header name", headers([*REQUEST, ("X-Upper", "1")]), {PROTOCOL}),
    Case("connection header", request(("connection", "keep-alive")), {PROTOCOL}),
    Case("keep-alive header", request(("keep-alive", "1")), {PROTOCOL}),
    Case("proxy-connection header", request(("proxy-connection", "keep-alive")), {PROTOCOL}),
    Case("transfer-encoding header", request(("transfer-encoding", "chunked")), {PROTOCOL}),
    Case("upgrade header", request(("upgrade", "h2c")), {PROTOCOL}),
    Case("te other than trailers", request(("te", "gzip")), {PROTOCOL}),
    Case("te trailers", request(("te", "trailers")), set()),
    Case("unknown pseudo-header", headers([*REQUEST, (":extra", "1")]), {PROTOCOL}),
    Case("response pseudo-header", headers([*REQUEST, (":status", "200")]), {PROTOCOL}),
    Case("pseudo-header after a header", headers([REQUEST[0], ("x", "y"), *REQUEST[1:]]), {PROTOCOL}),
    Case("no method", headers(REQUEST[1:]), {PROTOCOL}),
    Case("no scheme", headers([REQUEST[0], *REQUEST[2:]]), {PROTOCOL}),
    Case("no path", headers(REQUEST[:3]), {PROTOCOL}),
    Case("empty path", request(path=""), {PROTOCOL}),
    Case("method twice", headers([REQUEST[0], *REQUEST]), {PROTOCOL}),
    Case("path twice", headers([*REQUEST, (":path", "/b")]), {PROTOCOL}),
    Case("neither authority nor host", headers([REQUEST[0], REQUEST[1], REQUEST[3]]), {PROTOCOL}),
    Case("authority and host differ", request(("host", "b.example")), {PROTOCOL}),
    Case("path with a space", request(path="/a HTTP/1.1"), {PROTOCOL}),
    Case("path with a line break", request(path="/a\r\nx: y"), {PROTOCOL}),
    Case("path without slash", request(path="a"), {PROTOCOL}),
    Case("method with a space", request(method="GET /b"), {PROTOCOL}),
    Case("value with a line break", request(("x", "a\r\nHost: b")), {PROTOCOL}),
    Case("value with NUL", request(("x", "a\0b")), {PROTOCOL}),
    Case("value with white space around", request(("x", " a ")), {PROTOCOL}),
    Case("name with a colon", request(("x:y", "a")), {PROTOCOL}),
    Case("name with a space", request(("x y", "a")), {PROTOCOL}),
    Case("another scheme", request(scheme="http"), {PROTOCOL}),
    Case("content-length twice", request(("content-length", "0"), ("content-length", "0")), {PROTOCOL}),
    Case("content-length no number", request(("content-length", "+0")), {PROTOCOL}),
    Case(
        "less data than content-length",
        then(lambda c: c.request(more=[("content-length", "5")], end=False), raw(frame(DATA, 1, 1, b"abc"))),
        {PROTOCOL},
    ),
    Case(
        "more data than content-length",
        then(lambda c: c.request(more=[("content-length", "2")], end=False), raw(frame(DATA, 1, 1, b"abc"))),
        {PROTOCOL},
    ),
    Case("content-length without data", request(("content-length", "5")), {PROTOCOL}),
    Case(
        "trailers with a pseudo-header",
        then(opened, lambda c: c.send(frame(HEADERS, 5, 1, c.block([(":path", "/x")])))),
        {PROTOCOL},
    ),
    Case(
        "trailers without END_STREAM",
        then(opened, lambda c: c.send(frame(HEADERS, 4, 1, c.block([("x", "y")])))),
        {PROTOCOL},
    ),
    Case("trailers", then(opened, lambda c: c.send(frame(HEADERS, 5, 1, c.block([("x", "y")])))), set()),
    # 10.5: denial of service
    Case("rapid reset", rapid_reset, {CALM}, 0, True),
    Case("ping flood", many(1000, lambda _: frame(PING, 0, 0, b"12345678")), {CALM}, 0, True),
    Case("settings flood", many(1000, lambda _: frame(SETTINGS, 0, 0)), {CALM}, 0, True),
    Case("empty data flood", then(opened, many(1000, lambda _: frame(DATA, 0, 1))), {CALM}, 0, True),
    Case("window update flood", many(3000, lambda _: frame(WINDOW, 0, 0, b"\0\0\0\x01")), {CALM}, 0, True),
    Case("header list too large", header_bomb, {CALM, PROTOCOL}),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_frames_get_what_the_rfc_says(edge, application, certificates, case):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        assert connection.selected_alpn_protocol() == "h2"
        client = Client(connection)
        case.act(client)
        kind, value = client.outcome(case.stream)

    if not case.codes:
        assert (kind, value) == ("status", 200)
        return
    if kind == "status" and case.name == "header list too large":
        assert value == 431
        return
    if case.stream and kind == "status" and case.name == "DATA after END_STREAM":
        return  # the answer was on its way before the frame was seen
    assert kind in ({"goaway", "closed"} if case.only_connection else {"goaway", "closed", "reset"}), (kind, value)
    assert kind == "closed" or value in case.codes, (kind, value)
    assert b"smuggled" not in application.raw


def test_table_has_at_least_forty_cases():
    assert len(CASES) >= 40


def test_stream_error_leaves_other_streams_alone(edge, application, certificates):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.request(1, path="/a b")
        assert client.outcome(1) == ("reset", PROTOCOL)
        client.request(3)

        assert client.outcome(3) == ("status", 200)


def test_wrong_preface_ends_the_connection(edge, application, certificates):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection, preface=False)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + b"x" * 20)

        assert client.outcome(0)[0] in {"goaway", "closed"}


def test_large_answer_keeps_to_the_clients_windows(edge, application, certificates):
    body = b"x" * 300_000
    application.answer = lambda _request, transport: transport.write(
        b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n" + body
    )
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.request()
        received = 0
        while received < 65_535:
            found = client.next()
            assert found is not None
            received += len(found[3]) if found[0] == DATA else 0
        assert received == 65_535  # the window of a client that said nothing
        assert client.ping()  # no data came before the answer to it
        client.send(frame(WINDOW, 0, 0, struct.pack(">I", 300_000)) + frame(WINDOW, 0, 1, struct.pack(">I", 300_000)))
        while received < len(body):
            found = client.next()
            assert found is not None
            received += len(found[3]) if found[0] == DATA else 0

    assert received == len(body)


def test_long_body_of_unknown_length_reaches_the_application_whole(edge, application, certificates):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.request(method="POST", end=False)
        for _ in range(12):
            client.send(frame(DATA, 0, 1, b"y" * 16_384))
        client.send(frame(DATA, 1, 1, b"end"))

        assert client.outcome() == ("status", 200)
    assert application.requests[0].count(b"y" * 1_000) >= 12 * 16
    assert b"transfer-encoding: chunked" in application.requests[0]


def test_cookie_crumbs_are_joined_and_host_is_the_authority(edge, application, certificates):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.request(more=[("cookie", "a=1"), ("cookie", "b=2")])
        assert client.outcome() == ("status", 200)

    assert b"\r\ncookie: a=1; b=2\r\n" in application.requests[0]
    assert b"\r\nhost: a.example\r\n" in application.requests[0]


def test_body_that_trickles_is_reset(edge, application, certificates):
    edge.start([application.address], certificates=certificates, limits=Limits(body_timeout=0.1))

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.request(method="POST", end=False)
        client.send(frame(DATA, 0, 1, b"x"))

        assert client.outcome() == ("reset", CANCEL)
        client.request(3)
        assert client.outcome(3) == ("status", 200)
