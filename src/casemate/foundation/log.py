"""Structured logs: one JSON object a line on standard error. Nothing secret is ever given to it."""

from __future__ import annotations

import sys
import traceback
from typing import Any, Final, TextIO

import msgspec

from casemate.foundation.clock import Clock, iso

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Log:
    """Where a process writes what happened to it."""

    def __init__(self, clock: Clock, *, process: str, level: str = "info", stream: TextIO | None = None) -> None:
        self._clock = clock
        self._process = process
        self._threshold = _LEVELS[level]
        self._stream = stream or sys.stderr

    def debug(self, message: str, **members: Any) -> None:
        self._write("debug", message, members)

    def info(self, message: str, **members: Any) -> None:
        self._write("info", message, members)

    def warning(self, message: str, **members: Any) -> None:
        self._write("warning", message, members)

    def error(self, message: str, **members: Any) -> None:
        self._write("error", message, members)

    def failure(self, message: str, error: BaseException, **members: Any) -> None:
        """An error that is a bug of ours: with the places in the code, without the values of anything."""
        frames = [
            f"{frame.filename.rpartition('/casemate/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        self._write("error", message, {**members, "error": type(error).__name__, "places": frames})

    def _write(self, level: str, message: str, members: dict[str, Any]) -> None:
        if _LEVELS[level] < self._threshold:
            return
        line = {
            "time": iso(self._clock.real()),
            "level": level,
            "process": self._process,
            "message": message,
            **members,
        }
        self._stream.write(msgspec.json.encode(line, enc_hook=str).decode() + "\n")
        self._stream.flush()
