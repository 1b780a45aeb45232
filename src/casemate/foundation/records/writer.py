"""The writer: one thread of a process that commits what was queued while it committed what was queued before.

For each batch it takes the store's lock, finishes for a writer that died, checks and applies the units, marks their
slots, commits (which waits for the disk), publishes, lets the lock go, and only then answers. It never waits on
purpose.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple

from casemate.foundation.audit import Mac
from casemate.foundation.records.audit import GENESIS, AuditHead
from casemate.foundation.records.backend import Backend, WriteConnection
from casemate.foundation.records.chain_end import ChainEnd
from casemate.foundation.records.errors import (
    AlreadyExists,
    CommitError,
    Conflict,
    StoreClosed,
    StoreFailed,
    Unkeepable,
)
from casemate.foundation.records.lock import StoreLock
from casemate.foundation.records.page import Page
from casemate.foundation.records.plan import Plan
from casemate.foundation.records.unit import Unit

Done = Callable[[CommitError | None], None]
Deliver = Callable[[list[tuple[Done, CommitError | None]]], None]
Fatal = Callable[[StoreFailed], None]
At = Callable[[str], None]

_log = logging.getLogger(__name__)

BATCH_UNITS = 256
"""Enough to spread a sync thin; few enough that the lock goes round."""


class Queued(NamedTuple):
    """A unit that waits. ``direct``: its callback runs on the writer's thread whatever the delivery."""

    unit: Unit
    done: Done
    direct: bool


def call_each(results: list[tuple[Done, CommitError | None]]) -> None:
    """The plain delivery: every callback in turn, on the writer's thread."""
    for done, error in results:
        done(error)


