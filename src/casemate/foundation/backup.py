"""Backups: one sealed file that holds a data directory, and opens only with its root key.

    magic line, header line (JSON), then chunks: length (4 bytes, big-endian), AES-256-GCM(chunk)

The header carries `seal.json` (domain keys wrapped by the root key), so that nothing but the root key, or its
passphrase, is needed to restore. Chunks are numbered by their nonce, and the last is marked by its associated data:
one that is changed, moved, left out or cut off does not open. The content is a tar archive.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from casemate.foundation.errors import CasemateError
from casemate.foundation.seal import Seal

_MAGIC: Final = b"CASEMATE BACKUP 1\n"
_CHUNK: Final = 1 << 20
_TAG: Final = 16
_HEADER_MOST: Final = 1 << 20
PURPOSE: Final = "backup"


class BackupRefused(CasemateError):
    """A file that is no backup, is damaged, or does not open with this root key."""


class Header(msgspec.Struct):
    """What a backup says before it is opened."""

    created: str
    account: str
    generation: int
    salt: bytes
    seal: bytes
    """seal.json of the data directory."""
    lacking: list[str] = []
    """Regions that are not in it: they were stopped, and their files elsewhere."""


class SealingFile(io.RawIOBase):
    """A file to write to whose content lies sealed in another."""

    def __init__(self, target: IO[bytes], key: bytes) -> None:
        self._target = target
        self._cipher = AESGCM(key)
        self._pending = bytearray()
        self._number = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pending += data
        while len(self._pending) > _CHUNK:
            self._seal(bytes(self._pending[:_CHUNK]), last=False)
            del self._pending[:_CHUNK]
        return len(data)

    def finish(self) -> None:
        """Write the last chunk."""
        self._seal(bytes(self._pending), last=True)
        self._pending.clear()

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number), chunk, _mark(last=last))
        self._target.write(len(sealed).to_bytes(4, "big") + sealed)
        self._number += 1


class OpeningFile(io.RawIOBase):
    """The content of a sealed file, to read from. Raises BackupRefused where a chunk does not open."""

    def __init__(self, source: IO[bytes], key: bytes) -> None:
        self._chunks = _opened(source, AESGCM(key))
        self._pending = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._pending = chunk
        count = min(len(buffer), len(self._pending))
        buffer[:count] = self._pending[:count]
        self._pending = self._pending[count:]
        return count


def _opened(source: IO[bytes], cipher: AESGCM) -> Iterator[bytes]:
    number, sealed = 0, _next_chunk(source)
    while True:
        following = _next_chunk(source)
        try:
            yield cipher.decrypt(_nonce(number), sealed, _mark(last=not following))
        except InvalidTag:
            raise BackupRefused(
                "the backup does not open: it is damaged or cut off, or this is not its root key"
            ) from None
        if not following:
            return
        number, sealed = number + 1, following


def _next_chunk(source: IO[bytes]) -> bytes:
    """The next sealed chunk; nothing at the end of the file. Raises BackupRefused."""
    prefix = source.read(4)
    if not prefix:
        return b""
    length = int.from_bytes(prefix, "big")
    if length > _CHUNK + _TAG:
        raise BackupRefused("the backup is damaged: a chunk says that it is larger than any can be")
    chunk = source.read(length)
    if len(prefix) < 4 or not length or len(chunk) < length:
        raise BackupRefused("the backup is damaged: it is cut off, or something was put behind it")
    return chunk


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _mark(*, last: bool) -> bytes:
    return b"last" if last else b"more"


def _key(seal: Seal, salt: bytes) -> bytes:
    """A key of this one backup: nonces are numbers, so no two backups may share one."""
    return HKDF(SHA256(), 32, salt, b"casemate/backup/v1").derive(seal.derive(PURPOSE))


def write(target: IO[bytes], header: Header, seal: Seal, folder: Path) -> None:
    """Write a folder's content as a backup."""
    encoded = msgspec.json.encode(header)
    target.write(_MAGIC + encoded + b"\n")
    sealing = SealingFile(target, _key(seal, header.salt))
    with tarfile.open(fileobj=sealing, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        archive.add(folder, arcname=".")
    sealing.finish()


def read_header(source: IO[bytes]) -> Header:
    """The header; leaves the file at the first chunk. Raises BackupRefused."""
    if source.read(len(_MAGIC)) != _MAGIC:
        raise BackupRefused("this is no backup of Casemate")
    try:
        return msgspec.json.decode(source.readline(_HEADER_MOST), type=Header)
    except msgspec.DecodeError:
        raise BackupRefused("the backup's header is damaged") from None


def extract(source: IO[bytes], header: Header, seal: Seal, folder: Path) -> None:
    """Unpack what follows the header. Raises BackupRefused."""
    opening = io.BufferedReader(OpeningFile(source, _key(seal, header.salt)), _CHUNK)
    try:
        with tarfile.open(fileobj=opening, mode="r|") as archive:
            for member in archive:
                _unpack(archive, member, folder)
        while opening.read(_CHUNK):
            pass  # to the last chunk, so that a backup that was cut off behind the archive's end shows
    except tarfile.TarError as error:
        raise BackupRefused(f"the backup is damaged: {error}") from None


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Files and folders only, inside the folder only, for their owner only."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
        raise BackupRefused(f"the backup holds what does not belong there: {member.name}")
    path = folder / name
    if member.isdir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    content = archive.extractfile(member)
    assert content is not None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with content, os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(file.fileno())


def new_salt() -> bytes:
    return os.urandom(32)
