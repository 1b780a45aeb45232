"""What can be asked of a store's records."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from typing import TypeVar

from casemate.foundation.records.collection import Collection

T = TypeVar("T")
V = TypeVar("V")


class Reader(ABC):
    """Reads of one store. Each call sees one committed state; the next may see a newer one.

    Records are shared: never change them.
    """

    __slots__ = ()

    @abstractmethod
    def get(self, collection: Collection[T], scope: str, id_: str) -> T | None:
        """The record, or None. ``scope`` is an account id, or "" for what belongs to the whole store."""

    @abstractmethod
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
        """Ids and records that stand under a value of an index, in order of id, beginning after the id ``after``.

        Without a ``limit`` it reads all of them: for values under which few can stand.
        """

    @abstractmethod
    def page(self, collection: Collection[T], scope: str, *, after: str = "", limit: int) -> list[tuple[str, T]]:
        """At most ``limit`` ids and records of a scope, in order of id, beginning after the id ``after``."""

    @abstractmethod
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
        """At most ``limit`` (value, id, record) of an index, in that order.

        They come after the pair ``after`` (a value and "" begins with that value) and below the value ``stop``.
        """

    @abstractmethod
    def memo(self, key: Hashable, build: Callable[["Reader"], V]) -> V:
        """What ``build`` derives from the records that it reads through the reader it is given.

        It is kept in this process and built again when anything that it read has changed; ``key`` names what is
        built, and from which arguments. ``build`` must depend on nothing but the key and what it reads.
        """