class Writer:
    """Commits the units of one process to one store."""

    def __init__(
        self,
        *,
        name: str,
        path: Path,
        backend: Backend,
        page: Page,
        audit_key: bytes,
        deliver: Deliver,
        on_fatal: Fatal | None,
        at: At,
    ) -> None:
        self._name = name
        self._audit_mac = Mac(audit_key)
        self._chain_end = ChainEnd(path, audit_key)
        self._backend = backend
        self._page = page
        self._deliver = deliver
        self._on_fatal = on_fatal
        self._at = at
        self._queue: SimpleQueue[Queued | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._failure: StoreFailed | None = None
        self._lock = StoreLock(path)
        self._connection: WriteConnection | None = None

    def queue(self, unit: Unit, done: Done, *, direct: bool) -> None:
        """Have the unit committed; ``done`` is called exactly once, with None or what went wrong."""
        with self._gate:
            if not self._closed:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name=f"writer of {self._name}", daemon=True)
                    self._thread.start()
                self._queue.put(Queued(unit, done, direct))
                return
        done(StoreClosed(f"{self._name} is closed"))

    def submit(self, unit: Unit) -> Future[None]:
        """The same, for a thread that waits."""
        future: Future[None] = Future()
        # It is under way from now on and can't be cancelled: the unit is going to be committed.
        future.set_running_or_notify_cancel()

        def done(error: CommitError | None) -> None:
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

        self.queue(unit, done, direct=True)
        return future

    def close(self) -> None:
        """Commit what is queued, then stop."""
        with self._gate:
            self._closed = True
            thread = self._thread
            if thread is not None:
                self._queue.put(None)
        if thread is None:
            self._lock.close()
        else:
            thread.join()

    def _run(self) -> None:
        running = True
        while running:
            batch, running = self._next_batch()
            if batch:
                self._answer(batch, self._locked_commit(batch))
        if self._connection is not None:
            with self._lock:
                self._connection.close()
        self._lock.close()
        self._chain_end.close()

    def _locked_commit(self, batch: Sequence[Queued]) -> Sequence[CommitError | None]:
        """What became of each unit. Whatever happens, this thread goes on: everybody waits for it."""
        if self._failure is not None:
            return [self._failure] * len(batch)
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = self._backend.writing()
                return self._commit(self._connection, batch)
        except CommitError as error:
            return [error] * len(batch)
        except Exception as error:  # noqa: BLE001  whatever it is, those who wait must be told
            _log.exception("the writer of %s failed", self._name)
            return [StoreFailed(f"the writer failed: {error}")] * len(batch)

    def _next_batch(self) -> tuple[list[Queued], bool]:
        first = self._queue.get()
        if first is None:
            return [], False
        batch = [first]
        try:
            while len(batch) < BATCH_UNITS:
                item = self._queue.get_nowait()
                if item is None:
                    return batch, False
                batch.append(item)
        except Empty:
            pass
        return batch, True

    def _answer(self, batch: Sequence[Queued], errors: Sequence[CommitError | None]) -> None:
        delivered: list[tuple[Done, CommitError | None]] = []
        for item, error in zip(batch, errors, strict=True):
            if item.direct:
                self._call(call_each, [(item.done, error)])
            else:
                delivered.append((item.done, error))
        if delivered:
            self._call(self._deliver, delivered)

    def _call(self, deliver: Deliver, results: list[tuple[Done, CommitError | None]]) -> None:
        try:
            deliver(results)
        except Exception:  # noqa: BLE001  the others' results must still be delivered
            _log.exception("a result of %s could not be delivered", self._name)

    def _commit(self, connection: WriteConnection, batch: Sequence[Queued]) -> list[CommitError | None]:
        self._page.recover()
        try:
            return self._attempt(connection, batch)
        except CommitError as error:
            if self._failure is not None or len(batch) == 1:
                return [error] * len(batch)
        # One of them may be what cannot be written (too big for the room that is left): each gets a chance of its own.
        errors: list[CommitError | None] = []
        for item in batch:
            try:
                errors.extend(self._attempt(connection, [item]))
            except CommitError as error:
                errors.append(error)
        return errors

    def _attempt(self, connection: WriteConnection, batch: Sequence[Queued]) -> list[CommitError | None]:
        if self._failure is not None:
            raise self._failure
        plan: Plan | None = None
        committed = False
        try:
            heads = connection.begin()
            plan = Plan(self._page, connection, heads, [item.unit for item in batch], self._audit_mac)
            errors = self._take_all(plan, batch)
            if plan.taken:
                connection.apply(plan.changes(), plan.heads)
                self._page.marked()
                self._at("marked")
                self._chain_end.adopt(AuditHead(heads.audit, heads.digest), self._digest_at)
                self._sync(connection)
                committed = True
                self._at("committed")
                if (reached := plan.audit_head) is not None:
                    self._chain_end.write(reached)
        except (UnicodeError, OverflowError, TypeError, ValueError) as error:
            raise Unkeepable(f"cannot be kept: {error}") from error
        finally:
            if self._failure is None:
                self._finish(connection, plan if committed else None)
        self._at("published")
        return errors

    @staticmethod
    def _take_all(plan: Plan, batch: Sequence[Queued]) -> list[CommitError | None]:
        errors: list[CommitError | None] = []
        for item in batch:
            try:
                plan.take(item.unit)
                errors.append(None)
            except (Conflict, AlreadyExists) as error:
                errors.append(error)
        return errors

    def _digest_at(self, seq: int) -> bytes:
        """The digest of a committed audit record; empty where there is none of that number."""
        if seq == 0:
            return GENESIS
        with closing(self._backend.reading()) as connection:
            found = connection.audit_records(seq - 1, 1)
        return found[0].digest if found and found[0].seq == seq else b""

    def _finish(self, connection: WriteConnection, plan: Plan | None) -> None:
        """Publish what the plan committed, or give up what was not committed and publish that nothing has changed."""
        if plan is None:
            try:
                connection.rollback()
            except CommitError:
                # Closing it rolls back.
                self._connection = None
                connection.close()
                raise
            finally:
                self._page.publish()
        else:
            self._page.publish(timers=plan.touches_timers, outbox=plan.touches_outbox, erased=plan.erases)

    def _sync(self, connection: WriteConnection) -> None:
        try:
            connection.commit()
        except StoreFailed as error:
            # The kernel may have dropped what it could not write, and says so once: nothing after this can be
            # believed. The slots stay marked, and the next process that takes the lock begins a new epoch.
            self._failure = error
            if self._on_fatal is not None:
                self._on_fatal(error)
            raise
