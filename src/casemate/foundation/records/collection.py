"""Collections: typed records under a name, with the indexes by which they are found.

A record is a frozen ``msgspec.Struct`` kept as MessagePack. Fields added in a later release need defaults; that is the
whole of a collection's migration. Records that come from a store are shared by everybody who reads them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

RecordKey = tuple[str, str, str]
"""(collection, scope, id)"""


Entry = tuple[str, str, bool]
"""One value of one index under which a record stands: (space, value, unique)"""


class Index(Generic[T]):
    """The values under which a record of a collection is found; ``unique`` allows one record per (scope, value)."""

    __slots__ = ("name", "unique", "values")

    def __init__(self, name: str, values: Callable[[T], Iterable[str]], *, unique: bool = False) -> None:
        self.name = name
        self.values = values
        self.unique = unique


class Collection(Generic[T]):
    """Records of type T under a name that is unique in the store.

    ``erasable`` collections hold what must be findable nowhere once it is deleted or overwritten and the write-ahead
    log truncated (sealed key material, secret values): their bodies take a page of their own each, because a B-tree
    leaves copies of smaller rows behind when it moves them.
    """

    __slots__ = ("_spaces", "decode", "encode", "erasable", "indexes", "name", "type")

    def __init__(
        self, name: str, record_type: type[T], *, indexes: Sequence[Index[T]] = (), erasable: bool = False
    ) -> None:
        self.name = name
        self.type = record_type
        self.indexes = {index.name: index for index in indexes}
        self.erasable = erasable
        self.encode: Callable[[T], bytes] = msgspec.msgpack.Encoder().encode
        self.decode: Callable[[bytes], T] = msgspec.msgpack.Decoder(record_type).decode
        self._spaces = [(self.space(index.name), index.unique, index.values) for index in indexes]

    def space(self, index: str) -> str:
        """The name under which an index's entries are kept. KeyError: the collection has no such index."""
        return f"{self.name}/{self.indexes[index].name}"

    def entries(self, record: T) -> list[Entry]:
        """Everything under which a record is found, each once."""
        entries: list[Entry] = []
        for space, unique, values_of in self._spaces:
            values = values_of(record)
            if type(values) is not list or len(values) > 1:
                values = dict.fromkeys(values)
            for value in values:
                entries.append((space, value, unique))  # noqa: PERF401  a comprehension a space costs twice as much
        return entries


_encode_entries = msgspec.msgpack.Encoder().encode
_decode_entries = msgspec.msgpack.Decoder(list[tuple[str, str, bool]]).decode


def pack_entries(entries: list[Entry]) -> bytes:
    """Entries as they are kept beside their record: what was indexed stays known when an index's function changes."""
    return _encode_entries(entries) if entries else b""


def unpack_entries(packed: bytes) -> list[Entry]:
    """The reverse of pack_entries."""
    return _decode_entries(packed) if packed else []
