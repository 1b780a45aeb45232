"""RFC 9113, more of it: states after an end, windows that settings move, trailers, and floods of every kind of frame.

What comes back is exact here: the kind of error and its code.
"""

from __future__ import annotations

import struct
import time
from typing import Any

import pytest
from tests.edge.proxy.http2.client import (
    ACK,
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
    PADDED,
    PING,
    PREFACE,
    PRIORITY,
    PRIORITY_FLAG,
    PROTOCOL,
    PUSH,
    REQUEST,
    RST,
    SETTINGS,
    SIZE,
    WINDOW,
    Client,
    frame,
    headers,
    many,
    opened,
    raw,
    request,
    then,
)

from casemate.edge.proxy.http2.bounds import CALM as UNASKED
from casemate.foundation.http import Limits


def setting(number: int, value: int) -> bytes:
    return struct.pack(">HI", number, value)


def trailers(*fields: tuple[str, str]) -> Any:
    return then(opened, lambda c: c.send(frame(HEADERS, 5, 1, c.block(list(fields)))))


def after_reset(kind: int, flags: int, payload: bytes) -> Any:
    """A frame on a stream that the client itself has reset."""
    return then(opened, raw(frame(RST, 0, 1, struct.pack(">I", CANCEL)), frame(kind, flags, 1, payload)))


def reopened(client: Client) -> None:
    client.request()
    assert client.outcome() == ("status", 200)
    client.request()


def table(*updates: bytes) -> Any:
    return lambda client: client.send(frame(HEADERS, 5, 1, b"".join(updates) + client.block(REQUEST)))


