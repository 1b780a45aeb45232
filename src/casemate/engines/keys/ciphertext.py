"""Symmetric KMS ciphertexts: one key a message, derived from the key material (docs/ciphertext.md, byte by byte).

The design is AWS's (Campagna & Gueron 2019; AWS KMS cryptographic details): a random 128-bit nonce, a 256-bit key from
the material by the SP 800-108 KDF in counter mode with HMAC-SHA-256, AES-256-GCM with a random IV under that key, and
header and encryption context as associated data. So a material has no limit of 2^32 messages, and needs no counter.

Sealing: 1 draw nonce and IV; 2 derive the message key; 3 encrypt with header and context as associated data.
Opening: 1 the header must name this very material; 2 derive the message key; 3 decrypt and verify.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from casemate.engines.keys.context import encode_context
from casemate.engines.keys.errors import CiphertextError, ContextError, MaterialError
from casemate.engines.keys.header import (
    FIRST,
    GCM_TAG_BYTES,
    IV_BYTES,
    MAX_BLOB,
    NONCE_BYTES,
    TAGGED,
    HeaderKey,
    naming,
)

MAX_PLAINTEXT = 4096  # AWS KMS API, Encrypt: Plaintext

_MATERIAL_BYTES = 32
_RANDOM_BYTES = NONCE_BYTES + IV_BYTES

# SP 800-108 counter mode: [i]_32 || Label || 0x00 || Context || [L]_32. One block is the whole key, so i is 1 only.
_KDF_BEFORE = (1).to_bytes(4, "big") + b"casemate/kms/message-key/v1" + b"\0"
_KDF_AFTER = (256).to_bytes(4, "big")
_MATERIAL_ID_LABEL = b"casemate/kms/material-id/v1"


class Material:
    """One material of one KMS key, ready for use. `material_id` is 64 hex digits.

    `prefix` is how the messages that it makes begin, `earlier` how those of version 1 do, which it opens as well.
    """

    __slots__ = ("_derivation", "account", "earlier", "key_id", "material_id", "prefix")

    def __init__(self, account: str, key_id: str, key: bytes, headers: HeaderKey) -> None:
        """`key` is 32 bytes. Raises MaterialError for another length, and for a key id or account that is none."""
        if len(key) != _MATERIAL_BYTES:
            raise MaterialError("symmetric key material has 32 bytes")
        self.account = account
        self.key_id = key_id
        self.material_id = material_id_for(key_id, key)
        identity = bytes.fromhex(self.material_id)
        # The header up to the nonce: the same for all messages of this material, and so is its tag.
        self.prefix = headers.tagged(naming(TAGGED, account, key_id) + identity)
        self.earlier = naming(FIRST, account, key_id) + identity
        # Keyed once: the HMAC's two pad blocks are then hashed once a material, not once a message.
        self._derivation = HMAC(key, SHA256())

    def message_cipher(self, nonce: bytes) -> AESGCM:
        """The cipher for the one message of this nonce."""
        derivation = self._derivation.copy()
        derivation.update(_KDF_BEFORE + nonce + _KDF_AFTER)
        return AESGCM(derivation.finalize())

    def __repr__(self) -> str:
        return f"<Material {self.material_id[:8]} of {self.key_id}>"


def material_id_for(key_id: str, material: bytes) -> str:
    """64 hex digits that bind a key's id and its material: the same material under another key has another id.

    A hash with a fixed HMAC key: collision-resistant, so that a blob naming it commits to one key and one material.
    """
    name = key_id.encode()
    message = len(name).to_bytes(4, "big") + name + material
    return hmac.digest(_MATERIAL_ID_LABEL, message, "sha256").hex()


def seal_message(material: Material, plaintext: bytes, context: Mapping[str, str] | None = None) -> bytes:
    """Encrypt. Raises ContextError for a context that is no text, ValueError for more than 4096 bytes."""
    if len(plaintext) > MAX_PLAINTEXT:
        raise ValueError("a message has at most 4096 bytes")
    drawn = os.urandom(_RANDOM_BYTES)  # 1
    cipher = material.message_cipher(drawn[:NONCE_BYTES])  # 2
    header = material.prefix + drawn
    return header + cipher.encrypt(drawn[NONCE_BYTES:], plaintext, header + encode_context(context))  # 3


def open_message(material: Material, blob: bytes, context: Mapping[str, str] | None = None) -> bytes:
    """Decrypt. Raises CiphertextError for whatever is wrong: blob, material or context."""
    prefix = material.prefix
    if not blob.startswith(prefix):
        prefix = material.earlier
        if not blob.startswith(prefix):  # 1
            raise CiphertextError("not a ciphertext of this key material")
    iv = len(prefix) + NONCE_BYTES
    body = iv + IV_BYTES
    if not body + GCM_TAG_BYTES <= len(blob) <= MAX_BLOB:
        raise CiphertextError("not a ciphertext of this key material")
    cipher = material.message_cipher(blob[len(prefix) : iv])  # 2
    try:
        return cipher.decrypt(blob[iv:body], blob[body:], blob[:body] + encode_context(context))  # 3
    except (InvalidTag, ContextError):
        raise CiphertextError("the ciphertext does not open") from None
