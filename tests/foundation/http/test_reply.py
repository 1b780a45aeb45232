from __future__ import annotations

import asyncio

import pytest

from casemate.foundation.http import BodyAborted, BodyStream, ClientGone, Limits, Reply, ReplyMisuse, Request

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
GET_1_0 = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"


class Later:
    def __init__(self) -> None:
        self.replies: list[Reply] = []

    def __call__(self, request: Request, reply: Reply) -> None:
        self.replies.append(reply)


def test_answer_to_head_has_the_length_and_no_body(serve) -> None:
    def handler(request: Request, reply: Reply) -> None:
        if request.target == b"/given":
            reply.send(200, [(b"content-length", b"64000000")])
        else:
            reply.send(200, [], b"abc")

    async def test(running) -> None:
        client = await running.connect()
        await client.send(HEAD)
        assert (await client.answer(bodiless=True)).headers[b"content-length"] == b"3"
        await client.send(HEAD.replace(b"/ ", b"/given "))
        assert (await client.answer(bodiless=True)).headers[b"content-length"] == b"64000000"
        await client.send(GET)
        assert (await client.answer()).body == b"abc"

    serve(test, handler)


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_body_has_neither_length_nor_body(serve, status: int) -> None:
    async def test(running) -> None:
        client = await running.connect()
        for _ in range(2):
            await client.send(GET)
            answer = await client.answer()
            assert answer.status == status
            assert b"content-length" not in answer.headers

    serve(test, lambda request, reply: reply.send(status, [], b"ignored"))


@pytest.mark.parametrize(
    "headers",
    [
        [(b"x", b"a\r\nSet-Cookie: b")],
        [(b"x", b"a\nb")],
        [(b"x", b"a\rb")],
        [(b"x\r\ny", b"a")],
        [(b"x", b"a\n"), (b"y", b"")],
    ],
)
def test_line_break_in_a_header_is_a_bug_and_answered_500(serve, headers) -> None:
    async def test(running) -> None:
        answer = await running.ask(GET)
        assert answer.status == 500
        assert isinstance(running.errors[0], ReplyMisuse)

    serve(test, lambda request, reply: reply.send(200, headers), failing=True)


def test_answering_twice_is_a_bug(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET)
        await running.settle()
        reply = later.replies[0]
        reply.send(200, [])
        for again in (
            lambda: reply.send(200, []),
            lambda: reply.start(200, []),
            lambda: reply.write(b""),
            reply.finish,
        ):
            with pytest.raises(ReplyMisuse):
                again()
        assert (await client.answer()).status == 200
        assert await client.silent()

    serve(test, later)


def test_handler_that_raises_is_answered_500_and_reported(serve) -> None:
    def handler(request: Request, reply: Reply) -> None:
        raise LookupError("a bug")

    async def test(running) -> None:
        client = await running.connect()
        for _ in range(2):
            await client.send(GET)
            answer = await client.answer()
            assert answer.status == 500
            assert b"bug" not in answer.body
        assert [type(error) for error in running.errors] == [LookupError, LookupError]

    serve(test, handler, failing=True)


def test_handler_that_raises_after_it_answered_is_reported_only(serve) -> None:
    def handler(request: Request, reply: Reply) -> None:
        reply.send(200, [])
        raise LookupError

    async def test(running) -> None:
        client = await running.connect()
        for _ in range(2):
            await client.send(GET)
            assert (await client.answer()).status == 200

    serve(test, handler, failing=True)


def test_handler_that_raises_in_the_middle_cuts_the_connection(serve) -> None:
    def handler(request: Request, reply: Reply) -> None:
        reply.start(200, [])
        reply.write(b"abc")
        raise LookupError

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError, ValueError)):
            await client.answer()

    serve(test, handler, failing=True)


def test_client_gone_makes_the_answer_a_no_op(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET + GET)
        await running.settle()
        reply = later.replies[0]
        assert not reply.gone
        client.abort()
        await running.settle()
        assert reply.gone
        reply.send(200, [], b"nobody hears")
        assert len(later.replies) == 1, "what was queued behind it is not begun"

    serve(test, later)


def test_client_gone_in_the_middle_is_told_by_drain(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET)
        await running.settle()
        reply = later.replies[0]
        reply.start(200, [])
        client.abort()
        await running.settle()
        reply.write(b"x")
        with pytest.raises(ClientGone):
            await reply.drain()
        reply.finish()

    serve(test, later)


