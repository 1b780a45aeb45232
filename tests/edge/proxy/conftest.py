"""A proxy in a thread of the test's process, an application behind it that remembers what it was sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import uvloop

from casemate.edge.proxy.configuration import OriginAddress, Timeouts
from casemate.edge.proxy.core import Front, Logs, Proxy
from casemate.edge.proxy.door import EdgeServer
from casemate.edge.proxy.forwarding import Trusted
from casemate.edge.proxy.origins import Origins
from casemate.edge.proxy.tls import Certificates
from casemate.engines.web import ActivePlan, PatternCache, ResourceKind, Resources
from casemate.foundation.clock import SharedClock
from casemate.foundation.http import Limits

ALLOW_ALL: dict[str, Any] = {"Name": "open", "DefaultAction": {"Allow": {}}, "Rules": []}
HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-type: text/plain\r\n\r\nhello"


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self.loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def stop(self) -> None:
        self.do(asyncio.sleep(0.05))  # what was aborted last is closed in the loop's next turns
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)

    def do(self, work: Awaitable[Any]) -> Any:
        async def awaited() -> Any:
            return await work

        future: Future[Any] = asyncio.run_coroutine_threadsafe(awaited(), self.loop)
        return future.result(20)

    def call(self, work: Callable[[], Any]) -> Any:
        async def called() -> Any:
            return work()

        return self.do(called())


class _Application(asyncio.Protocol):
    def __init__(self, origin: Application) -> None:
        self._origin = origin
        self._buffer = b""
        self.taken: Callable[[bytes], Any] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._origin.connections += 1
        self._origin.open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._origin.open.discard(self._transport)
        self._origin.unfinished = self._buffer

    def data_received(self, data: bytes) -> None:
        self._origin.raw += data
        if self.taken is not None:
            self.taken(data)
            return
        self._buffer += data
        while (request := self._next()) is not None:
            self._origin.requests.append(request)
            self._origin.answer(request, self._transport)

    def _next(self) -> bytes | None:
        """The next request by the plain reading of RFC 9112."""
        head, blank, rest = self._buffer.partition(b"\r\n\r\n")
        if not blank:
            return None
        lower = head.lower()
        if b"\r\ntransfer-encoding: chunked" in lower:
            end = rest.find(b"0\r\n\r\n")
            length = end + 5
            if end < 0:
                return None
        else:
            _, _, after = lower.partition(b"\r\ncontent-length: ")
            length = int(after.split(b"\r\n")[0]) if after else 0
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return head + blank + rest[:length]


class Application:
    """What stands behind the proxy. `reply(request, transport)` may be replaced."""

    def __init__(self, loop: Loop, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.raw = b""
        self.unfinished = b""
        self.connections = 0
        self.open: set[Any] = set()
        self.answer: Callable[[bytes, Any], None] = lambda _request, transport: transport.write(HELLO)
        self._server = loop.do(loop.loop.create_server(lambda: _Application(self), "127.0.0.1", 0, ssl=tls))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        self._server.close()
        for transport in tuple(self.open):
            transport.abort()

    @property
    def address(self) -> OriginAddress:
        return OriginAddress("127.0.0.1", self.port, tls=False)

    @property
    def targets(self) -> list[bytes]:
        return [request.split(b" ", 2)[1] for request in self.requests]


class Edge:
    """A running proxy."""

    def __init__(self, loop: Loop, folder: Path) -> None:
        self.loop = loop
        self.folder = folder
        self.errors: list[Exception] = []
        self.clock = SharedClock(folder / "clock")
        self.active = ActivePlan(PatternCache())
        self.port = 0
        self.secure = False
        self.server: EdgeServer | None = None
        self.origins: Origins | None = None
        self.proxy: Proxy | None = None

    def start(
        self,
        origins: list[OriginAddress],
        *,
        acl: dict[str, Any] | None = None,
        certificates: Certificates | None = None,
        limits: Limits | None = None,
        trusted: tuple[str, ...] = (),
        logs: Logs | None = None,
        timeouts: Timeouts | None = None,
        explain: bool = False,
        origin_tls: ssl.SSLContext | None = None,
        **more: Any,
    ) -> Edge:
        self.active.replace(acl or ALLOW_ALL, Resources())
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.secure = certificates is not None
        front = Front(
            "https" if self.secure else "http",
            self.port,
            ResourceKind.APPLICATION_LOAD_BALANCER,
            Trusted(trusted),
            explain,
        )

        async def begin() -> None:
            self.origins = Origins(origins, timeouts or Timeouts(), origin_tls, self.clock)
            self.proxy = Proxy(
                active=self.active, origins=self.origins, clock=self.clock, front=front, logs=logs or Logs(), **more
            )
            self.server = EdgeServer(
                self.proxy,
                clock=self.clock,
                on_error=lambda error, _request: self.errors.append(error),
                limits=limits or Limits(),
            )
            await self.server.start([listener], certificates.listening if certificates is not None else None)

        self.loop.do(begin())
        listener.close()
        return self

    def stop(self) -> None:
        if self.server is not None:
            self.loop.do(self.server.drain(0.2))
        if self.proxy is not None:
            self.loop.call(self.proxy.close)
        if self.origins is not None:
            self.loop.call(self.origins.close)
        self.clock.close()

    def connect(self, *, alpn: str = "http/1.1", name: str = "a.example", timeout: float = 5.0) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        if not self.secure:
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols([alpn])
        return context.wrap_socket(plain, server_hostname=name)

    def exchange(self, raw: bytes, *, half_close: bool = True) -> bytes:
        """Send bytes, and everything that comes back until the server closes."""
        with self.connect() as connection:
            connection.sendall(raw)
            if half_close and not self.secure:
                connection.shutdown(socket.SHUT_WR)
            return receive_all(connection)

    def get(self, target: bytes = b"/", *, headers: bytes = b"", method: bytes = b"GET", body: bytes = b"") -> Answered:
        length = b"content-length: %d\r\n" % len(body) if body else b""
        raw = b"%b %b HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n%b%b\r\n%b" % (
            method,
            target,
            length,
            headers,
            body,
        )
        return Answered(self.exchange(raw, half_close=False))


class Answered:
    """One answer, parsed plainly."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        self.status = int(first.split()[1]) if first else 0
        self.headers = [(name.lower(), value) for name, _, value in (line.partition(b": ") for line in lines)]

    def header(self, name: bytes) -> bytes | None:
        return next((value for known, value in self.headers if known == name), None)


def receive_all(connection: socket.socket) -> bytes:
    received = b""
    while True:
        try:
            piece = connection.recv(65_536)
        except (ConnectionResetError, ssl.SSLEOFError):
            return received
        if not piece:
            return received
        received += piece


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """One for all tests."""
    made = Loop()
    yield made
    made.stop()


@pytest.fixture
def application(loop: Loop) -> Iterator[Application]:
    made = Application(loop)
    yield made
    loop.call(made.close)


@pytest.fixture
def edge(loop: Loop, tmp_path: Path) -> Iterator[Edge]:
    made = Edge(loop, tmp_path)
    yield made
    made.stop()
    assert made.errors == []


def make_certificate(folder: Path, name: str, *names: str, subject: str = "") -> tuple[str, str]:
    """A self-signed certificate for tests: chain and key files."""
    import datetime as dt

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject or name)])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(issuer)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names or (name,)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    chain_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(chain_file), str(key_file)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return make_certificate(tmp_path_factory.mktemp("tls"), "a.example")


@pytest.fixture
def certificates(certificate: tuple[str, str]) -> Certificates:
    return Certificates([certificate])


@pytest.fixture
def make() -> Callable[..., tuple[str, str]]:
    return make_certificate
