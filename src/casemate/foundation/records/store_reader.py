"""Reading committed state.

What was read is kept in this process and used for as long as its slot in the shared page stands still; so a hit costs
a dictionary look-up and two integer compares, and yet nobody sees a record after another process has committed a
newer one.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import msgspec

from casemate.foundation.records.backend import Backend, FoundRow, ReadConnection, Row
from casemate.foundation.records.cache import Generations
from casemate.foundation.records.collection import Collection, RecordKey
from casemate.foundation.records.errors import StoreClosed, StoreFailed
from casemate.foundation.records.page import CHANGES, EPOCH, Page
from casemate.foundation.records.reader import Reader
from casemate.foundation.records.tracking import Loaded, Memo, TrackingReader

T = TypeVar("T")
V = TypeVar("V")

UNKNOWN = 1
"""A revision that no slot at rest has: what was loaded under it is used once."""

# Measured: a struct of a few short strings and one long one, its key and its place in the dictionary.
_STRUCT_OVERHEAD = 900


class Connections:
    """A reading connection for each thread that asks."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._local = threading.local()
        self._all: list[ReadConnection] = []
        self._lock = threading.Lock()
        self._closed = False

    def current(self) -> ReadConnection:
        """The connection of the thread that asks. StoreClosed."""
        found: ReadConnection | None = getattr(self._local, "connection", None)
        if found is not None and not self._closed:
            return found
        with self._lock:
            if self._closed:
                raise StoreClosed("the store is closed")
            connection = self._backend.reading()
            self._all.append(connection)
        self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close all of them; no thread may be reading."""
        with self._lock:
            self._closed = True
            for connection in self._all:
                connection.close()
            self._all.clear()


class StoreReader(Reader):
    """The reader that all threads of a process share, over what they keep in common."""

    def __init__(self, backend: Backend, page: Page, cache_bytes: int) -> None:
        self.shared = page
        self.connections = Connections(backend)
        self._words = page.words
        self._records: Generations[RecordKey, Loaded] = Generations(cache_bytes * 3 // 4)
        self._memos: Generations[Hashable, Memo] = Generations(cache_bytes // 4)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        epoch = self._words[EPOCH]
        self._memos.begin(epoch)
        self._records.begin(epoch)

    def get(self, collection: Collection[T], scope: str, id_: str) -> T | None:
        # The hottest way in: as loaded(), without its calls.
        records = self._records
        kept = records.young.get((collection.name, scope, id_))
        words = self._words
        if kept is None or words[kept.slot] != kept.revision or words[EPOCH] != records.epoch:
            kept = self.loaded(collection, (collection.name, scope, id_))
        record: T | None = kept.record
        return record

    def loaded(self, collection: Collection[T], key: RecordKey) -> Loaded:
        """The record with all that is known of it."""
        records = self._records
        kept = records.young.get(key) or records.get(key)
        words = self._words
        if kept is not None and words[kept.slot] == kept.revision and words[EPOCH] == records.epoch:
            return kept
        return self._load(collection, key)

    def _load(self, collection: Collection[T], key: RecordKey) -> Loaded:
        words = self._words
        epoch = words[EPOCH]
        if epoch != self._records.epoch:
            self._begin_epoch()
        slot = self.shared.slot(*key)
        revision = words[slot]
        row = self.connections.current().record(key, erasable=collection.erasable)
        loaded = _loaded(collection, key, slot, revision, row)
        if not revision & 1:
            self._records.put(key, loaded, epoch)
        return loaded

    def search(  # noqa: PLR0917  all of them, always
        self, collection: Collection[T], index: str, scope: str, value: str, after: str, limit: int | None
    ) -> list[tuple[str, Loaded]]:
        """(value, record) under a value of an index, in order of id."""

        def query(connection: ReadConnection) -> list[FoundRow]:
            return connection.search(
                collection.space(index),
                scope,
                value,
                unique=collection.indexes[index].unique,
                erasable=collection.erasable,
                after=after,
                limit=limit,
            )

        return self._found(collection, scope, query)

    def listing(self, collection: Collection[T], scope: str, after: str, limit: int) -> list[tuple[str, Loaded]]:
        """("", record) of a scope, in order of id."""

        def query(connection: ReadConnection) -> list[FoundRow]:
            return connection.listing(collection.name, scope, erasable=collection.erasable, after=after, limit=limit)

        return self._found(collection, scope, query)

    def span(  # noqa: PLR0917  all of them, always
        self,
        collection: Collection[T],
        index: str,
        scope: str,
        after: tuple[str, str],
        stop: str | None,
        limit: int,
    ) -> list[tuple[str, Loaded]]:
        """(value, record) of an index, in order of (value, id)."""

        def query(connection: ReadConnection) -> list[FoundRow]:
            return connection.span(
                collection.space(index),
                scope,
                unique=collection.indexes[index].unique,
                erasable=collection.erasable,
                after=after,
                stop=stop,
                limit=limit,
            )

        return self._found(collection, scope, query)

    def _found(
        self, collection: Collection[T], scope: str, query: Callable[[ReadConnection], list[FoundRow]]
    ) -> list[tuple[str, Loaded]]:
        words = self._words
        changes = words[CHANGES]
        rows = query(self.connections.current())
        slots = [self.shared.slot(collection.name, scope, row.id) for row in rows]
        revisions = [words[slot] for slot in slots]
        if words[CHANGES] != changes:
            # Something was published while this was read, and which of the two came first is not known.
            revisions = [UNKNOWN] * len(rows)
        return [
            (
                row.value,
                _loaded(
                    collection,
                    (collection.name, scope, row.id),
                    slot,
                    revision,
                    Row(row.version, row.entries, row.body),
                ),
            )
            for row, slot, revision in zip(rows, slots, revisions, strict=True)
        ]

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
        return [(found.key[2], found.record) for _, found in self.search(collection, index, scope, value, after, limit)]

    def page(self, collection: Collection[T], scope: str, *, after: str = "", limit: int) -> list[tuple[str, T]]:
        return [(found.key[2], found.record) for _, found in self.listing(collection, scope, after, limit)]

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
        return [
            (value, found.key[2], found.record)
            for value, found in self.span(collection, index, scope, after, stop, limit)
        ]

    def memo(self, key: Hashable, build: Callable[[Reader], V]) -> V:
        kept = self._memos.young.get(key)
        if kept is None or kept.changes != self._words[CHANGES]:
            kept = self.remembered(key, build)
        value: V = kept.value
        return value

    def remembered(self, key: Hashable, build: Callable[[Reader], V]) -> Memo:
        """A derived value that is true now, with what it was derived from."""
        memos = self._memos
        kept = memos.young.get(key) or memos.get(key)
        if kept is not None:
            words = self._words
            changes = words[CHANGES]
            if kept.changes == changes:
                return kept
            if kept.epoch == words[EPOCH]:
                for slot, revision in kept.slots:
                    if words[slot] != revision:
                        break
                else:
                    kept.changes = changes
                    return kept
        return self._build(key, build)

    def _build(self, key: Hashable, build: Callable[[Reader], V]) -> Memo:
        epoch = self._words[EPOCH]
        if epoch != self._memos.epoch:
            self._begin_epoch()
        tracking = TrackingReader(self)
        memo = tracking.finish(build(tracking), epoch)
        if memo.kept:
            self._memos.put(key, memo, epoch)
        return memo


def _loaded(collection: Collection[Any], key: RecordKey, slot: int, revision: int, row: Row | None) -> Loaded:
    if row is None:
        return Loaded(key, slot, revision, 0, None, b"", _STRUCT_OVERHEAD)
    version, entries, body = row
    try:
        record = collection.decode(body)
    except msgspec.MsgspecError as error:
        raise StoreFailed(f"{key[0]} {key[2]!r} in {key[1]!r} cannot be read: {error}") from error
    size = _STRUCT_OVERHEAD + 3 * len(body) // 2 + len(entries)
    return Loaded(key, slot, revision, version, record, entries, size)
