"""The root key: what wraps the domain keys, and the forms in which a file keeps it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from casemate.foundation.seal.derivation import KEY_BYTES, DerivingKey
from casemate.foundation.seal.errors import PassphraseError, SealDamagedError, SealedElsewhereError

_FORMAT = 1
_SALT_BYTES = 16
_PASSPHRASE_ASSOCIATED = b"casemate/seal/root-key/passphrase/v1"
# Bounds for parameters read from a file: scrypt takes 128 * n * r bytes, and someone may have edited it.
_MOST_N, _MOST_R, _MOST_P = 1 << 20, 16, 16


class RootKey(Protocol):
    """A holder of the root key. `identity` names the key without telling it, and differs between keys."""

    @property
    def identity(self) -> str: ...

    def wrap(self, key: bytes, associated: bytes) -> bytes: ...

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """Raises SealedElsewhereError."""
        ...


class LocalRootKey:
    """A root key in this process's memory: 32 bytes from a file, a passphrase-protected file or a credential."""

    __slots__ = ("_deriving", "_key", "identity")

    def __init__(self, key: bytes) -> None:
        self._deriving = DerivingKey(key)
        self._key = key
        self.identity = self._deriving.derive(b"casemate/seal/root-identity/v1", b"")[:8].hex()

    @classmethod
    def generate(cls) -> LocalRootKey:
        return cls(os.urandom(KEY_BYTES))

    def wrap(self, key: bytes, associated: bytes) -> bytes:
        return self._deriving.encrypt(key, associated)

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        return self._deriving.decrypt(wrapped, associated)

    def export(self) -> bytes:
        """The 32 bytes themselves: for the file that keeps them, and for a child process over a pipe."""
        return self._key

    def __repr__(self) -> str:
        return f"<LocalRootKey {self.identity}>"


@dataclass(frozen=True, slots=True)
class Scrypt:
    """The cost of trying a passphrase (RFC 7914). The default takes 64 MiB and some half a second."""

    n: int = 1 << 16
    r: int = 8
    p: int = 2

    def derive(self, passphrase: bytes, salt: bytes) -> bytes:
        """32 bytes. Raises SealDamagedError for parameters out of bounds."""
        if not (1 < self.n <= _MOST_N and 0 < self.r <= _MOST_R and 0 < self.p <= _MOST_P):
            raise SealDamagedError("the scrypt parameters of root.key are out of bounds")
        memory = 256 * self.n * self.r + 1_048_576
        try:
            return hashlib.scrypt(passphrase, salt=salt, n=self.n, r=self.r, p=self.p, maxmem=memory, dklen=KEY_BYTES)
        except ValueError as error:
            raise SealDamagedError("the scrypt parameters of root.key are not valid") from error


class _RootFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """root.key as JSON. Byte strings are base64."""

    format: int
    kept: Literal["plain", "passphrase"]
    key: bytes = b""
    n: int = 0
    r: int = 0
    p: int = 0
    salt: bytes = b""
    wrapped: bytes = b""


def encode_root_file(root: LocalRootKey, passphrase: bytes | None, cost: Scrypt) -> bytes:
    """The content of root.key."""
    if passphrase is None:
        return msgspec.json.encode(_RootFile(_FORMAT, "plain", key=root.export())) + b"\n"
    salt = os.urandom(_SALT_BYTES)
    wrapping = DerivingKey(cost.derive(passphrase, salt))
    wrapped = wrapping.encrypt(root.export(), _PASSPHRASE_ASSOCIATED)
    content = _RootFile(_FORMAT, "passphrase", n=cost.n, r=cost.r, p=cost.p, salt=salt, wrapped=wrapped)
    return msgspec.json.encode(content) + b"\n"


def decode_root_file(content: bytes, passphrase: bytes | None) -> LocalRootKey:
    """The root key in a file's content. Raises PassphraseError, SealDamagedError."""
    try:
        file = msgspec.json.decode(content, type=_RootFile)
    except msgspec.MsgspecError as error:
        raise SealDamagedError("root.key can't be read") from error
    if file.format != _FORMAT:
        raise SealDamagedError(f"root.key has format {file.format}; this program knows {_FORMAT}")
    if file.kept == "plain":
        key = file.key
    else:
        if passphrase is None:
            raise PassphraseError("root.key is protected by a passphrase, and none was given")
        wrapping = DerivingKey(Scrypt(file.n, file.r, file.p).derive(passphrase, file.salt))
        try:
            key = wrapping.decrypt(file.wrapped, _PASSPHRASE_ASSOCIATED)
        except SealedElsewhereError:
            raise PassphraseError("the passphrase does not open root.key") from None
    if len(key) != KEY_BYTES:
        raise SealDamagedError("root.key holds no key of 32 bytes")
    return LocalRootKey(key)


def decode_credential(content: bytes) -> LocalRootKey:
    """The root key in a service manager's credential: 32 bytes, or 64 hex digits and a line end."""
    if len(content) != KEY_BYTES:
        try:
            content = bytes.fromhex(content.decode("ascii").strip())
        except ValueError:
            content = b""
    if len(content) != KEY_BYTES:
        raise SealDamagedError("the credential casemate.root-key must hold 32 bytes or 64 hex digits")
    return LocalRootKey(content)
