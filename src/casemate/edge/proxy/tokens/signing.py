"""Statements that this proxy made and gets back from clients: signed, dated, for one purpose each.

Keys are made at random by the parent process, shared by its workers and replaced once a day; what was signed with a key
is believed until four more have followed. Verification raises; it never returns a boolean.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

KEY_BYTES: Final = 32
KEYS_KEPT: Final = 5
LONGEST: Final = 1_024
_TAG_BYTES: Final = 32

Content = TypeVar("Content", bound=msgspec.Struct)


class NotOurs(Exception):
    """A statement that was not signed here, for this purpose, or not in this form."""


class Signer:
    """Signs with the newest key, believes all that it knows."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Keys, the newest first."""
        self.replace(keys)

    def replace(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._keys = tuple(keys[:KEYS_KEPT])

    def sign(self, purpose: bytes, content: msgspec.Struct) -> str:
        """A statement as text that fits into a cookie or a URL."""
        payload = msgspec.json.encode(content)
        return _text(payload) + "." + _text(_tag(self._keys[0], purpose, payload))

    def read(self, purpose: bytes, text: str, kind: type[Content]) -> Content:
        """What a statement says. Raises NotOurs."""
        if len(text) > LONGEST:
            raise NotOurs("too long")
        first, point, second = text.partition(".")
        try:
            payload, tag = _bytes(first), _bytes(second)
        except (ValueError, binascii.Error):
            raise NotOurs("no statement") from None
        if not point or not any(hmac.compare_digest(_tag(key, purpose, payload), tag) for key in self._keys):
            raise NotOurs("not signed here")
        try:
            return msgspec.json.decode(payload, type=kind)
        except msgspec.DecodeError:
            raise NotOurs("signed for something else") from None

    def digest(self, purpose: bytes, content: bytes, *, age: int = 0) -> bytes:
        """A keyed digest of what a client must not be able to guess at; `age` counts keys back."""
        return _tag(self._keys[age], purpose, content)

    @property
    def ages(self) -> range:
        return range(len(self._keys))


def _tag(key: bytes, purpose: bytes, payload: bytes) -> bytes:
    # The length keeps purpose and payload apart: no two pairs give one input.
    return hmac.new(key, bytes((len(purpose),)) + purpose + payload, hashlib.sha256).digest()[:_TAG_BYTES]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    if not text.isascii():
        raise ValueError("not ASCII")
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