def test_client_gone_while_drain_waits_wakes_it(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        client.writer.transport.pause_reading()
        await client.send(GET)
        await running.settle()
        reply = later.replies[0]
        reply.start(200, [])
        reply.write(b"x" * 20_000_000)
        waiting = asyncio.create_task(reply.drain())
        await running.settle()
        assert not waiting.done()
        client.abort()
        with pytest.raises(ClientGone):
            await asyncio.wait_for(waiting, 5)

    serve(test, later)


@pytest.mark.parametrize("request_line", [GET, GET_1_0])
@pytest.mark.parametrize("length", [None, 10])
def test_answer_in_pieces_arrives_whole(serve, request_line: bytes, length: int | None) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(request_line)
        await running.settle()
        reply = later.replies[0]
        reply.start(200, [(b"x-a", b"b")], length)
        for piece in (b"hello", b"", b"world"):
            reply.write(piece)
            await reply.drain()
        reply.finish()
        answer = await client.answer()
        assert (answer.status, answer.body) == (200, b"helloworld")
        if request_line is GET_1_0 and length is None:
            assert answer.headers[b"connection"] == b"close"
            assert await client.closed()
        else:
            assert (b"transfer-encoding" in answer.headers) is (length is None)
            await client.send(GET)
            await running.settle()
            later.replies[1].send(200, [])
            assert (await client.answer()).status == 200

    serve(test, later)


@pytest.mark.parametrize("length", [None, 5])
def test_answer_in_pieces_to_head_has_no_body(serve, length: int | None) -> None:
    def handler(request: Request, reply: Reply) -> None:
        reply.start(200, [], length)
        reply.write(b"hello")
        reply.finish()

    async def test(running) -> None:
        client = await running.connect()
        for _ in range(2):
            await client.send(HEAD)
            assert (await client.answer(bodiless=True)).status == 200
        assert await client.silent()

    serve(test, handler)


def test_answer_shorter_than_announced_is_cut_and_longer_is_a_bug(serve) -> None:
    later = Later()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET)
        await running.settle()
        reply = later.replies[0]
        reply.start(200, [], 3)
        with pytest.raises(ReplyMisuse):
            reply.write(b"abcd")
        other = await running.connect()
        await other.send(GET)
        await running.settle()
        reply = later.replies[1]
        reply.start(200, [], 3)
        reply.write(b"ab")
        reply.finish()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await other.answer()

    serve(test, later)


def test_cut_ends_the_connection_without_an_answer(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET)
        assert await client.closed()

    serve(test, lambda request, reply: reply.cut())


class Uploads:
    """A stream handler: reads bodies from BodyStreams, answers what it was told to answer at the head."""

    def __init__(self, high_water: int = 262_144) -> None:
        self.high_water = high_water
        self.streams: list[tuple[BodyStream, Reply]] = []
        self.at_once: int | None = None
        self.whole = False
        self.bodies: list[bytes] = []

    def on_head(self, request: Request, reply: Reply) -> BodyStream | None:
        if self.at_once is not None:
            reply.send(self.at_once, [])
            return None
        if self.whole:
            return None
        stream = BodyStream(self.high_water)
        self.streams.append((stream, reply))
        return stream

    def __call__(self, request: Request, reply: Reply) -> None:
        self.bodies.append(request.body)
        reply.send(200, [], request.body)


PUT = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%b\r\n"


async def read_all(stream: BodyStream) -> bytes:
    pieces = []
    while piece := await asyncio.wait_for(stream.read(), 5):
        pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.parametrize("size", [0, 5, 3_000_000])
def test_body_is_taken_as_it_arrives(serve, size: int) -> None:
    uploads = Uploads()

    async def test(running) -> None:
        client = await running.connect()
        body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        for _ in range(2):
            sending = asyncio.create_task(client.send(PUT % (size, b"") + body))
            while not uploads.streams:
                await running.settle()
            stream, reply = uploads.streams.pop()
            assert await read_all(stream) == body
            reply.send(200, [], b"%d" % size)
            assert (await client.answer()).body == b"%d" % size
            await sending

    serve(test, uploads)


