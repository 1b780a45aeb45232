"""HMAC-SHA-256 under one key, many times (RFC 2104, section 4)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

_BLOCK: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))


class Mac:
    """The code of messages under a key. Any thread may use it.

    The key's padded halves are hashed once: half the cost of `hmac.digest` for a short message, and a third more than
    a plain hash.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        """`key` has at most 64 bytes."""
        if len(key) > _BLOCK:
            raise ValueError(f"a key of {len(key)} bytes: at most {_BLOCK} are taken")
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def code(self, message: bytes) -> bytes:
        """32 bytes."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def verifies(self, code: bytes, message: bytes) -> bool:
        """Whether this is the message's code, in constant time."""
        return hmac.compare_digest(self.code(message), code)
