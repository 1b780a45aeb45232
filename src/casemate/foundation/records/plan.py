"""What a batch of units comes to: which of them hold, and what has to be written for those.

All looking happens before anything of a unit is taken over, so a unit is taken whole or not at all. A slot that has
not moved since a record was read proves that the record has not; only otherwise is its version looked up.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from casemate.foundation.audit import Mac
from casemate.foundation.records.audit import AuditEntry, AuditHead, chain_digest
from casemate.foundation.records.backend import Changes, EntryRow, Heads, Place, PutRow, WriteConnection
from casemate.foundation.records.collection import RecordKey, pack_entries
from casemate.foundation.records.errors import AlreadyExists, Conflict
from casemate.foundation.records.page import EPOCH, Page
from casemate.foundation.records.timers import Timer
from casemate.foundation.records.tracking import Loaded
from casemate.foundation.records.unit import LEASES, Chores, Unit, Write

_encode = msgspec.msgpack.Encoder().encode
_sha256 = hashlib.sha256


class Plan:
    """The units of one commit, taken one after the other; each sees what those before it did."""

    def __init__(
        self, page: Page, connection: WriteConnection, heads: Heads, units: Sequence[Unit], audit_mac: Mac
    ) -> None:
        """``units`` are those that are going to be taken: what they need is looked up together."""
        self._audit_mac = audit_mac
        self._page = page
        self._connection = connection
        self._commit, self._audit, self._digest, self._message = heads
        self._records: dict[RecordKey, PutRow | None] = {}
        self._new: set[RecordKey] = set()
        self._erasable: dict[RecordKey, bytes] = {}
        self._erases = False
        self._entries: dict[EntryRow, bool] = {}
        self._holders: dict[Place, str | None] = {}
        self._timers: dict[tuple[str, str], Timer | None] = {}
        self._received: dict[tuple[str, int], None] = {}
        self._changes = Changes()
        self.taken = 0
        claimed = [
            (space, write.key[1], value)
            for unit in units
            for write in unit.writes.values()
            for space, value, unique in write.added
            if unique
        ]
        self._held = connection.unique_holders(claimed)

    @property
    def heads(self) -> Heads:
        """The last numbers given."""
        return Heads(self._commit, self._audit, self._digest, self._message)

    @property
    def audit_head(self) -> AuditHead | None:
        """Where the audit's chain ends then; None where it has not moved."""
        return AuditHead(self._audit, self._digest) if self._changes.audits else None

    @property
    def touches_timers(self) -> bool:
        """Whether anybody who waits for timers must look again."""
        return bool(self._timers)

    @property
    def touches_outbox(self) -> bool:
        """Whether there are new messages."""
        return bool(self._changes.messages_added)

    @property
    def erases(self) -> bool:
        """Whether bytes that must not be found again were deleted or overwritten."""
        return self._erases or bool(self._changes.messages_removed)

    def changes(self) -> Changes:
        """Everything that has to be written."""
        changes = self._changes
        for key, row in self._records.items():
            if row is None:
                changes.deletes.append(key)
            elif key in self._new:
                changes.inserts.append(row)
            else:
                changes.puts.append(row)
        changes.erasable = [(*key, body) for key, body in self._erasable.items() if self._records[key] is not None]
        changes.entries_added = [row for row, present in self._entries.items() if present]
        changes.uniques_added = [(*place, id_) for place, id_ in self._holders.items() if id_ is not None]
        for place, timer in self._timers.items():
            if timer is None:
                changes.timers_removed.append(place)
            else:
                changes.timers_added.append(timer)
        changes.receipts_added = list(self._received)
        return changes

    def take(self, unit: Unit) -> None:
        """Take a unit over. Conflict, AlreadyExists: nothing of it was taken."""
        self._check_reads(unit)
        self._check_writes(unit)
        if unit.chores is not None:
            self._check_chores(unit.chores)
        self._commit += 1
        self.taken += 1
        for write in unit.writes.values():
            self._take_write(write)
        if unit.chores is not None:
            self._take_chores(unit.chores)
        if unit.audits:
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
            version = 0 if row is None else row[3]
        else:
            version = self._connection.version(key)
        if version != seen.version:
            raise Conflict(f"{key[0]} {key[2]!r}")

    def _check_writes(self, unit: Unit) -> None:
        released: list[Place] = []
        claimed: dict[Place, None] = {}
        for write in unit.writes.values():
            key = write.key
            if write.before is None and self._records.get(key) is not None:
                raise Conflict(f"{key[0]} {key[2]!r}")
            for space, value, unique in write.removed:
                if unique:
                    released.append((space, key[1], value))
            for space, value, unique in write.added:
                if unique:
                    place = (space, key[1], value)
                    if place in claimed:
                        raise _already_exists(place)
                    claimed[place] = None
        for place in claimed:
            if place not in released and self._holder(place) is not None:
                raise _already_exists(place)

    def _holder(self, place: Place) -> str | None:
        return self._holders[place] if place in self._holders else self._held.get(place)

    def _check_chores(self, chores: Chores) -> None:
        for timer in chores.fired:
            place = (timer.kind, timer.key)
            if place in self._timers:
                current = self._timers[place]
                seq = None if current is None else current.seq
            else:
                seq = self._connection.timer_seq(*place)
            if seq != timer.seq:
                raise Conflict(f"timer {timer.kind} {timer.key!r}")
        for receipt in chores.receipts:
            if receipt in self._received or self._connection.received(*receipt):
                raise Conflict(f"message {receipt[1]} of {receipt[0]}")
        for name, number in chores.lease_checks:
            self._check_lease(name, number)

    def _check_lease(self, name: str, number: int) -> None:
        key = (LEASES.name, "", name)
        if key in self._records:
            row = self._records[key]
            body = None if row is None else row[5]
        else:
            found = self._connection.record(key)
            body = None if found is None else found.body
        if body is None or LEASES.decode(body).number != number:
            raise Conflict(f"lease {name}")

    def _take_write(self, write: Write) -> None:
        self._page.mark(write.slots)
        key = write.key
        body = write.body
        before = write.before
        if write.collection.erasable and (before is None or before.version):
            self._erases = True
        if body is None:
            self._records[key] = None
        else:
            if before is None or before.version == 0:
                packed = pack_entries(write.entries)
                if key not in self._records:
                    self._new.add(key)
            else:
                packed = pack_entries(write.entries) if write.added or write.removed else before.entries
            if write.collection.erasable:
                self._erasable[key] = body
                body = b""
            self._records[key] = (*key, self._commit, packed, body)
        if write.removed:
            self._take_removed(write)
        _, scope, id_ = key
        for space, value, unique in write.added:
            if unique:
                self._holders[space, scope, value] = id_
            else:
                self._entries[space, scope, value, id_] = True

    def _take_removed(self, write: Write) -> None:
        _, scope, id_ = write.key
        for space, value, unique in write.removed:
            row = (space, scope, value, id_)
            if unique:
                self._changes.uniques_removed.append(row)
                # Another record of the same unit may have taken the value over.
                if self._holders.get(row[:3], id_) == id_:
                    self._holders[row[:3]] = None
            else:
                self._changes.entries_removed.append(row)
                self._entries[row] = False

    def _take_chores(self, chores: Chores) -> None:
        for timer in chores.fired:
            self._timers[timer.kind, timer.key] = None
        for place, scheduled in chores.timers.items():
            self._timers[place] = None if scheduled is None else msgspec.structs.replace(scheduled, seq=self._commit)
        for message in chores.messages:
            self._message += 1
            self._changes.messages_added.append(msgspec.structs.replace(message, seq=self._message))
        self._changes.messages_removed.extend(chores.completed)
        for receipt in chores.receipts:
            self._received[receipt] = None
        self._changes.receipts_dropped.extend(chores.receipt_floors)

    def _take_audits(self, unit: Unit) -> None:
        changes = b""
        if unit.writes:
            written = []
            for write in unit.writes.values():
                digest = None if write.body is None else _sha256(write.body).digest()
                written.append((*write.key, digest))
            changes = _encode((self._commit, written))
        for entry in unit.audits:
            self._append_audit(entry, changes)
            changes = b""

    def _append_audit(self, entry: AuditEntry, changes: bytes) -> None:
        self._audit += 1
        self._digest = chain_digest(self._audit_mac, self._digest, self._audit, entry, changes)
        self._changes.audits.append((self._audit, entry.account, entry.time, changes, entry.body, self._digest))


def _already_exists(place: Place) -> AlreadyExists:
    space, scope, value = place
    collection, _, index = space.rpartition("/")
    return AlreadyExists(collection, index, scope, value)
