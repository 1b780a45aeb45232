"""What a ciphertext says of itself before it is opened, and the tag by which a changed header is told from a true one.

A header is read before anything is opened: it says which key to look up. Its tag makes a changed one known for what it
is, whatever the change would name. Nothing else rests on it: who may use which key is decided by policies, and the
whole header, tag included, is associated data of the message (docs/ciphertext.md, byte by byte).
"""

from __future__ import annotations

import hmac
from typing import Final, NamedTuple

from casemate.engines.keys.errors import CiphertextError, MaterialError

MAX_BLOB: Final = 6144  # AWS KMS API, Decrypt: CiphertextBlob
MAX_KEY_ID: Final = 64
FIRST: Final = 1
"""Version of messages without a tag: still opened, no longer made."""
FIRST_OUTSIDE: Final = 2
"""The same where a key outside has a part in the ciphertext."""
TAGGED: Final = 4  # 1, 2, 4 and 7 differ in two bits each: one bit changed makes none of another
TAGGED_OUTSIDE: Final = 7
NONCE_BYTES: Final = 16
IV_BYTES: Final = 12
GCM_TAG_BYTES: Final = 16
_TAG_BYTES: Final = 8
_KEY_BYTES: Final = 32
_MATERIAL_ID_BYTES: Final = 32
_ACCOUNT: Final = slice(1, 13)
_KEY_ID_LENGTH: Final = 13
_KEY_ID: Final = 14
_MOST_KNOWN: Final = 4096


class Header(NamedTuple):
    """The part of a blob that is the same for all messages of a material, `size` bytes. The message is unverified yet.

    `material_id` is 64 hex digits; none where a key outside has a part in the ciphertext.
    """

    version: int
    account: str
    key_id: str
    material_id: str
    size: int

    @property
    def is_outside(self) -> bool:
        """Whether a key outside has a part in the ciphertext (engines/keys/outside)."""
        return self.version in {FIRST_OUTSIDE, TAGGED_OUTSIDE}


class _Format(NamedTuple):
    material_id: int  # bytes
    tag: int  # bytes
    least: int  # bytes that must follow the header


_MESSAGE: Final = NONCE_BYTES + IV_BYTES + GCM_TAG_BYTES
_FORMATS: Final = {
    FIRST: _Format(_MATERIAL_ID_BYTES, 0, _MESSAGE),
    FIRST_OUTSIDE: _Format(0, 0, 1),
    TAGGED: _Format(_MATERIAL_ID_BYTES, _TAG_BYTES, _MESSAGE),
    TAGGED_OUTSIDE: _Format(0, _TAG_BYTES, 1),
}


class HeaderKey:
    """Tags headers and knows its own tags again. Processes that shall read each other's ciphertexts have one key."""

    __slots__ = ("_key", "_known")

    def __init__(self, key: bytes) -> None:
        """`key` is 32 bytes. Raises MaterialError for another length."""
        if len(key) != _KEY_BYTES:
            raise MaterialError("a key of headers has 32 bytes")
        self._key = key
        # By content, and true headers only: what strangers make up takes no place here.
        self._known: dict[bytes, Header] = {}

    def tagged(self, header: bytes) -> bytes:
        """The header with its tag."""
        return header + self._tag(header)

    def read(self, blob: bytes) -> Header:
        """Which key and material a blob names, in bounded time.

        Raises CiphertextError for what can't be one of ours, and for a header whose tag is not of this key.
        """
        found = _FORMATS.get(blob[0]) if _KEY_ID < len(blob) <= MAX_BLOB else None
        if found is None:
            raise _not_ours()
        end = _KEY_ID + blob[_KEY_ID_LENGTH]
        size = end + found.material_id + found.tag
        if len(blob) < size + found.least:
            raise _not_ours()
        if not found.tag:
            return _parsed(blob, end, size, found)
        whole = blob[:size]
        # A look-up by content tells nothing of a tag: it is by a hash that is random in each process.
        known = self._known.get(whole)
        if known is None:
            known = self._verified(whole, end, found)
        return known

    def _verified(self, whole: bytes, end: int, found: _Format) -> Header:
        header = _parsed(whole, end, len(whole), found)
        if not hmac.compare_digest(whole[-_TAG_BYTES:], self._tag(whole[:-_TAG_BYTES])):
            raise _not_ours()
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[whole] = header
        return header

    def _tag(self, header: bytes) -> bytes:
        return hmac.digest(self._key, header, "sha256")[:_TAG_BYTES]

    def __repr__(self) -> str:
        return "<HeaderKey>"


def naming(version: int, account: str, key_id: str) -> bytes:
    """How each header begins. Raises MaterialError for a key id or account that is none."""
    if len(account) != 12 or not (account.isascii() and account.isdigit()):
        raise MaterialError("an account id has 12 digits")
    if not 0 < len(key_id) <= MAX_KEY_ID or not (key_id.isascii() and key_id.isprintable()):
        raise MaterialError("a key id has 1 to 64 printable ASCII characters")
    return bytes((version,)) + account.encode() + bytes((len(key_id),)) + key_id.encode()


def _parsed(blob: bytes, end: int, size: int, found: _Format) -> Header:
    if not _KEY_ID < end <= _KEY_ID + MAX_KEY_ID:
        raise _not_ours()
    try:
        account = blob[_ACCOUNT].decode("ascii")
        key_id = blob[_KEY_ID:end].decode("ascii")
    except UnicodeDecodeError:
        raise _not_ours() from None
    if not account.isdigit() or not key_id.isprintable():
        raise _not_ours()
    return Header(blob[0], account, key_id, blob[end : end + found.material_id].hex(), size)


def _not_ours() -> CiphertextError:
    return CiphertextError("not a ciphertext of this service")
