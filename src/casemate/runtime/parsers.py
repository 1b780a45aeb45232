"""Native parsers in processes of their own: one a file, with limits, and gone when the file is read."""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from casemate.contracts.sensitive import MEBIBYTE, Limits, Unit
from casemate.engines.sensitive.formats import Format, Packed, Readers, Unreadable
from casemate.runtime.frames import LARGEST_FRAME, PREFIX, Done, Failed, FrameRefused, limits_text, unit_of

MODULE: Final = "casemate.runtime.parser_process"
IDLE_SECONDS: Final = 60.0
"""A parser that says nothing for so long will not say anything any more."""

BASE_SECONDS: Final = 60
BYTES_A_SECOND: Final = 100_000
"""What the slowest format (PDF) is read at, at the least: a parser that takes longer is not reading, it is stuck."""

ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"}
READ: Final = MEBIBYTE


class ParserProcesses:
    """Runs each native reader in a process of its own (`casemate.engines.sensitive.formats.NativeReader`)."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._idle_seconds = idle_seconds
        self._monotonic = monotonic

    def __call__(self, kind: Format, file: BinaryIO, limits: Limits) -> Iterator[Unit | Packed]:
        """The units of a file. Raises Unreadable, also where the process dies or is stopped."""
        with contextlib.ExitStack() as stack:
            source = _real(file, stack)
            seconds = min(limits.seconds, BASE_SECONDS + os.fstat(source).st_size / BYTES_A_SECOND)
            bounded = Limits(seconds=seconds, memory_bytes=limits.memory_bytes, json_depth=limits.json_depth)
            process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-I", "-m", MODULE, kind.name, limits_text(bounded)],
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=ENVIRONMENT,
                cwd="/",
            )
            stack.callback(_end, process)
            yield from self._units(process, seconds)

    def _units(self, process: subprocess.Popen[bytes], seconds: float) -> Iterator[Unit | Packed]:
        """Frames until the process says that it is done. Its end without that word is its failure."""
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        deadline = self._monotonic() + seconds
        buffer = bytearray()
        while True:
            while (body := _taken(buffer)) is not None:
                unit = _checked(body)
                if isinstance(unit, Done):
                    return
                if isinstance(unit, Failed):
                    raise Unreadable(unit.reason[:100], unit.detail[:500])
                yield unit
            wait = min(self._idle_seconds, deadline - self._monotonic())
            if wait <= 0 or not select.select([descriptor], [], [], wait)[0]:
                raise Unreadable(
                    "TIME_CUT_OFF_REACHED", f"its parser was stopped: not done after {seconds:.0f} seconds"
                )
            data = os.read(descriptor, READ)
            if not data:
                raise _death(process)
            buffer += data


def limited_parsers(*, idle_seconds: float = IDLE_SECONDS) -> Readers:
    """Readers of every format, native ones each in a process of its own (`casemate.contracts.sensitive.Parsers`)."""
    return Readers(native=ParserProcesses(idle_seconds=idle_seconds))


def _real(file: BinaryIO, stack: contextlib.ExitStack) -> int:
    """A descriptor of the file at its start: its own, or that of a copy where it is only in memory."""
    try:
        descriptor = file.fileno()
    except (OSError, AttributeError, io.UnsupportedOperation):
        copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack closes it
        file.seek(0)
        while data := file.read(READ):
            copy.write(data)
        copy.flush()
        descriptor = copy.fileno()
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _taken(buffer: bytearray) -> bytes | None:
    """The first whole frame of what arrived, taken out of it. Raises Unreadable where it is too large."""
    if len(buffer) < PREFIX:
        return None
    size = int.from_bytes(buffer[:PREFIX], "big")
    if size > LARGEST_FRAME:
        raise Unreadable("MALFORMED_FILE", "its parser sent what it never sends, and was stopped")
    if len(buffer) < PREFIX + size:
        return None
    body = bytes(buffer[PREFIX : PREFIX + size])
    del buffer[: PREFIX + size]
    return body


def _checked(body: bytes) -> Unit | Packed | Failed | Done:
    try:
        return unit_of(body)
    except FrameRefused as error:
        raise Unreadable("MALFORMED_FILE", "its parser sent what it never sends, and was stopped") from error


def _death(process: subprocess.Popen[bytes]) -> Unreadable:
    """Why a process ended without a word."""
    code = process.wait()
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return Unreadable("TIME_CUT_OFF_REACHED", "its parser used up its time and was stopped")
    what = f"signal {-code}" if code < 0 else f"status {code}"
    return Unreadable("MALFORMED_FILE", f"its parser died on it ({what})")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    if process.stdout is not None:
        process.stdout.close()
    process.wait()
