"""The stores of a node: one a region, one for the global services of a partition; opened when first used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from casemate.foundation.errors import Unavailable
from casemate.foundation.ids import partition_of
from casemate.foundation.records import Store

STORE = "store.db"
"""What a store's file is called in its folder."""

Opener = Callable[[Path, str], Store]


class Stores:
    """The open stores of one process, of one data generation."""

    def __init__(self, generation: Path, open_store: Opener, stopped: Iterable[str] = ()) -> None:
        self.generation = generation
        self._open_store = open_store
        self._stopped = frozenset(stopped)
        self._stores: dict[str, Store] = {}
        self._lock = threading.Lock()

    def region(self, region: str) -> Store:
        """The store of a region. Raises Unavailable while the region is stopped."""
        store = self._stores.get(region)
        return store if store is not None else self._opened(region, self.region_path(region))

    def all_of_partition(self, partition: str) -> Store:
        """The store of a partition's global services."""
        name = f"global-{partition}"
        store = self._stores.get(name)
        return store if store is not None else self._opened(name, self.generation / "global" / partition)

    def named(self, name: str) -> Store:
        """The store of this name: a region, or `global-PARTITION`."""
        if name.startswith("global-"):
            return self.all_of_partition(name.removeprefix("global-"))
        return self.region(name)

    def region_path(self, region: str) -> Path:
        return self.generation / "regions" / region

    def existing_regions(self) -> list[str]:
        """The regions that have been used, whether they are open here or not."""
        folder = self.generation / "regions"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def existing(self) -> list[str]:
        """The names of every store that there is and that is not stopped."""
        partitions = self.generation / "global"
        names = [f"global-{path.name}" for path in sorted(partitions.iterdir())] if partitions.exists() else []
        return [*names, *(region for region in self.existing_regions() if region not in self._stopped)]

    @property
    def stopped(self) -> list[str]:
        """The regions that are stopped."""
        return sorted(self._stopped)

    def opened(self) -> list[Store]:
        return list(self._stores.values())

    def stop(self, stopped: Iterable[str]) -> None:
        """Let go of the regions that are stopped, so that their files can be moved away; take up the others."""
        with self._lock:
            self._stopped = frozenset(stopped)
            for name in self._stopped & set(self._stores):
                self._stores.pop(name).close()

    def like(self, generation: Path) -> Stores:
        """The stores of another data generation, opened in the same way."""
        return Stores(generation, self._open_store)

    def switch(self, generation: Path, stopped: Iterable[str] = ()) -> None:
        """Go over to another data generation: what was in flight in the old one fails at its commit."""
        with self._lock:
            old, self._stores = self._stores, {}
            self.generation = generation
            self._stopped = frozenset(stopped)
        for store in old.values():
            store.close()

    def close(self) -> None:
        with self._lock:
            for store in self._stores.values():
                store.close()
            self._stores.clear()

    def _opened(self, name: str, path: Path) -> Store:
        if name in self._stopped:
            raise Unavailable(f"the region {name} is stopped; `casemate region start {name}` starts it again")
        with self._lock:
            store = self._stores.get(name)
            if store is None:
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
                store = self._stores[name] = self._open_store(path, name)
            return store


def store_name(scope: str, region: str) -> str:
    """The name of the store in which a service of this scope keeps what it is told in a region."""
    return region if scope == "region" else f"global-{partition_of(region)}"
