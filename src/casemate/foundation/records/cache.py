"""A cache bounded in bytes whose hits cost one dictionary look-up.

Two generations: what is used again in the old one moves to the young one; when the young one is full it becomes the old
one, and what nobody asked for since is gone.
"""

import threading
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """What says how many bytes keeping it takes."""

    @property
    def size(self) -> int: ...


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)


class Generations(Generic[K, V]):
    """Keys and values; safe to use from several threads. It holds no object of its own for an entry.

    ``young`` may be read directly, where the call of ``get`` would cost as much as the look-up.
    """

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self.young: dict[K, V] = {}
        self._old: dict[K, V] = {}
        self._size = 0
        self._lock = threading.Lock()
        self.epoch = 0

    def get(self, key: K) -> V | None:
        """What is kept under the key."""
        found = self.young.get(key)
        if found is not None:
            return found
        return self._promote(key)

    def _promote(self, key: K) -> V | None:
        found = self._old.get(key)
        if found is not None:
            with self._lock:
                if self._old.pop(key, None) is not None:
                    self._insert(key, found)
        return found

    def put(self, key: K, value: V, epoch: int) -> None:
        """Keep a value that was loaded in ``epoch``, unless another has begun."""
        with self._lock:
            if epoch == self.epoch:
                self._old.pop(key, None)
                self._insert(key, value)

    def _insert(self, key: K, value: V) -> None:
        previous = self.young.get(key)
        self.young[key] = value
        self._size += value.size - (previous.size if previous is not None else 0)
        if self._size > self._half:
            self._old = self.young
            self.young = {}
            self._size = 0

    def begin(self, epoch: int) -> None:
        """Drop everything: a new epoch has begun."""
        with self._lock:
            if epoch != self.epoch:
                self.young, self._old, self._size, self.epoch = {}, {}, 0, epoch

    def __len__(self) -> int:
        return len(self.young) + len(self._old)
