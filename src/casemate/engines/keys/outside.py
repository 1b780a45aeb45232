"""Ciphertexts that a key outside has a part in: a message of ours, encrypted once more where the other key is.

Byte by byte (numbers are big-endian): version 2; account (12, ASCII digits); length of the key id (1); key id; length
of the IV (1); IV; tag (16); length of the metadata (2); metadata, as the other side gave it; the rest is its ciphertext
of the message in the format of version 1. Version, account and key id are associated data there, with the context.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final, NamedTuple

from casemate.engines.keys.context import encode_context
from casemate.engines.keys.errors import CiphertextError

VERSION: Final = 2
_TAG_BYTES: Final = 16
_MOST_METADATA: Final = 100
_MOST_IV: Final = 16
_ACCOUNT: Final = slice(1, 13)
_KEY_ID_LENGTH: Final = 13
_KEY_ID: Final = 14


class Outside(NamedTuple):
    """What the other side makes of a message."""

    iv: bytes
    tag: bytes
    ciphertext: bytes
    metadata: bytes = b""


def associated(account: str, key_id: str, context: Mapping[str, str] | None) -> bytes:
    """32 bytes that bind a ciphertext to its key and encryption context, telling neither. Raises ContextError."""
    return hashlib.sha256(_head(account, key_id) + encode_context(context)).digest()


def pack(account: str, key_id: str, made: Outside) -> bytes:
    """Raises CiphertextError for an IV, tag or metadata of lengths that can't be kept."""
    if not (0 < len(made.iv) <= _MOST_IV and len(made.tag) == _TAG_BYTES and len(made.metadata) <= _MOST_METADATA):
        raise CiphertextError("an IV, tag or metadata of an unusual length")
    lengths = bytes((len(made.iv),)), len(made.metadata).to_bytes(2)
    return b"".join((_head(account, key_id), lengths[0], made.iv, made.tag, lengths[1], made.metadata, made.ciphertext))


def names_key(blob: bytes) -> tuple[str, str] | None:
    """The account and key id that a ciphertext of this version names; None for other ciphertexts."""
    if len(blob) <= _KEY_ID or blob[0] != VERSION:
        return None
    end = _KEY_ID + blob[_KEY_ID_LENGTH]
    if len(blob) <= end:
        return None
    try:
        account, key_id = blob[_ACCOUNT].decode("ascii"), blob[_KEY_ID:end].decode("ascii")
    except UnicodeDecodeError:
        return None
    return (account, key_id) if account.isdigit() and key_id.isprintable() and key_id else None


def unpack(blob: bytes) -> Outside:
    """Raises CiphertextError."""
    at = _KEY_ID + (blob[_KEY_ID_LENGTH] if len(blob) > _KEY_ID_LENGTH else 0)
    iv_length = blob[at] if len(blob) > at else 0
    tag = at + 1 + iv_length
    metadata = tag + _TAG_BYTES + 2
    if not 0 < iv_length <= _MOST_IV or len(blob) < metadata:
        raise CiphertextError("not a ciphertext of this service")
    end = metadata + int.from_bytes(blob[metadata - 2 : metadata])
    if end - metadata > _MOST_METADATA or len(blob) <= end:
        raise CiphertextError("not a ciphertext of this service")
    return Outside(blob[at + 1 : tag], blob[tag : tag + _TAG_BYTES], blob[end:], blob[metadata:end])


def _head(account: str, key_id: str) -> bytes:
    return bytes((VERSION,)) + account.encode() + bytes((len(key_id),)) + key_id.encode()
