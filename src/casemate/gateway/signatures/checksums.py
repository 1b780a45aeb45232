"""Checksums that S3's clients send with a body, in a header or a trailer (S3 guide, "Checking object integrity")."""

from __future__ import annotations

import hashlib
import hmac
import zlib
from base64 import b64encode
from collections.abc import Callable
from typing import Final, Protocol

from casemate.foundation.errors import ServiceError


class Checksum(Protocol):
    """A running checksum."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Crc:
    """A cyclic redundancy check by a function from data and the value so far to the new value."""

    def __init__(self, function: Callable[[bytes, int], int], size: int) -> None:
        self._function = function
        self._size = size
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size)


def _crc32c() -> Checksum:
    from awscrt import checksums  # noqa: PLC0415 - a native library that few requests need

    return _Crc(checksums.crc32c, 4)


def _crc64nvme() -> Checksum:
    from awscrt import checksums  # noqa: PLC0415 - a native library that few requests need

    return _Crc(checksums.crc64nvme, 8)


_ALGORITHMS: Final[dict[str, Callable[[], Checksum]]] = {
    "crc32": lambda: _Crc(zlib.crc32, 4),
    "crc32c": _crc32c,
    "crc64nvme": _crc64nvme,
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}
_PREFIX: Final = "x-amz-checksum-"


def is_checksum(header: str) -> bool:
    """Whether a header (in lower case) carries a checksum of an algorithm that is known here."""
    return header.startswith(_PREFIX) and header.removeprefix(_PREFIX) in _ALGORITHMS


def checksum(algorithm: str) -> Checksum:
    """A fresh checksum of crc32, crc32c, crc64nvme, md5, sha1, sha256 or sha512; ServiceError for any other."""
    try:
        return _ALGORITHMS[algorithm]()
    except KeyError:
        raise ServiceError("InvalidRequest", f"The checksum algorithm {algorithm[:32]!r} is not supported.") from None


def checksum_of(header: str) -> Checksum:
    """A fresh checksum by the header that carries it, in lower case."""
    return checksum(header.removeprefix(_PREFIX))


def check(running: Checksum, stated: str, header: str) -> None:
    """Returns only if the checksum is the stated one (base64); ServiceError BadDigest otherwise."""
    if not hmac.compare_digest(b64encode(running.digest()), stated.encode("ascii", "replace")):
        name = header.removeprefix(_PREFIX).upper()
        raise ServiceError("BadDigest", f"The {name} you specified did not match the calculated checksum.", status=400)
