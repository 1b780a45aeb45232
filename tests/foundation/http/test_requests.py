from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
import uvloop

from casemate.foundation.clock import ManualClock
from casemate.foundation.http import Reply, Request, Server

POST = b"POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
GET = b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n"


class Recorder:
    """Keeps the requests and answers each with 204."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, request: Request, reply: Reply) -> None:
        self.requests.append(request)
        reply.send(204, [])


class Later:
    """Keeps the replies for the test to answer."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []

    def __call__(self, request: Request, reply: Reply) -> None:
        self.replies.append(reply)


def test_request_arrives_as_sent_with_names_lowered_and_values_stripped(serve) -> None:
    recorder = Recorder()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(
            b"POST /p%41th/../?q=%2F HTTP/1.1\r\nHost: a:1\r\nX-One:  two words \t\r\nX-ONE: three\r\nX-Empty:\r\n"
            b"Cookie: \xe4=1\r\nContent-Length: 2\r\n\r\nok"
        )
        assert (await client.answer()).status == 204
        (request,) = recorder.requests
        assert (request.method, request.target, request.body) == (b"POST", b"/p%41th/../?q=%2F", b"ok")
        assert request.headers == [
            (b"host", b"a:1"),
            (b"x-one", b"two words"),
            (b"x-one", b"three"),
            (b"x-empty", b""),
            (b"cookie", b"\xe4=1"),
            (b"content-length", b"2"),
        ]
        assert request.header(b"x-one") == b"two words,three"
        assert request.header(b"x-empty") == b""
        assert request.header(b"absent") is None
        assert request.peer == client.writer.get_extra_info("sockname")
        assert (request.secure, request.tls, request.http_version) == (False, None, "1.1")
        assert "ok" not in repr(request)

    serve(test, recorder)


