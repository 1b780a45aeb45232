"""The first pass over all bytes: where a keyword or the beginning of an unmistakable text stands.

Two ways to the same result. Vectorscan (`hyperscan`) looks for all patterns in one pass; where it has no wheel, one
alternation of all patterns is searched by RE2, or by `re` where that is missing too. A hit is a pattern and the end of
that pattern's shortest text; whether it is more than a hit is decided afterwards, by the same code for both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, Protocol

Hit = int
"""The end in the upper bits, the number of the pattern in the lower `PATTERN_BITS`: sorted hits are sorted by ends."""
PATTERN_BITS: Final = 16
PATTERN_MASK: Final = (1 << PATTERN_BITS) - 1
Kind = Literal["hyperscan", "re2", "re"]

_LARGEST_PROGRAM: Final = 256 * 1024 * 1024
"""Bytes that RE2 may use for the alternation of all patterns."""


class Pass(Protocol):
    """A compiled set of patterns."""

    def hits(self, data: bytes) -> list[Hit]:
        """Every hit in the data between two line ends, in the order of ends, then patterns."""
        ...


class HyperscanPass:
    """All patterns in one pass of Vectorscan."""

    def __init__(self, patterns: Sequence[bytes], serialized: bytes | None = None) -> None:
        import hyperscan  # noqa: PLC0415 - heavy: only a scan needs it

        assert len(patterns) <= PATTERN_MASK
        if serialized is None:
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            self._database.compile(
                expressions=list(patterns),
                ids=list(range(len(patterns))),
                elements=len(patterns),
                flags=[hyperscan.HS_FLAG_DOTALL] * len(patterns),
            )
        else:
            self._database = hyperscan.loadb(serialized, hyperscan.HS_MODE_BLOCK)
        self._database.scratch = hyperscan.Scratch(self._database)

    def hits(self, data: bytes) -> list[Hit]:
        found: list[Hit] = []
        append = found.append

        def on_match(pattern: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            append(end - 1 << PATTERN_BITS | pattern)

        self._database.scan(b"\n" + data + b"\n", match_event_handler=on_match)
        found.sort()
        return found

    def serialized(self) -> bytes:
        """The compiled patterns, for another process on the same kind of machine."""
        import hyperscan  # noqa: PLC0415 - as above

        return bytes(hyperscan.dumpb(self._database))


class AlternationPass:
    """One alternation of all patterns; at each place found, every pattern that can begin there is tried by itself."""

    def __init__(self, patterns: Sequence[bytes], compile_one: Callable[[bytes], Any]) -> None:
        self._singles = [compile_one(b"(?s)" + pattern) for pattern in patterns]
        self._any = compile_one(b"(?s)" + b"|".join(b"(?:" + pattern + b")" for pattern in patterns))

    def hits(self, data: bytes) -> list[Hit]:
        found: set[Hit] = set()
        position = 0
        data = b"\n" + data + b"\n"
        search = self._any.search
        while (match := search(data, position)) is not None:
            start = match.start()
            for index in range(len(self._singles)):
                single = self._singles[index].match(data, start)
                if single is not None:
                    found.add(single.end() - 1 << PATTERN_BITS | index)
            position = start + 1
        return sorted(found)


def available() -> Kind:
    """The fastest engine that this machine has."""
    try:
        import hyperscan  # noqa: F401, PLC0415 - asked for, not used
    except ImportError:
        try:
            import re2  # type: ignore[import-untyped] # noqa: F401, PLC0415 - asked for, not used
        except ImportError:
            return "re"
        return "re2"
    return "hyperscan"


def build(patterns: Sequence[bytes], kind: Kind, serialized: bytes | None = None) -> Pass:
    """The first pass for these patterns, by one engine."""
    if kind == "hyperscan":
        return HyperscanPass(patterns, serialized)
    if kind == "re2":
        return AlternationPass(patterns, _compile_re2)
    return AlternationPass(patterns, re.compile)


def _compile_re2(pattern: bytes) -> Any:
    import re2  # noqa: PLC0415 - only where hyperscan is missing

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _LARGEST_PROGRAM
    return re2.compile(pattern, options)
