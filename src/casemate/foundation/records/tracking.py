"""Knowing what was read: records with the slots under which they stay true, and values derived from them."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Protocol, TypeVar

import msgspec

from casemate.foundation.records.collection import Collection, RecordKey
from casemate.foundation.records.page import Page
from casemate.foundation.records.reader import Reader

T = TypeVar("T")
V = TypeVar("V")

_MEMO_OVERHEAD = 2000
_MEMO_SLOT = 100
_MEMO_DEPENDENCIES = 4096


class Loaded(msgspec.Struct, frozen=True, gc=False):
    """A record as it was found, or that there was none (version 0), and the slot under which that stays true.

    ``size`` is about how many bytes keeping it takes.
    """

    key: RecordKey
    slot: int
    revision: int
    version: int
    record: Any
    entries: bytes
    size: int


class Memo(msgspec.Struct):
    """A derived value and everything that it was derived from.

    ``slots`` are (slot, revision); ``changes`` is the page's count of changes when they last agreed.
    """

    value: Any
    loaded: tuple[Loaded, ...]
    slots: tuple[tuple[int, int], ...]
    epoch: int
    size: int
    kept: bool
    changes: int = -1


class Source(Protocol):
    """Where a tracking reader has it from: reads that come with their slots."""

    shared: Page

    def loaded(self, collection: Collection[T], key: RecordKey) -> Loaded: ...
    def search(  # noqa: PLR0917  all of them, always
        self, collection: Collection[T], index: str, scope: str, value: str, after: str, limit: int | None
    ) -> list[tuple[str, Loaded]]: ...
    def listing(self, collection: Collection[T], scope: str, after: str, limit: int) -> list[tuple[str, Loaded]]: ...
    def span(  # noqa: PLR0917  all of them, always
        self,
        collection: Collection[T],
        index: str,
        scope: str,
        after: tuple[str, str],
        stop: str | None,
        limit: int,
    ) -> list[tuple[str, Loaded]]: ...
    def remembered(self, key: Hashable, build: Callable[[Reader], V]) -> Memo: ...


class TrackingReader(Reader):
    """The reader that a memo is built through: it notes everything that is read."""

    def __init__(self, reader: Source) -> None:
        self._reader = reader
        self._slots: dict[int, int] = {}
        self._loaded: dict[RecordKey, Loaded] = {}
        self._certain = True

    def finish(self, value: V, epoch: int) -> Memo:
        """The memo of what was built."""
        loaded = tuple(self._loaded.values())
        return Memo(
            value,
            loaded,
            slots=tuple(self._slots.items()),
            epoch=epoch,
            size=_MEMO_OVERHEAD + sum(each.size for each in loaded) + _MEMO_SLOT * len(self._slots),
            kept=self._certain and len(self._slots) <= _MEMO_DEPENDENCIES,
        )

    def _note_slot(self, slot: int, revision: int) -> None:
        if revision & 1 or self._slots.setdefault(slot, revision) != revision:
            self._certain = False

    def _note(self, loaded: Loaded) -> None:
        self._note_slot(loaded.slot, loaded.revision)
        self._loaded.setdefault(loaded.key, loaded)

    def _note_all(self, found: Iterable[tuple[str, Loaded]]) -> None:
        for _, loaded in found:
            self._note(loaded)

    def _note_range(self, *parts: str) -> None:
        slot = self._reader.shared.slot(*parts)
        self._note_slot(slot, self._reader.shared.words[slot])

    def get(self, collection: Collection[T], scope: str, id_: str) -> T | None:
        loaded = self._reader.loaded(collection, (collection.name, scope, id_))
        self._note(loaded)
        record: T | None = loaded.record
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
        self._note_range(collection.space(index), scope, value)
        found = self._reader.search(collection, index, scope, value, after, limit)
        self._note_all(found)
        return [(loaded.key[2], loaded.record) for _, loaded in found]

    def page(self, collection: Collection[T], scope: str, *, after: str = "", limit: int) -> list[tuple[str, T]]:
        self._note_range(collection.name, scope)
        found = self._reader.listing(collection, scope, after, limit)
        self._note_all(found)
        return [(loaded.key[2], loaded.record) for _, loaded in found]

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
        self._note_range(collection.name, scope)
        found = self._reader.span(collection, index, scope, after, stop, limit)
        self._note_all(found)
        return [(value, loaded.key[2], loaded.record) for value, loaded in found]

    def memo(self, key: Hashable, build: Callable[[Reader], V]) -> V:
        memo = self._reader.remembered(key, build)
        for slot, revision in memo.slots:
            self._note_slot(slot, revision)
        for loaded in memo.loaded:
            self._loaded.setdefault(loaded.key, loaded)
        if not memo.kept:
            self._certain = False
        value: V = memo.value
        return value
