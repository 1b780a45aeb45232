"""JA3 and JA4: published examples, and what a ClientHello over a real socket gives."""

from __future__ import annotations

import hashlib
import json
import struct

import pytest

from casemate.edge.proxy.fingerprints import fingerprints


def vector(size: int, data: bytes) -> bytes:
    return len(data).to_bytes(size, "big") + data


def numbers(*values: int) -> bytes:
    return b"".join(struct.pack(">H", value) for value in values)


def hello(version: int, ciphers: list[int], extensions: list[tuple[int, bytes]]) -> bytes:
    block = b"".join(numbers(kind) + vector(2, content) for kind, content in extensions)
    body = (
        numbers(version)
        + bytes(32)
        + vector(1, b"")
        + vector(2, numbers(*ciphers))
        + vector(1, b"\0")
        + vector(2, block)
    )
    return b"\x01" + vector(3, body)


# The example of FoxIO's description of JA4 and that of Salesforce's of JA3, written out as handshakes.
CIPHERS = [
    0x1301,
    0x1302,
    0x1303,
    0xC02B,
    0xC02F,
    0xC02C,
    0xC030,
    0xCCA9,
    0xCCA8,
    0xC013,
    0xC014,
    0x009C,
    0x009D,
    0x002F,
    0x0035,
]
SIGNATURES = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601]
EXTENSIONS = [
    0x001B,
    0x0000,
    0x0033,
    0x0010,
    0x4469,
    0x0017,
    0x002D,
    0x000D,
    0x0005,
    0x0023,
    0x0012,
    0x002B,
    0xFF01,
    0x000B,
    0x000A,
    0x0015,
]
CONTENT = {
    0x000D: vector(2, numbers(*SIGNATURES)),
    0x0010: vector(2, vector(1, b"h2") + vector(1, b"http/1.1")),
    0x002B: vector(1, numbers(0x3A3A, 0x0304, 0x0303)),
    0x000A: vector(2, numbers(0x2A2A, 29, 23, 24)),
    0x000B: vector(1, b"\0"),
}


def modern(*, grease: bool = False, shuffled: bool = False) -> bytes:
    order = EXTENSIONS[::-1] if shuffled else EXTENSIONS
    ciphers = CIPHERS[::-1] if shuffled else CIPHERS
    extensions = [(kind, CONTENT.get(kind, b"")) for kind in order]
    if grease:
        ciphers, extensions = [0x1A1A, *ciphers], [(0x5A5A, b""), *extensions, (0xFAFA, b"\0")]
    return hello(0x0303, ciphers, extensions)


def test_ja4_is_that_of_the_published_example():
    found = fingerprints(modern())

    assert found is not None
    assert found.ja4 == "t13d1516h2_8daaf6152771_e5627efa2ab1"
    assert len(found.ja4) == 36


@pytest.mark.parametrize("change", [{"grease": True}, {"shuffled": True}])
def test_ja4_holds_against_grease_and_shuffling(change):
    assert fingerprints(modern(**change)).ja4 == fingerprints(modern()).ja4


def test_ja3_is_that_of_the_published_example():
    extensions = [(0, b""), (10, vector(2, numbers(23, 24, 25))), (11, vector(1, b"\0"))]
    found = fingerprints(hello(769, [47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4], extensions))

    assert found is not None
    assert found.ja3 == "ada70206e40642a3e4461f35503241d5"


def test_hello_without_extensions_has_fingerprints_too():
    body = numbers(769) + bytes(32) + vector(1, b"") + vector(2, numbers(4, 5)) + vector(1, b"\0")
    found = fingerprints(b"\x01" + vector(3, body))

    assert found is not None
    assert found.ja3 == hashlib.md5(b"769,4-5,,,").hexdigest()
    assert found.ja4.startswith("t10i020000_")
    assert found.ja4.endswith("_000000000000")


def test_nonsense_has_none():
    whole = modern()

    assert fingerprints(b"") is None
    assert fingerprints(b"\x02" + whole[1:]) is None
    assert fingerprints(whole[:50]) is None


@pytest.mark.parametrize("alpn", ["h2", "http/1.1"])
def test_client_on_a_socket_is_judged_by_its_fingerprint(edge, application, certificates, alpn, tmp_path):
    from casemate.edge.proxy.core import Logs
    from casemate.edge.proxy.log_file import LogFile

    log = LogFile(tmp_path / "waf.log", lambda lines, reason: None)
    edge.start([application.address], certificates=certificates, logs=Logs(waf=log))
    with edge.connect(alpn="http/1.1") as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        assert connection.recv(4_096).startswith(b"HTTP/1.1 200 ")
    log.close()

    told = json.loads((tmp_path / "waf.log").read_text())
    assert len(told["ja3Fingerprint"]) == 32
    assert told["ja4Fingerprint"].startswith("t13d")
    assert told["ja4Fingerprint"][8:10] == "h1"
