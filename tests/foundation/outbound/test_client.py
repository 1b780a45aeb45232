from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from casemate.foundation.clock import ManualClock
from casemate.foundation.outbound import (
    AddressRefusedError,
    Answer,
    AnswerTooLargeError,
    DeadlineError,
    MalformedAnswerError,
    Outbound,
    OutboundPolicy,
    TlsError,
    UnreachableError,
    UrlRefusedError,
    client_context,
)

LOOPBACK = OutboundPolicy(allowed=(ipaddress.ip_network("127.0.0.0/8"),), timeout=5.0)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: 1\r\n\r\nok"


class Peer:
    """Takes one connection at a time, reads a request, answers by a script; keeps what it read."""

    def __init__(self, script: Callable[[socket.socket], object], tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.subjects: list[object] = []
        self._script = script
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                    self.subjects.append(connection.getpeercert())
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = connection.recv(65536)
                    if not piece:
                        break
                    request += piece
                self.requests.append(request)
                self._script(connection)
            except OSError:
                pass
            finally:
                connection.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    peers: list[Peer] = []

    def make(script: Callable[[socket.socket], object] | bytes = OK, tls: ssl.SSLContext | None = None) -> Peer:
        answer = script if callable(script) else lambda connection: connection.sendall(script)
        peers.append(Peer(answer, tls))
        return peers[-1]

    yield make
    for made in peers:
        made.close()


def outbound(policy: OutboundPolicy = LOOPBACK, addresses: list[str] | None = None) -> Outbound:
    return Outbound(
        policy, clock=_RealTime(), resolve=None if addresses is None else lambda host, port: list(addresses)
    )


class _RealTime(ManualClock):
    def monotonic(self) -> float:
        return time.monotonic()


def test_call_carries_what_was_asked_and_returns_the_answer(peer) -> None:
    made = peer()
    answer = outbound().request(
        "POST", f"http://127.0.0.1:{made.port}/a?b=c", headers=[("X-Two", "2"), ("accept", "*/*")], body=b"body"
    )
    assert answer == Answer(200, [("content-length", "2"), ("x-one", "1")], b"ok")
    assert answer.header("x-one") == "1"
    assert answer.header("absent") is None
    assert made.requests == [
        b"POST /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nconnection: close\r\nX-Two: 2\r\naccept: */*\r\n"
        b"content-length: 4\r\n\r\nbody" % made.port
    ]


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n", 200, b"ok!"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, b"until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, b"x"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", 500, b""),
        (b"HTTP/1.0 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 404, b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxgarbage after it", 200, b"x"),
    ],
)
def test_every_framing_is_read(peer, raw: bytes, status: int, body: bytes) -> None:
    answer = outbound().request("GET", f"http://127.0.0.1:{peer(raw).port}/")
    assert (answer.status, answer.body) == (status, body)


def test_answer_to_head_has_no_body(peer) -> None:
    made = peer(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    assert outbound().request("HEAD", f"http://127.0.0.1:{made.port}/").body == b""


def test_redirect_is_an_answer_and_not_followed(peer) -> None:
    target = peer()
    made = peer(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % target.port)
    answer = outbound().request("GET", f"http://127.0.0.1:{made.port}/")
    assert answer.status == 302
    assert target.connections == 0


def test_inside_is_refused_without_the_operators_word_before_any_connection(peer) -> None:
    made = peer()
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "0"):
        with pytest.raises(AddressRefusedError):
            outbound(OutboundPolicy(plain_http=True)).request("GET", f"http://{host}:{made.port}/")
    assert made.connections == 0


def test_name_that_resolves_to_the_inside_is_refused(peer) -> None:
    made = peer()
    client = outbound(OutboundPolicy(), ["169.254.169.254", "127.0.0.1", "::ffff:127.0.0.1"])
    with pytest.raises(AddressRefusedError):
        client.request("GET", f"https://metadata.example.com:{made.port}/")
    assert made.connections == 0


def test_refused_addresses_among_permitted_ones_are_passed_over(peer) -> None:
    made = peer()
    client = outbound(LOOPBACK, ["169.254.169.254", "10.0.0.1", "127.0.0.1"])
    assert client.request("GET", f"http://some.example.com:{made.port}/").status == 200
    assert b"host: some.example.com:" in made.requests[0]


def test_address_is_pinned_a_second_resolution_changes_nothing(peer) -> None:
    made = peer()
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    client = Outbound(LOOPBACK, clock=_RealTime(), resolve=resolve)
    assert client.request("GET", f"http://rebinding.example.com:{made.port}/").status == 200
    assert asked == ["rebinding.example.com"]


def test_next_address_is_tried_when_one_does_not_answer(peer) -> None:
    made = peer()
    client = outbound(LOOPBACK, ["127.0.0.99", "127.0.0.1"])
    assert client.request("GET", f"http://two.example.com:{made.port}/").status == 200


def test_plain_http_to_the_public_needs_the_operators_word() -> None:
    with pytest.raises(UrlRefusedError, match="plain HTTP"):
        outbound(OutboundPolicy(), ["8.8.8.8"]).request("GET", "http://example.com/")


