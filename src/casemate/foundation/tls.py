"""TLS for the server's own address: a certificate of the built-in local CA, or the user's own."""

from __future__ import annotations

import ssl
from pathlib import Path

from casemate.foundation.errors import UsageError
from casemate.foundation.node import Node
from casemate.foundation.settings import Settings


def server_context(node: Node, settings: Settings) -> ssl.SSLContext | None:
    """The context that workers serve with; None for plain HTTP. Raises UsageError for files that can't be used."""
    if settings.tls_cert:
        chain, key = Path(settings.tls_cert), Path(settings.tls_key)
    elif settings.tls:
        chain, key = node.tls / "server.pem", node.tls / "server.key"
    else:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(chain, key)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"the certificate {chain} with the key {key} can't be used: {error}") from None
    return context
