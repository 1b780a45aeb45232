"""JA3 and JA4: fingerprints of a TLS client, from its ClientHello (RFC 8446 4.1.2).

JA3 is the MD5 of version, ciphers, extensions, groups and point formats as sent; JA4 (FoxIO, BSD licence, "JA4: TLS
Client Fingerprinting") sorts ciphers and extensions and so holds against clients that shuffle them. GREASE values
(RFC 8701) are left out of both.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

_SNI, _GROUPS, _FORMATS, _SIGNATURES, _ALPN, _VERSIONS = 0, 10, 11, 13, 16, 43
_NAMES: Final = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
_EMPTY: Final = "000000000000"


class Fingerprints(NamedTuple):
    """Hexadecimal JA3 (32 characters) and JA4 (36)."""

    ja3: str
    ja4: str


class _Reader:
    """Big-endian fields; reading beyond the end raises ValueError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        if len(piece) != count:
            raise ValueError("cut short")
        self._at += count
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        return self.take(self.number(size))

    @property
    def left(self) -> bool:
        return self._at < len(self._data)


def _numbers(data: bytes) -> list[int]:
    """16-bit numbers without GREASE."""
    found = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2)]
    return [number for number in found if not _grease(number)]


def _grease(number: int) -> bool:
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def fingerprints(hello: bytes) -> Fingerprints | None:
    """The fingerprints of a ClientHello (handshake message with its header), None for what is none."""
    try:
        return _fingerprints(_Reader(hello))
    except (ValueError, IndexError):
        return None


def _fingerprints(message: _Reader) -> Fingerprints:
    if message.number(1) != 1:
        raise ValueError("no ClientHello")
    hello = _Reader(message.vector(3))
    version = hello.number(2)
    hello.take(32)
    hello.vector(1)
    ciphers = _numbers(hello.vector(2))
    hello.vector(1)
    extensions: dict[int, bytes] = {}
    if hello.left:
        block = _Reader(hello.vector(2))
        while block.left:
            number = block.number(2)
            content = block.vector(2)
            if not _grease(number):
                extensions[number] = content
    return Fingerprints(_ja3(version, ciphers, extensions), _ja4(version, ciphers, extensions))


def _ja3(version: int, ciphers: list[int], extensions: dict[int, bytes]) -> str:
    groups = _numbers(extensions.get(_GROUPS, b"")[2:])
    formats = list(extensions.get(_FORMATS, b"")[1:])
    fields = ("-".join(map(str, field)) for field in (ciphers, list(extensions), groups, formats))
    text = ",".join((str(version), *fields))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _ja4(version: int, ciphers: list[int], extensions: dict[int, bytes]) -> str:
    offered = _numbers(extensions.get(_VERSIONS, b"")[1:])
    name = _NAMES.get(max(offered) if offered else version, "00")
    start = (
        f"t{name}{'d' if _SNI in extensions else 'i'}"
        f"{min(len(ciphers), 99):02d}{min(len(extensions), 99):02d}{_alpn(extensions.get(_ALPN, b''))}"
    )
    listed = ",".join(f"{cipher:04x}" for cipher in sorted(ciphers))
    others = ",".join(f"{number:04x}" for number in sorted(extensions) if number not in {_SNI, _ALPN})
    signatures = ",".join(f"{number:04x}" for number in _numbers(extensions.get(_SIGNATURES, b"")[2:]))
    behind = f"{others}_{signatures}" if signatures else others
    return f"{start}_{_hash(listed)}_{_hash(behind)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else _EMPTY


def _alpn(content: bytes) -> str:
    """First and last character of the first protocol; its outer hexadecimal digits where one is no letter or digit."""
    length = content[2] if len(content) > 2 else 0
    first = content[3 : 3 + length]
    if not first:
        return "00"
    text = chr(first[0]) + chr(first[-1])
    if text.isascii() and text.isalnum():
        return text
    digits = first.hex()
    return digits[0] + digits[-1]