def test_reading_stops_above_the_high_water_mark(serve) -> None:
    uploads = Uploads(100_000)

    async def test(running) -> None:
        client = await running.connect()
        client.writer.write(PUT % (30_000_000, b"") + b"x" * 30_000_000)
        while not uploads.streams:
            await running.settle()
        for _ in range(20):
            await running.settle()
        stream, reply = uploads.streams[0]
        assert 100_000 <= stream._buffered < 140_000
        (connection,) = running.server._hub.clients
        assert connection._reading_paused
        await running.pass_time(1)
        assert len(await read_all(stream)) == 30_000_000
        reply.send(200, [])
        assert (await client.answer()).status == 200

    serve(test, uploads)


def test_sink_left_full_does_not_stop_the_next_request(serve) -> None:
    uploads = Uploads(10)

    async def test(running) -> None:
        client = await running.connect()
        for number in range(3):
            await client.send(PUT % (1000, b"") + b"x" * 1000)
            while len(uploads.streams) <= number:
                await running.settle()
            await running.settle()
            uploads.streams[number][1].send(200, [])
            assert (await client.answer()).status == 200

    serve(test, uploads)


def test_sink_left_full_by_an_inline_answer_does_not_stop_the_next_request(serve) -> None:
    class Inline(BodyStream):
        __slots__ = ("reply",)

        def end(self) -> None:
            self.reply.send(200, [])

    def on_head(request: Request, reply: Reply) -> BodyStream:
        stream = Inline(10)
        stream.reply = reply
        return stream

    uploads = Uploads()
    uploads.on_head = on_head

    async def test(running) -> None:
        client = await running.connect()
        for _ in range(3):
            await client.send(PUT % (1000, b"") + b"x" * 1000)
            assert (await client.answer()).status == 200

    serve(test, uploads)


def test_slowness_of_the_sink_is_not_held_against_the_client(serve) -> None:
    uploads = Uploads(1000)

    async def test(running) -> None:
        client = await running.connect()
        client.writer.write(PUT % (10_000_000, b"") + b"x" * 10_000_000)
        while not uploads.streams:
            await running.settle()
        stream, reply = uploads.streams[0]
        for _ in range(100):
            await running.pass_time(0.5)
        assert len(await read_all(stream)) == 10_000_000
        reply.send(200, [])
        assert (await client.answer()).status == 200

    serve(test, uploads, Limits(linger=2))


def test_continue_is_sent_for_a_sink_and_not_when_refused_at_the_head(serve) -> None:
    uploads = Uploads()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(PUT % (3, b"Expect: 100-continue\r\n"))
        assert (await client.head())[0] == 100
        await client.send(b"abc")
        await running.settle()
        stream, reply = uploads.streams[0]
        assert await read_all(stream) == b"abc"
        reply.send(200, [])
        assert (await client.answer()).status == 200
        uploads.at_once = 403
        await client.send(PUT % (3, b"Expect: 100-continue\r\n"))
        answer = await client.answer()
        assert (answer.status, answer.headers[b"connection"]) == (403, b"close")
        assert await client.closed()

    serve(test, uploads)


def test_stream_handler_that_wants_the_whole_body_gets_it_up_to_the_limit(serve) -> None:
    uploads = Uploads()
    uploads.whole = True

    async def test(running) -> None:
        client = await running.connect()
        for _ in range(2):
            await client.send(PUT % (3, b"Expect: 100-continue\r\n"))
            assert (await client.head())[0] == 100
            await client.send(b"abc")
            assert (await client.answer()).body == b"abc"
        assert (await running.ask(PUT % (1001, b""))).status == 413
        assert uploads.bodies == [b"abc", b"abc"]

    serve(test, uploads, Limits(body_bytes=1000))


def test_pipelined_uploads_wait_for_their_turn(serve) -> None:
    uploads = Uploads()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(PUT % (3, b"") + b"abc" + PUT % (3, b"") + b"def" + PUT % (3, b"") + b"g")
        for number, body in enumerate((b"abc", b"def", b"ghi")):
            await running.settle()
            assert len(uploads.streams) == number + 1
            if number == 2:
                await client.send(b"hi")
            stream, reply = uploads.streams[number]
            assert await read_all(stream) == body
            reply.send(200, [], body)
        assert [(await client.answer()).body for _ in range(3)] == [b"abc", b"def", b"ghi"]

    serve(test, uploads)


