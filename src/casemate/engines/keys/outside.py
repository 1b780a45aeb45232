"""Ciphertexts that a key outside has a part in: a message of ours, encrypted once more where the other key is.

Byte by byte (numbers are big-endian): version 7; account (12, ASCII digits); length of the key id (1); key id; tag (8)
of what is before it; length of the IV (1); IV; tag (16); length of the metadata (2); metadata, as the other side gave
it; the rest is its ciphertext of the message (docs/ciphertext.md). All up to the length of the IV is the header, and
associated data there, with the context. Version 2, still opened, has no tag in its header.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final, NamedTuple

from casemate.engines.keys.context import encode_context
from casemate.engines.keys.errors import CiphertextError
from casemate.engines.keys.header import TAGGED_OUTSIDE, HeaderKey, naming

_TAG_BYTES: Final = 16
_MOST_METADATA: Final = 100
_MOST_IV: Final = 16


class Outside(NamedTuple):
    """What the other side makes of a message."""

    iv: bytes
    tag: bytes
    ciphertext: bytes
    metadata: bytes = b""


def header_for(account: str, key_id: str, headers: HeaderKey) -> bytes:
    """The header of a key's ciphertexts."""
    return headers.tagged(naming(TAGGED_OUTSIDE, account, key_id))


def associated(header: bytes, context: Mapping[str, str] | None) -> bytes:
    """32 bytes that bind a ciphertext to its key and encryption context, telling neither. Raises ContextError."""
    return hashlib.sha256(header + encode_context(context)).digest()


def pack(header: bytes, made: Outside) -> bytes:
    """Raises CiphertextError for an IV, tag or metadata of lengths that can't be kept."""
    if not (0 < len(made.iv) <= _MOST_IV and len(made.tag) == _TAG_BYTES and len(made.metadata) <= _MOST_METADATA):
        raise CiphertextError("an IV, tag or metadata of an unusual length")
    lengths = bytes((len(made.iv),)), len(made.metadata).to_bytes(2)
    return b"".join((header, lengths[0], made.iv, made.tag, lengths[1], made.metadata, made.ciphertext))


def unpack(blob: bytes, at: int) -> Outside:
    """What follows a header of `at` bytes. Raises CiphertextError."""
    iv_length = blob[at] if len(blob) > at else 0
    tag = at + 1 + iv_length
    metadata = tag + _TAG_BYTES + 2
    if not 0 < iv_length <= _MOST_IV or len(blob) < metadata:
        raise CiphertextError("not a ciphertext of this service")
    end = metadata + int.from_bytes(blob[metadata - 2 : metadata])
    if end - metadata > _MOST_METADATA or len(blob) <= end:
        raise CiphertextError("not a ciphertext of this service")
    return Outside(blob[at + 1 : tag], blob[tag : tag + _TAG_BYTES], blob[end:], blob[metadata:end])
