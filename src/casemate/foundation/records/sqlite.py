"""SQLite: the one place that knows SQL and the driver.

Write-ahead log, synced at every commit; freed content is overwritten. Everything that writes, moves or resets the log
(commits, checkpoints, opening, closing) happens under the store's lock: two connections that write and checkpoint at
the same instant can lose pages in SQLite before 3.51.3 (sqlite.org/wal.html, "The WAL-Reset Bug"), and busy handlers
starve.
"""

import os
import sqlite3
from collections.abc import Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

from casemate.foundation.records import migrations
from casemate.foundation.records.audit import AuditRecord
from casemate.foundation.records.backend import Changes, FoundRow, Heads, Place, Row
from casemate.foundation.records.collection import RecordKey
from casemate.foundation.records.errors import CommitError, Conflict, DiskFull, StoreClosed, StoreFailed, StoreMissing
from casemate.foundation.records.outbox import Message
from casemate.foundation.records.padding import PAGE_SIZE, pad, unpad
from casemate.foundation.records.timers import Timer

SCHEMA = (
    """
    CREATE TABLE head (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        commits INTEGER NOT NULL, audit INTEGER NOT NULL, digest BLOB NOT NULL, message INTEGER NOT NULL
    )
    """,
    "INSERT INTO head VALUES (1, 0, 0, zeroblob(32), 0)",
    # Bodies are appended and only short keys stand in random places: half the pages of a clustered table.
    """
    CREATE TABLE record (
        number INTEGER PRIMARY KEY,
        collection TEXT NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL,
        version INTEGER NOT NULL, entries BLOB NOT NULL, body BLOB NOT NULL,
        UNIQUE (collection, scope, id)
    )
    """,
    "CREATE TABLE erasable (number INTEGER PRIMARY KEY, payload BLOB NOT NULL)",
    """
    CREATE TABLE entry (
        space TEXT NOT NULL, scope TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (space, scope, value, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE unique_entry (
        space TEXT NOT NULL, scope TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (space, scope, value)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE timer (
        kind TEXT NOT NULL, key TEXT NOT NULL, due REAL NOT NULL, seq INTEGER NOT NULL, payload BLOB NOT NULL,
        PRIMARY KEY (kind, key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX timer_due ON timer (due, kind, key)",
    """
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY,
        destination TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, payload BLOB NOT NULL
    )
    """,
    "CREATE TABLE inbox (source TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (source, seq)) WITHOUT ROWID",
    """
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY,
        account TEXT NOT NULL, time REAL NOT NULL, changes BLOB NOT NULL, body BLOB NOT NULL, digest BLOB NOT NULL
    )
    """,
)

MIGRATIONS: migrations.Steps = (SCHEMA,)
"""The statements that lead from each data format to the next; a step that a release has shipped never changes."""

APPLICATION_ID = 0x43534D54
READ_CACHE_KIB = 4096
WRITE_CACHE_KIB = 16384
BUSY_MILLISECONDS = 10_000
LOG_BYTES_KEPT = 64 << 20
CHECKPOINT_ATTEMPTS = 5

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


def _connect(path: Path, *, cache_kib: int) -> sqlite3.Connection:
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
            connection = _connect(self._path, cache_kib=READ_CACHE_KIB)
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

    def reading(self) -> "SqliteReading":
        """A connection for reads."""
        return SqliteReading(self._path)

    def writing(self) -> "SqliteWriting":
        """A connection for the writer."""
        return SqliteWriting(self._path)

    def checkpoint(self, *, truncate: bool) -> bool:
        """Bring the log into the database, or cut it to nothing. False: readers were in the way to the end."""
        mode = "TRUNCATE" if truncate else "PASSIVE"
        try:
            connection = _connect(self._path, cache_kib=READ_CACHE_KIB)
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
            connection = _connect(self._path, cache_kib=READ_CACHE_KIB)
            try:
                _copy(connection, path)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise translate(error) from error

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file, at most a hundred lines."""
        connection = _connect(self._path, cache_kib=READ_CACHE_KIB)
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


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_RECORD = "SELECT version, entries, body FROM record WHERE collection = ? AND scope = ? AND id = ?"
_RECORD_ERASABLE = (
    "SELECT r.version, r.entries, e.payload FROM record r JOIN erasable e ON e.number = r.number"
    " WHERE r.collection = ? AND r.scope = ? AND r.id = ?"
)
_RECEIVED = "SELECT 1 FROM inbox WHERE source = ? AND seq = ?"
_HEADS = "SELECT commits, audit, digest, message FROM head"


