"""A store: one database, with its lock and its page beside it."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Self

from casemate.foundation.audit import Mac
from casemate.foundation.files import replace_file
from casemate.foundation.records.audit import AuditHead, AuditRecord, verify_records
from casemate.foundation.records.backend import Backend
from casemate.foundation.records.chain_end import ChainEnd
from casemate.foundation.records.errors import StoreMissing
from casemate.foundation.records.leases import Leases
from casemate.foundation.records.lock import StoreLock
from casemate.foundation.records.outbox import Message
from casemate.foundation.records.page import DEFAULT_SLOTS, ERASED, OUTBOX, TIMERS, Page
from casemate.foundation.records.sqlite import SqliteBackend
from casemate.foundation.records.store_reader import StoreReader
from casemate.foundation.records.timers import Timer
from casemate.foundation.records.unit import Unit
from casemate.foundation.records.writer import At, Deliver, Done, Fatal, Writer, call_each

DEFAULT_CACHE_BYTES = 64 << 20


def _nowhere(_: str) -> None:
    pass


class Store:
    """One region's records, or the global services'. Open it once a process; any thread may use it."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        backend: Backend,
        page: Page,
        audit_key: bytes,
        cache_bytes: int,
        deliver: Deliver,
        on_fatal: Fatal | None,
        at: At,
    ) -> None:
        """Use ``open``."""
        self.name = name
        self.path = path
        self._backend = backend
        self._page = page
        self._audit_key = audit_key
        self.reader = StoreReader(backend, page, cache_bytes)
        self._writer = Writer(
            name=name,
            path=path,
            backend=backend,
            page=page,
            audit_key=audit_key,
            deliver=deliver,
            on_fatal=on_fatal,
            at=at,
        )
        self.leases = Leases(self.unit, self.submit)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        name: str,
        create: bool,
        audit_key: bytes = b"",
        page_slots: int = DEFAULT_SLOTS,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        deliver: Deliver = call_each,
        on_fatal: Fatal | None = None,
        at: At = _nowhere,
    ) -> Self:
        """Open the database at ``path``, making or migrating it where needed.

        ``audit_key`` (32 bytes, of this store alone) is what its audit is chained and verified under; a store that is
        only read needs none. ``deliver`` is handed the results of a whole batch at once, on the writer's thread.
        ``on_fatal`` is called there when a sync failed: the process should end. ``at`` is told "marked", "committed"
        and "published" as a commit passes. StoreMissing, DataNewerThanProgram, StoreFailed.
        """
        # Whatever it is called by, its lock and its page are the same.
        path = path.resolve()
        if create:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not path.exists():
            raise StoreMissing(f"there is no store at {path}")
        backend = SqliteBackend(path)
        with closing(StoreLock(path)) as lock, lock:
            backend.prepare(create=create)
            page = Page(path.with_name(f"{path.name}.page"), slots=page_slots)
            page.recover()
            end = ChainEnd(path, audit_key)
            if create and not end.path.exists():
                with closing(backend.reading()) as connection:
                    heads = connection.heads()
                end.make(AuditHead(heads.audit, heads.digest))
        return cls(
            path,
            name=name,
            backend=backend,
            page=page,
            audit_key=audit_key,
            cache_bytes=cache_bytes,
            deliver=deliver,
            on_fatal=on_fatal,
            at=at,
        )

    def close(self) -> None:
        """Commit what is queued and give everything back. No thread may be reading."""
        self._writer.close()
        # The last connection to go moves the log into the database.
        self._locked(self.reader.connections.close)

    def _locked(self, do: Callable[[], object]) -> None:
        with closing(StoreLock(self.path)) as lock, lock:
            do()

    # Units of work

    def unit(self) -> Unit:
        """A new unit of work."""
        return Unit(self.reader)

    def commit(self, unit: Unit, done: Done) -> None:
        """Queue a unit; ``done`` gets None when it is durable and seen by all, or why nothing of it was kept."""
        self._writer.queue(unit, done, direct=False)

    def submit(self, unit: Unit) -> Future[None]:
        """Queue a unit for a thread that waits; the future raises CommitError."""
        return self._writer.submit(unit)

    # Timers and messages

    def due_timers(self, now: float, limit: int) -> list[Timer]:
        """Timers due at ``now``, in order of (due, kind, key)."""
        return self.reader.connections.current().due_timers(now, limit)

    def next_due(self) -> float | None:
        """When the next timer is due."""
        return self.reader.connections.current().next_due()

    def pending(self, after: int, limit: int) -> list[Message]:
        """Messages that have not been completed, in order, after the number ``after``."""
        return self.reader.connections.current().pending(after, limit)

    @property
    def timers_changed(self) -> int:
        """A number that moves whenever any process has scheduled or removed timers."""
        return self._page.words[TIMERS]

    @property
    def outbox_changed(self) -> int:
        """A number that moves whenever any process has put messages in the outbox."""
        return self._page.words[OUTBOX]

    @property
    def erasures(self) -> int:
        """A number that moves whenever any process has deleted or overwritten what must not be found again."""
        return self._page.words[ERASED]

    # Audit

    def audit_records(self, after: int, limit: int) -> list[AuditRecord]:
        """Records of the chain in order, after the number ``after``."""
        return self.reader.connections.current().audit_records(after, limit)

    def audit_before(self, before: int | None, limit: int) -> list[AuditRecord]:
        """Records of the chain, newest first, from before the number ``before`` (None: from the end)."""
        return self.reader.connections.current().audit_before(before, limit)

    def verify_audit(self) -> AuditHead:
        """Follow the whole chain, and see that records are what it says was written last: the end of the chain.

        AuditBroken, also where the chain ends before it should. It reads everything that was ever audited, a thousand
        records at a time, beside normal work.
        """
        reached = ChainEnd(self.path, self._audit_key).read()
        return verify_records(Mac(self._audit_key), reached, self.audit_records, self.reader.connections.current().raw)

    def audit_unproven(self) -> int:
        """The last audit record of which nothing can be said: it was there before it was kept where the chain ends.

        AuditBroken.
        """
        return ChainEnd(self.path, self._audit_key).read().since.seq

    def audit_head(self) -> AuditHead:
        """The end of the chain."""
        heads = self.reader.connections.current().heads()
        return AuditHead(heads.audit, heads.digest)

    # Upkeep

    def checkpoint(self, *, truncate: bool) -> bool:
        """Bring the write-ahead log into the database; with ``truncate``, leave nothing on disk that was erased.

        Writers of all processes wait meanwhile. False: readers were in the way to the end, try again.
        DiskFull, StoreFailed.
        """
        moved = False

        def do() -> None:
            nonlocal moved
            moved = self._backend.checkpoint(truncate=truncate)

        self._locked(do)
        return moved

    def log_bytes(self) -> int:
        """How long the write-ahead log is: what tells a keeper that it is time for a checkpoint."""
        try:
            return self.path.with_name(f"{self.path.name}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def backup_to(self, path: Path) -> None:
        """A consistent, synced copy in a new file, made while the store is in use. FileExistsError.

        Beside it, what is known of the chain's end: copied first, so that it is not ahead of the copy.
        """
        end = ChainEnd(self.path, self._audit_key).path
        known = end.read_bytes() if end.exists() else None
        self._backend.backup_to(path)
        if known is not None:
            replace_file(ChainEnd(path, self._audit_key).path, known)

    def integrity(self) -> list[str]:
        """What is wrong with the database; empty when nothing is. Reads all of it."""
        return self._backend.integrity()
