"""SQLite: the one place that knows SQL and the driver.

Write-ahead log, synced at every commit; freed content is overwritten. Everything that writes, moves or resets the log
(commits, checkpoints, opening, closing) happens under the store's lock: two connections that write and checkpoint at
the same instant can lose pages in SQLite before 3.51.3 (sqlite.org/wal.html, "The WAL-Reset Bug"), and busy handlers
starve.
"""

import sqlite3

from casemate.foundation.records.sqlite.database import SqliteBackend

__all__ = ["VERSION", "SqliteBackend"]

VERSION = sqlite3.sqlite_version
