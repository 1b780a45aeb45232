from __future__ import annotations

import asyncio

import pytest

from casemate.foundation.http import Limits, Reply

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def keep(replies: list[Reply]):
    return lambda request, reply: replies.append(reply)


@pytest.mark.parametrize(("size", "status"), [(950, 200), (1100, 431)])
def test_head_within_its_limit_is_served_and_beyond_is_refused(serve, size: int, status: int) -> None:
    async def test(running) -> None:
        answer = await running.ask(HEAD + b"X: " + b"x" * size + b"\r\n\r\n")
        assert answer.status == status

    serve(test, limits=Limits(header_bytes=1000))


def test_head_limit_counts_many_pieces_exactly(serve) -> None:
    async def test(running) -> None:
        for lines, status in ((60, 200), (80, 431)):
            client = await running.connect()
            await client.send(HEAD)
            for number in range(lines):
                await client.send(b"x-%02d: 123456\r\n" % number)
                await asyncio.sleep(0)
            await client.send(b"\r\n")
            assert (await client.answer()).status == status

    serve(test, limits=Limits(header_bytes=1000, header_count=1000))


def test_head_that_never_ends_is_refused_while_it_grows(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(HEAD + b"X: ")
        client.writer.write(b"x" * 100_000)
        assert (await client.answer()).status == 431

    serve(test, limits=Limits(header_bytes=1000))


@pytest.mark.parametrize(("count", "status"), [(10, 200), (11, 431)])
def test_header_count_is_limited(serve, count: int, status: int) -> None:
    async def test(running) -> None:
        answer = await running.ask(HEAD + b"".join(b"x-%d: 1\r\n" % n for n in range(count - 1)) + b"\r\n")
        assert answer.status == status

    serve(test, limits=Limits(header_count=10))


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 414)])
def test_target_length_is_limited(serve, size: int, status: int) -> None:
    async def test(running) -> None:
        client = await running.connect()
        target = b"/" + b"x" * (size - 1)
        await client.send(b"GET " + target[:50])
        await running.settle()
        await client.send(target[50:] + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await client.answer()).status == status

    serve(test, limits=Limits(target_bytes=100))


