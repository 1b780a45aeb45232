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
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from casemate.engines.keys.context import encode_context
from casemate.engines.keys.errors import CiphertextError, ContextError, MaterialError

MAX_PLAINTEXT = 4096  # AWS KMS API, Encrypt: Plaintext
_MAX_BLOB = 6144  # AWS KMS API, Decrypt: CiphertextBlob
_MAX_KEY_ID = 64

_VERSION = 1
_MATERIAL_BYTES = 32
_MATERIAL_ID_BYTES = 32
_NONCE_BYTES = 16
_IV_BYTES = 12
_RANDOM_BYTES = _NONCE_BYTES + _IV_BYTES
_TAG_BYTES = 16
_ACCOUNT = slice(1, 13)
_KEY_ID_LENGTH = 13
_KEY_ID = 14

# SP 800-108 counter mode: [i]_32 || Label || 0x00 || Context || [L]_32. One block is the whole key, so i is 1 only.
_KDF_BEFORE = (1).to_bytes(4, "big") + b"casemate/kms/message-key/v1" + b"\0"
_KDF_AFTER = (256).to_bytes(4, "big")
_MATERIAL_ID_LABEL = b"casemate/kms/material-id/v1"


class Header(NamedTuple):
    """What a blob says of itself. Unverified until the blob was opened."""

    version: int
    account: str
    key_id: str
    material_id: str
    nonce: bytes
    iv: bytes


class Material:
    """One material of one KMS key, ready for use. `material_id` is 64 hex digits."""

    __slots__ = ("_derivation", "account", "key_id", "material_id", "prefix")

    def __init__(self, account: str, key_id: str, key: bytes) -> None:
        """`key` is 32 bytes. Raises MaterialError for another length, and for a key id or account that is none."""
        if len(key) != _MATERIAL_BYTES:
            raise MaterialError("symmetric key material has 32 bytes")
        if len(account) != 12 or not (account.isascii() and account.isdigit()):
            raise MaterialError("an account id has 12 digits")
        if not 0 < len(key_id) <= _MAX_KEY_ID or not (key_id.isascii() and key_id.isprintable()):
            raise MaterialError("a key id has 1 to 64 printable ASCII characters")
        self.account = account
        self.key_id = key_id
        self.material_id = material_id_for(key_id, key)
        # The header up to the nonce: the same for all messages of this material.
        self.prefix = b"".join(
            (
                bytes((_VERSION,)),
                account.encode(),
                bytes((len(key_id),)),
                key_id.encode(),
                bytes.fromhex(self.material_id),
            )
        )
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


def parse_header(blob: bytes) -> Header:
    """Which key and material a blob names, in bounded time. Raises CiphertextError for what can't be one of ours."""
    size = len(blob)
    if not _KEY_ID < size <= _MAX_BLOB or blob[0] != _VERSION:
        raise CiphertextError("not a ciphertext of this service")
    end = _KEY_ID + blob[_KEY_ID_LENGTH]
    nonce = end + _MATERIAL_ID_BYTES
    iv = nonce + _NONCE_BYTES
    if not _KEY_ID < end <= _KEY_ID + _MAX_KEY_ID or size < iv + _IV_BYTES + _TAG_BYTES:
        raise CiphertextError("not a ciphertext of this service")
    try:
        account = blob[_ACCOUNT].decode("ascii")
        key_id = blob[_KEY_ID:end].decode("ascii")
    except UnicodeDecodeError:
        raise CiphertextError("not a ciphertext of this service") from None
    if not account.isdigit() or not key_id.isprintable():
        raise CiphertextError("not a ciphertext of this service")
    return Header(_VERSION, account, key_id, blob[end:nonce].hex(), blob[nonce:iv], blob[iv : iv + _IV_BYTES])


def seal_message(material: Material, plaintext: bytes, context: Mapping[str, str] | None = None) -> bytes:
    """Encrypt. Raises ContextError for a context that is no text, ValueError for more than 4096 bytes."""
    if len(plaintext) > MAX_PLAINTEXT:
        raise ValueError("a message has at most 4096 bytes")
    drawn = os.urandom(_RANDOM_BYTES)  # 1
    cipher = material.message_cipher(drawn[:_NONCE_BYTES])  # 2
    header = material.prefix + drawn
    return header + cipher.encrypt(drawn[_NONCE_BYTES:], plaintext, header + encode_context(context))  # 3


def open_message(material: Material, blob: bytes, context: Mapping[str, str] | None = None) -> bytes:
    """Decrypt. Raises CiphertextError for whatever is wrong: blob, material or context."""
    prefix = material.prefix
    start = len(prefix)
    body = start + _RANDOM_BYTES
    if not body + _TAG_BYTES <= len(blob) <= _MAX_BLOB or not blob.startswith(prefix):  # 1
        raise CiphertextError("not a ciphertext of this key material")
    cipher = material.message_cipher(blob[start : start + _NONCE_BYTES])  # 2
    try:
        return cipher.decrypt(
            blob[start + _NONCE_BYTES : body], blob[body:], blob[:body] + encode_context(context)
        )  # 3
    except (InvalidTag, ContextError):
        raise CiphertextError("the ciphertext does not open") from None
