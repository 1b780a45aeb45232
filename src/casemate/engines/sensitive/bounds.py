"""Where values stand that lie in one buffer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from casemate.engines.sensitive.keyword_index import MANY

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Numbers


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