@pytest.mark.parametrize(("size", "status"), [(1000, 200), (1001, 413)])
@pytest.mark.parametrize("chunked", [False, True])
def test_body_length_is_limited(serve, size: int, status: int, chunked: bool) -> None:
    async def test(running) -> None:
        if chunked:
            answer = await running.ask(CHUNKED + b"%x\r\n" % size + b"x" * size + b"\r\n0\r\n\r\n")
        else:
            answer = await running.ask(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
        assert answer.status == status

    serve(test, limits=Limits(body_bytes=1000))


def test_too_large_body_is_refused_before_continue(serve) -> None:
    async def test(running) -> None:
        answer = await running.ask(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
        assert answer.status == 413

    serve(test, limits=Limits(body_bytes=1000))


def test_chunk_framing_without_body_is_refused(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        client.writer.write(CHUNKED)
        client.writer.write((b"1;" + b"e" * 1000 + b"\r\nx\r\n") * 200)
        assert (await client.answer()).status == 400

    serve(test, limits=Limits(header_bytes=1000))


def test_one_byte_chunks_are_served(serve) -> None:
    async def test(running) -> None:
        assert (await running.ask(CHUNKED + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n")).body == b"x" * 50_000

    serve(test)


def test_buffered_bodies_of_all_clients_together_are_limited(serve) -> None:
    async def test(running) -> None:
        head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
        clients = [await running.connect() for _ in range(3)]
        for client in clients:
            await client.send(head + b"x" * 900)
            await running.settle()
        assert (await clients[2].answer()).status == 503
        assert running.server._hub.buffered == 1800
        await clients[0].send(b"x" * 100)
        assert (await clients[0].answer()).status == 200
        assert running.server._hub.buffered == 900
        clients[1].abort()
        await running.settle()
        assert running.server._hub.buffered == 0

    serve(test, limits=Limits(total_body_bytes=2000))


def test_connection_too_many_is_answered_503_and_others_go_on(serve) -> None:
    async def test(running) -> None:
        first, second = [await running.connect() for _ in range(2)]
        await running.settle()
        third = await running.connect()
        assert (await third.answer()).status == 503
        assert await third.closed()
        third.close()
        for client in (first, second):
            await client.send(HEAD + b"\r\n")
            assert (await client.answer()).status == 200
        first.close()
        await running.settle()
        assert (await running.ask(HEAD + b"\r\n")).status == 200

    serve(test, limits=Limits(connections=2))


# Time


LIMITS = Limits(header_timeout=10, body_timeout=20, idle_timeout=50, write_timeout=30, linger=2, body_rate=100)


def test_client_that_says_nothing_is_let_go(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await running.pass_time(9)
        assert await client.silent()
        await running.pass_time(2)
        assert await client.closed()

    serve(test, limits=LIMITS)


def test_slow_head_is_refused_however_it_trickles(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        for _ in range(11):
            await client.send(b"G" if _ == 0 else b"")
            await running.pass_time(1)
        assert (await client.answer()).status == 408
        assert await client.closed()

    serve(test, limits=LIMITS)


def test_idle_connection_is_closed_after_its_time(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        for _ in range(3):
            await client.send(HEAD + b"\r\n")
            assert (await client.answer()).status == 200
            await running.pass_time(49)
        await running.pass_time(2)
        assert await client.closed()

    serve(test, limits=LIMITS)


def test_slow_second_head_on_a_kept_connection_is_refused(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(HEAD + b"\r\n")
        assert (await client.answer()).status == 200
        await client.send(b"GET / HT")
        await running.pass_time(11)
        assert (await client.answer()).status == 408

    serve(test, limits=LIMITS)


def test_body_that_stops_is_refused(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        await running.pass_time(21)
        assert (await client.answer()).status == 408
        assert await client.closed()

    serve(test, limits=LIMITS)


def test_body_below_the_least_rate_is_refused_and_one_above_is_served(serve) -> None:
    async def test(running) -> None:
        for rate, status in ((90, 408), (110, 200)):
            client = await running.connect()
            await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (rate * 30))
            for _ in range(30 if status == 200 else 22):
                client.writer.write(b"x" * rate)
                await running.pass_time(1)
            assert (await client.answer()).status == status
            client.close()

    serve(test, limits=LIMITS)


def test_handler_may_take_its_time(serve) -> None:
    replies: list[Reply] = []

    async def test(running) -> None:
        client = await running.connect()
        await client.send(HEAD + b"\r\n")
        await running.pass_time(1000)
        replies[0].send(200, [])
        assert (await client.answer()).status == 200

    serve(test, keep(replies), LIMITS)


def test_client_that_does_not_read_is_cut_off(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        client.writer.transport.pause_reading()
        await client.send(HEAD + b"\r\n")
        await running.settle()
        assert running.server.counters.open == 1
        await running.pass_time(31)
        assert running.server.counters.open == 0

    serve(test, lambda request, reply: reply.send(200, [], b"x" * 20_000_000), LIMITS)


def test_client_that_does_not_read_gets_no_further_requests_served(serve) -> None:
    served = []

    def handler(request, reply) -> None:
        served.append(request)
        reply.send(200, [], b"x" * 5_000_000)

    async def test(running) -> None:
        client = await running.connect()
        client.writer.transport.pause_reading()
        await client.send((HEAD + b"\r\n") * 50)
        await running.settle()
        assert len(served) < 5
        client.writer.transport.resume_reading()
        for _ in range(50):
            assert len((await client.answer()).body) == 5_000_000
        assert len(served) == 50

    serve(test, handler, LIMITS)


def test_refused_client_that_never_leaves_is_cut_off(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(b"nonsense\r\n\r\n")
        assert (await client.answer()).status == 400
        await running.pass_time(3)
        await running.pass_time(31)
        assert running.server.counters.open == 0

    serve(test, limits=LIMITS)


def test_tick_is_short_enough_for_the_shortest_limit() -> None:
    assert Limits().tick <= 1.0
    assert Limits(linger=0.2).tick == pytest.approx(0.05)
