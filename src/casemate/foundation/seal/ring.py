"""The domain keys, and the file `seal.json` that keeps them wrapped by the root key."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from casemate.foundation.seal.derivation import KEY_BYTES
from casemate.foundation.seal.errors import RootKeyMissingError, SealDamagedError, SealedElsewhereError
from casemate.foundation.seal.root import RootKey

_FORMAT = 1
_MOST_DOMAINS = 100_000  # a rotation a day for 270 years
# Domain keys count from one; this one gives the named sub-keys, and stays when domains are rotated.
DERIVATION = 0


class _WrappedKey(msgspec.Struct, forbid_unknown_fields=True):
    """One key of the ring, wrapped by each root key that may open it (two of them while the root key is replaced)."""

    number: int
    wrapped: dict[str, bytes]


class _RingFile(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    keys: list[_WrappedKey]


class Ring:
    """Keys by number, unwrapped. Number 0 derives sub-keys, the others are domain keys; the greatest is the newest."""

    __slots__ = ("keys",)

    def __init__(self, keys: dict[int, bytes]) -> None:
        self.keys = keys

    @classmethod
    def generate(cls) -> Ring:
        return cls({DERIVATION: os.urandom(KEY_BYTES), 1: os.urandom(KEY_BYTES)})

    @property
    def newest(self) -> int:
        return max(self.keys)

    def rotated(self) -> Ring:
        """A copy with one domain key more."""
        return Ring(self.keys | {self.newest + 1: os.urandom(KEY_BYTES)})

    def encode(self, roots: Iterable[RootKey]) -> bytes:
        """The content of seal.json, which each of the root keys opens."""
        holders = tuple(roots)
        keys = [
            _WrappedKey(number, {root.identity: root.wrap(key, _associated(number)) for root in holders})
            for number, key in sorted(self.keys.items())
        ]
        return msgspec.json.format(msgspec.json.encode(_RingFile(_FORMAT, keys)), indent=1) + b"\n"


def decode_ring(content: bytes, root: RootKey) -> Ring:
    """Raises SealDamagedError, and RootKeyMissingError when the ring is not wrapped by this root key."""
    file = _decode(content)
    keys: dict[int, bytes] = {}
    for entry in file.keys:
        wrapped = entry.wrapped.get(root.identity)
        if wrapped is None:
            raise RootKeyMissingError(f"seal.json is not wrapped by the root key {root.identity}")
        try:
            key = root.unwrap(wrapped, _associated(entry.number))
        except SealedElsewhereError:
            raise SealDamagedError(f"key {entry.number} of seal.json does not open") from None
        if len(key) != KEY_BYTES:
            raise SealDamagedError(f"key {entry.number} of seal.json has a wrong length")
        keys[entry.number] = key
    return Ring(keys)


def wrapped_by(content: bytes) -> frozenset[str]:
    """The identities of the root keys that open all of the ring. Raises SealDamagedError."""
    return frozenset.intersection(*(frozenset(entry.wrapped) for entry in _decode(content).keys))


def _decode(content: bytes) -> _RingFile:
    try:
        file = msgspec.json.decode(content, type=_RingFile)
    except msgspec.MsgspecError as error:
        raise SealDamagedError("seal.json can't be read") from error
    if file.format != _FORMAT:
        raise SealDamagedError(f"seal.json has format {file.format}; this program knows {_FORMAT}")
    numbers = [entry.number for entry in file.keys]
    if numbers[:2] != [DERIVATION, 1] or numbers != sorted(set(numbers)) or len(numbers) > _MOST_DOMAINS:
        raise SealDamagedError("seal.json lacks keys that it should hold")
    return file


def _associated(number: int) -> bytes:
    return b"casemate/seal/ring/v1|%d" % number
