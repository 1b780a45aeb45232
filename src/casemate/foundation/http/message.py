"""A request as it was sent, and the words of an answer's first line."""

from __future__ import annotations

import ssl
from http import HTTPStatus
from typing import NamedTuple

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


class Request:
    """One request. Header names are lower-cased, values stripped; target and body are as sent (chunked coding removed).

    `peer` is (address, port), or ("", 0) on a Unix socket. `http_version` is "1.1" or "1.0".
    """

    __slots__ = ("_index", "body", "headers", "http_version", "method", "peer", "secure", "target", "tls")

    def __init__(  # noqa: PLR0917 - built once a request by position, for speed
        self,
        method: bytes,
        target: bytes,
        headers: list[tuple[bytes, bytes]],
        index: dict[bytes, bytes],
        http_version: str,
        peer: tuple[str, int],
        tls: Tls | None,
    ) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self._index = index
        self.http_version = http_version
        self.peer = peer
        self.tls = tls
        self.secure = tls is not None
        self.body = b""

    def header(self, name: bytes) -> bytes | None:
        """The value of a header by its lower-case name; repeated ones joined by a comma (RFC 9110 5.2)."""
        return self._index.get(name)

    def __repr__(self) -> str:
        # Headers carry signatures and tokens, bodies secrets: neither belongs in a log line or a traceback.
        return f"<Request {self.method!r} of {len(self.body)} bytes from {self.peer[0]}>"
