"""Values of cells and fields: many at once, joined into one buffer for the first pass."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.keyword_index import MANY
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.settling import Settled

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Numbers

InValue = tuple[int, str, str]
"""Something found in a value: which value, by which key, and the text itself (empty unless texts were asked for)."""


class InValues:
    """What stands in values of one column or field, in their order: one by one, or in arrays where it is much."""

    def __init__(self, loose: Iterable[InValue] = ()) -> None:
        self.loose: list[InValue] = list(loose)
        self.many: dict[str, Numbers] = {}
        """By key, the numbers of values; one stands as often as the identifier is found in it."""
        self.samples: list[InValue] = []
        """Of what is in arrays, the first few with their texts."""

    def part(self, begin: int, end: int) -> InValues:
        """What stands in the values from one number to before another, which are numbered anew."""
        part = InValues((value - begin, key, text) for value, key, text in self.loose if begin <= value < end)
        part.samples = [(value - begin, key, text) for value, key, text in self.samples if begin <= value < end]
        for key, values in self.many.items():
            low, high = values.searchsorted((begin, end))
            if low < high:
                part.many[key] = values[low:high] - begin
        return part

    def one_by_one(self) -> list[InValue]:
        """All of it as `loose`; what is in arrays has no texts."""
        return [*self.loose, *((value, key, "") for key, values in self.many.items() for value in values.tolist())]


class Bounds:
    """Where each of many values begins and ends in their buffer: in order, not touching."""

    def __init__(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        self._lists = (starts, ends)
        self._arrays: tuple[Numbers, Numbers] | None = None
        self._length = len(starts)

    @classmethod
    def of_values(cls, values: Sequence[str] | Sequence[bytes]) -> Bounds:
        """Those of values that single line ends part."""
        bounds = cls((), ())
        bounds._length = len(values)
        if len(values) >= MANY:
            import numpy as np  # noqa: PLC0415 - only where values are many

            ends = np.cumsum(np.fromiter(map(len, values), dtype=np.int64, count=len(values)) + 1) - 1
            bounds._arrays = np.concatenate(([0], ends[:-1] + 1)), ends
        else:
            until = list(accumulate(map(len, values), _next_end, initial=-1))
            bounds._lists = [end + 1 for end in until[:-1]], until[1:]
        return bounds

    def __len__(self) -> int:
        return self._length

    @property
    def starts(self) -> Sequence[int]:
        if len(self._lists[0]) < self._length:
            self._lists = self.arrays[0].tolist(), self.arrays[1].tolist()
        return self._lists[0]

    @property
    def ends(self) -> Sequence[int]:
        return self._lists[1] if len(self.starts) else ()

    @property
    def whole(self) -> tuple[int, int]:
        return self.starts[0], self.ends[-1]

    @property
    def arrays(self) -> tuple[Numbers, Numbers]:
        """Beginnings and ends."""
        if self._arrays is None:
            import numpy as np  # noqa: PLC0415 - only where values are many

            self._arrays = np.array(self._lists[0], dtype=np.int64), np.array(self._lists[1], dtype=np.int64)
        return self._arrays

    def around(self, place: int) -> tuple[int, int]:
        """The bounds of the last value that begins at or before a place; (-1, -1) where none does."""
        value = bisect_right(self.starts, place) - 1
        return (self.starts[value], self.ends[value]) if value >= 0 else (-1, -1)

    def next(self, place: int) -> int:
        """Where the first value begins that begins behind a place; behind everything where none does."""
        value = bisect_right(self.starts, place)
        return self.starts[value] if value < len(self.starts) else self.ends[-1] + 1


def _next_end(end: int, length: int) -> int:
    return end + 1 + length


def find_in_values(
    plan: Plan, values: Sequence[str], name: str, named: frozenset[int], *, samples: int = 0
) -> InValues:
    """What stands in values of one column or field, in their order.

    `name` is the column's, or the names on the path of the field; `named` are the rules that it speaks for. `samples`
    is how many texts of each identifier are wanted.
    """
    joined = "\n".join(values)
    if joined.isascii():
        found = _found(plan, joined.encode(), values, name, named, samples=samples)
    else:
        encoded = [value.encode("utf-8", "replace") for value in values]
        found = find_in_bytes(plan, encoded, name, named, samples=samples)
    if plan.custom:
        found.loose += _custom(plan, values, name)
    return found


def find_in_bytes(
    plan: Plan, values: Sequence[bytes], name: str, named: frozenset[int], *, samples: int = 0
) -> InValues:
    """As `find_in_values`, for values that are bytes already, and without custom identifiers."""
    data = b"\n".join(values)
    if not data.isascii():
        values = [straightened(value) for value in values]
        data = b"\n".join(values)
    return _found(plan, data, values, name, named, samples=samples)


def _found(
    plan: Plan,
    data: bytes,
    values: Sequence[str] | Sequence[bytes],
    name: str,
    named: frozenset[int],
    *,
    samples: int,
) -> InValues:
    """What stands in values that are joined by line ends: `data`, in which each takes as many bytes as it is long."""
    if not data or data.isspace():
        return InValues()
    hits = plan.hits(data)
    if not hits and not named:
        return InValues()
    bounds = Bounds.of_values(values)
    places = plan.matcher.values(data, hits, bounds, named=named, context=name.encode("utf-8", "replace"))
    if len(places) >= MANY and not plan.allowed.any:
        return _by_value(plan, data, places, bounds, samples)
    found: list[InValue] = []
    texts = samples > 0 or plan.allowed.any
    value, last, ends = 0, len(bounds) - 1, bounds.ends
    for start, end, rule in places:
        while value < last and ends[value] < start:
            value += 1
        if end > ends[value]:
            continue
        text = data[start:end].decode("utf-8", "replace") if texts else ""
        if not (plan.allowed.any and plan.allowed(text)):
            found.append((value, plan.key(rule), text))
    return InValues(found)


def _by_value(plan: Plan, data: bytes, places: Settled, bounds: Bounds, samples: int) -> InValues:
    """The values that many places lie in."""
    import numpy as np  # noqa: PLC0415 - only where much is found

    starts, last, rules = places.arrays()
    until = bounds.arrays[1]
    values = np.minimum(np.searchsorted(until, starts), len(bounds) - 1)
    inside = last <= until[values]
    found = InValues()
    for rule in np.unique(rules[inside]).tolist():
        chosen = np.flatnonzero(inside & (rules == rule))
        key = plan.key(rule)
        found.many[key] = values[chosen]
        for index in chosen[:samples].tolist():
            text = data[int(starts[index]) : int(last[index])].decode("utf-8", "replace")
            found.samples.append((int(values[index]), key, text))
    return found


def _custom(plan: Plan, values: Sequence[str], name: str) -> list[InValue]:
    found: list[InValue] = []
    for place, matcher in enumerate(plan.custom):
        named = matcher.named(name)
        for index, value in enumerate(values):
            for start, end in matcher.find(value, named=named):
                text = value[start:end]
                if not (plan.allowed.any and plan.allowed(text)):
                    found.append((index, f"custom:{place}", text))
    return found


_SPACES: Final = (b"\xc2\xa0", b"\xe2\x80\xaf", b"\xe2\x80\x89", b"\xe2\x80\x87")
_HYPHENS: Final = (b"\xe2\x80\x90", b"\xe2\x80\x91", b"\xe2\x80\x92", b"\xe2\x80\x93", b"\xe2\x88\x92")


def straightened(data: bytes) -> bytes:
    """UTF-8 with every kind of hyphen and space that separates digits as the plain one; characters stay as many."""
    if b"\xc2\xa0" in data:
        data = data.replace(b"\xc2\xa0", b" ")
    if b"\xe2\x80" in data or b"\xe2\x88\x92" in data:
        for space in _SPACES[1:]:
            data = data.replace(space, b" ")
        for hyphen in _HYPHENS:
            data = data.replace(hyphen, b"-")
    return data


def straightened_cp1252(data: bytes) -> bytes:
    """The same for cp1252."""
    if b"\xa0" in data or b"\x96" in data or b"\xad" in data:
        data = data.replace(b"\xa0", b" ").replace(b"\x96", b"-")
    return data
