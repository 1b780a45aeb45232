"""Compiled pattern sets, kept by content: in memory, and on disk where a directory is given."""

from __future__ import annotations

import hashlib
import os
import platform
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import msgspec

from casemate.engines.web.patterns.sets import Pattern, PatternSet, compile_database, divide

if TYPE_CHECKING:
    import hyperscan

SETS_IN_MEMORY: Final = 512
WORTH_A_FILE: Final = 0.02  # seconds; what compiles faster isn't worth a file
MOST_FILES: Final = 128
_DIGEST: Final = 32
_LARGEST_FILE: Final = 256 << 20

Report = Callable[[int, float], None]


class PatternCache:
    """Pattern sets by content.

    `directory` keeps large databases from one process to the next, named by patterns, Vectorscan's version and
    processor; `report(patterns, seconds)` hears of each large compilation. Safe to share between threads: two that miss
    at once both compile. `kept` holds what others compile on top, under their names.
    """

    def __init__(self, directory: Path | None = None, *, report: Report | None = None) -> None:
        self._directory = directory
        self._report = report
        self._machine = b""
        self.kept: dict[str, object] = {}
        self._sets: OrderedDict[bytes, PatternSet] = OrderedDict()

    def compiled(self, patterns: Sequence[Pattern]) -> PatternSet:
        """The set of `patterns`. Raises PatternSyntaxError when no engine takes one of them."""
        key = hashlib.sha256(msgspec.msgpack.encode(list(patterns))).digest()
        found = self._sets.get(key)
        if found is None:
            found = self._made(patterns, key)
            self._sets[key] = found
            while len(self._sets) > SETS_IN_MEMORY:
                self._sets.popitem(last=False)
        else:
            self._sets.move_to_end(key)
        return found

    def _made(self, patterns: Sequence[Pattern], key: bytes) -> PatternSet:
        if not patterns:
            return PatternSet((), None, (), ())
        if not hyperscan_available():
            return PatternSet(patterns, None, (), divide(patterns)[1])
        stored = self._stored(patterns, key)
        if stored is not None:
            return stored
        begin = perf_counter()
        made, database = _compiled(patterns)
        seconds = perf_counter() - begin
        if seconds >= WORTH_A_FILE:
            if self._report is not None:
                self._report(len(patterns), seconds)
            if database is not None and self._directory is not None and len(made.ids) == len(patterns):
                self._store(key, database)
        return made

    def _path(self, key: bytes) -> Path:
        assert self._directory is not None
        if not self._machine:
            self._machine = _machine()
        name = hashlib.sha256(key + self._machine).hexdigest()[:40]
        return self._directory / f"{name}.hsdb"

    def _stored(self, patterns: Sequence[Pattern], key: bytes) -> PatternSet | None:
        if self._directory is None:
            return None
        import hyperscan  # noqa: PLC0415 - heavy; only where rules have patterns

        try:
            path = self._path(key)
            if path.stat().st_size > _LARGEST_FILE:
                return None
            content = path.read_bytes()
            if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
                return None
            database = hyperscan.loadb(content[_DIGEST:], hyperscan.HS_MODE_BLOCK)
        except (OSError, hyperscan.error):
            return None
        return PatternSet(patterns, database, range(len(patterns)), ())

    def _store(self, key: bytes, database: hyperscan.Database) -> None:
        import hyperscan  # noqa: PLC0415 - heavy; only where rules have patterns

        assert self._directory is not None
        content = hyperscan.dumpb(database)
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._directory, suffix=".tmp")
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(content).digest())
                file.write(content)
            Path(name).replace(self._path(key))
            self._prune()
        except OSError:
            return  # a cache that can't be written only costs time

    def _prune(self) -> None:
        """Of more files than are kept, the oldest go: updates must not fill a disk."""
        assert self._directory is not None
        files = sorted(self._directory.glob("*.hsdb"), key=lambda file: file.stat().st_mtime)
        for file in files[:-MOST_FILES]:
            file.unlink(missing_ok=True)


def hyperscan_available() -> bool:
    """Whether Vectorscan is installed here."""
    try:
        import hyperscan  # noqa: F401, PLC0415 - heavy; only where rules have patterns
    except ImportError:
        return False
    return True


def _compiled(patterns: Sequence[Pattern]) -> tuple[PatternSet, hyperscan.Database | None]:
    import hyperscan  # noqa: PLC0415 - heavy; only where rules have patterns

    try:
        database = compile_database(patterns, range(len(patterns)))
    except hyperscan.error:
        taken, linear = divide(patterns)
        if not taken:
            return PatternSet(patterns, None, (), linear), None
        database = compile_database([patterns[index] for index in taken], taken)
        return PatternSet(patterns, database, taken, linear), database
    return PatternSet(patterns, database, range(len(patterns)), ()), database


def _machine() -> bytes:
    """Vectorscan's version and what its databases depend on."""
    probe = compile_database([Pattern("a")], [0])
    flags = b""
    try:
        with Path("/proc/cpuinfo").open("rb") as file:
            flags = next((line for line in file if line.startswith((b"flags", b"Features"))), b"")
    except OSError:
        flags = platform.processor().encode()
    return str(probe.info()).encode() + platform.machine().encode() + flags