def test_answer_before_the_body_ends_closes_after_a_while(serve) -> None:
    uploads = Uploads()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(PUT % (100_000_000, b"") + b"x" * 1000)
        await running.settle()
        stream, reply = uploads.streams[0]
        reply.send(507, [], b"full")
        client.writer.write(b"x" * 2_000_000)
        answer = await client.answer()
        assert (answer.status, answer.body) == (507, b"full")
        assert answer.headers[b"connection"] == b"close"
        with pytest.raises(BodyAborted):
            await read_all(stream)

    serve(test, uploads)


@pytest.mark.parametrize("started", [False, True])
def test_nonsense_in_a_streamed_body_aborts_the_sink(serve, started: bool) -> None:
    uploads = Uploads()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await running.settle()
        stream, reply = uploads.streams[0]
        assert await stream.read() == b"abc"
        if started:
            reply.start(200, [], 10)
        reading = asyncio.create_task(stream.read())
        await client.send(b"nonsense\r\n")
        with pytest.raises(BodyAborted):
            await reading
        reply.write(b"x") if started else reply.send(200, [])
        if started:
            with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
                await client.answer()
        else:
            assert (await client.answer()).status == 400

    serve(test, uploads)


def test_client_gone_aborts_the_sink(serve) -> None:
    uploads = Uploads()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(PUT % (10, b"") + b"x")
        await running.settle()
        client.close()
        with pytest.raises(BodyAborted):
            await read_all(uploads.streams[0][0])
        uploads.streams[0][1].send(200, [])

    serve(test, uploads)


def test_sink_that_raises_is_answered_500_and_reported(serve) -> None:
    uploads = Uploads()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(PUT % (10, b""))
        await running.settle()
        await client.send(b"x")
        assert (await client.answer()).status == 500

    class Broken(BodyStream):
        __slots__ = ()

        def feed(self, data: bytes) -> None:
            raise LookupError

    def on_head(request: Request, reply: Reply) -> BodyStream:
        stream = Broken()
        uploads.streams.append((stream, reply))
        return stream

    uploads.on_head = on_head
    serve(test, uploads, failing=True)


def test_refusal_of_a_waiting_request_lets_none_behind_it_overtake(serve) -> None:
    class Mixed:
        """Answers the first later, takes the others whole."""

        def __init__(self) -> None:
            self.first: Reply | None = None
            self.served: list[bytes] = []

        def on_head(self, request: Request, reply: Reply) -> None:
            return None

        def __call__(self, request: Request, reply: Reply) -> None:
            self.served.append(request.target)
            if self.first is None:
                self.first = reply
            else:
                reply.send(200, [])

    mixed = Mixed()

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET + PUT % (2000, b"") + b"x" * 2000 + b"GET /behind HTTP/1.1\r\nHost: a\r\n\r\n")
        await running.settle()
        mixed.first.send(200, [])
        assert [(await client.answer()).status for _ in range(2)] == [200, 413]
        assert await client.closed()
        assert mixed.served == [b"/"]

    serve(test, mixed, Limits(body_bytes=1000))


@pytest.mark.parametrize("waiting", [False, True])
@pytest.mark.parametrize("method", ["bind", "feed", "end", "abort"])
def test_error_in_any_part_of_a_sink_is_reported_and_harms_no_other_request(serve, method: str, waiting: bool) -> None:
    def broken(*_: object) -> None:
        raise LookupError

    replies: list[Reply] = []

    class Handler:
        def on_head(self, request: Request, reply: Reply):
            if request.target == b"/first":
                return None
            sink = type("Broken", (BodyStream,), {method: broken})()
            replies.append(reply)
            return sink

        def __call__(self, request: Request, reply: Reply) -> None:
            replies.append(reply)

    async def test(running) -> None:
        client = await running.connect()
        body = b"abc" if method != "abort" else b"a"
        await client.send((b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n" if waiting else b"") + PUT % (3, b"") + body)
        await running.settle()
        if waiting:
            replies[0].send(200, [])
            assert (await client.answer()).status == 200
        if method == "abort":
            client.abort()
            await running.settle()
        else:
            assert (await client.answer()).status == 500
        assert [type(error) for error in running.errors] == [LookupError]

    serve(test, Handler(), failing=True)
