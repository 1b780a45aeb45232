"""Counting requests for rate-based rules.

AWS counts over a sliding window of 60, 120, 300 or 600 seconds and looks about every ten. Here a window is a row of
buckets of five seconds. Workers count in their own memory and tell each other what they added.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Protocol

BUCKET: Final = 5  # seconds
MOST_KEYS: Final = 100_000
"""Keys counted for one rule; the one that was seen longest ago makes room."""

Delta = tuple[str, int, bytes, int, int]
"""(rule, window, key, bucket number, requests)."""


class Counters(Protocol):
    """Requests by rule and key, in the window before a time."""

    def add(self, rule: str, window: int, key: bytes, time: float) -> int:
        """Count one request; how many there were in the `window` seconds before `time`, this one included."""


class _Rule:
    __slots__ = ("keys", "window")

    def __init__(self, window: int) -> None:
        self.window = window
        self.keys: OrderedDict[bytes, dict[int, int]] = OrderedDict()


class ProcessCounters:
    """Counters in this process's memory; `deltas` and `absorb` share them with others."""

    def __init__(self, *, most_keys: int = MOST_KEYS) -> None:
        self._rules: dict[str, _Rule] = {}
        self._most_keys = most_keys
        self._unsent: dict[tuple[str, int, bytes, int], int] | None = None

    def add(self, rule: str, window: int, key: bytes, time: float) -> int:
        bucket = int(time // BUCKET)
        buckets = self._buckets(rule, window, key)
        buckets[bucket] = buckets.get(bucket, 0) + 1
        if self._unsent is not None:
            sent = (rule, window, key, bucket)
            self._unsent[sent] = self._unsent.get(sent, 0) + 1
        oldest = int((time - window) // BUCKET)
        if len(buckets) > window // BUCKET:
            for number in [number for number in buckets if number <= oldest]:
                del buckets[number]
        return sum(count for number, count in buckets.items() if oldest < number <= bucket)

    def _buckets(self, rule: str, window: int, key: bytes) -> dict[int, int]:
        state = self._rules.get(rule)
        if state is None or state.window != window:
            state = self._rules[rule] = _Rule(window)
        buckets = state.keys.get(key)
        if buckets is None:
            buckets = state.keys[key] = {}
            while len(state.keys) > self._most_keys:
                state.keys.popitem(last=False)
        else:
            state.keys.move_to_end(key)
        return buckets

    def over(self, rule: str, window: int, limit: int, time: float) -> list[bytes]:
        """The keys of a rule that are above its limit now (GetRateBasedStatementManagedKeys)."""
        state = self._rules.get(rule)
        if state is None or state.window != window:
            return []
        oldest, newest = int((time - window) // BUCKET), int(time // BUCKET)
        return [
            key
            for key, buckets in state.keys.items()
            if sum(count for number, count in buckets.items() if oldest < number <= newest) > limit
        ]

    def share(self) -> None:
        """Begin to remember what is added, for `deltas`."""
        if self._unsent is None:
            self._unsent = {}

    def deltas(self) -> list[Delta]:
        """What was added here since the last call, for the other workers."""
        sent, self._unsent = self._unsent or {}, {}
        return [(*key, count) for key, count in sent.items()]

    def absorb(self, deltas: list[Delta]) -> None:
        """Count what other workers added."""
        for rule, window, key, bucket, count in deltas:
            buckets = self._buckets(rule, window, key)
            buckets[bucket] = buckets.get(bucket, 0) + count

    def forget(self, keep: frozenset[str]) -> None:
        """Drop the rules that an update removed."""
        for rule in [rule for rule in self._rules if rule not in keep]:
            del self._rules[rule]
