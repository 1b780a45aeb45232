"""Reads of one thread."""

import sqlite3
from collections.abc import Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

from casemate.foundation.records.audit import AuditRecord
from casemate.foundation.records.backend import FoundRow, Heads, Row
from casemate.foundation.records.collection import RecordKey
from casemate.foundation.records.outbox import Message
from casemate.foundation.records.sqlite.connections import READ_CACHE_KIB, connect, translate
from casemate.foundation.records.sqlite.padding import unpad
from casemate.foundation.records.sqlite.statements import HEADS, RECEIVED, RECORD, RECORD_ERASABLE
from casemate.foundation.records.timers import Timer


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
            self._connection = connect(path, cache_kib=READ_CACHE_KIB)
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
        return _row(self._one(RECORD_ERASABLE if erasable else RECORD, key), erasable)

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
        return self._one(RECEIVED, (source, seq)) is not None

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
        return Heads(*self._one(HEADS, ()))

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
