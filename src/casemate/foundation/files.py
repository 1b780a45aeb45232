"""Files that are there whole or not at all, and names that outlive a crash."""

from __future__ import annotations

import os
from pathlib import Path


def write_all(descriptor: int, block: bytes) -> None:
    """All of a block, however many writes it takes. Raises OSError."""
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put a file, synced, in place of any other. One process at a time may do so for a path. Raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make names that were added, changed or taken out outlive a crash. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