CONNECTION_ERRORS = {
    # 4.2, 6: sizes
    "HEADERS larger than the maximum": (raw(frame(HEADERS, 5, 1, b"x" * 16_385)), {SIZE}),
    "PING larger than the maximum": (raw(frame(PING, 0, 0, b"x" * 16_385)), {SIZE}),
    "unknown frame larger than the maximum": (raw(frame(0x7F, 0, 0, b"x" * 16_385)), {SIZE}),
    "frame announced as larger than the maximum": (raw(frame(DATA, 0, 1, b"x" * 16_385)[:9]), {SIZE}),
    "frame announced as 16 MB": (raw(b"\xff\xff\xff\x00\x00\x00\x00\x00\x01" + b"x" * 100_000), {SIZE}),
    "PING of nine bytes": (raw(frame(PING, 0, 0, b"123456789")), {SIZE}),
    "PING without bytes": (raw(frame(PING, 0, 0)), {SIZE}),
    "SETTINGS of seven bytes": (raw(frame(SETTINGS, 0, 0, b"\0" * 7)), {SIZE}),
    "GOAWAY of four bytes": (raw(frame(GOAWAY, 0, 0, b"\0" * 4)), {SIZE}),
    "WINDOW_UPDATE of five bytes": (raw(frame(WINDOW, 0, 0, b"\0" * 5)), {SIZE}),
    "RST_STREAM of five bytes": (then(opened, raw(frame(RST, 0, 1, b"\0" * 5))), {SIZE}),
    "padded HEADERS without a length of padding": (raw(frame(HEADERS, PADDED | 5, 1)), {SIZE, PROTOCOL}),
    "HEADERS with half a priority": (raw(frame(HEADERS, PRIORITY_FLAG | 5, 1, b"\0\0")), {SIZE, PROTOCOL}),
    # 4.3: compression
    "dynamic table larger than announced": (table(b"\x3f\xe2\x1f"), {COMPRESSION, PROTOCOL}),
    "table size in the middle of a block": (
        lambda c: c.send(frame(HEADERS, 5, 1, c.block(REQUEST[:2]) + b"\x20" + c.block(REQUEST[2:]))),
        {COMPRESSION, PROTOCOL},
    ),
    "an integer without an end": (raw(frame(HEADERS, 5, 1, b"\x7f" + b"\xff" * 40)), {COMPRESSION, PROTOCOL}),
    "a text cut off": (raw(frame(HEADERS, 5, 1, b"\x40\x0aab")), {COMPRESSION, PROTOCOL}),
    "Huffman code of padding alone": (raw(frame(HEADERS, 5, 1, b"\x40\x84\xff\xff\xff\xff\x01a")), {COMPRESSION, PROTOCOL}),
    # 5.1: states
    "HEADERS on a stream that is over": (reopened, {CLOSED, PROTOCOL}),
    "PRIORITY_UPDATE of the wrong size": (raw(frame(PRIORITY, 0, 1, b"\0" * 6)), {SIZE}),
    "PUSH_PROMISE on stream 0": (raw(frame(PUSH, 4, 0, b"\0\0\0\x02")), {PROTOCOL}),
    "CONTINUATION after END_HEADERS": (then(request(), raw(frame(CONTINUATION, 4, 1))), {PROTOCOL}),
    "HEADERS before the end of another block": (
        lambda c: c.send(frame(HEADERS, 1, 1, c.block(REQUEST)[:4]) + frame(HEADERS, 5, 3, b"")),
        {PROTOCOL},
    ),
    # 6.5, 6.9: settings and windows
    "INITIAL_WINDOW_SIZE that makes a stream's window overflow": (
        then(
            lambda c: c.request(method="POST", end=False),
            raw(frame(WINDOW, 0, 1, struct.pack(">I", 2**31 - 1 - 65_535))),
            raw(frame(SETTINGS, 0, 0, setting(4, 65_536))),
        ),
        {FLOW},
    ),
    "ENABLE_PUSH larger than 1": (raw(frame(SETTINGS, 0, 0, setting(2, 0x80000000))), {PROTOCOL}),
    "a second client preface": (raw(PREFACE), {PROTOCOL, SIZE}),
    # 10.5: floods
    "CONTINUATION flood of full frames": (
        lambda c: c.send(frame(HEADERS, 1, 1, c.block(REQUEST)) + frame(CONTINUATION, 0, 1, b"\0" * 16_384) * 100),
        {PROTOCOL, CALM, COMPRESSION, INTERNAL},
    ),
    "header block without an end, of full frames": (
        lambda c: c.send(frame(HEADERS, 1, 1, c.block(REQUEST)) + frame(CONTINUATION, 0, 1, b"\0" * 16_384) * 5),
        {CALM},
    ),
    "SETTINGS of many values": (many(300, lambda _: frame(SETTINGS, 0, 0, setting(4, 65_535) * 100)), {CALM}),
    "SETTINGS acknowledged that nobody sent": (many(300, lambda _: frame(SETTINGS, ACK, 0)), {CALM, PROTOCOL}),
    "PRIORITY flood": (many(300, lambda n: frame(PRIORITY, 0, 2 * n + 1, b"\0\0\0\0\x10")), {CALM}),
    "flood of padding": (then(opened, many(300, lambda _: frame(DATA, PADDED, 1, b"\xff" + b"\0" * 255))), {CALM}),
    "flood of malformed requests": (
        lambda c: [c.request(2 * n + 1, path="a") for n in range(300)] and None,
        {CALM, PROTOCOL},
    ),
    "flood of windows of single streams": (
        then(opened, many(1_500, lambda _: frame(WINDOW, 0, 1, b"\0\0\0\x01"))),
        {CALM},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONNECTION_ERRORS)
def test_connection_error_ends_the_connection_with_its_code(edge, application, certificates, name):
    act, codes = CONNECTION_ERRORS[name]
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        act(client)
        kind, value = client.outcome(-1)

    assert kind == "goaway", (kind, value)
    assert value in codes


STREAM_ERRORS = {
    "trailers with a response's pseudo-header": (trailers((":status", "200")), {PROTOCOL}),
    "trailers in capitals": (trailers(("X-Sum", "1")), {PROTOCOL}),
    "trailers with a connection header": (trailers(("connection", "close")), {PROTOCOL}),
    "proxy-authenticate is no connection header, upgrade is": (request(("upgrade", "websocket")), {PROTOCOL}),
    "scheme twice": (headers([*REQUEST[:2], *REQUEST[1:]]), {PROTOCOL}),
    "authority twice": (headers([*REQUEST[:3], *REQUEST[2:]]), {PROTOCOL}),
    "authority after a header": (headers([*REQUEST[:2], REQUEST[3], ("x", "y"), REQUEST[2]]), {PROTOCOL}),
    "authority that is empty": (request(authority=""), {PROTOCOL}),
    "authority with a user": (request(authority="me@a.example"), {PROTOCOL}),
    "authority with a path": (request(authority="a.example/b"), {PROTOCOL}),
    "authority with port 65536": (request(authority="a.example:65536"), {PROTOCOL}),
    "path with a fragment": (request(path="/a#b"), {PROTOCOL}),
    "path with a tab": (request(path="/a\tb"), {PROTOCOL}),
    "path of an asterisk": (request(path="*"), {PROTOCOL}),
    "an absolute path": (request(path="http://a.example/"), {PROTOCOL}),
    "method in capitals with a colon": (request(method="GET:"), {PROTOCOL}),
    "an empty method": (request(method=""), {PROTOCOL}),
    "a header without a name": (headers([*REQUEST, ("", "x")]), {PROTOCOL}),
    "value with a control character": (request(("x", "a\x01b")), {PROTOCOL}),
    "value with DEL": (request(("x", "a\x7fb")), {PROTOCOL}),
    "value with CR": (request(("x", "a\rb")), {PROTOCOL}),
    "name with a line break": (request(("x\r\nhost", "b")), {PROTOCOL}),
    "two Hosts": (request(("host", "a.example"), ("host", "a.example")), {PROTOCOL}),
    "content-length of 64 bits": (request(("content-length", "9223372036854775808")), {PROTOCOL}),
    "content-length as a list": (request(("content-length", "0, 0")), {PROTOCOL}),
    "two content-types": (request(("content-type", "a/b"), ("content-type", "c/d")), {PROTOCOL}),
    "http2-settings": (request(("connection", "http2-settings"), ("http2-settings", "AAMAAABk")), {PROTOCOL}),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAM_ERRORS)
def test_malformed_request_is_a_protocol_error_and_reaches_nobody(edge, application, certificates, name):
    act, codes = STREAM_ERRORS[name]
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        act(client)
        kind, value = client.outcome()

    assert kind in {"reset", "goaway"}, (kind, value)
    assert value in codes
    assert application.raw == b""


@pytest.mark.parametrize(
    "act",
    [
        after_reset(DATA, END_STREAM, b"late"),
        after_reset(WINDOW, 0, b"\0\0\0\x01"),
        after_reset(RST, 0, struct.pack(">I", CANCEL)),
        after_reset(PRIORITY, 0, b"\0\0\0\0\x10"),
    ],
    ids=["DATA", "WINDOW_UPDATE", "RST_STREAM", "PRIORITY"],
)
def test_frames_of_a_stream_that_was_reset_harm_no_other(edge, application, certificates, act):
    """5.1: what was on its way when a stream closed; an endpoint may also take it for an error of the connection."""
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        act(client)
        client.request(3)

        assert client.outcome(3) in {("status", 200), ("goaway", CLOSED)}


@pytest.mark.parametrize("count", [UNASKED - 50, UNASKED + 400])
def test_pings_are_answered_until_there_are_too_many(edge, application, certificates, count):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.send(frame(PING, 0, 0, b"12345678") * count)
        client.request()
        kind, value = client.outcome()

    assert (kind, value) == (("status", 200) if count < UNASKED else ("goaway", CALM))


def test_client_that_gives_no_window_holds_no_more_than_a_bounded_answer(edge, application, certificates):
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 8000000\r\n\r\n"
    sent = []

    def reply(_request, transport):
        transport.write(answer)
        sent.append(transport)
        transport.write(b"x" * 8_000_000)

    application.answer = reply
    edge.start([application.address], certificates=certificates, limits=Limits(write_timeout=60))

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.send(frame(SETTINGS, 0, 0, setting(4, 0)))
        for number in range(20):
            client.request(2 * number + 1)
        for number in range(20):
            assert client.outcome(2 * number + 1) == ("status", 200)
        until = time.monotonic() + 5
        while len(sent) < 20 and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.2)
        waiting = [transport.get_write_buffer_size() for transport in sent]
        streams = [len(stream._outgoing) for found in edge.server._hub.clients for stream in found._streams.values()]

    assert len(waiting) == len(streams) == 20
    assert min(waiting) > 2_000_000  # the applications are made to wait
    assert max(streams) < 1_000_000


