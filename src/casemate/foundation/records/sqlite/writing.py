"""The writer's side."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from casemate.foundation.records.backend import Changes, Heads, Place, Row
from casemate.foundation.records.collection import RecordKey
from casemate.foundation.records.errors import Conflict
from casemate.foundation.records.sqlite.connections import WRITE_CACHE_KIB, connect, translate
from casemate.foundation.records.sqlite.padding import pad
from casemate.foundation.records.sqlite.statements import HEADS, RECEIVED, RECORD

_NUMBER = "(SELECT number FROM record WHERE collection = ? AND scope = ? AND id = ?)"
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
_PUT_ERASABLE = _ManyRows(
    "WITH wanted (collection, scope, id, payload) AS (",
    4,
    ") INSERT INTO erasable (number, payload) SELECT r.number, w.payload FROM wanted w CROSS JOIN record r"
    " ON r.collection = w.collection AND r.scope = w.scope AND r.id = w.id"
    " WHERE true ON CONFLICT (number) DO UPDATE SET payload = excluded.payload",
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
            self._connection = connect(path, cache_kib=WRITE_CACHE_KIB)
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
        return Heads(*self._one(HEADS, ()))

    def version(self, key: RecordKey) -> int:
        found = self._one("SELECT version FROM record WHERE collection = ? AND scope = ? AND id = ?", key)
        return 0 if found is None else int(found[0])

    def record(self, key: RecordKey) -> Row | None:
        found = self._one(RECORD, key)
        return None if found is None else Row(*found)

    def unique_holders(self, places: Sequence[Place]) -> dict[Place, str]:
        try:
            return {(*place,): id_ for *place, id_ in _HOLDERS.execute(self._connection, places)}
        except sqlite3.Error as error:
            raise translate(error) from error

    def timer_seq(self, kind: str, key: str) -> int | None:
        found = self._one("SELECT seq FROM timer WHERE kind = ? AND key = ?", (kind, key))
        return None if found is None else int(found[0])

    def received(self, source: str, seq: int) -> bool:
        return self._one(RECEIVED, (source, seq)) is not None

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
        _PUT_ERASABLE.execute(self._connection, [(*key, pad(body)) for *key, body in changes.erasable])

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
