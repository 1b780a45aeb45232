"""Places by the million: numbers in blocks that are packed as they fill."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Final

BLOCK: Final = 16_384
"""Places that are packed together."""
_TYPES: Final = ("i1", "i2", "i4", "i8")


class Places:
    """A list of places that only grows, each some whole numbers of 64 bits.

    Places of one identifier follow one another in a file, so that their differences are small: a million take a few
    megabytes.
    """

    __slots__ = ("_blocks", "_limit", "_open", "_tail", "_width")

    def __init__(self, width: int) -> None:
        self._width = width
        self._limit = BLOCK * width
        self._tail = array("q")
        self._blocks: list[tuple[str, bytes]] = []
        self._open: tuple[int, array[int]] = (-1, array("q"))
        """The block that was read last."""

    def add(self, place: Iterable[int]) -> None:
        """One place, or several after one another."""
        self._tail.extend(place)
        if len(self._tail) >= self._limit:
            self._pack()

    def add_packed(self, places: bytes) -> None:
        """Places as numbers of 64 bits in this machine's order."""
        self._tail.frombytes(places)
        if len(self._tail) >= self._limit:
            self._pack()

    def __len__(self) -> int:
        return len(self._blocks) * BLOCK + len(self._tail) // self._width

    def __getitem__(self, index: int) -> Sequence[int]:
        """The numbers of a place; `index` from 0."""
        number, within = divmod(index, BLOCK)
        if number < len(self._blocks):
            if self._open[0] != number:
                self._open = (number, self._unpacked(*self._blocks[number]))
            numbers = self._open[1]
        else:
            numbers = self._tail
        return numbers[within * self._width : (within + 1) * self._width]

    def _pack(self) -> None:
        import numpy as np  # noqa: PLC0415 - only where much is found

        whole = len(self._tail) // self._limit * self._limit
        for begin in range(0, whole, self._limit):
            block = np.array(self._tail[begin : begin + self._limit], dtype=np.int64).reshape(-1, self._width)
            types, columns = "", []
            for column in np.diff(block, axis=0, prepend=0).T:
                fits = next(each for each in _TYPES if (column.astype(each) == column).all())
                types += fits[1]
                columns.append(column.astype(fits).tobytes())
            self._blocks.append((types, zlib.compress(b"".join(columns), 1)))
        del self._tail[:whole]

    def _unpacked(self, types: str, packed: bytes) -> array[int]:
        import numpy as np  # noqa: PLC0415 - only where much is found

        data, at, columns = zlib.decompress(packed), 0, []
        for size in types:
            column = np.frombuffer(data, dtype=f"i{size}", count=BLOCK, offset=at)
            columns.append(np.cumsum(column, dtype=np.int64))
            at += BLOCK * int(size)
        numbers = array("q")
        numbers.frombytes(np.stack(columns, axis=1).tobytes())
        return numbers