def test_window_of_nothing_and_then_something_sends_the_rest(edge, application, certificates):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.send(frame(SETTINGS, 0, 0, setting(4, 0)))
        client.request()
        assert client.outcome() == ("status", 200)
        assert client.ping()
        client.send(frame(SETTINGS, 0, 0, setting(4, 3)))
        first = next(found for found in iter(client.next, None) if found[0] == DATA)
        client.send(frame(WINDOW, 0, 1, b"\0\0\0\x09"))
        second = next(found for found in iter(client.next, None) if found[0] == DATA)

    assert (first[3], second[3]) == (b"hel", b"lo")
    assert second[1] & END_STREAM


def test_header_list_beyond_the_limit_is_431_and_the_connection_lives(edge, application, certificates):
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        block = client.block([*REQUEST, ("x", "y" * 33_000)])
        client.send(frame(HEADERS, 1, 1, block[:16_000]))
        client.send(frame(CONTINUATION, 0, 1, block[16_000:32_000]))
        client.send(frame(CONTINUATION, END_HEADERS, 1, block[32_000:]))
        assert client.outcome() == ("status", 431)
        client.request(3)

        assert client.outcome(3) == ("status", 200)


def test_head_that_decompresses_to_much_more_is_refused(edge, application, certificates):
    """A table entry of 4 KB named a thousand times: 4 MB of headers in 1 KB."""
    edge.start([application.address], certificates=certificates)

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        entry = b"\x40\x01x" + b"\x7f" + b"\xff\x1d" + b"y" * 3_966
        client.send(frame(HEADERS, 5, 1, client.block(REQUEST) + entry + b"\xbe" * 1_000))
        kind, value = client.outcome()

    assert (kind, value) in {("goaway", CALM), ("goaway", PROTOCOL), ("status", 431)}
    assert application.raw == b""


def test_header_block_that_never_ends_has_as_long_as_a_head(edge, application, certificates):
    edge.start([application.address], certificates=certificates, limits=Limits(header_timeout=0.2, idle_timeout=60))

    with edge.connect(alpn="h2") as connection:
        client = Client(connection)
        client.send(frame(HEADERS, 1, 1, client.block(REQUEST)))
        begun = time.monotonic()
        while time.monotonic() - begun < 0.8 and not client.closed:
            client.send(frame(CONTINUATION, 0, 1))
            time.sleep(0.1)
        assert client.outcome() == ("goaway", CALM)

    assert application.raw == b""
