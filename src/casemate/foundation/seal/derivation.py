"""One key a message: what domain keys and the local root key have in common.

A random 128-bit nonce and the SP 800-108 KDF (counter mode, HMAC-SHA-256, one block) give each message its own
AES-256-GCM key, so no key here has the limit of 2^32 messages of random IVs under one key (SP 800-38D 8.3). The IV is
random all the same: should a nonce ever repeat, key and IV still don't repeat together.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from casemate.foundation.seal.errors import SealedElsewhereError

KEY_BYTES = 32
_NONCE_BYTES = 16
_RANDOM_BYTES = _NONCE_BYTES + 12
_TAG_BYTES = 16
OVERHEAD = _RANDOM_BYTES + _TAG_BYTES

_BEFORE = (1).to_bytes(4, "big")
_MESSAGE = _BEFORE + b"casemate/seal/message-key/v1" + b"\0"
_AFTER = (256).to_bytes(4, "big")


class DerivingKey:
    """A 256-bit key that encrypts nothing itself: it gives every message a key, and every purpose a sub-key."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a key of the seal has 32 bytes")
        self._keyed = HMAC(key, SHA256())

    def encrypt(self, plaintext: bytes, associated: bytes) -> bytes:
        """Nonce, IV, ciphertext and tag: `OVERHEAD` bytes more than the plaintext."""
        drawn = os.urandom(_RANDOM_BYTES)
        cipher = self._message_cipher(drawn[:_NONCE_BYTES])
        return drawn + cipher.encrypt(drawn[_NONCE_BYTES:], plaintext, associated)

    def decrypt(self, sealed: bytes, associated: bytes) -> bytes:
        """Raises SealedElsewhereError."""
        if len(sealed) < OVERHEAD:
            raise SealedElsewhereError("what was sealed does not open here")
        cipher = self._message_cipher(sealed[:_NONCE_BYTES])
        try:
            return cipher.decrypt(sealed[_NONCE_BYTES:_RANDOM_BYTES], sealed[_RANDOM_BYTES:], associated)
        except InvalidTag:
            raise SealedElsewhereError("what was sealed does not open here") from None

    def derive(self, label: bytes, purpose: bytes) -> bytes:
        """32 bytes for a purpose. Labels hold no NUL and differ from the message label: the inputs never meet."""
        derivation = self._keyed.copy()
        derivation.update(b"".join((_BEFORE, label, b"\0", purpose, _AFTER)))
        return derivation.finalize()

    def _message_cipher(self, nonce: bytes) -> AESGCM:
        derivation = self._keyed.copy()
        derivation.update(_MESSAGE + nonce + _AFTER)
        return AESGCM(derivation.finalize())
