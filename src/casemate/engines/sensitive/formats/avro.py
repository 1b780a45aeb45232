"""Avro object container files as records, through fastavro."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from casemate.contracts.sensitive import Leaf, Leaves, Limits, Unit
from casemate.engines.sensitive.formats.columnar import flatten
from casemate.engines.sensitive.formats.problems import UNPARSABLE, Unreadable

BATCH: Final = 2_000


def read_avro(file: BinaryIO, limits: Limits) -> Iterator[Unit]:
    """The records of a container file. Raises Unreadable."""
    import fastavro  # noqa: PLC0415  a native library, loaded when it is needed

    found: list[Leaf] = []
    try:
        for record, value in enumerate(fastavro.reader(file)):
            flatten(value, (), record, limits.json_depth, found)
            if len(found) >= BATCH:
                yield Leaves(found)
                found = []
    except MemoryError:
        raise
    except Exception as error:  # fastavro lets through whatever a damaged file makes its decoders raise
        if found:
            yield Leaves(found)
        raise Unreadable(UNPARSABLE, f"the Avro file is damaged: {type(error).__name__}: {error}"[:400]) from error
    if found:
        yield Leaves(found)
