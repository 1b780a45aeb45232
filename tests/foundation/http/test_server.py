from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from casemate.foundation.http import Reply, Request

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def contexts(directory: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a fresh certificate, and a client's that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = directory / f"{name}.pem"
    encoded = certificate.public_bytes(serialization.Encoding.PEM)
    path.write_bytes(
        encoded
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    client = ssl.create_default_context(cadata=encoded.decode())
    client.check_hostname = False
    return server, client


def test_tls_is_served_and_told_to_the_handler(serve, tmp_path: Path) -> None:
    requests: list[Request] = []
    server, client = contexts(tmp_path, "one")

    def handler(request: Request, reply: Reply) -> None:
        requests.append(request)
        reply.send(200, [], b"x" * 1_000_000)

    async def test(running) -> None:
        connection = await running.connect(client)
        for _ in range(2):
            await connection.send(GET)
            assert len((await connection.answer()).body) == 1_000_000
        request = requests[0]
        assert request.secure
        assert request.tls.version == "TLSv1.3"
        assert "AES" in request.tls.cipher or "CHACHA" in request.tls.cipher
        assert request.tls.peer_certificate is None
        await connection.send(b"nonsense\r\n\r\n")
        assert (await connection.answer()).status == 400

    serve(test, handler, tls=server)


def test_replaced_context_serves_new_connections_and_old_ones_go_on(serve, tmp_path: Path) -> None:
    first_server, first_client = contexts(tmp_path, "one")
    second_server, second_client = contexts(tmp_path, "two")

    async def test(running) -> None:
        old = await running.connect(first_client)
        await running.server.replace_tls(second_server)
        new = await running.connect(second_client)
        with pytest.raises(ssl.SSLCertVerificationError):
            await running.connect(first_client)
        for connection in (old, new):
            await connection.send(GET)
            assert (await connection.answer()).status == 200

    serve(test, tls=first_server)


def test_plain_http_to_a_tls_port_is_not_served(serve, tmp_path: Path) -> None:
    server, _ = contexts(tmp_path, "one")

    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET)
        await asyncio.wait_for(client.reader.read(), 5)
        assert running.server.counters.requests == 0

    serve(test, tls=server)


def test_drain_answers_what_is_under_way_and_closes_the_rest(serve) -> None:
    replies: list[Reply] = []

    async def test(running) -> None:
        idle, busy = await running.connect(), await running.connect()
        await busy.send(GET + GET)
        await running.settle()
        draining = asyncio.create_task(running.server.drain(5))
        assert await idle.closed()
        # The socket is the test's own and still listens, for whoever serves it next; this server accepts no more.
        late = await running.connect()
        await late.send(GET)
        assert await late.silent()
        assert not draining.done()
        replies[0].send(200, [], b"last")
        answer = await busy.answer()
        assert (answer.body, answer.headers[b"connection"]) == (b"last", b"close")
        assert await busy.closed()
        await draining
        assert len(replies) == 1

    serve(test, lambda request, reply: replies.append(reply))


def test_drain_cuts_whoever_is_left_after_its_time(serve) -> None:
    async def test(running) -> None:
        client = await running.connect()
        await client.send(GET)
        await running.settle()
        await running.server.drain(0.01)
        assert await client.closed()
        assert running.server.counters.open == 0

    serve(test, lambda request, reply: None)
