"""Certificates by name, replaced while connections go on."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from casemate.edge.proxy.tls import Certificates
from casemate.foundation.errors import UsageError


def shown(edge: Any, name: str) -> str:
    with edge.connect(name=name) as connection:
        der = connection.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(der).subject.rfc4514_string()


@pytest.fixture
def pairs(tmp_path: Path, make: Any) -> list[tuple[str, str]]:
    return [
        make(tmp_path, "first", "a.example", "b.example"),
        make(tmp_path, "second", "*.wild.example"),
        make(tmp_path, "third", "one.wild.example"),
    ]


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("a.example", "CN=first"),
        ("B.EXAMPLE", "CN=first"),
        ("x.wild.example", "CN=second"),
        ("one.wild.example", "CN=third"),
        ("x.y.wild.example", "CN=first"),
        ("unknown.test", "CN=first"),
    ],
)
def test_certificate_fits_the_name_best(edge, application, pairs, name, subject):
    edge.start([application.address], certificates=Certificates(pairs))

    assert shown(edge, name) == subject


def test_certificates_are_replaced_for_new_connections_and_old_ones_go_on(edge, application, pairs, tmp_path, make):
    certificates = Certificates(pairs[:1])
    edge.start([application.address], certificates=certificates)
    with edge.connect() as connection:
        make(tmp_path, "first", "a.example", subject="renewed")
        certificates.load(pairs[:1])
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert connection.recv(4_096).startswith(b"HTTP/1.1 200 ")

    assert shown(edge, "a.example") == "CN=renewed"


def test_broken_files_change_nothing(edge, application, pairs):
    certificates = Certificates(pairs)
    edge.start([application.address], certificates=certificates)
    Path(pairs[0][0]).write_text("nonsense")

    with pytest.raises(UsageError, match="can't be used"):
        certificates.load(pairs)
    assert shown(edge, "a.example") == "CN=first"


def test_plain_request_on_a_tls_port_gets_nothing(edge, application, pairs):
    edge.start([application.address], certificates=Certificates(pairs))

    with socket.create_connection(("127.0.0.1", edge.port), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        try:
            answer = plain.recv(4_096)
        except ConnectionResetError:
            answer = b""

    assert b"HTTP/1.1" not in answer
    assert application.requests == []
