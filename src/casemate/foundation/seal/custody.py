"""How the root key is kept, found and changed.

The data directory holds `seal.json`, and `root.key` unless the key is given from outside. Changing how the root key is
kept, or the root key itself, wraps the ring's keys anew at most and touches no data. After a crash at any moment the
directory opens: `seal.json` is first wrapped by the old and the new key, then the key moves, then the old wrap goes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from casemate.foundation.seal.errors import RootKeyMissingError, SealDamagedError, SealError
from casemate.foundation.seal.files import leftovers, locked, read_private, remove_private, replace_private
from casemate.foundation.seal.ring import Ring, decode_ring, wrapped_by
from casemate.foundation.seal.root import (
    LocalRootKey,
    RootKey,
    Scrypt,
    decode_credential,
    decode_root_file,
    encode_root_file,
)
from casemate.foundation.seal.seal import Seal

_RING_FILE = "seal.json"
_ROOT_FILE = "root.key"
_CREDENTIAL = "casemate.root-key"
_NOT_OWNER = 0o077
_WRITERS = 0o022  # seal.json is no secret, but nobody else may change it
_OTHERS = 0o007  # a service manager may give a credential to the service's group


_COST = Scrypt()


@dataclass(frozen=True, slots=True)
class Custody:
    """Where a root key is.

    In root.key, plain or under `passphrase`; or in the directory `credentials` of a service manager (systemd's
    $CREDENTIALS_DIRECTORY) as `casemate.root-key`. A `holder` comes before both.
    """

    passphrase: bytes | None = None
    credentials: Path | None = None
    holder: RootKey | None = None
    cost: Scrypt = _COST


def create_seal(
    directory: Path,
    *,
    passphrase: bytes | None = None,
    credentials: Path | None = None,
    holder: RootKey | None = None,
    cost: Scrypt = _COST,
) -> Seal:
    """Make the seal of a new data directory. A root.key that is already there is used, never overwritten.

    Raises SealError when the directory has a seal. The arguments are those of Custody.
    """
    custody = Custody(passphrase, credentials, holder, cost)
    with locked(directory):
        if has_seal(directory):
            raise SealError(f"{directory} has a seal already")
        root = _given(custody)
        if root is None:
            path = directory / _ROOT_FILE
            if path.exists():
                root = decode_root_file(read_private(path, _NOT_OWNER), custody.passphrase)
            else:
                made = LocalRootKey.generate()
                replace_private(path, encode_root_file(made, custody.passphrase, custody.cost))
                root = made
        content = Ring.generate().encode([root])
        replace_private(directory / _RING_FILE, content)
    return _seal(directory, root)


def open_seal(
    directory: Path,
    *,
    passphrase: bytes | None = None,
    credentials: Path | None = None,
    holder: RootKey | None = None,
) -> Seal:
    """The seal of a data directory. The arguments are those of Custody; raises as `open_root_key` does."""
    seal = _seal(directory, open_root_key(directory, Custody(passphrase, credentials, holder)))
    if any(leftovers(directory)):
        with locked(directory):  # what a crash left behind may be a root key that should be under a passphrase
            pass
    return seal


def has_seal(directory: Path) -> bool:
    """Whether `create_seal` was completed here."""
    return (directory / _RING_FILE).exists()


def open_root_key(directory: Path, custody: Custody) -> RootKey:
    """Find the root key that opens this directory's seal: the holder given, the credential, or root.key.

    Raises RootKeyMissingError, RootKeyExposedError, PassphraseError, SealDamagedError.
    """
    identities = wrapped_by(_read_ring(directory))
    given = _given(custody)
    if given is not None and given.identity in identities:
        return given
    path = directory / _ROOT_FILE
    try:
        content = read_private(path, _NOT_OWNER)
    except FileNotFoundError:
        where = "the root key that was given is another one" if given else f"there is no {path}, and none was given"
        raise RootKeyMissingError(f"the seal of {directory} can't be opened: {where}") from None
    root = decode_root_file(content, custody.passphrase)
    if root.identity not in identities:
        raise RootKeyMissingError(f"{path} is not the root key under which {directory} is sealed")
    return root


def change_passphrase(directory: Path, custody: Custody, passphrase: bytes | None) -> None:
    """Keep the same root key under another passphrase, or under none. `custody` opens it now."""
    with locked(directory):
        path = directory / _ROOT_FILE
        root = open_root_key(directory, custody)
        if not isinstance(root, LocalRootKey) or not path.exists():
            raise SealError("this root key is not kept in root.key")
        _replace_root_file(path, encode_root_file(root, passphrase, custody.cost))


def replace_root_key(directory: Path, custody: Custody, successor: Custody) -> Seal:
    """Seal the directory under another root key: the successor's holder or credential, else a new one in root.key.

    Steps: 1 wrap the ring by the old and the new key; 2 put the new root.key in place, or remove the old one; 3 drop
    the old wrap. After a crash the old key (until 2) or the new one (from 1 on) opens the directory.
    """
    with locked(directory):
        old = open_root_key(directory, custody)
        ring = decode_ring(_read_ring(directory), old)
        given = _given(successor)
        new: RootKey = given or LocalRootKey.generate()
        if new.identity == old.identity:
            raise SealError("the successor is the root key in use")
        replace_private(directory / _RING_FILE, ring.encode([old, new]))  # 1
        path = directory / _ROOT_FILE
        if given is None and isinstance(new, LocalRootKey):  # 2
            _replace_root_file(path, encode_root_file(new, successor.passphrase, successor.cost))
        else:
            remove_private(path)
        replace_private(directory / _RING_FILE, ring.encode([new]))  # 3
    return _seal(directory, new)


def add_domain_key(directory: Path, custody: Custody) -> Seal:
    """Rotate: new wraps use a new domain key, older ones go on opening. Running processes learn of it by `refresh`."""
    with locked(directory):
        root = open_root_key(directory, custody)
        ring = decode_ring(_read_ring(directory), root).rotated()
        replace_private(directory / _RING_FILE, ring.encode([root]))
    return _seal(directory, root)


def _given(custody: Custody) -> RootKey | None:
    if custody.holder is not None:
        return custody.holder
    if custody.credentials is None:
        return None
    try:
        return decode_credential(read_private(custody.credentials / _CREDENTIAL, _OTHERS))
    except FileNotFoundError:
        return None


def _read_ring(directory: Path) -> bytes:
    try:
        return read_private(directory / _RING_FILE, _WRITERS)
    except FileNotFoundError:
        raise SealDamagedError(f"{directory} has no {_RING_FILE}") from None


def _seal(directory: Path, root: RootKey) -> Seal:
    path = directory / _RING_FILE
    seen = _stamp(path)

    def reread() -> Ring | None:
        # A blob may name any number: the file is read again only when it was replaced.
        nonlocal seen
        stamp = _stamp(path)
        if stamp == seen:
            return None
        ring = decode_ring(_read_ring(directory), root)
        seen = stamp
        return ring

    return Seal(decode_ring(_read_ring(directory), root), reread)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = os.stat(path)  # noqa: PTH116 - Path.stat does the same and costs more
    except FileNotFoundError:
        return (0, 0)
    return (status.st_ino, status.st_mtime_ns)


def _replace_root_file(path: Path, content: bytes) -> None:
    """Put the new file in place and overwrite the blocks of the old one, as far as the file system writes in place."""
    old = None
    if path.exists():
        old = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        replace_private(path, content)
        if old is not None:
            os.write(old, bytes(os.fstat(old).st_size))
            os.fsync(old)
    finally:
        if old is not None:
            os.close(old)
