"""A request as it was sent, and the words of an answer's first line."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import NamedTuple

import msgspec

REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


class Tls(NamedTuple):
    """The TLS session of a connection. `peer_certificate` is DER, and there only if the client was asked for one."""

    version: str
    cipher: str
    peer_certificate: bytes | None


def tls_of(session: ssl.SSLObject | ssl.SSLSocket | None) -> Tls | None:
    """What is known of a connection's TLS session."""
    if session is None:
        return None
    cipher = session.cipher()
    return Tls(session.version() or "", cipher[0] if cipher else "", session.getpeercert(binary_form=True))


class Request(msgspec.Struct, eq=False):
    """One request. Header names are lower-cased, values stripped; target and body are as sent (chunked coding removed).

    `peer` is (address, port), or ("", 0) on a Unix socket. `http_version` is "1.1" or "1.0".
    """

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    fields: dict[bytes, bytes]
    """Headers by name, repeated ones joined by a comma (RFC 9110 5.2)."""
    http_version: str
    peer: tuple[str, int]
    tls: Tls | None
    body: bytes = b""

    @property
    def secure(self) -> bool:
        return self.tls is not None

    def header(self, name: bytes) -> bytes | None:
        """The value of a header by its lower-case name; repeated ones joined by a comma (RFC 9110 5.2)."""
        return self.fields.get(name)

    def __repr__(self) -> str:
        # Headers carry signatures and tokens, bodies secrets: neither belongs in a log line or a traceback.
        return f"<Request {self.method!r} of {len(self.body)} bytes from {self.peer[0]}>"
