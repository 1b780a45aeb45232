"""Which files a scan reads."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from casemate.foundation.errors import CasemateError


@dataclass(frozen=True, slots=True)
class FileToScan:
    """A file, and the key that findings give it: its path below the argument, or its name where it is the argument."""

    path: Path
    key: str
    size: int
    modified: float


def files_of(paths: Iterable[Path]) -> list[FileToScan]:
    """Every regular file, argument by argument, in the order of keys. Links below a folder are not followed.

    Raises CasemateError for an argument that is not there.
    """
    files: list[FileToScan] = []
    for path in paths:
        try:
            status = path.stat()
        except OSError as error:
            raise CasemateError(f"{path}: {error.strerror}") from None
        if stat.S_ISDIR(status.st_mode):
            below = [FileToScan(file, file.relative_to(path).as_posix(), size, at) for file, size, at in _below(path)]
            files += sorted(below, key=lambda file: os.fsencode(file.key))
        elif stat.S_ISREG(status.st_mode):
            files.append(FileToScan(path, path.name, status.st_size, status.st_mtime))
        else:
            raise CasemateError(f"{path} is neither a file nor a folder")
    return files


def _below(folder: Path) -> Iterator[tuple[Path, int, float]]:
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            entries = list(os.scandir(current))
        except OSError:
            yield current, 0, 0.0
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield Path(entry.path), status.st_size, status.st_mtime
            except OSError:  # it vanished, or its folder may be listed but not entered: opening it says which
                yield Path(entry.path), 0, 0.0
