"""What a batch of units comes to: which of them hold, and what has to be written for those.

All looking happens before anything of a unit is taken over, so a unit is taken whole or not at all, and no unit can
make the database refuse another's. A slot that has not moved since a record was read proves that the record has not; only otherwise is its
version looked up.
"""

import hashlib

import msgspec

from casemate.foundation.records.audit import AuditEntry, AuditRecord, chain_digest
from casemate.foundation.records.backend import Changes, Heads, PutRow, WriteConnection
from casemate.foundation.records.collection import Entry, RecordKey, pack_entries
from casemate.foundation.records.errors import AlreadyExists, Conflict
from casemate.foundation.records.page import EPOCH, Page
from casemate.foundation.records.reader import Loaded
from casemate.foundation.records.timers import Timer
from casemate.foundation.records.unit import LEASES, Unit, Write

_encode = msgspec.msgpack.Encoder().encode

EntryKey = tuple[Entry, str, str]


class Plan:
    """The units of one commit, taken one after the other; each sees what those before it did."""

    def __init__(self, page: Page, connection: WriteConnection, heads: Heads) -> None:
        self._page = page
        self._connection = connection
        self._commit, self._audit, self._digest, self._message = heads
        self._records: dict[RecordKey, PutRow | None] = {}
        self._removed: dict[EntryKey, None] = {}
        self._present: dict[EntryKey, bool] = {}
        self._holders: dict[tuple[str, str, str], str | None] = {}
        self._timers: dict[tuple[str, str], Timer | None] = {}
        self._received: dict[tuple[str, int], None] = {}
        self._rest = Changes()
        self.taken = 0

    @property
    def heads(self) -> Heads:
        """The last numbers given."""
        return Heads(self._commit, self._audit, self._digest, self._message)

    @property
    def touches_timers(self) -> bool:
        """Whether anybody who waits for timers must look again."""
        return bool(self._timers)

    @property
    def touches_outbox(self) -> bool:
        """Whether there are new messages."""
        return bool(self._rest.messages_added)

    def changes(self) -> Changes:
        """Everything that has to be written."""
        rest = self._rest
        rest.puts = [row for row in self._records.values() if row is not None]
        rest.deletes = [key for key, row in self._records.items() if row is None]
        rest.entries_removed = list(self._removed)
        rest.entries_added = [key for key, present in self._present.items() if present]
        rest.timers_removed = [key for key, timer in self._timers.items() if timer is None]
        rest.timers_added = [timer for timer in self._timers.values() if timer is not None]
        rest.receipts_added = list(self._received)
        return rest

    def take(self, unit: Unit) -> None:
        """Take a unit over. Conflict, AlreadyExists: nothing of it was taken."""
        self._check_reads(unit)
        self._check_uniques(unit)
        self._check_rest(unit)
        self._commit += 1
        self.taken += 1
        for write in unit.writes.values():
            self._take_write(write)
        self._take_messages(unit)
        self._take_audits(unit)

    def _check_reads(self, unit: Unit) -> None:
        words = self._page.words
        trusted = unit.epoch == words[EPOCH]
        for seen in unit.reads.values():
            if not trusted or words[seen.slot] != seen.revision:
                self._check_version(seen)
        for memo in unit.memos:
            for seen in memo.loaded:
                if not trusted or words[seen.slot] != seen.revision:
                    self._check_version(seen)

    def _check_version(self, seen: Loaded) -> None:
        key = seen.key
        if key in self._records:
            row = self._records[key]
            version = 0 if row is None else row.version
        else:
            version = self._connection.version(key)
        if version != seen.version:
            raise Conflict(f"{key[0]} {key[2]!r}")

    def _check_uniques(self, unit: Unit) -> None:
        released: set[tuple[str, str, str]] = set()
        claimed: list[tuple[tuple[str, str, str], Write]] = []
        for write in unit.writes.values():
            if write.entries == write.entries_before:
                continue
            scope = write.key[1]
            for entry in write.entries_before - write.entries:
                if entry.unique:
                    released.add((entry.space, scope, entry.value))
            for entry in write.entries - write.entries_before:
                if entry.unique:
                    claimed.append(((entry.space, scope, entry.value), write))
        mine: set[tuple[str, str, str]] = set()
        for place, write in claimed:
            if place in mine or (place not in released and self._holder(place) is not None):
                space, scope, value = place
                raise AlreadyExists(write.collection.name, space.rpartition("/")[2], scope, value)
            mine.add(place)

    def _holder(self, place: tuple[str, str, str]) -> str | None:
        if place in self._holders:
            return self._holders[place]
        return self._connection.unique_holder(*place)

    def _check_rest(self, unit: Unit) -> None:
        for timer in unit.fired_timers:
            place = (timer.kind, timer.key)
            if place in self._timers:
                current = self._timers[place]
                seq = None if current is None else current.seq
            else:
                seq = self._connection.timer_seq(*place)
            if seq != timer.seq:
                raise Conflict(f"timer {timer.kind} {timer.key!r}")
        for receipt in unit.receipts:
            if receipt in self._received or self._connection.received(*receipt):
                raise Conflict(f"message {receipt[1]} of {receipt[0]}")
        for name, number in unit.lease_checks:
            self._check_lease(name, number)

    def _check_lease(self, name: str, number: int) -> None:
        key = (LEASES.name, "", name)
        row = self._records[key] if key in self._records else self._connection.record(key, erasable=False)
        if row is None or LEASES.decode(row.body).number != number:
            raise Conflict(f"lease {name}")

    def _take_write(self, write: Write) -> None:
        key = write.key
        for slot in write.slots:
            self._page.mark(slot)
        if write.body is None:
            self._records[key] = None
        else:
            packed = write.before.entries if write.entries == write.entries_before else pack_entries(write.entries)
            self._records[key] = PutRow(key, self._commit, packed, write.body, write.collection.erasable)
        if write.entries == write.entries_before:
            return
        _, scope, id_ = key
        for entry in write.entries_before - write.entries:
            place = (entry, scope, id_)
            self._removed[place] = None
            self._present[place] = False
            if entry.unique and self._holders.get((entry.space, scope, entry.value), id_) == id_:
                self._holders[entry.space, scope, entry.value] = None
        for entry in write.entries - write.entries_before:
            self._present[entry, scope, id_] = True
            if entry.unique:
                self._holders[entry.space, scope, entry.value] = id_

    def _take_messages(self, unit: Unit) -> None:
        for timer in unit.fired_timers:
            self._timers[timer.kind, timer.key] = None
        for place, scheduled in unit.timers.items():
            self._timers[place] = None if scheduled is None else msgspec.structs.replace(scheduled, seq=self._commit)
        for message in unit.messages:
            self._message += 1
            self._rest.messages_added.append(msgspec.structs.replace(message, seq=self._message))
        self._rest.messages_removed.extend(unit.completed)
        for receipt in unit.receipts:
            self._received[receipt] = None
        self._rest.receipts_dropped.extend(unit.receipt_floors)

    def _take_audits(self, unit: Unit) -> None:
        if not unit.audits:
            return
        changes = _encode(
            [
                self._commit,
                *(
                    (*write.key, None if write.body is None else hashlib.sha256(write.body).digest())
                    for write in unit.writes.values()
                ),
            ]
        )
        for entry in unit.audits:
            self._append_audit(entry, changes)
            changes = b""

    def _append_audit(self, entry: AuditEntry, changes: bytes) -> None:
        self._audit += 1
        self._digest = chain_digest(self._digest, self._audit, entry, changes)
        self._rest.audits.append(AuditRecord(self._audit, entry.account, entry.time, changes, entry.body, self._digest))