def _searches(*, unique: bool, erasable: bool) -> tuple[str, str, str]:
    """The statements of a listing, a search and a span; only names of our own tables are put together."""
    body, join = ("x.payload", "JOIN erasable x ON x.number = r.number") if erasable else ("r.body", "")
    table = "unique_entry" if unique else "entry"
    columns = f"r.id, r.version, r.entries, {body}"
    listed = f"SELECT '', {columns} FROM record r {join} WHERE r.collection = ? AND r.scope = ?"  # noqa: S608  see above
    indexed = (
        f"SELECT e.value, {columns} FROM {table} e"  # noqa: S608  see above
        f" CROSS JOIN record r ON r.collection = ? AND r.scope = e.scope AND r.id = e.id {join}"
        " WHERE e.space = ? AND e.scope = ?"
    )
    in_order = "" if unique else "ORDER BY e.id"  # of one row
    return (
        f"{listed} AND r.id > ? ORDER BY r.id LIMIT ?",
        f"{indexed} AND e.value = ? AND e.id > ? {in_order} LIMIT ?",
        f"{indexed} AND (e.value, e.id) > (?, ?) AND e.value < ? ORDER BY e.value, e.id LIMIT ?",
    )


_SEARCHES = {
    (unique, erasable): _searches(unique=unique, erasable=erasable)
    for unique in (False, True)
    for erasable in (False, True)
}

_LAST = 2**63 - 1

_END = "\U0010ffff" * 8
"""Above every value that is indexed in practice: what an open range ends with."""


class SqliteReading:
    """Reads of one thread."""

    def __init__(self, path: Path) -> None:
        try:
            self._connection = _connect(path, cache_kib=READ_CACHE_KIB)
            self._connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error as error:
            raise translate(error) from error

    def _one(self, statement: str, values: Sequence[Any]) -> Any:
        try:
            return self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise translate(error) from error

    def _all(self, statement: str, values: Sequence[Any]) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise translate(error) from error

    def record(self, key: RecordKey, *, erasable: bool) -> Row | None:
        return _row(self._one(_RECORD_ERASABLE if erasable else _RECORD, key), erasable)

    def listing(self, collection: str, scope: str, *, erasable: bool, after: str, limit: int | None) -> list[FoundRow]:
        statement = _SEARCHES[False, erasable][0]
        return _found(self._all(statement, (collection, scope, after, -1 if limit is None else limit)), erasable)

    def search(
        self, space: str, scope: str, value: str, *, unique: bool, erasable: bool, after: str, limit: int | None
    ) -> list[FoundRow]:
        statement = _SEARCHES[unique, erasable][1]
        collection = space.rpartition("/")[0]
        values = (collection, space, scope, value, after, -1 if limit is None else limit)
        return _found(self._all(statement, values), erasable)

    def span(
        self,
        space: str,
        scope: str,
        *,
        unique: bool,
        erasable: bool,
        after: tuple[str, str],
        stop: str | None,
        limit: int,
    ) -> list[FoundRow]:
        statement = _SEARCHES[unique, erasable][2]
        collection = space.rpartition("/")[0]
        values = (collection, space, scope, *after, _END if stop is None else stop, limit)
        return _found(self._all(statement, values), erasable)

    def due_timers(self, now: float, limit: int) -> list[Timer]:
        statement = "SELECT due, kind, key, payload, seq FROM timer WHERE due <= ? ORDER BY due, kind, key LIMIT ?"
        return list(starmap(Timer, self._all(statement, (now, limit))))

    def next_due(self) -> float | None:
        found = self._one("SELECT min(due) FROM timer", ())[0]
        return None if found is None else float(found)

    def pending(self, after: int, limit: int) -> list[Message]:
        statement = "SELECT destination, key, kind, payload, seq FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?"
        return [
            Message(destination, key, kind, unpad(payload), seq)
            for destination, key, kind, payload, seq in self._all(statement, (after, limit))
        ]

    def received(self, source: str, seq: int) -> bool:
        return self._one(_RECEIVED, (source, seq)) is not None

    def audit_records(self, after: int, limit: int) -> list[AuditRecord]:
        statement = "SELECT seq, account, time, changes, body, digest FROM audit WHERE seq > ? ORDER BY seq LIMIT ?"
        return list(starmap(AuditRecord, self._all(statement, (after, limit))))

    def audit_before(self, before: int | None, limit: int) -> list[AuditRecord]:
        statement = (
            "SELECT seq, account, time, changes, body, digest FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?"
        )
        return list(starmap(AuditRecord, self._all(statement, (_LAST if before is None else before, limit))))

    def raw(self, key: RecordKey) -> tuple[int, bytes] | None:
        statement = (
            "SELECT r.version, r.body, e.payload FROM record r LEFT JOIN erasable e ON e.number = r.number"
            " WHERE r.collection = ? AND r.scope = ? AND r.id = ?"
        )
        found = self._one(statement, key)
        if found is None:
            return None
        version, body, payload = found
        return version, body if payload is None else unpad(payload)

    def heads(self) -> Heads:
        return Heads(*self._one(_HEADS, ()))

    def close(self) -> None:
        self._connection.close()


