"""A line on a terminal that says how far a scan is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final, TextIO

from casemate.cli.scan_files import FileToScan

_WIDTH: Final = 24
_EVERY_SECONDS: Final = 0.15


class Progress:
    """Share, throughput and time left; nothing at all where the stream is no terminal."""

    def __init__(self, files: Sequence[FileToScan], stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty() and len(files) > 0
        self._whole = sum(file.size for file in files)
        self._read = 0
        self._begun = time.monotonic()
        self._last = 0.0

    @property
    def shown(self) -> bool:
        return self._shown

    def bytes_read(self, count: int) -> None:
        self._read += count

    def done(self, file: FileToScan) -> None:
        """Show the line anew after a file."""
        self.under_way(0, file)

    def under_way(self, count: int, file: FileToScan) -> None:
        """Show the line anew: so many bytes are read of files that are not done."""
        moment = time.monotonic()
        if not self._shown or moment - self._last < _EVERY_SECONDS:
            return
        self._last = moment
        read = min(self._read + count, self._whole)
        self._stream.write("\r\x1b[K" + line(read, self._whole, moment - self._begun, file.key))
        self._stream.flush()

    def clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def line(read: int, whole: int, seconds: float, name: str) -> str:
    """Such as `[############            ]  50 %  85.2 MB/s  0:12 left  reports/2026.csv`."""
    share = read / whole if whole else 1.0
    rate = read / seconds if seconds else 0.0
    left = int((whole - read) / rate) if rate else 0
    bar = "#" * int(share * _WIDTH)
    printable = "".join(char if char.isprintable() else "?" for char in name)[-40:]
    return f"[{bar:<{_WIDTH}}] {share:4.0%}  {rate / 1e6:.1f} MB/s  {left // 60}:{left % 60:02} left  {printable}"
