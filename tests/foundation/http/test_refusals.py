"""Requests that two readers could understand in two ways, or that are no requests at all."""

from __future__ import annotations

import asyncio

import pytest

from casemate.foundation.http import Reply, Request

H = b"Host: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

REFUSED = {
    # two lengths
    "length and chunked": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
    ),
    "chunked and length": (
        b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        400,
    ),
    "two equal lengths": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400),
    "two different lengths": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
    "a list of lengths": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 3, 3\r\n\r\nabc", 400),
    "a signed length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: +3\r\n\r\nabc", 400),
    "a negative length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: -3\r\n\r\nabc", 400),
    "a hexadecimal length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 0x3\r\n\r\nabc", 400),
    "a length with a space": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1 2\r\n\r\nabc", 400),
    "an empty length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length:\r\n\r\n", 400),
    "a length of 64 bits": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 9223372036854775808\r\n\r\n", 400),
    "a length of thousands of zeros": (
        b"POST / HTTP/1.1\r\n" + H + b"Content-Length: " + b"0" * 5000 + b"\r\n\r\n",
        400,
    ),
    "a huge length": (b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
    # codings
    "chunked twice": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked in two headers": (
        b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    "gzip, chunked": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked, gzip": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400),
    "identity": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: identity\r\n\r\n", 400),
    "xchunked": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "quoted chunked": (b"POST / HTTP/1.1\r\n" + H + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n', 400),
    "empty coding": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc", 400),
    "chunked in 1.0": (b"POST / HTTP/1.0\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "vertical tab before chunked": (b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: \x0bchunked\r\n\r\n", 400),
    # chunks
    "chunk size that is no number": (CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n", 400),
    "chunk size with 0x": (CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", 400),
    "negative chunk size": (CHUNKED + b"-3\r\nabc\r\n0\r\n\r\n", 400),
    "chunk size beyond 64 bits": (CHUNKED + b"fffffffffffffffff\r\nabc", 400),
    "chunk longer than its size": (CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n", 400),
    "chunk size ended by a bare LF": (CHUNKED + b"3\nabc\r\n0\r\n\r\n", 400),
    "chunk ended by a bare LF": (CHUNKED + b"3\r\nabc\n0\r\n\r\n", 400),
    "space before the chunk size": (CHUNKED + b" 3\r\nabc\r\n0\r\n\r\n", 400),
    "space after the chunk size": (CHUNKED + b"3 \r\nabc\r\n0\r\n\r\n", 400),
    "bare LF in a chunk extension": (CHUNKED + b"3;a\nb\r\nabc\r\n0\r\n\r\n", 400),
    # trailers
    "a length as a trailer": (CHUNKED + b"3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n", 400),
    "a host as a trailer": (CHUNKED + b"3\r\nabc\r\n0\r\nHost: b\r\n\r\n", 400),
    "an authorization as a trailer": (CHUNKED + b"3\r\nabc\r\n0\r\nAuthorization: b\r\n\r\n", 400),
    "a content type as a trailer": (CHUNKED + b"3\r\nabc\r\n0\r\nX-A: b\r\ncontent-TYPE: b\r\n\r\n", 400),
    "a folded trailer": (CHUNKED + b"3\r\nabc\r\n0\r\nX-A: b\r\n c\r\n\r\n", 400),
    "too many trailers": (CHUNKED + b"3\r\nabc\r\n0\r\n" + b"X-A: b\r\n" * 101 + b"\r\n", 431),
    # lines
    "bare LF everywhere": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "bare LF after a header": (b"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
    "bare CR in a value": (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    "bare CR as a line end": (b"GET / HTTP/1.1\rHost: a\r\r", 400),
    "a folded header": (b"GET / HTTP/1.1\r\n" + H + b"X: a\r\n b\r\n\r\n", 400),
    "a header folded by a tab": (b"GET / HTTP/1.1\r\n" + H + b"X: a\r\n\tb\r\n\r\n", 400),
    "a space before the first header": (b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    "a space before the colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "a tab before the colon": (b"GET / HTTP/1.1\r\n" + H + b"X\t: b\r\n\r\n", 400),
    "no colon": (b"GET / HTTP/1.1\r\n" + H + b"nonsense\r\n\r\n", 400),
    "an empty name": (b"GET / HTTP/1.1\r\n" + H + b": x\r\n\r\n", 400),
    "NUL in a value": (b"GET / HTTP/1.1\r\n" + H + b"X: a\0b\r\n\r\n", 400),
    "NUL in a name": (b"GET / HTTP/1.1\r\n" + H + b"X\0Y: b\r\n\r\n", 400),
    "a control character in a value": (b"GET / HTTP/1.1\r\n" + H + b"X: \x01\r\n\r\n", 400),
    "an underscore trick with brackets": (b"GET / HTTP/1.1\r\n" + H + b"Content[Length: 3\r\n\r\n", 400),
    "a name with a high byte": (b"GET / HTTP/1.1\r\n" + H + b"X\xe4: b\r\n\r\n", 400),
    # request lines
    "a method with a bad character": (b"GE(T / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a lower-case method": (b"get / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "an unknown method": (b"FROBNICATE / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\n" + H + b"\r\n", 501),
    "a method of RTSP": (b"PLAY / HTTP/1.1\r\n" + H + b"\r\n", 400),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\n" + H + b"\r\n", 505),
    "HTTP/0.9": (b"GET /\r\n\r\n", 505),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + H + b"\r\n", 400),
    "another protocol": (b"GET / HTPP/1.1\r\n" + H + b"\r\n", 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a high byte in the target": (b"GET /\xe4 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a tab in the request line": (b"GET\t/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    # hosts and targets
    "no Host in 1.1": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    "two Hosts in two cases": (b"GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", 400),
    "a Host with a path": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "a Host with a user": (b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
    "a Host with a space": (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "a Host with a word for a port": (b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
    "an empty Host": (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    "a Host without a name": (b"GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400),
    "a port beyond 65535": (b"GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400),
    "brackets around no address": (b"GET / HTTP/1.1\r\nHost: [1.2]\r\n\r\n", 400),
    "a long Host": (b"GET / HTTP/1.1\r\nHost: " + b"a" * 300 + b"\r\n\r\n", 400),
    "a target of another host": (b"GET http://b/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a target that hides another host": (b"GET http://a@b/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a target of another scheme": (b"GET ftp://a/ HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a target with a fragment": (b"GET /a#b HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a relative target": (b"GET a HTTP/1.1\r\n" + H + b"\r\n", 400),
    "an asterisk with GET": (b"GET * HTTP/1.1\r\n" + H + b"\r\n", 400),
    # headers that may stand once
    "two Authorizations": (b"GET / HTTP/1.1\r\n" + H + b"Authorization: a\r\nAuthorization: b\r\n\r\n", 400),
    "two Content-Types": (b"GET / HTTP/1.1\r\n" + H + b"Content-Type: a\r\nContent-Type: b\r\n\r\n", 400),
    # expectations and upgrades
    "another expectation": (b"PUT / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\nExpect: 200-ok\r\n\r\n", 417),
    "an Upgrade with a length": (
        b"POST / HTTP/1.1\r\n"
        + H
        + b"Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 30\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        400,
    ),
    "an Upgrade with chunks": (
        b"POST / HTTP/1.1\r\n"
        + H
        + b"Connection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        400,
    ),
}


class Recorder:
    def __init__(self) -> None:
        self.targets: list[bytes] = []

    def __call__(self, request: Request, reply: Reply) -> None:
        self.targets.append(request.target)
        reply.send(200, [])


@pytest.mark.parametrize("cut", [1, 10_000], ids=["byte by byte", "at once"])
@pytest.mark.parametrize("name", REFUSED)
def test_malformed_request_is_refused_and_the_connection_closed(serve, name: str, cut: int) -> None:
    data, status = REFUSED[name]
    recorder = Recorder()

    async def test(running) -> None:
        client = await running.connect()
        # What a smuggler would hide behind it must not be served either.
        everything = data + b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        for position in range(0, len(everything), cut):
            client.writer.write(everything[position : position + cut])
            await asyncio.sleep(0)
        answer = await client.answer()
        assert answer.status == status
        assert answer.headers[b"connection"] == b"close"
        assert await client.closed()
        assert recorder.targets == []
        assert running.server.counters.refused == 1

    serve(test, recorder)


def test_refusal_comes_after_the_answers_that_are_due(serve) -> None:
    replies: list[Reply] = []

    async def test(running) -> None:
        client = await running.connect()
        good = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        await client.send(good + good + b"nonsense\r\n\r\n" + good)
        assert await client.silent()
        replies[0].send(200, [], b"1")
        await running.settle()
        replies[1].send(200, [], b"2")
        assert [(await client.answer()).status for _ in range(3)] == [200, 200, 400]
        assert await client.closed()
        assert len(replies) == 2

    serve(test, lambda request, reply: replies.append(reply))


def test_refused_client_that_goes_on_sending_still_sees_the_answer(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        client.writer.write(b"nonsense\r\n\r\n" + b"x" * 3_000_000)
        assert (await client.answer()).status == 400

    serve(test)
