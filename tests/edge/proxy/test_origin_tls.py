"""Origins over TLS: verified, or not asked at all."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from casemate.edge.proxy.configuration import OriginAddress


@pytest.fixture
def secure(loop: Any, application: Any, make: Any, tmp_path: Any) -> Iterator[tuple[Any, str]]:
    """An application behind TLS, and the certificate that it shows."""
    chain, key = make(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    made = type(application)(loop, context)
    yield made, chain
    loop.call(made.close)


def test_origin_whose_certificate_is_trusted_answers(edge, secure):
    application, chain = secure
    trusting = ssl.create_default_context(cafile=chain)
    edge.start([OriginAddress("localhost", application.port, tls=True)], origin_tls=trusting)

    assert edge.get().body == b"hello"


def test_origin_whose_certificate_is_unknown_is_502(edge, secure):
    application, _ = secure
    edge.start([OriginAddress("localhost", application.port, tls=True)], origin_tls=ssl.create_default_context())

    assert edge.get().status == 502
    assert application.requests == []
