"""Avro object container files as records, through fastavro."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from casemate.contracts.sensitive import Leaf, Leaves, Limits, PathElement, RecordBatch, Unit
from casemate.engines.sensitive.formats.columnar import flatten
from casemate.engines.sensitive.formats.problems import UNPARSABLE, Unreadable

BATCH: Final = 500
MOST_LEAVES: Final = 5_000
SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def read_avro(file: BinaryIO, limits: Limits) -> Iterator[Unit]:
    """The records of a container file: flat fields as columns, nested ones as leaves. Raises Unreadable."""
    import fastavro  # noqa: PLC0415  a native library, loaded when it is needed

    records: list[Any] = []
    first = 0
    problem: Unreadable | None = None
    try:
        for record in fastavro.reader(file):
            records.append(record)
            if len(records) >= BATCH:
                yield from _units(records, first, limits.json_depth)
                first, records = first + len(records), []
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  a damaged file makes fastavro's decoders raise whatever they meet
        problem = Unreadable(UNPARSABLE, f"the Avro file is damaged: {type(error).__name__}: {error}"[:400])
    yield from _units(records, first, limits.json_depth)
    if problem is not None:
        raise problem


def _units(records: list[Any], first: int, depth: int) -> Iterator[Unit]:
    found: list[Leaf] = []
    flat: dict[tuple[PathElement, ...], list[str | None]] = {}
    names = list(records[0]) if records and all(type(record) is dict for record in records) else []
    for name in names:
        values = [record.get(name) for record in records]
        if SCALARS.issuperset(map(type, values)):
            flat[name,] = [_text(value) for value in values]
    for at, record in enumerate(records if len(flat) < len(names) or not names else ()):
        rest = {name: value for name, value in record.items() if (name,) not in flat} if flat else record
        flatten(rest, (), first + at, depth, found)
    if flat:
        yield RecordBatch(tuple(flat), list(flat.values()), first)
    for at in range(0, len(found), MOST_LEAVES):
        yield Leaves(found[at : at + MOST_LEAVES])


def _text(value: Any) -> str | None:
    if value is None or value is True or value is False:
        return None
    return value if type(value) is str else str(value)
