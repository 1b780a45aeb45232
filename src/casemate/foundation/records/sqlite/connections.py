"""Connections as a store wants them, and the driver's errors as ours."""

import sqlite3
from pathlib import Path

from casemate.foundation.records.errors import CommitError, DiskFull, StoreClosed, StoreFailed

READ_CACHE_KIB = 4096
WRITE_CACHE_KIB = 16384
BUSY_MILLISECONDS = 10_000
LOG_BYTES_KEPT = 64 << 20

_FULL_CODES = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_TRUNCATE}
)


def translate(error: sqlite3.Error) -> CommitError:
    """The driver's error as one of ours."""
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return StoreClosed("the store is closed")
    code = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if code in _FULL_CODES:
        return DiskFull(f"the disk takes no more: {error} ({name})")
    return StoreFailed(f"{error} ({name})")


def connect(path: Path, *, cache_kib: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=128)
    try:
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "synchronous = FULL",
            "secure_delete = ON",
            "wal_autocheckpoint = 0",
            f"journal_size_limit = {LOG_BYTES_KEPT}",
            f"cache_size = -{cache_kib}",
            "temp_store = MEMORY",
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection
