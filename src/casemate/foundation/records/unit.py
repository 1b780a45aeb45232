"""The unit of work: what an operation read, and everything that it wants to be true when it is done.

It touches nothing until it is committed, so an operation may run twice: when something that it read has moved by
then, the commit is refused (Conflict) and the operation runs again in a new unit. Records that it found, records that
it did not find, and all that a memo was built from count as read. What depends on a range (how many there are, that a
name is free) is guarded by a unique index or a guard record.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from casemate.foundation.records.audit import AuditEntry
from casemate.foundation.records.collection import Collection, Entry, RecordKey, unpack_entries
from casemate.foundation.records.outbox import BUS, Message
from casemate.foundation.records.page import EPOCH
from casemate.foundation.records.reader import Reader
from casemate.foundation.records.store_reader import StoreReader
from casemate.foundation.records.timers import Timer
from casemate.foundation.records.tracking import Loaded, Memo

T = TypeVar("T")
V = TypeVar("V")

_encode = msgspec.msgpack.Encoder().encode


class Lease(msgspec.Struct, frozen=True):
    """Who holds a lease, under which number, and until when (seconds since the epoch)."""

    number: int
    holder: str
    until: float


LEASES = Collection("store.leases", Lease)


class Write(msgspec.Struct, frozen=True, gc=False):
    """What is to become of one record.

    ``body`` is None when it is to go; ``before`` is None when it was said to be new and nobody looked. ``removed``
    and ``added`` are the entries that differ, ``slots`` everything in the page that the write moves.
    """

    collection: Collection[Any]
    key: RecordKey
    before: Loaded | None
    record: Any
    body: bytes | None
    entries: list[Entry]
    removed: list[Entry]
    added: list[Entry]
    slots: list[int]


@dataclass(slots=True)
class Chores:
    """What a unit does besides records and audit."""

    timers: dict[tuple[str, str], Timer | None] = field(default_factory=dict)
    fired: list[Timer] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    completed: list[int] = field(default_factory=list)
    receipts: list[tuple[str, int]] = field(default_factory=list)
    receipt_floors: list[tuple[str, int]] = field(default_factory=list)
    lease_checks: list[tuple[str, int]] = field(default_factory=list)


class Unit(Reader):
    """The unit of work of one operation. Used by one thread at a time, committed at most once."""

    __slots__ = ("_reader", "audits", "chores", "epoch", "memos", "reads", "writes")

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self.epoch = reader.shared.words[EPOCH]
        self.reads: dict[RecordKey, Loaded] = {}
        self.memos: list[Memo] = []
        self.writes: dict[RecordKey, Write] = {}
        self.audits: list[AuditEntry] = []
        self.chores: Chores | None = None

    @property
    def has_writes(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.writes or self.audits or self.chores is not None)

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
            written: T | None = write.record
            return written
        record: T | None = self._seen(collection, key).record
        return record

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
            (entry[1], write)
            for write in own.values()
            for entry in write.entries
            if entry[0] == space and entry[1] == value and write.key[2] > after
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
        wanted = limit + sum(len(unpack_entries(write.before.entries)) for write in own.values() if write.before)
        found = self._reader.span(collection, index, scope, after, stop, wanted)
        mine = (
            (entry[1], write)
            for write in own.values()
            for entry in write.entries
            if entry[0] == space and (entry[1], write.key[2]) > after and (stop is None or entry[1] < stop)
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
        value: V = memo.value
        return value

    def _touches(self, memo: Memo) -> bool:
        depends = {slot for slot, _ in memo.slots}
        return any(slot in depends for write in self.writes.values() for slot in write.slots)

    def received(self, source: str, seq: int) -> bool:
        """Whether the store has the receipt of a message already."""
        return self._reader.connections.current().received(source, seq)

    # Writing

    def put(self, collection: Collection[T], scope: str, id_: str, record: T) -> None:
        """Make, or replace, a record."""
        key = (collection.name, scope, id_)
        before = self._before(collection, key)
        body, entries = collection.encode(record), collection.entries(record)
        packed = before.entries if before is not None else b""
        kept = unpack_entries(packed)
        removed = [entry for entry in kept if entry not in entries]
        added = [entry for entry in entries if entry not in kept]
        slots = self._slots(key, removed + added, listed=before is None or before.version == 0)
        self.writes[key] = Write(collection, key, before, record, body, entries, removed, added, slots)

    def add(self, collection: Collection[T], scope: str, id_: str, record: T) -> None:
        """Make a record that is new without looking: for ids made at random. Conflict when there is one after all."""
        key = (collection.name, scope, id_)
        if key in self.writes or key in self.reads:
            self.put(collection, scope, id_, record)
            return
        entries = collection.entries(record)
        slots = self._slots(key, entries, listed=True)
        body = collection.encode(record)
        self.writes[key] = Write(collection, key, None, record, body, entries, [], entries, slots)

    def delete(self, collection: Collection[Any], scope: str, id_: str) -> None:
        """Have no such record."""
        key = (collection.name, scope, id_)
        before = self._before(collection, key) or self._seen(collection, key)
        removed = unpack_entries(before.entries)
        slots = self._slots(key, removed, listed=before.version != 0)
        self.writes[key] = Write(collection, key, before, None, None, [], removed, [], slots)

    def _before(self, collection: Collection[Any], key: RecordKey) -> Loaded | None:
        write = self.writes.get(key)
        return self._seen(collection, key) if write is None else write.before

    def _slots(self, key: RecordKey, moved: list[Entry], *, listed: bool) -> list[int]:
        slot = self._reader.shared.slot
        slots = [slot(*key)]
        if listed or moved:
            name, scope, _ = key
            slots.append(slot(name, scope))
            for entry in moved:
                slots.append(slot(entry[0], scope, entry[1]))  # noqa: PERF401  nearly always none to three
        return slots

    def _chores(self) -> Chores:
        if self.chores is None:
            self.chores = Chores()
        return self.chores

    def schedule(self, timer: Timer) -> None:
        """Have the timer of that kind and key due when it says; it replaces an earlier one."""
        self._chores().timers[timer.kind, timer.key] = timer

    def cancel(self, kind: str, key: str) -> None:
        """Have no timer of that kind and key."""
        self._chores().timers[kind, key] = None

    def fired(self, timer: Timer) -> None:
        """The unit does what a due timer is for: the timer goes. Conflict if it was moved or cancelled meanwhile."""
        self._chores().fired.append(timer)

    def send(self, message: Message) -> None:
        """Have a message delivered after the commit."""
        self._chores().messages.append(message)

    def emit(self, event: Any, *, kind: str = "event", key: str = "") -> None:
        """Have an event (anything that MessagePack can say) delivered on the store's own bus after the commit."""
        self._chores().messages.append(Message(BUS, key, kind, _encode(event)))

    def complete(self, message: Message) -> None:
        """A message of this store's outbox has arrived: it goes."""
        self._chores().completed.append(message.seq)

    def receive(self, source: str, seq: int, *, floor: int = 0) -> bool:
        """Take in a message of another store: False when its effect is already here, and then there is nothing to do.

        Everything of that source below ``floor`` will never be delivered again, and its receipts are dropped.
        """
        chores = self._chores()
        if floor:
            chores.receipt_floors.append((source, floor))
        if (source, seq) in chores.receipts or self.received(source, seq):
            return False
        chores.receipts.append((source, seq))
        return True

    def checks(self, lease: str, number: int) -> None:
        """Commit only while the lease has that number; Conflict otherwise."""
        self._chores().lease_checks.append((lease, number))

    def audit(self, entry: AuditEntry) -> None:
        """Have the entry in the store's audit chain, if and only if the unit is committed."""
        self.audits.append(entry)
