"""The unit of work: what an operation read, and everything that it wants to be true when it is done.

It touches nothing until it is committed, so an operation may run twice: when something that it read has moved by then, the commit is
refused (Conflict) and the operation runs again in a new unit. Records that it found, records that it did not find, and all that a memo was built from
count as read. What depends on a range (how many there are, that a name is free) is guarded by a unique index or a guard
record.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar, cast

import msgspec

from casemate.foundation.records.audit import AuditEntry
from casemate.foundation.records.collection import Collection, Entry, RecordKey, unpack_entries
from casemate.foundation.records.outbox import BUS, Message
from casemate.foundation.records.page import EPOCH
from casemate.foundation.records.reader import Loaded, Memo, Reader, StoreReader
from casemate.foundation.records.timers import Timer

T = TypeVar("T")
V = TypeVar("V")

NO_ENTRIES: frozenset[Entry] = frozenset()

_encode = msgspec.msgpack.Encoder().encode


class Lease(msgspec.Struct, frozen=True):
    """Who holds a lease, under which number, and until when (seconds since the epoch)."""

    number: int
    holder: str
    until: float


LEASES = Collection("store.leases", Lease)


class Write:
    """What is to become of one record; ``body`` is None when it is to go."""

    __slots__ = ("before", "body", "collection", "entries", "entries_before", "key", "record", "slots")

    def __init__(self, collection: Collection[Any], key: RecordKey, before: Loaded, record: Any) -> None:
        self.collection = collection
        self.key = key
        self.before = before
        self.record = record
        self.body = None if record is None else collection.encode(record)
        self.entries = NO_ENTRIES if record is None else collection.entries(record)
        self.entries_before = unpack_entries(before.entries)
        self.slots: list[int] = [before.slot]


class Unit(Reader):
    """The unit of work of one operation. Used by one thread at a time, committed at most once."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self.epoch = reader.shared.words[EPOCH]
        self.reads: dict[RecordKey, Loaded] = {}
        self.memos: list[Memo] = []
        self.writes: dict[RecordKey, Write] = {}
        self.timers: dict[tuple[str, str], Timer | None] = {}
        self.fired_timers: list[Timer] = []
        self.messages: list[Message] = []
        self.completed: list[int] = []
        self.receipts: list[tuple[str, int]] = []
        self.receipt_floors: list[tuple[str, int]] = []
        self.audits: list[AuditEntry] = []
        self.lease_checks: list[tuple[str, int]] = []

    @property
    def has_writes(self) -> bool:
        """Whether there is anything to commit."""
        return bool(
            self.writes
            or self.timers
            or self.fired_timers
            or self.messages
            or self.completed
            or self.receipts
            or self.receipt_floors
            or self.audits
        )

    # Reading

    def _seen(self, collection: Collection[Any], key: RecordKey) -> Loaded:
        seen = self.reads.get(key)
        if seen is None:
            seen = self.reads[key] = self._reader.loaded(collection, key)
        return seen

    def get(self, collection: Collection[T], scope: str, id_: str) -> T | None:
        key = (collection.name, scope, id_)
        write = self.writes.get(key)
        if write is not None:
            return cast("T | None", write.record)
        return cast("T | None", self._seen(collection, key).record)

    def find(
        self,
        collection: Collection[T],
        index: str,
        scope: str,
        value: str,
        *,
        after: str = "",
        limit: int | None = None,
    ) -> list[tuple[str, T]]:
        space = collection.space(index)
        own = self._own(collection, scope)
        wanted = None if limit is None else limit + len(own)
        found = self._reader.search(collection, index, scope, value, after, wanted)
        mine = (
            (entry.value, write)
            for write in own.values()
            for entry in write.entries
            if entry.space == space and entry.value == value and write.key[2] > after
        )
        return [(id_, record) for _, id_, record in self._merge(found, own, mine, limit)]

    def page(self, collection: Collection[T], scope: str, *, after: str = "", limit: int) -> list[tuple[str, T]]:
        own = self._own(collection, scope)
        found = self._reader.listing(collection, scope, after, limit + len(own))
        mine = (("", write) for write in own.values() if write.body is not None and write.key[2] > after)
        return [(id_, record) for _, id_, record in self._merge(found, own, mine, limit)]

    def page_index(
        self,
        collection: Collection[T],
        index: str,
        scope: str,
        *,
        after: tuple[str, str] = ("", ""),
        stop: str | None = None,
        limit: int,
    ) -> list[tuple[str, str, T]]:
        space = collection.space(index)
        own = self._own(collection, scope)
        # A record may stand under several values, so each of its entries before this unit may fall away.
        wanted = limit + sum(len(write.entries_before) for write in own.values())
        found = self._reader.span(collection, index, scope, after, stop, wanted)
        mine = (
            (entry.value, write)
            for write in own.values()
            for entry in write.entries
            if entry.space == space and (entry.value, write.key[2]) > after and (stop is None or entry.value < stop)
        )
        return self._merge(found, own, mine, limit)

    def _own(self, collection: Collection[Any], scope: str) -> dict[str, Write]:
        name = collection.name
        return {key[2]: write for key, write in self.writes.items() if key[0] == name and key[1] == scope}

    def _merge(
        self,
        found: list[tuple[str, Loaded]],
        own: dict[str, Write],
        mine: Iterable[tuple[str, Write]],
        limit: int | None,
    ) -> list[tuple[str, str, Any]]:
        merged = [(value, loaded.key[2], loaded.record) for value, loaded in found if loaded.key[2] not in own]
        if own:
            merged.extend((value, write.key[2], write.record) for value, write in mine)
            merged.sort(key=lambda item: item[:2])
        del merged[len(merged) if limit is None else limit :]
        returned = {id_ for _, id_, _ in merged}
        for _, loaded in found:
            if loaded.key[2] in returned:
                self.reads.setdefault(loaded.key, loaded)
        return merged

    def memo(self, key: Hashable, build: Callable[[Reader], V]) -> V:
        memo = self._reader.remembered(key, build)
        if self.writes and self._touches(memo):
            return build(self)
        self.memos.append(memo)
        return cast("V", memo.value)

    def _touches(self, memo: Memo) -> bool:
        depends = {slot for slot, _ in memo.slots}
        return any(slot in depends for write in self.writes.values() for slot in write.slots)

    def received(self, source: str, seq: int) -> bool:
        """Whether the store has the receipt of a message already."""
        return self._reader.connections.current().received(source, seq)

    # Writing

    def put(self, collection: Collection[T], scope: str, id_: str, record: T) -> None:
        """Make, or replace, a record."""
        self._write(collection, (collection.name, scope, id_), record)

    def delete(self, collection: Collection[Any], scope: str, id_: str) -> None:
        """Have no such record."""
        self._write(collection, (collection.name, scope, id_), None)

    def _write(self, collection: Collection[Any], key: RecordKey, record: object) -> None:
        write = Write(collection, key, self._seen(collection, key), record)
        slot = self._reader.shared.slot
        moved = write.entries ^ write.entries_before
        if moved or (write.before.version == 0) != (record is None):
            name, scope, _ = key
            write.slots.append(slot(name, scope))
            write.slots.extend(slot(entry.space, scope, entry.value) for entry in moved)
        self.writes[key] = write

    def schedule(self, timer: Timer) -> None:
        """Have the timer of that kind and key due when it says; it replaces an earlier one."""
        self.timers[timer.kind, timer.key] = timer

    def cancel(self, kind: str, key: str) -> None:
        """Have no timer of that kind and key."""
        self.timers[kind, key] = None

    def fired(self, timer: Timer) -> None:
        """The unit does what a due timer is for: the timer goes, and Conflict if it has been moved or cancelled meanwhile."""
        self.fired_timers.append(timer)

    def send(self, message: Message) -> None:
        """Have a message delivered after the commit."""
        self.messages.append(message)

    def emit(self, event: Any, *, kind: str = "event", key: str = "") -> None:
        """Have an event (anything that MessagePack can say) delivered on the store's own bus after the commit."""
        self.messages.append(Message(BUS, key, kind, _encode(event)))

    def complete(self, message: Message) -> None:
        """A message of this store's outbox has arrived: it goes."""
        self.completed.append(message.seq)

    def receive(self, source: str, seq: int, *, floor: int = 0) -> bool:
        """Take in a message of another store: False when its effect is already here, and then there is nothing to do.

        Everything of that source below ``floor`` will never be delivered again, and its receipts are dropped.
        """
        if floor:
            self.receipt_floors.append((source, floor))
        if (source, seq) in self.receipts or self.received(source, seq):
            return False
        self.receipts.append((source, seq))
        return True

    def audit(self, entry: AuditEntry) -> None:
        """Have the entry in the store's audit chain, if and only if the unit is committed."""
        self.audits.append(entry)

    def checks(self, lease: str, number: int) -> None:
        """Commit only while the lease has that number; Conflict otherwise."""
        self.lease_checks.append((lease, number))
