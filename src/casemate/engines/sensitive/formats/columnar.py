"""Parquet and ORC as records, through Arrow, one batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

from casemate.contracts.sensitive import MEBIBYTE, Leaf, Leaves, Limits, PathElement, RecordBatch, Unit
from casemate.engines.sensitive.formats.problems import UNPARSABLE, Unreadable

ROWS: Final = 4_096
LARGEST_PAGE: Final = 64 * MEBIBYTE
LARGEST_BATCH: Final = 8 * MEBIBYTE
"""Bytes of text that are turned into strings at once."""

MOST_LEAVES: Final = 5_000

Path = tuple[PathElement, ...]


def read_parquet(file: BinaryIO, limits: Limits) -> Iterator[Unit]:
    """The records of a Parquet file. Raises Unreadable."""
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415  a native library
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        table = pq.ParquetFile(
            file, thrift_string_size_limit=LARGEST_PAGE, thrift_container_size_limit=1_000_000, pre_buffer=False
        )
        batches = table.iter_batches(ROWS, use_threads=False)
        yield from _records(batches, limits)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unreadable(UNPARSABLE, f"the Parquet file is damaged: {error}"[:400]) from error


def read_orc(file: BinaryIO, limits: Limits) -> Iterator[Unit]:
    """The records of an ORC file. Raises Unreadable."""
    import pyarrow as pa  # noqa: PLC0415  a native library
    from pyarrow import orc  # noqa: PLC0415

    try:
        table = orc.ORCFile(file)
        batches = (
            piece
            for stripe in range(table.nstripes)
            for piece in pa.Table.from_batches([table.read_stripe(stripe)]).to_batches(ROWS)
        )
        yield from _records(batches, limits)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unreadable(UNPARSABLE, f"the ORC file is damaged: {error}"[:400]) from error


def _records(batches: Iterator[Any], limits: Limits) -> Iterator[Unit]:
    """Flat columns as they are; nested ones as leaves."""
    first = 0
    for batch in _bounded(batches):
        flat: dict[Path, Sequence[str | None]] = {}
        nested: list[tuple[str, Any]] = []
        for field, column in zip(batch.schema, batch.columns, strict=True):
            if field.type.num_fields or str(field.type).startswith("dictionary<values=struct"):
                nested.append((field.name, column))
            elif (values := _strings(column)) is not None:
                flat[field.name,] = values
        if flat:
            yield RecordBatch(tuple(flat), list(flat.values()), first)
        yield from _nested(nested, first, limits.json_depth)
        first += batch.num_rows


def _bounded(batches: Iterator[Any]) -> Iterator[Any]:
    """Batches of no more bytes than fit memory several times over."""
    for batch in batches:
        pieces = max(1, -(-batch.nbytes // LARGEST_BATCH))
        rows = max(1, batch.num_rows // pieces)
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows)


def _strings(column: Any) -> Sequence[str | None] | None:
    """A column's values as text; None where it has none that could be (truth values)."""
    import pyarrow as pa  # noqa: PLC0415  a native library

    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            found: list[str | None] = column.to_pylist()
        except UnicodeDecodeError:
            return _decoded(column.cast(pa.large_binary()).to_pylist())
        return found
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _decoded(column.to_pylist())
    if pa.types.is_timestamp(kind) and kind.tz:
        column = column.cast(pa.timestamp(kind.unit))  # in UTC: names of zones would need files of their own
    try:
        return column.cast(pa.string()).to_pylist()  # type: ignore[no-any-return]
    except (pa.ArrowException, ValueError):
        return [None if value is None else str(value) for value in column.to_pylist()]


def _decoded(values: list[bytes | None]) -> list[str | None]:
    return [None if value is None else value.decode("utf-8", "replace") for value in values]


def _nested(columns: list[tuple[str, Any]], first: int, depth: int) -> Iterator[Unit]:
    found: list[Leaf] = []
    for name, column in columns:
        for i, value in enumerate(column.to_pylist()):
            flatten(value, (name,), first + i, depth, found)
            if len(found) >= MOST_LEAVES:
                yield Leaves(found)
                found = []
    if found:
        yield Leaves(found)


def flatten(value: Any, path: Path, record: int, depth: int, found: list[Leaf]) -> None:
    """Adds the leaves of a decoded value: mappings, sequences. What is deeper than `depth` is left out."""
    if value is None or isinstance(value, bool) or len(path) > depth:
        return
    if isinstance(value, str):
        if value:
            found.append(Leaf(record, path, value))
    elif isinstance(value, bytes):
        found.append(Leaf(record, path, value.decode("utf-8", "replace")))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            flatten(item, (*path, str(key)), record, depth, found)
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            flatten(item, (*path, i), record, depth, found)
    else:
        found.append(Leaf(record, path, str(value)))
