"""Signing keys, derived once a day, region and service, and kept ready to use.

A signing key is HMAC'd from the secret in four steps. That and the first half of the two HMACs of every verification
(the padded key) is the same for all requests of a caller on one day, so it is kept; signatures that were verified
never are.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final, Protocol

_BLOCK: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
_TERMINATOR: Final = b"aws4_request"


class Scope(Protocol):
    """What a signing key depends on beside the secret."""

    @property
    def access_key_id(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def service(self) -> str: ...


class SigningKey:
    """HMAC-SHA256 under one derived key, its padded halves already hashed (RFC 2104, section 4)."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def sign(self, message: bytes) -> str:
        """The signature in hexadecimal."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()


def derive(secret: bytes, date: str, region: str, service: str) -> SigningKey:
    """The signing key of a scope (IAM User Guide, "Create a signed AWS API request", step 3)."""
    key = hmac.digest(b"AWS4" + secret, date.encode(), "sha256")
    for part in (region.encode(), service.encode(), _TERMINATOR):
        key = hmac.digest(key, part, "sha256")
    return SigningKey(key)


class SigningKeys:
    """A bounded store of derived keys; the oldest goes first.

    The secret is part of what a key is found by: keys of a secret that was replaced are never used again.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self._capacity = capacity
        self._keys: dict[tuple[str, bytes, str, str, str], SigningKey] = {}

    def get(self, scope: Scope, secret: bytes) -> SigningKey:
        """The key by which requests of this scope and secret are signed."""
        place = (scope.access_key_id, secret, scope.date, scope.region, scope.service)
        key = self._keys.get(place)
        if key is None:
            if len(self._keys) >= self._capacity:
                self._keys.pop(next(iter(self._keys)), None)
            key = self._keys[place] = derive(secret, scope.date, scope.region, scope.service)
        return key
