"""One client's HTTP/2 connection.

What a client may cost is bounded: streams at once, the decoded size of a header block, CONTINUATION frames (by the
library), frames that ask for work without bringing a request (resets, pings, settings, empty data, window updates) and
answers that wait for a client that doesn't read. Whoever goes beyond gets GOAWAY with ENHANCE_YOUR_CALM.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Final, Protocol, cast

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingReceived,
    PriorityUpdated,
    RemoteSettingsChanged,
    RequestReceived,
    SettingsAcknowledged,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import DenialOfServiceError, ProtocolError
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from casemate.edge.proxy.access_log import Refusal
from casemate.edge.proxy.answers import Answer
from casemate.edge.proxy.core import BUFFERED
from casemate.edge.proxy.edge_connection import CLIENT_CLOSED
from casemate.edge.proxy.http2.bounds import Calm, Unfinished
from casemate.edge.proxy.http2.head import Malformed, read_head
from casemate.edge.proxy.http2.stream import Stream
from casemate.edge.proxy.sessions import client_tls
from casemate.edge.proxy.upload import Upload
from casemate.foundation.http import BodyAborted, BodySink, Request
from casemate.foundation.http.framing import Refused
from casemate.foundation.http.hub import Hub

STREAMS: Final = 100
"""Requests at once on a connection."""
WINDOW: Final = 262_144
"""Bytes of a body that a client may send ahead."""
CONNECTION_WINDOW: Final = 1_048_576
_PLAIN: Final = [(b"content-type", b"text/plain")]


class Takes(Protocol):
    """Who handles requests: the proxy."""

    def sink(self, request: Request, answer: Answer) -> BodySink | None: ...

    def upload(self, request: Request, answer: Answer) -> BodySink: ...

    def take(self, request: Request, answer: Answer) -> None: ...

    def refused(self, refusal: Refusal) -> None: ...


class Http2Connection(asyncio.Protocol):
    """The protocol of one accepted connection that negotiated h2."""

    def __init__(self, hub: Hub, takes: Takes) -> None:
        self.hub = hub
        self._takes = takes
        self._limits = hub.limits
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None, validate_inbound_headers=True))
        self._streams: dict[int, Stream] = {}
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._closing = False
        self._calm = Calm(hub.now)
        self._last = hub.now
        self._stalled_since: float | None = None
        self._unfinished = Unfinished(self._h2, 2 * hub.limits.header_bytes)
        self._batch = False
        self._buffered = 0

    # The socket's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._peer = (peer[0], peer[1]) if isinstance(peer, tuple) else ("", 0)
        self._tls = client_tls(transport.get_extra_info("ssl_object"))
        self._scheme = b"http" if self._tls is None else b"https"
        # As initial values: what is put in later is in force once it was acknowledged, and never sent in the preface.
        self._h2.local_settings = Settings(
            client=False,
            initial_values={
                SettingCodes.MAX_CONCURRENT_STREAMS: STREAMS,
                SettingCodes.INITIAL_WINDOW_SIZE: WINDOW,
                SettingCodes.MAX_HEADER_LIST_SIZE: self._limits.header_bytes + 4096,
                SettingCodes.ENABLE_PUSH: 0,
            },
        )
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(CONNECTION_WINDOW - 65_535)
        self.written()
        if not self.hub.admit(self):
            self._go_away(ErrorCodes.ENHANCE_YOUR_CALM)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self._batch = True
        try:
            for event in self._h2.receive_data(data):
                self._last = self.hub.now  # frames that are never complete keep nobody
                self._event(event)
                if self._closing:
                    break
        except DenialOfServiceError:
            self._go_away(ErrorCodes.ENHANCE_YOUR_CALM, len(data))
        except ProtocolError:
            self._end(len(data))  # the library has written the GOAWAY that says why
        finally:
            self._batch = False
        if not self._closing and (wrong := self._unfinished.look(self.hub.now)) is not None:
            self._go_away(wrong, len(data))
        self.written()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._closing = True
        self.hub.leave(self)
        self._lose_all("the client closed the connection")

    def pause_writing(self) -> None:
        self._stalled_since = self.hub.now

    def resume_writing(self) -> None:
        self._stalled_since = None
        self._flush_all()

    # From frames to requests

    def _event(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._request(event)
        elif isinstance(event, DataReceived):
            self._data(event)
        elif isinstance(event, StreamEnded):
            self._ended(event.stream_id)
        elif isinstance(event, StreamReset):
            self._spend(1.0)
            self._reset_by_client(event.stream_id)
        elif isinstance(event, WindowUpdated):
            self._spend(0.2)
            self._flush_all() if not event.stream_id else self._flush(event.stream_id)
        elif isinstance(event, RemoteSettingsChanged):
            self._spend(1.0)
            self._flush_all()
        elif isinstance(event, PingReceived | PriorityUpdated | SettingsAcknowledged):
            self._spend(1.0)
        elif isinstance(event, TrailersReceived):
            self._spend(0.2)  # dropped, as over HTTP/1.1
        elif isinstance(event, ConnectionTerminated):
            self._end()

    def _spend(self, cost: float) -> None:
        if not self._calm.spend(cost, self.hub.now):
            self._go_away(ErrorCodes.ENHANCE_YOUR_CALM, 0)

    def _request(self, event: RequestReceived) -> None:
        number, block = event.stream_id, cast("Sequence[tuple[bytes, bytes]]", event.headers)
        self.hub.requests += 1
        limits = self._limits
        try:
            # Method, scheme and path are no lines of a head; the authority is its Host.
            if len(block) > limits.header_count + 3 or sum(len(n) + len(v) + 4 for n, v in block) > limits.header_bytes:
                raise Refused(431, "the request's head is too large")  # noqa: TRY301 - one way out
            request = read_head(
                list(block),
                peer=self._peer,
                tls=self._tls,
                scheme=self._scheme,
                largest_target=limits.target_bytes,
            )
        except Malformed:
            self._spend(1.0)
            self._note(400, sum(len(n) + len(v) for n, v in block))
            self.reset(number, ErrorCodes.PROTOCOL_ERROR)
            return
        except Refused as refused:
            bare = Request(b"GET", b"/", [], {}, "2.0", self._peer, self._tls)
            self._note(refused.status, sum(len(n) + len(v) for n, v in block))
            if refused.status == 400:
                self._spend(1.0)
                self.reset(number, ErrorCodes.PROTOCOL_ERROR)
            else:
                Stream(self, number, bare).send(refused.status, _PLAIN, refused.reason.encode() + b"\n")
            return
        stream = self._streams[number] = Stream(self, number, request)
        if b"expect" in request.fields and event.stream_ended is None:
            self._h2.send_headers(number, [(b":status", b"100")])
        # The body's end may be in the same frame; what comes as it arrives begins with the first data.
        if b"content-length" in request.fields:
            self._guarded(stream, lambda: self._bind(stream, self._takes.sink(request, stream)))

    def _bind(self, stream: Stream, sink: BodySink | None) -> None:
        if sink is not None:
            stream.sink = sink
            sink.bind(stream)

    def _data(self, event: DataReceived) -> None:
        number, data, flow = event.stream_id, event.data or b"", event.flow_controlled_length or 0
        stream = self._streams.get(number)
        if not data and event.stream_ended is None:
            self._spend(1.0)
        if stream is None or stream.done:
            self.acknowledge(number, flow)
            return
        stream.received += len(data)
        if stream.sink is None and b"content-length" not in stream.request.fields and stream.received > BUFFERED:
            # A body of unknown length that turned out to be long.
            self._guarded(stream, lambda: self._bind(stream, self._takes.upload(stream.request, stream)))
            pieces, stream.body = stream.body, []
            self._buffer(-sum(map(len, pieces)))
            for piece in pieces:
                self._feed(stream, piece)
        if stream.sink is not None:
            self._feed(stream, data)
        else:
            stream.body.append(data)
            self._buffer(len(data))
        stream.took(flow)

    def _buffer(self, size: int) -> None:
        self._buffered += size
        self.hub.buffered += size
        if self.hub.buffered > self._limits.total_body_bytes:
            self._go_away(ErrorCodes.ENHANCE_YOUR_CALM)

    def _feed(self, stream: Stream, data: bytes) -> None:
        sink = stream.sink
        if sink is not None and data:
            self._guarded(stream, lambda: sink.feed(data))

    def _ended(self, number: int) -> None:
        stream = self._streams.get(number)
        if stream is None:
            return
        stream.complete = True
        if stream.received != int(stream.request.fields.get(b"content-length", stream.received)):
            stream.complete = False
            self._spend(1.0)
            self._note(400, stream.received, stream)
            self._drop(stream, "less body than announced")
            self.reset(number, ErrorCodes.PROTOCOL_ERROR)
            return
        sink = stream.sink
        if sink is not None:
            self._guarded(stream, sink.end)
            return
        body = b"".join(stream.body)
        self._buffer(-len(body))
        stream.body = []
        stream.request.body = body
        self._guarded(stream, lambda: self._takes.take(stream.request, stream))

    def _guarded(self, stream: Stream, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is answered and reported
            self.hub.failed(error, stream.request)
            if not stream.started and not stream.gone:
                stream.send(500, _PLAIN, b"internal failure\n")
            elif not stream.done:
                stream.cut()

    def _reset_by_client(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is not None:
            self._lost(stream, CLIENT_CLOSED)
            self._drop(stream, "the client reset the stream")

    def _drop(self, stream: Stream, reason: str) -> None:
        stream.resume()
        stream.lose()
        self._buffer(-sum(map(len, stream.body)))
        stream.body = []
        if not stream.complete and stream.sink is not None:
            stream.complete = True
            sink = stream.sink
            self._guarded(stream, lambda: sink.abort(BodyAborted(reason)))

    def _lose_all(self, reason: str, status: int = CLIENT_CLOSED) -> None:
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            self._lost(stream, status)
            self._drop(stream, reason)

    def _lost(self, stream: Stream, status: int) -> None:
        if not stream.complete and not stream.done:
            self._note(status, stream.received, stream)

    def _note(self, status: int, received: int, stream: Stream | None = None) -> None:
        """For the access log: what never became a request that was judged."""
        if stream is not None and isinstance(stream.sink, Upload) and stream.sink.judged:
            return  # its exchange notes it
        request = stream.request if stream is not None else None
        self._takes.refused(Refusal(status, self._peer, self._tls, "2.0", received, 0, request))

    # For streams

    @property
    def stalled(self) -> bool:
        """Whether the client doesn't take what was written."""
        return self._stalled_since is not None

    def window(self, number: int) -> int:
        """Bytes that may be sent now in one frame."""
        return min(self._h2.local_flow_control_window(number), self._h2.max_outbound_frame_size)

    def acknowledge(self, number: int, length: int) -> None:
        if length and not self._closing:
            try:
                self._h2.acknowledge_received_data(length, number)
            except ProtocolError:
                return  # the stream has ended meanwhile; the connection's window was counted
            self.written()

    def send_headers(self, number: int, block: list[tuple[bytes, bytes]], *, end: bool) -> None:
        """Raises ProtocolError for what can't be said over HTTP/2."""
        self._h2.send_headers(number, block, end_stream=end)

    def send_data(self, number: int, data: bytes, *, end: bool) -> None:
        self._h2.send_data(number, data, end_stream=end)

    def reset(self, number: int, code: ErrorCodes = ErrorCodes.INTERNAL_ERROR) -> None:
        self._streams.pop(number, None)
        try:
            self._h2.reset_stream(number, code)
        except ProtocolError:
            return  # it has ended already
        self.written()

    def not_wanted(self, number: int) -> None:
        """The answer is whole, the request isn't: NO_ERROR stops the client."""
        self.reset(number, ErrorCodes.NO_ERROR)

    def closed_by_us(self, stream: Stream) -> None:
        self._calm.refund(0.9)  # an honest client cancels some of what it asks for
        if stream.complete:
            self._streams.pop(stream.number, None)
            if self.hub.draining and not self._streams:
                self._go_away(ErrorCodes.NO_ERROR)

    def written(self) -> None:
        """Send what the library has prepared; within one read of the socket, once."""
        if self._batch or self._transport.is_closing():
            return
        data = self._h2.data_to_send()
        if data:
            self._transport.write(data)

    def _flush(self, number: int) -> None:
        stream = self._streams.get(number)
        if stream is not None:
            stream.flush()

    def _flush_all(self) -> None:
        for stream in tuple(self._streams.values()):
            stream.flush()
        self.written()

    # Endings

    def _go_away(self, code: ErrorCodes, wrong: int | None = None) -> None:
        if self._closing:
            return
        with contextlib.suppress(ProtocolError):  # it is closed already
            self._h2.close_connection(code)
        self._end(wrong)

    def _end(self, wrong: int | None = None) -> None:
        """Close; `wrong` is how many bytes were no HTTP/2, or too much of it, where that is the reason."""
        self._closing = True
        self._batch = False
        self.written()
        if wrong is None:
            self._lose_all("the connection ended")
        else:
            if all(stream.complete for stream in self._streams.values()):
                self._note(400, wrong)
            self._lose_all("the connection ended", 400)
        self._transport.close()

    # For the hub

    def sweep(self, now: float) -> None:
        limits = self._limits
        if self._closing:
            if now - self._last > limits.linger:
                self._transport.abort()
        elif self._stalled_since is not None and now - self._stalled_since > limits.write_timeout:
            self.broken()
        elif self._unfinished.late(now, limits.header_timeout):
            self._go_away(ErrorCodes.ENHANCE_YOUR_CALM, 0)
        elif not self._streams and now - self._last > limits.idle_timeout:
            self._go_away(ErrorCodes.NO_ERROR)
        else:
            for stream in tuple(self._streams.values()):
                if stream.paused:
                    stream.since += limits.tick
                elif not stream.complete and now - stream.since > limits.body_timeout:
                    self._sweep_body(stream, now - stream.since)

    def _sweep_body(self, stream: Stream, elapsed: float) -> None:
        if stream.received < self._limits.body_rate * elapsed:
            self._note(408, stream.received, stream)
            self._drop(stream, "the request's body took too long")
            self.reset(stream.number, ErrorCodes.CANCEL)

    def quit(self) -> None:
        """The server drains: no new requests; what is under way is answered."""
        if not self._streams:
            self._go_away(ErrorCodes.NO_ERROR)
            return
        notice = GoAwayFrame(0, last_stream_id=self._h2.highest_inbound_stream_id, error_code=ErrorCodes.NO_ERROR)
        self._transport.write(notice.serialize())

    def broken(self) -> None:
        self._closing = True
        self._transport.abort()
