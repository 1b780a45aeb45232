"""The keeper's work: first start, timers and messages, the test clock, checkpoints, backups, new generations.

One thread does all of it, so that nothing here happens twice at once; what the control channel asks for is done
between two rounds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.foundation import backup as backups
from casemate.foundation.audit import FOLDER, copy_segments
from casemate.foundation.clock import SharedClock, iso, parse_duration, parse_iso
from casemate.foundation.context import Host
from casemate.foundation.errors import CasemateError, Unavailable
from casemate.foundation.files import replace_file
from casemate.foundation.log import Log
from casemate.foundation.node import Node, NodeFacts
from casemate.foundation.operation import Service
from casemate.foundation.records import RecordsError, Store
from casemate.foundation.stores import STORE, Stores
from casemate.gateway.later import Later, LeaseLost, counted, take_lease
from casemate.gateway.regions import REGIONS
from casemate.services.iam import founding
from casemate.services.kms import seeding
from casemate.services.kms.custom_stores.links import FILE as KEY_STORES

_ROUND_SECONDS: Final = 0.05
_CHECKPOINT_SECONDS: Final = 2.0
_JOIN_SECONDS: Final = 8.0
_LOG_BYTES: Final = 16 << 20
"""A write-ahead log longer than this is moved into the database."""
_LATEST: Final = 221_845_392_000.0
"""The first moment of the year 9000: later ones don't fit what times are written in."""
_PATTERN: Final = ".generation"
"""What generations are copied from."""
_READY: Final = 3
"""How many generations lie ready: so many resets in a row don't wait for one."""
_CASCADES: Final = 100_000
"""How many timers and messages one step of the test clock may cause before it is taken for an endless loop."""


_COPIES: Final = ".backup-"
"""How the folders begin in which backups are gathered."""


class ClockRefused(CasemateError):
    """The test clock can't do that."""


