"""Small secret files: read with their permissions checked, replaced so that a crash leaves the old or the new one."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casemate.foundation.files import sync_directory, write_all
from casemate.foundation.seal.errors import RootKeyExposedError, SealDamagedError

_MOST_BYTES = 64 << 20
_TEMPORARY = ".seal-new"


def read_private(path: Path, forbidden: int) -> bytes:
    """The content of a file that must have none of the `forbidden` permission bits.

    Raises FileNotFoundError, RootKeyExposedError, SealDamagedError for what is no regular file of reasonable size.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise SealDamagedError(f"{path} is not a file of the seal")
        if status.st_mode & forbidden:
            mode = stat.S_IMODE(status.st_mode)
            raise RootKeyExposedError(f"{path} has mode {mode:04o}, which lets others at it: run chmod 600 on it")
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(_MOST_BYTES)
    finally:
        os.close(descriptor)


def replace_private(path: Path, content: bytes) -> None:
    """Put a file in place whole, 0600: temporary file, fsync, rename, fsync of the directory."""
    temporary = path.with_name(path.name + _TEMPORARY)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(temporary, path)  # noqa: PTH105 - beside the other system calls of this sequence
    sync_directory(path.parent)


def remove_private(path: Path) -> None:
    """Remove a secret file, its blocks overwritten as far as the file system writes in place. May be absent."""
    discarded = path.with_name(path.name + _TEMPORARY)
    try:
        # Out of the way first: a crash while it is overwritten must not leave half a key under its name.
        os.replace(path, discarded)  # noqa: PTH105 - beside the other system calls of this sequence
    except FileNotFoundError:
        return
    sync_directory(path.parent)
    _overwrite_and_unlink(discarded)


def _overwrite_and_unlink(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.write(descriptor, bytes(os.fstat(descriptor).st_size))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.unlink(path)  # noqa: PTH108 - beside the other system calls of this sequence
    sync_directory(path.parent)


def leftovers(directory: Path) -> Iterator[Path]:
    """Temporary files of changes that were not completed."""
    yield from directory.glob(f"*{_TEMPORARY}")


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Only one process at a time changes the seal of a data directory; it begins by removing what a crash left."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for path in tuple(leftovers(directory)):
            _overwrite_and_unlink(path)
        yield
    finally:
        os.close(descriptor)
