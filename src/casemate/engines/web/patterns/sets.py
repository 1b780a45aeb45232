"""Many patterns matched against a value in one pass, in time linear in the value.

Vectorscan (package `hyperscan`) does the work; what it refuses goes to RE2, and everything does where there is no wheel
of it. Python's own `re` is no fallback: it backtracks, and patterns and values are strangers'.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    import hyperscan

RE2_MEMORY: Final = 8 << 20  # bytes one RE2 program may take
Scanner = Callable[[bytes], list[tuple[int, int]]]


class PatternSyntaxError(Exception):
    """A pattern that no engine takes; `index` says which one, `reason` why."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


class Pattern(msgspec.Struct, frozen=True):
    """One expression in Hyperscan's syntax.

    `multiline` also lets ^ and $ match at line feeds.
    """

    expression: str
    caseless: bool = False
    dotall: bool = False
    multiline: bool = False

    def encoded(self) -> bytes:
        """The bytes that the engines compile."""
        return self.expression.encode("utf-8")


class PatternSet:
    """A compiled set. `scan` answers which patterns occur in a value, and where each first match found ends."""

    __slots__ = ("_database", "_linear", "_local", "ids", "patterns")

    def __init__(
        self,
        patterns: Sequence[Pattern],
        database: hyperscan.Database | None,
        ids: Sequence[int],
        linear: Sequence[tuple[int, Any]],
    ) -> None:
        self.patterns = tuple(patterns)
        self.ids = tuple(ids)
        self._database = database
        self._linear = tuple(linear)
        self._local = threading.local()

    def scan(self, value: bytes) -> list[tuple[int, int]]:
        """(index of the pattern, end of a match) for each pattern that occurs in `value`; unordered."""
        hits: list[tuple[int, int]] = []
        if self._database is not None:
            try:
                scratch = self._local.scratch
            except AttributeError:
                scratch = self._new_scratch()
            self._database.scan(value, _collect, 0, hits, scratch)
        for index, program in self._linear:
            found = program.search(value)
            if found:
                hits.append((index, found.end()))
        return hits

    def _new_scratch(self) -> hyperscan.Scratch:
        import hyperscan  # noqa: PLC0415 - heavy; only where rules have patterns

        scratch = self._local.scratch = hyperscan.Scratch(self._database)
        return scratch


def _collect(index: int, _start: int, end: int, _flags: int, hits: Any) -> None:
    hits.append((index, end))


def hyperscan_flags(pattern: Pattern) -> int:
    """The pattern's flags for Hyperscan."""
    import hyperscan  # noqa: PLC0415 - heavy; only where rules have patterns

    flags = int(hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_ALLOWEMPTY)
    flags |= int(hyperscan.HS_FLAG_CASELESS) if pattern.caseless else 0
    flags |= int(hyperscan.HS_FLAG_DOTALL) if pattern.dotall else 0
    return flags | (int(hyperscan.HS_FLAG_MULTILINE) if pattern.multiline else 0)


def compile_database(patterns: Sequence[Pattern], ids: Sequence[int]) -> hyperscan.Database:
    """One block-mode database of `patterns`; raises hyperscan.error when one of them is refused."""
    import hyperscan  # noqa: PLC0415 - heavy; only where rules have patterns

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[pattern.encoded() for pattern in patterns],
        ids=list(ids),
        elements=len(patterns),
        flags=[hyperscan_flags(pattern) for pattern in patterns],
    )
    return database


def divide(patterns: Sequence[Pattern]) -> tuple[list[int], list[tuple[int, Any]]]:
    """Which patterns Hyperscan takes, and RE2 programs for the rest.

    Raises PatternSyntaxError for one that neither takes, with the reason of the engine that AWS's dialect resembles.
    """
    try:
        import hyperscan  # noqa: PLC0415 - heavy; only where rules have patterns
    except ImportError:
        return [], [(index, linear_program(index, pattern, "")) for index, pattern in enumerate(patterns)]
    taken: list[int] = []
    linear: list[tuple[int, Any]] = []
    for index, pattern in enumerate(patterns):
        try:
            compile_database([pattern], [0])
        except hyperscan.error as error:
            linear.append((index, linear_program(index, pattern, str(error))))
        else:
            taken.append(index)
    return taken, linear


def linear_program(index: int, pattern: Pattern, reason: str) -> Any:
    """An RE2 program with `search(bytes)`; raises PatternSyntaxError with `reason`, or RE2's when there is none."""
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy; only for what Hyperscan refuses

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    options.log_errors = False
    options.max_mem = RE2_MEMORY
    flags = ("i" if pattern.caseless else "") + ("s" if pattern.dotall else "") + ("m" if pattern.multiline else "")
    expression = pattern.encoded().decode("latin-1")
    try:
        return re2.compile((f"(?{flags})" if flags else "").encode() + expression.encode("latin-1"), options)
    except re2.error as error:
        raise PatternSyntaxError(index, reason or str(error)) from None
