"""What a client's TLS handshake told."""

from __future__ import annotations

import ssl

from casemate.edge.proxy.fingerprints import fingerprints
from casemate.edge.proxy.tls import hello_of
from casemate.foundation.http import Tls
from casemate.foundation.http.message import tls_of


class ClientTls(Tls):
    """A client's TLS session with the name that it asked for and its fingerprints, where they are known."""

    name: str | None = None
    ja3: str | None = None
    ja4: str | None = None


def client_tls(session: ssl.SSLObject | None) -> ClientTls | None:
    """What is known of a connection's TLS session."""
    known = tls_of(session)
    if known is None:
        return None
    seen = ClientTls(*known)
    hello = hello_of(session)
    if hello is not None:
        seen.name = hello.name
        found = fingerprints(hello.raw)
        if found is not None:
            seen.ja3, seen.ja4 = found
    return seen
