"""Time: the only place that reads it.

A test clock is real time plus an offset that every process of a node shares through a small mapped file.
`now` is the clock of everything a service remembers; `real` is for signatures, session expiry and Date headers,
which the outside world checks against its own clock.
"""

from __future__ import annotations

import mmap
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

_PAGE_BYTES = 4096
_OFFSET = 0  # a double at the start of the page


class Clock(Protocol):
    """What tells the time. Times are seconds since the epoch, UTC."""

    def now(self) -> float: ...

    def real(self) -> float: ...

    def monotonic(self) -> float: ...


class SharedClock:
    """The clock of a node: real time plus the offset in a mapped file that all its processes share."""

    __slots__ = ("_map", "_view")

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size < _PAGE_BYTES:
                os.ftruncate(descriptor, _PAGE_BYTES)
            self._map = mmap.mmap(descriptor, _PAGE_BYTES)
        finally:
            os.close(descriptor)
        self._view = memoryview(self._map).cast("d")

    @property
    def offset(self) -> float:
        """How far the test clock is ahead of real time, in seconds."""
        return self._view[_OFFSET]

    @offset.setter
    def offset(self, seconds: float) -> None:
        self._view[_OFFSET] = seconds

    def now(self) -> float:
        return time.time() + self._view[_OFFSET]

    def real(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def close(self) -> None:
        self._view.release()
        self._map.close()


class RealClock:
    """Real time alone: for programs that have no node, and so no test clock."""

    def now(self) -> float:
        return time.time()

    def real(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that stands still until it is told otherwise: the tests' own."""

    def __init__(self, now: float = 1_767_225_600.0) -> None:
        self.time = now

    def now(self) -> float:
        return self.time

    def real(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += seconds


def iso(seconds: float) -> str:
    """Whole seconds as `2026-11-24T17:30:00Z`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> float:
    """The epoch seconds of an ISO 8601 time; one without a zone is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse_duration(text: str) -> float:
    """The seconds of a duration such as `90s`, `12h`, `366d` or `1h30m`. Raises ValueError."""
    total, number = 0.0, ""
    for character in text.strip():
        if character.isdecimal() or character == ".":
            number += character
        elif character in _UNITS and number:
            total += float(number) * _UNITS[character]
            number = ""
        else:
            raise ValueError(f"'{text}' is not a duration; write it like 90s, 12h or 366d")
    if number or not text.strip():
        raise ValueError(f"'{text}' is not a duration; write it like 90s, 12h or 366d")
    return total
