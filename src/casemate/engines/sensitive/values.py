"""Values of cells and fields: many at once, joined into one buffer for the first pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.bounds import Bounds
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

    def __bool__(self) -> bool:
        return bool(self.loose or self.many)

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
    places = plan.values(data, hits, bounds, named=named, name=name)
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
