"""Values of cells and fields: many at once, joined into one buffer for the first pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, repeat
from typing import Final

from casemate.engines.sensitive.matching import Found
from casemate.engines.sensitive.plans import Plan

_MANY: Final = 48
InValue = tuple[int, str, str]
"""Something found in a value: which value, by which key, and the text itself (empty unless texts were asked for)."""


def find_in_values(
    plan: Plan, values: Sequence[str], name: str, named: frozenset[int], *, texts: bool = False
) -> list[InValue]:
    """What stands in values of one column or field, in their order.

    `name` is the column's, or the names on the path of the field; `named` are the rules that it speaks for.
    """
    joined = "\n".join(values)
    if joined.isascii():
        found = _found(plan, joined.encode(), list(map(len, values)), name, named, texts=texts)
    else:
        encoded = [value.encode("utf-8", "replace") for value in values]
        found = find_in_bytes(plan, encoded, name, named, texts=texts)
    if plan.custom:
        found += _custom(plan, values, name)
        found.sort()
    return found


def find_in_bytes(
    plan: Plan, values: Sequence[bytes], name: str, named: frozenset[int], *, texts: bool = False
) -> list[InValue]:
    """As `find_in_values`, for values that are bytes already, and without custom identifiers."""
    data = b"\n".join(values)
    if not data.isascii():
        values = [straightened(value) for value in values]
        data = b"\n".join(values)
    return _found(plan, data, list(map(len, values)), name, named, texts=texts)


def _found(
    plan: Plan, data: bytes, lengths: list[int], name: str, named: frozenset[int], *, texts: bool
) -> list[InValue]:
    """What stands in values that are joined by line ends."""
    if not data or data.isspace():
        return []
    hits = plan.hits(data)
    if not hits and not named:
        return []
    ends = list(accumulate(lengths, _next_end, initial=-1))[1:]
    starts = [0, *(end + 1 for end in ends[:-1])]
    bounds = _Bounds(starts, ends)
    context = name.encode("utf-8", "replace")
    found: list[InValue] = []
    texts = texts or plan.allowed.any
    value, last = 0, len(ends) - 1
    places = plan.matcher.values(data, hits, bounds, named=named, context=context)
    if not texts and len(places) >= _MANY:
        return _by_value(plan, places, ends)
    for start, end, rule in places:
        while value < last and ends[value] < start:
            value += 1
        if end > ends[value]:
            continue
        text = data[start:end].decode("utf-8", "replace") if texts else ""
        if not (plan.allowed.any and plan.allowed(text)):
            found.append((value, plan.key(rule), text))
    return found


def _by_value(plan: Plan, places: Sequence[Found], ends: list[int]) -> list[InValue]:
    """The values that many places lie in."""
    import numpy as np  # noqa: PLC0415 - only where much is found

    starts, last, rules = np.array(places, dtype=np.int64).T
    until = np.array(ends, dtype=np.int64)
    values = np.minimum(np.searchsorted(until, starts), len(ends) - 1)
    inside = last <= until[values]
    keys = {rule: plan.key(rule) for rule in np.unique(rules).tolist()}
    named = [keys[rule] for rule in rules[inside].tolist()]
    return list(zip(values[inside].tolist(), named, repeat(""), strict=False))


def _next_end(end: int, length: int) -> int:
    return end + 1 + length


class _Bounds(Sequence[tuple[int, int]]):
    """Where each value begins and ends, made when asked for."""

    def __init__(self, starts: list[int], ends: list[int]) -> None:
        self.starts = starts
        self._ends = ends

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, index: int) -> tuple[int, int]:  # type: ignore[override] # slices are never asked for
        return self.starts[index], self._ends[index]


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
