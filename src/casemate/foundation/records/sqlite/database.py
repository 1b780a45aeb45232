"""A database in a file: made, migrated, copied, checked."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from casemate.foundation.files import sync_directory
from casemate.foundation.records import migrations
from casemate.foundation.records.errors import StoreFailed, StoreMissing
from casemate.foundation.records.sqlite.connections import READ_CACHE_KIB, connect, translate
from casemate.foundation.records.sqlite.padding import PAGE_SIZE
from casemate.foundation.records.sqlite.reading import SqliteReading
from casemate.foundation.records.sqlite.schema import APPLICATION_ID, MIGRATIONS
from casemate.foundation.records.sqlite.writing import SqliteWriting

CHECKPOINT_ATTEMPTS = 5


class SqliteBackend:
    """A database in a file."""

    def __init__(self, path: Path, *, steps: migrations.Steps = MIGRATIONS) -> None:
        self._path = path
        self._steps = steps

    def prepare(self, *, create: bool) -> None:
        """Make or migrate the database. StoreMissing, DataNewerThanProgram, StoreFailed."""
        if not self._path.exists():
            if not create:
                raise StoreMissing(f"there is no store at {self._path}")
            # SQLite gives the log and its index the permissions of the file. Nobody has it open yet.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        try:
            connection = connect(self._path, cache_kib=READ_CACHE_KIB)
            try:
                self._prepare(connection)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise translate(error) from error
        sync_directory(self._path.parent)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                raise StoreFailed(f"{self._path} is a database of something else")
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        elif connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise StoreFailed(f"{self._path} is a database of something else")
        wanted = migrations.steps_from(self._path, found, self._steps)
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise StoreFailed(f"{self._path} is on a file system that cannot share memory for a write-ahead log")
        if wanted and found:
            _copy(connection, migrations.backup_path(self._path, found))
        for number, statements in wanted:
            _migrate(connection, number, statements)

    def reading(self) -> SqliteReading:
        """A connection for reads."""
        return SqliteReading(self._path)

    def writing(self) -> SqliteWriting:
        """A connection for the writer."""
        return SqliteWriting(self._path)

    def checkpoint(self, *, truncate: bool) -> bool:
        """Bring the log into the database, or cut it to nothing. False: readers were in the way to the end."""
        mode = "TRUNCATE" if truncate else "PASSIVE"
        try:
            connection = connect(self._path, cache_kib=READ_CACHE_KIB)
            try:
                for _ in range(CHECKPOINT_ATTEMPTS):
                    busy, in_log, moved = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
                    if not busy and in_log == moved:
                        return True
                return False
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise translate(error) from error

    def backup_to(self, path: Path) -> None:
        """A consistent copy of what is committed now, synced, in a new file. FileExistsError."""
        if path.exists():
            raise FileExistsError(path)
        try:
            connection = connect(self._path, cache_kib=READ_CACHE_KIB)
            try:
                _copy(connection, path)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise translate(error) from error

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file, at most a hundred lines."""
        connection = connect(self._path, cache_kib=READ_CACHE_KIB)
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        except sqlite3.Error as error:
            return [str(error)]
        finally:
            connection.close()
        return [] if found == ["ok"] else found


def _migrate(connection: sqlite3.Connection, number: int, statements: Sequence[str]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _copy(connection: sqlite3.Connection, path: Path) -> None:
    """Put a synced copy at the path, whole or not at all, in place of what was there."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        target = sqlite3.connect(partial)
        try:
            connection.backup(target)
            # The copy has no log beside it and wants none.
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
        descriptor = os.open(partial, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_directory(path.parent)