def _row(found: tuple[int, bytes, bytes] | None, erasable: bool) -> Row | None:
    if found is None:
        return None
    return Row(found[0], found[1], unpad(found[2])) if erasable else Row(*found)


def _found(rows: list[tuple[str, str, int, bytes, bytes]], erasable: bool) -> list[FoundRow]:
    if erasable:
        return [FoundRow(*row[:4], unpad(row[4])) for row in rows]
    return list(starmap(FoundRow, rows))


_NUMBER = "(SELECT number FROM record WHERE collection = ? AND scope = ? AND id = ?)"
_PUT_ERASABLE = (
    f"INSERT INTO erasable (number, payload) VALUES ({_NUMBER}, ?)"  # noqa: S608  a constant
    " ON CONFLICT (number) DO UPDATE SET payload = excluded.payload"
)
_DELETE_ERASABLE = f"DELETE FROM erasable WHERE number = {_NUMBER}"  # noqa: S608  a constant
_DELETE = "DELETE FROM record WHERE collection = ? AND scope = ? AND id = ?"

_CHUNKS = (64, 16, 4, 1)


class _ManyRows:
    """A statement with as many rows of values as there are at hand.

    The driver gives the interpreter up at every step, and beside a busy event loop gets it back only after a switch
    interval. A statement of many rows is one step.
    """

    def __init__(self, before: str, columns: int, after: str = "") -> None:
        row = f"({', '.join('?' * columns)})"
        self._statements = [(count, f"{before} VALUES {', '.join([row] * count)} {after}") for count in _CHUNKS]

    def execute(self, connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Execute it over all rows, in order: what it answers."""
        start, left = 0, len(rows)
        answers: list[Any] = []
        for count, statement in self._statements:
            while left >= count:
                values = [value for row in rows[start : start + count] for value in row]
                answers += connection.execute(statement, values).fetchall()
                start += count
                left -= count
        return answers


_RECORD_COLUMNS = "record (collection, scope, id, version, entries, body)"
_INSERT = _ManyRows(f"INSERT INTO {_RECORD_COLUMNS}", 6)
_PUT = _ManyRows(
    f"INSERT INTO {_RECORD_COLUMNS}",
    6,
    "ON CONFLICT (collection, scope, id) DO UPDATE SET"
    " version = excluded.version, entries = excluded.entries, body = excluded.body",
)
_INSERT_ENTRY = _ManyRows("INSERT INTO entry (space, scope, value, id)", 4)
_INSERT_UNIQUE = _ManyRows("INSERT INTO unique_entry (space, scope, value, id)", 4)
_INSERT_TIMER = _ManyRows("INSERT OR REPLACE INTO timer (kind, key, due, seq, payload)", 5)
_INSERT_MESSAGE = _ManyRows("INSERT INTO outbox (seq, destination, key, kind, payload)", 5)
_INSERT_RECEIPT = _ManyRows("INSERT INTO inbox (source, seq)", 2)
_INSERT_AUDIT = _ManyRows("INSERT INTO audit (seq, account, time, changes, body, digest)", 6)
_HOLDERS = _ManyRows(
    "WITH wanted (space, scope, value) AS (",
    3,
    ") SELECT u.space, u.scope, u.value, u.id FROM wanted w CROSS JOIN unique_entry u"
    " ON u.space = w.space AND u.scope = w.scope AND u.value = w.value",
)


class SqliteWriting:
    """The writer's connection: one thread, under the store's lock."""

    def __init__(self, path: Path) -> None:
        try:
            self._connection = _connect(path, cache_kib=WRITE_CACHE_KIB)
        except sqlite3.Error as error:
            raise translate(error) from error

    def _one(self, statement: str, values: Sequence[Any]) -> Any:
        try:
            return self._connection.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise translate(error) from error

    def begin(self) -> Heads:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise translate(error) from error
        return Heads(*self._one(_HEADS, ()))

    def version(self, key: RecordKey) -> int:
        found = self._one("SELECT version FROM record WHERE collection = ? AND scope = ? AND id = ?", key)
        return 0 if found is None else int(found[0])

    def record(self, key: RecordKey) -> Row | None:
        return _row(self._one(_RECORD, key), erasable=False)

    def unique_holders(self, places: Sequence[Place]) -> dict[Place, str]:
        try:
            return {(*place,): id_ for *place, id_ in _HOLDERS.execute(self._connection, places)}
        except sqlite3.Error as error:
            raise translate(error) from error

    def timer_seq(self, kind: str, key: str) -> int | None:
        found = self._one("SELECT seq FROM timer WHERE kind = ? AND key = ?", (kind, key))
        return None if found is None else int(found[0])

    def received(self, source: str, seq: int) -> bool:
        return self._one(_RECEIVED, (source, seq)) is not None

    def apply(self, changes: Changes, heads: Heads) -> None:
        """Write everything; DiskFull and StoreFailed leave the transaction to be rolled back."""
        try:
            self._apply_records(changes)
            self._apply_entries(changes)
            self._apply_messages(changes)
            _INSERT_AUDIT.execute(self._connection, changes.audits)
            self._connection.execute("UPDATE head SET commits = ?, audit = ?, digest = ?, message = ?", heads)
        except sqlite3.Error as error:
            raise translate(error) from error

    def _many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._connection.executemany(statement, rows)

    def _apply_records(self, changes: Changes) -> None:
        self._many(_DELETE_ERASABLE, changes.deletes)
        self._many(_DELETE, changes.deletes)
        try:
            _INSERT.execute(self._connection, changes.inserts)
        except sqlite3.IntegrityError as error:
            raise Conflict("a record that was to be new") from error
        _PUT.execute(self._connection, changes.puts)
        self._many(_PUT_ERASABLE, [(*key, pad(body)) for *key, body in changes.erasable])

    def _apply_entries(self, changes: Changes) -> None:
        self._many("DELETE FROM entry WHERE space = ? AND scope = ? AND value = ? AND id = ?", changes.entries_removed)
        self._many(
            "DELETE FROM unique_entry WHERE space = ? AND scope = ? AND value = ? AND id = ?", changes.uniques_removed
        )
        _INSERT_ENTRY.execute(self._connection, changes.entries_added)
        _INSERT_UNIQUE.execute(self._connection, changes.uniques_added)

    def _apply_messages(self, changes: Changes) -> None:
        self._many("DELETE FROM timer WHERE kind = ? AND key = ?", changes.timers_removed)
        timers = [(t.kind, t.key, t.due, t.seq, t.payload) for t in changes.timers_added]
        _INSERT_TIMER.execute(self._connection, timers)
        messages = [
            (m.seq, m.destination, m.key, m.kind, pad(m.body, (m.destination, m.key, m.kind)))
            for m in changes.messages_added
        ]
        _INSERT_MESSAGE.execute(self._connection, messages)
        self._many("DELETE FROM outbox WHERE seq = ?", [(seq,) for seq in changes.messages_removed])
        self._many("DELETE FROM inbox WHERE source = ? AND seq < ?", changes.receipts_dropped)
        _INSERT_RECEIPT.execute(self._connection, changes.receipts_added)

    def commit(self) -> None:
        """Make it durable. DiskFull: rolled back. StoreFailed: unknown."""
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise translate(error) from error

    def rollback(self) -> None:
        """Give up what was not committed; SQLite may have done so itself."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise translate(error) from error

    def close(self) -> None:
        self._connection.close()
