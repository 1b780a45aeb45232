"""What the rest of this package asks of a database. One module for each dialect answers; nothing else knows SQL.

Writes come as one ``Changes`` a commit: the final state of everything that a batch of units touches, in tables, so
that a dialect can hand each table to its driver at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from casemate.foundation.records.audit import AuditRecord
from casemate.foundation.records.collection import RecordKey
from casemate.foundation.records.outbox import Message
from casemate.foundation.records.timers import Timer


class Row(NamedTuple):
    """A record as it is kept. ``entries`` is what ``pack_entries`` made."""

    version: int
    entries: bytes
    body: bytes


class FoundRow(NamedTuple):
    """A record met in a search, with the index value under which it was met (empty in a listing by id)."""

    value: str
    id: str
    version: int
    entries: bytes
    body: bytes


class Heads(NamedTuple):
    """The last numbers given: to a unit of work (its records' version), an audit record, and an outbox message."""

    commit: int
    audit: int
    digest: bytes
    message: int


PutRow = tuple[str, str, str, int, bytes, bytes]
"""(collection, scope, id, version, entries, body)"""

AuditRow = tuple[int, str, float, bytes, bytes, bytes]
"""(seq, account, time, changes, body, digest)"""

Place = tuple[str, str, str]
"""A unique value: (space, scope, value)"""

EntryRow = tuple[str, str, str, str]
"""(space, scope, value, id)"""


@dataclass(slots=True)
class Changes:
    """Everything that one commit writes. What is removed goes before what is added."""

    deletes: list[RecordKey] = field(default_factory=list)
    inserts: list[PutRow] = field(default_factory=list)
    """Records that are not there; that they are fails the commit (Clash)."""
    puts: list[PutRow] = field(default_factory=list)
    erasable: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    """(collection, scope, id, body) of records whose row has no body, kept so that they can be erased"""
    entries_removed: list[EntryRow] = field(default_factory=list)
    entries_added: list[EntryRow] = field(default_factory=list)
    uniques_removed: list[EntryRow] = field(default_factory=list)
    uniques_added: list[EntryRow] = field(default_factory=list)
    timers_removed: list[tuple[str, str]] = field(default_factory=list)
    timers_added: list[Timer] = field(default_factory=list)
    messages_removed: list[int] = field(default_factory=list)
    messages_added: list[Message] = field(default_factory=list)
    receipts_dropped: list[tuple[str, int]] = field(default_factory=list)
    """(source, floor): receipts below the floor"""
    receipts_added: list[tuple[str, int]] = field(default_factory=list)
    audits: list[AuditRow] = field(default_factory=list)


class ReadConnection(Protocol):
    """Reads of one thread. Every call is a snapshot of its own, and none leaves a transaction open."""

    def record(self, key: RecordKey, *, erasable: bool) -> Row | None: ...
    def listing(
        self, collection: str, scope: str, *, erasable: bool, after: str, limit: int | None
    ) -> list[FoundRow]: ...
    def search(
        self, space: str, scope: str, value: str, *, unique: bool, erasable: bool, after: str, limit: int | None
    ) -> list[FoundRow]: ...
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
    ) -> list[FoundRow]: ...
    def due_timers(self, now: float, limit: int) -> list[Timer]: ...
    def next_due(self) -> float | None: ...
    def pending(self, after: int, limit: int) -> list[Message]: ...
    def received(self, source: str, seq: int) -> bool: ...
    def audit_records(self, after: int, limit: int) -> list[AuditRecord]: ...
    def audit_before(self, before: int | None, limit: int) -> list[AuditRecord]: ...
    def raw(self, key: RecordKey) -> tuple[int, bytes] | None:
        """A record's version and body, of whatever collection."""

    def heads(self) -> Heads: ...
    def close(self) -> None: ...


class WriteConnection(Protocol):
    """The writer's side; used by one thread, under the store's lock. Errors are CommitError."""

    def begin(self) -> Heads: ...
    def version(self, key: RecordKey) -> int: ...
    def record(self, key: RecordKey) -> Row | None: ...
    def unique_holders(self, places: Sequence[Place]) -> dict[Place, str]:
        """The ids of the records that hold any of these unique values."""

    def timer_seq(self, kind: str, key: str) -> int | None: ...
    def received(self, source: str, seq: int) -> bool: ...
    def apply(self, changes: Changes, heads: Heads) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def close(self) -> None: ...


class Backend(Protocol):
    """One database."""

    def prepare(self, *, create: bool) -> None:
        """Make or migrate the database, under the store's lock. StoreMissing, DataNewerThanProgram."""

    def reading(self) -> ReadConnection: ...
    def writing(self) -> WriteConnection: ...
    def checkpoint(self, *, truncate: bool) -> bool:
        """Bring the log into the database, under the store's lock; False when readers were in the way to the end."""

    def backup_to(self, path: Path) -> None: ...
    def integrity(self) -> list[str]:
        """What is wrong with the database; empty when nothing is."""