def test_answer_carries_length_and_date_and_keeps_the_connection(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        for _ in range(3):
            await client.send(POST)
            answer = await client.answer()
            assert answer.status == 200
            assert answer.body == b"xyz"
            assert answer.headers == {
                b"x-method": b"POST",
                b"x-target": b"/a?b=c",
                b"content-length": b"3",
                b"date": b"Thu, 01 Jan 2026 00:00:00 GMT",
            }
        assert running.server.counters[:3] == (3, 1, 1)

    serve(test)


def test_date_follows_the_clock(serve) -> None:
    async def test(running) -> None:
        await running.pass_time(86_400)
        assert (await running.ask(POST)).headers[b"date"] == b"Fri, 02 Jan 2026 00:00:00 GMT"

    serve(test)


def test_request_sent_byte_by_byte_is_one_request(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        for position in range(len(POST)):
            await client.send(POST[position : position + 1])
            await asyncio.sleep(0)
        assert (await client.answer()).body == b"xyz"

    serve(test)


@pytest.mark.parametrize("size", [16_383, 16_384, 16_385, 1_000_000])
def test_large_body_arrives_whole(serve, size: int) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    async def test(running) -> None:
        client = await running.connect()
        for _ in range(3):
            await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + body)
            assert (await client.answer()).body == body

    serve(test)


@pytest.mark.parametrize("cut", [1, 3, 7, 1000])
def test_chunked_body_is_joined_and_trailers_are_dropped(serve, cut: int) -> None:
    recorder = Recorder()
    data = (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x-late\r\n\r\n"
        b"3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Late: 1\r\nX-Amz-Checksum-Crc32: smuggled\r\n\r\n"
    )

    async def test(running) -> None:
        client = await running.connect()
        for position in range(0, len(data), cut):
            await client.send(data[position : position + cut])
            await asyncio.sleep(0)
        await client.send(GET % b"/next")
        assert [(await client.answer()).status for _ in range(2)] == [204, 204]
        first, second = recorder.requests
        assert first.body == b"abcdefg"
        for request in (first, second):
            assert request.header(b"x-late") is None
            assert request.header(b"x-amz-checksum-crc32") is None
        assert second.headers == [(b"host", b"a")]

    serve(test, recorder)


def test_pipelined_requests_are_answered_in_order_one_at_a_time(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(b"".join(GET % b"/%d" % number for number in range(40)))
        for number in range(40):
            await running.settle()
            assert len(later.replies) == number + 1, "the next one waits for the answer before"
            later.replies[number].send(200, [], later.replies[number].request.target)
        assert [(await client.answer()).body for _ in range(40)] == [b"/%d" % number for number in range(40)]

    serve(test, later)


def test_thousands_of_pipelined_requests_answered_inline_are_answered_in_order(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        sending = asyncio.create_task(client.send(b"".join(GET % b"/%d" % number for number in range(5000))))
        for number in range(5000):
            assert (await client.answer()).headers[b"x-target"] == b"/%d" % number
        await sending

    serve(test)


def test_pipelined_bodies_split_anywhere_are_kept_apart(serve) -> None:
    later = Later()
    data = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (n, n * 1000) + b"%d" % n * (n * 1000)
        for n in range(9)
    )

    async def test(running) -> None:
        client = await running.connect()

        async def send() -> None:
            for position in range(0, len(data), 777):
                await client.send(data[position : position + 777])
                await asyncio.sleep(0)

        sending = asyncio.create_task(send())
        for number in range(9):
            while len(later.replies) <= number:
                await running.settle()
            reply = later.replies[number]
            assert reply.request.body == b"%d" % number * (number * 1000)
            reply.send(200, [], reply.request.target)
            assert (await client.answer()).body == b"/%d" % number
        await sending

    serve(test, later)


def test_reading_stops_while_a_request_is_answered_and_others_wait(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        client.writer.write((GET % b"/") * 400_000)
        await running.settle()
        (connection,) = running.server._hub.clients
        assert connection._reading_paused
        assert len(connection._rest) < 1_000_000
        assert len(connection._queue) < 1_000

    serve(test, later)


@pytest.mark.parametrize(
    ("head", "connection"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"close"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close, x\r\n\r\n", b"close"),
        (b"GET / HTTP/1.0\r\n\r\n", b"close"),
        (b"GET / HTTP/1.0\r\nHost: a\r\nConnection: close\r\n\r\n", b"close"),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", b"keep-alive"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", None),
    ],
)
def test_connection_is_kept_or_closed_as_asked(serve, head: bytes, connection: bytes | None) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(head)
        answer = await client.answer()
        assert answer.status == 200
        assert answer.headers.get(b"connection") == connection
        if connection == b"close":
            assert await client.closed()
        else:
            await client.send(head)
            assert (await client.answer()).status == 200

    serve(test)


def test_what_follows_connection_close_is_not_served(serve) -> None:
    recorder = Recorder()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET % b"/2")
        assert (await client.answer()).status == 204
        assert await client.closed()
        assert [request.target for request in recorder.requests] == [b"/1"]

    serve(test, recorder)


def test_continue_is_sent_when_the_body_is_wanted(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n")
        assert (await client.head()) == (100, {})
        await client.send(b"xyz")
        assert (await client.answer()).body == b"xyz"

    serve(test)


def test_continue_of_a_pipelined_request_waits_for_its_turn(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(
            GET % b"/1" + b"PUT /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        )
        assert await client.silent()
        later.replies[0].send(200, [], b"one")
        assert (await client.answer()).body == b"one"
        assert (await client.head()) == (100, {})
        await client.send(b"xyz")
        await running.settle()
        assert later.replies[1].request.body == b"xyz"
        later.replies[1].send(200, [])
        assert (await client.answer()).status == 200

    serve(test, later)


def test_continue_is_not_sent_to_http_1_0_or_without_a_body(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.answer()).status == 200
        old = await running.connect()
        await old.send(b"PUT / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx")
        assert (await old.answer()).status == 200

    serve(test)


def test_upgrade_is_ignored_and_the_connection_goes_on(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        upgrade = b"GET /1 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"
        await client.send(upgrade + upgrade + GET % b"/2" + upgrade)
        targets = [(await client.answer()).headers[b"x-target"] for _ in range(4)]
        assert targets == [b"/1", b"/1", b"/2", b"/1"]
        await client.send(POST)
        assert (await client.answer()).body == b"xyz"

    serve(test)


@pytest.mark.parametrize("target", [b"http://a/path", b"HTTPS://A/path", b"http://a?x"])
def test_absolute_target_of_the_same_host_is_served_as_sent(serve, target: bytes) -> None:
    async def test(running) -> None:
        assert (await running.ask(GET % target)).headers[b"x-target"] == target

    serve(test)


def test_asterisk_is_served_for_options(serve) -> None:
    async def test(running) -> None:
        assert (await running.ask(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")).status == 200

    serve(test)


def test_empty_lines_before_a_request_are_skipped(serve) -> None:
    async def test(running) -> None:
        assert (await running.ask(b"\r\n\r\n" + GET % b"/")).status == 200

    serve(test)


def test_half_closed_client_gets_its_answers(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET % b"/1" + GET % b"/2")
        client.writer.write_eof()
        await running.settle()
        later.replies[0].send(200, [], b"1")
        await running.settle()
        later.replies[1].send(200, [], b"2")
        assert [(await client.answer()).body for _ in range(2)] == [b"1", b"2"]
        assert await client.closed()

    serve(test, later)


def test_half_closed_client_is_told_what_was_wrong_with_its_last_request(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET % b"/1" + b"nonsense\r\n\r\n")
        client.writer.write_eof()
        await running.settle()
        later.replies[0].send(200, [], b"1")
        assert [(await client.answer()).status for _ in range(2)] == [200, 400]
        assert await client.closed()

    serve(test, later)


def test_unix_socket_peer_is_empty(tmp_path: Path) -> None:
    recorder = Recorder()

    async def main() -> None:
        errors: list[Exception] = []
        server = Server(recorder, clock=ManualClock(), on_error=lambda error, _request: errors.append(error))
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "socket"))
            await server.start([listening])
            reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
            writer.write(GET % b"/")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204")
            writer.close()
            await server.drain(1)
        assert not errors

    uvloop.run(main())
    assert recorder.requests[0].peer == ("", 0)