@pytest.mark.parametrize(
    "headers",
    [[("a", "b\r\nc: d")], [("a\n", "b")], [("a:", "b")], [("", "b")], [("a", "\0")], [("a", "é€")], [("Host", "b")]],
)
def test_header_that_would_become_another_is_refused(peer, headers: list[tuple[str, str]]) -> None:
    made = peer()
    with pytest.raises(UrlRefusedError):
        outbound().request("GET", f"http://127.0.0.1:{made.port}/", headers=headers)
    assert made.connections == 0


def test_method_with_a_space_is_refused(peer) -> None:
    with pytest.raises(UrlRefusedError):
        outbound().request("GET / HTTP/1.1\r\nx:", "http://127.0.0.1/")


@pytest.mark.parametrize("raw", [b"nonsense\r\n\r\n", b"\x16\x03\x01", b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"])
def test_what_is_no_answer_is_refused(peer, raw: bytes) -> None:
    with pytest.raises(MalformedAnswerError):
        outbound().request("GET", f"http://127.0.0.1:{peer(raw).port}/")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
    ],
)
def test_answer_cut_short_is_an_error(peer, raw: bytes) -> None:
    with pytest.raises(UnreachableError):
        outbound().request("GET", f"http://127.0.0.1:{peer(raw).port}/")


def flood(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * 65536)


@pytest.mark.parametrize(
    "begin",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "],
)
def test_endless_answer_is_cut_at_the_limit(peer, begin: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(begin)
        flood(connection)

    with pytest.raises(AnswerTooLargeError):
        outbound().request("GET", f"http://127.0.0.1:{peer(script).port}/", answer_bytes=1000)


def test_too_many_headers_are_refused(peer) -> None:
    raw = b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 300 + b"\r\n"
    with pytest.raises(AnswerTooLargeError):
        outbound().request("GET", f"http://127.0.0.1:{peer(raw).port}/")


def test_silent_peer_is_given_up_at_the_deadline(peer) -> None:
    released = threading.Event()
    made = peer(lambda connection: released.wait(5))
    with pytest.raises(DeadlineError):
        outbound().request("GET", f"http://127.0.0.1:{made.port}/", timeout=0.1)
    released.set()


def test_trickling_peer_is_given_up_at_the_deadline(peer) -> None:
    released = threading.Event()

    def script(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not released.wait(0.01):
            connection.sendall(b"x")

    began = time.monotonic()
    with pytest.raises(DeadlineError):
        outbound().request("GET", f"http://127.0.0.1:{peer(script).port}/", timeout=0.2)
    assert time.monotonic() - began < 2
    released.set()


def test_slow_resolver_is_given_up_at_the_deadline() -> None:
    released = threading.Event()

    def resolve(host: str, port: int) -> list[str]:
        released.wait(5)
        return ["127.0.0.1"]

    client = Outbound(LOOPBACK, clock=_RealTime(), resolve=resolve)
    with pytest.raises(DeadlineError):
        client.request("GET", "http://slow.example.com/", timeout=0.1)
    released.set()
    client.close()


def test_nobody_listening_and_unknown_name_are_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError):
            outbound().request("GET", f"http://127.0.0.1:{unused.getsockname()[1]}/")

    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(UnreachableError):
        Outbound(LOOPBACK, clock=_RealTime(), resolve=resolve).request("GET", "http://nowhere.example.com/")


class Pki:
    """A root and what it signed, as files."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
        self.root = self._sign(self._name, self._key.public_key(), authority=True)

    @property
    def roots(self) -> str:
        return self.root.public_bytes(serialization.Encoding.PEM).decode()

    def leaf(self, name: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._sign(subject, key.public_key(), name=name)
        path = self._directory / f"{name}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, name: str = "", authority: bool = False
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if name:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


def server_context(pki: Pki, name: str, *, clients: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.leaf(name))
    if clients:
        context.load_verify_locations(cadata=pki.roots)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_tls_is_verified_against_the_given_roots_and_name(peer, tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    made = peer(OK, server_context(pki, "right.example.com"))
    client = outbound(LOOPBACK, ["127.0.0.1"])
    roots = client_context(pki.roots)
    assert client.request("GET", f"https://right.example.com:{made.port}/", tls=roots).status == 200
    with pytest.raises(TlsError):
        client.request("GET", f"https://wrong.example.com:{made.port}/", tls=roots)
    with pytest.raises(TlsError):
        client.request("GET", f"https://right.example.com:{made.port}/")
    assert len(made.requests) == 1


def test_client_certificate_is_shown(peer, tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    made = peer(OK, server_context(pki, "right.example.com", clients=True))
    client = outbound(LOOPBACK, ["127.0.0.1"])
    context = client_context(pki.roots, pki.leaf("me"))
    assert client.request("GET", f"https://right.example.com:{made.port}/", tls=context).status == 200
    assert made.subjects[0]["subject"] == ((("commonName", "me"),),)


def test_context_that_does_not_verify_is_not_used(peer) -> None:
    made = peer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(TlsError, match="verify"):
        outbound().request("GET", f"https://127.0.0.1:{made.port}/", tls=context)


def test_peer_that_speaks_no_tls_is_an_error(peer) -> None:
    made = peer(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises((TlsError, UnreachableError, DeadlineError)):
        outbound().request("GET", f"https://127.0.0.1:{made.port}/", tls=client_context(), timeout=0.3)