class Keeping:
    """The keeper of a node."""

    def __init__(
        self,
        *,
        node: Node,
        facts: NodeFacts,
        stores: Stores,
        host: Host,
        services: Sequence[Service],
        clock: SharedClock,
        log: Log,
    ) -> None:
        self._node = node
        self._facts = facts
        self._stores = stores
        self._host = host
        self._clock = clock
        self._log = log
        self._later = Later(stores=stores, host=host, services=services, log=log)
        self._lock = threading.RLock()
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name="keeping", daemon=True)
        self._seen: dict[str, tuple[int, int]] = {}
        self._next_due: dict[str, float | None] = {}
        self._checkpointed = 0.0
        self._holder = f"keeper-{os.getpid()}"
        self._leased: set[str] = set()
        self._erasures: dict[str, int] = {}

    # -- first start

    def prepare(self) -> None:
        """Make what a new data generation begins with, if it is not there."""
        self._drop_copies()
        credentials = self._credentials()
        self._found(self._stores, credentials)
        if self._region not in self._facts.stopped_regions:
            self._stores.region(self._region)

    @property
    def _region(self) -> str:
        return "us-east-1"

    def _credentials(self) -> founding.FirstCredentials:
        path = self._node.credentials
        if path.exists():
            return msgspec.json.decode(path.read_bytes(), type=founding.FirstCredentials)
        credentials = founding.new_credentials(self._facts.account)
        replace_file(path, msgspec.json.format(msgspec.json.encode(credentials)) + b"\n")
        return credentials

    def _found(self, stores: Stores, credentials: founding.FirstCredentials) -> None:
        store = stores.all_of_partition("aws")
        unit = store.unit()
        if not founding.is_founded(unit, credentials):
            founding.found(unit, self._host.seal, credentials, self._clock.now())
            store.submit(unit).result()

    # -- rounds

    def start(self) -> None:
        self._thread.start()
        if self._host.test:  # so that the first reset is as quick as the others
            self._drop_prepared()  # what another version of the program may have made
            threading.Thread(target=self.clean_generations, args=({},), daemon=True).start()

    def stop(self) -> None:
        self._leaving.set()
        self._thread.join(_JOIN_SECONDS)

    def _rounds(self) -> None:
        while not self._leaving.wait(_ROUND_SECONDS):
            try:
                with self._lock:
                    self._round()
            except LeaseLost as error:
                self._log.error("another keeper has taken over; this one ends", store=str(error))
                os._exit(75)
            except (Unavailable, RecordsError) as error:
                self._log.warning("a round was cut short", reason=str(error))
            except Exception as error:  # noqa: BLE001 - the keeper goes on; the bug is in the log
                self._log.failure("a bug of ours", error)

    def _round(self) -> None:
        now = self._clock.now()
        for name in self._stores.existing():
            store = self._stores.named(name)
            self._hold_lease(store)
            self._look_after(store, now)
        monotonic = self._clock.monotonic()
        if monotonic - self._checkpointed > _CHECKPOINT_SECONDS:
            self._checkpointed = monotonic
            for store in self._stores.opened():
                self._checkpoint(store)

    def _checkpoint(self, store: Store) -> None:
        """Move the log into the database when it is long, or when what was erased may still be in it."""
        erased = self._erasures.get(store.name) != store.erasures
        if erased:
            seen = store.erasures
            if store.checkpoint(truncate=True):
                self._erasures[store.name] = seen
        elif store.log_bytes() > _LOG_BYTES:
            store.checkpoint(truncate=False)

    def _look_after(self, store: Store, now: float) -> None:
        words = store.timers_changed, store.outbox_changed
        due = self._next_due.get(store.name)
        if self._seen.get(store.name) == words and (due is None or due > now):
            return
        self._later.fire_due(store, now)
        self._later.deliver(store)
        self._seen[store.name] = words
        self._next_due[store.name] = store.next_due()
        if store.pending(0, 1):
            del self._seen[store.name]  # something waits for a region that is stopped: look again

    def _hold_lease(self, store: Store) -> None:
        """Take the lease over once: the supervisor starts a keeper only when the one before is gone.

        One that was only asleep then fails at its next commit, by the lease's number.
        """
        if store.name not in self._leased:
            number = take_lease(store, self._holder)
            self._leased.add(store.name)
            self._later.hold(store, number)

    def counted(self) -> dict[str, Any]:
        return counted(self._later)

    # -- the test clock

    def clock(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Show, set or advance the test clock; every timer that falls due on the way has fired when this returns."""
        do, value = _clock_action(message)
        if do != "show":
            if not self._host.test:
                raise ClockRefused("the clock can be moved only on a server started with --test")
            with self._lock:
                self._step_to(self._target(do, value))
        return {"now": iso(self._clock.now()), "offset": self._clock.offset}

    def _target(self, do: str, value: str) -> float:
        try:
            target = self._clock.now() + parse_duration(value) if do == "advance" else parse_iso(value)
        except ValueError as error:
            raise ClockRefused(f"'{value}' can't be taken: {error}") from None
        if target > _LATEST:
            raise ClockRefused("the clock stops at the year 9000: nothing here is meant to last longer")
        if target < self._clock.now() - 1:
            raise ClockRefused("the clock goes forward only: what has happened can't be undone (reset starts anew)")
        return target

    def _step_to(self, target: float) -> None:
        """Go to each due time in turn, do what falls due and all that it causes, then to the target."""
        left = _CASCADES
        while True:
            left = self._settle(left)
            due = [when for store in self._all() if (when := store.next_due()) is not None and when <= target]
            if not due:
                break
            self._clock.offset = max(min(due), self._clock.now()) - self._clock.real()
        self._clock.offset = target - self._clock.real()
        self._settle(left)
        for store in self._stores.opened():
            self._checkpoint(store)

    def _all(self) -> list[Store]:
        stores = [self._stores.named(name) for name in self._stores.existing()]
        for store in stores:
            self._hold_lease(store)
        return stores

    def _settle(self, left: int) -> int:
        """Fire and deliver until nothing is left to do at this moment."""
        while True:
            now = self._clock.now()
            done = sum(self._later.fire_due(store, now) + self._later.deliver(store) for store in self._all())
            left -= done
            if left < 0:
                raise ClockRefused("timers kept causing timers without end; the clock stopped where it was")
            if not done:
                return left

    # -- what the control channel asks for

    def prepare_generation(self, message: Mapping[str, Any]) -> None:
        """Make sure that a data generation is ready to be switched to."""
        path = self._node.generation(int(message["generation"]))
        with self._lock:
            if not path.exists():
                self._make_generation(path)

    def _make_generation(self, path: Path) -> None:
        """A copy of one that was made in full: copying files takes a tenth of the time."""
        fresh, pattern = path.with_name(f".{path.name}"), self._node.path / _PATTERN
        shutil.rmtree(fresh, ignore_errors=True)
        if not pattern.exists():
            stores = self._stores.like(fresh)
            self._found(stores, self._credentials())
            stores.region(self._region)
            stores.close()
            fresh.rename(pattern)
        shutil.copytree(pattern, fresh)
        fresh.rename(path)

    def _drop_prepared(self) -> None:
        """Drop the generations that lie ready, and what they are copied from: the next are made anew."""
        shutil.rmtree(self._node.path / _PATTERN, ignore_errors=True)
        for path in self._node.path.glob("g*"):
            number = path.name[1:]
            if number.isdecimal() and int(number) > self._facts.generation:
                shutil.rmtree(path, ignore_errors=True)

    def switch(self, facts: NodeFacts) -> None:
        """Go over to another data generation and the real time; the old one is deleted behind."""
        with self._lock:
            self._facts = facts
            self._clock.offset = 0.0
            self._stores.switch(self._node.generation(facts.generation), facts.stopped_regions)
            self._seen.clear()
            self._next_due.clear()
            self._leased.clear()
            self._erasures.clear()

    def clean_generations(self, _message: Mapping[str, Any]) -> None:
        """Delete the generations that nobody uses any more, and make the next one ready."""
        current = self._facts.generation
        for path in self._node.path.glob("g*"):
            number = path.name[1:]
            if number.isdecimal() and int(number) < current:
                shutil.rmtree(path, ignore_errors=True)
        for ahead in range(_READY):
            self.prepare_generation({"generation": current + 1 + ahead})

    def stop_regions(self, stopped: Sequence[str]) -> None:
        with self._lock:
            self._stores.stop(stopped)
            for name in stopped:
                self._seen.pop(name, None)
                self._leased.discard(name)

    def reset_admin_keys(self, _message: Mapping[str, Any]) -> dict[str, Any]:
        """Give the first administrator another key; the old one stops at once."""
        with self._lock:
            credentials = founding.renewed(self._credentials())
            store = self._stores.all_of_partition("aws")
            unit = store.unit()
            founding.found(unit, self._host.seal, credentials, self._clock.now())
            store.submit(unit).result()
            replace_file(self._node.credentials, msgspec.json.format(msgspec.json.encode(credentials)) + b"\n")
            self._drop_prepared()
        return {"account": credentials.account, "file": str(self._node.credentials)}

    def seed(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Make keys with chosen ids and material, for tests; all in one region or none of them."""
        if not self._host.test:
            raise ClockRefused("seeding is for a server started with --test")
        given = message.get("keys")
        if not isinstance(given, list) or not all(isinstance(key, dict) for key in given):
            raise CasemateError('say {"keys": [{"account", "region", "id", "spec", "usage", "material"}]}')
        regions: dict[str, list[Mapping[str, Any]]] = {}
        for key in given:
            regions.setdefault(str(key.get("region")), []).append(key)
        with self._lock:
            for region, keys in regions.items():
                if region not in REGIONS:
                    raise CasemateError(f"'{region}' is no region")
                store = self._stores.region(region)
                unit = store.unit()
                for key in keys:
                    seeding.seed(unit, self._host.seal, self._clock.now(), key)
                store.submit(unit).result()
        return {"keys": sum(len(keys) for keys in regions.values())}

    def backup(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Write a backup of the whole data directory while everything goes on; each store is consistent in itself.

        A stopped region is saved from its files; where they were moved away, the backup says that it lacks it.
        """
        target = Path(str(message["path"]))
        if target.exists():
            raise CasemateError(f"{target} exists: a backup is never written over another file")
        partial = target.with_name(f".{target.name}.partial")
        with self._lock, tempfile.TemporaryDirectory(dir=self._node.path, prefix=_COPIES) as temporary:
            folder = Path(temporary)
            lacking = self._gather(folder)
            partial.unlink(missing_ok=True)  # of a backup that a crash cut short: only one is written at a time
            try:
                descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                with os.fdopen(descriptor, "wb") as file:
                    backups.write(file, self._header(lacking), self._host.seal, folder)
                    file.flush()
                    os.fsync(file.fileno())
                partial.rename(target)
            finally:
                partial.unlink(missing_ok=True)
        return {"path": str(target), "bytes": target.stat().st_size, "lacking": lacking}

    def _drop_copies(self) -> None:
        """Remove what a crash left of a backup under way: it holds all that is to be erased later."""
        for path in self._node.path.glob(f"{_COPIES}*"):
            shutil.rmtree(path)

    def _header(self, lacking: list[str]) -> backups.Header:
        return backups.Header(
            created=iso(self._clock.real()),
            account=self._facts.account,
            generation=self._facts.generation,
            salt=backups.new_salt(),
            seal=(self._node.path / "seal.json").read_bytes(),
            lacking=lacking,
        )

    def _gather(self, folder: Path) -> list[str]:
        """Copy what a backup holds; the stopped regions whose files are not here."""
        for name in ("node.json", "credentials.json", "casemate.toml", KEY_STORES):
            if (self._node.path / name).exists():
                shutil.copyfile(self._node.path / name, folder / name)
        if self._node.tls.exists():
            shutil.copytree(self._node.tls, folder / "tls")
        generation = self._stores.generation
        copied = folder / generation.name
        copied.mkdir(mode=0o700)
        copy_segments(generation / FOLDER, copied / FOLDER)
        for name in self._stores.existing():
            self._copy(self._stores.named(name), folder)
        stopped = {name: self._stores.region_path(name) for name in self._stores.stopped}
        with contextlib.closing(self._stores.like(generation)) as apart:
            for name, path in stopped.items():
                if (path / STORE).exists():
                    self._copy(apart.named(name), folder)
        return [name for name, path in stopped.items() if not (path / STORE).exists()]

    def _copy(self, store: Store, folder: Path) -> None:
        copied = folder / store.path.relative_to(self._node.path.resolve())
        copied.parent.mkdir(parents=True)
        store.backup_to(copied)


def _clock_action(message: Mapping[str, Any]) -> tuple[str, str]:
    """`{"action": "advance", "value": "3d"}`, or for short `{"advance": "3d"}`. Raises ClockRefused."""
    members = set(message) - {"id", "do"}
    for short in ("advance", "set"):
        if members == {short}:
            return short, str(message[short])
    do = message.get("action", "show")
    if do not in {"show", "set", "advance"} or not members <= {"action", "value"}:
        raise ClockRefused('say {"action": "show"}, {"advance": "3d"} or {"set": "2027-01-31T12:00:00Z"}')
    return do, str(message.get("value", ""))
