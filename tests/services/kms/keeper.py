"""The keeper of a server held stopped, as tests need it."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_PATIENCE_SECONDS = 20.0


def keeper_of(server: int) -> int:
    """The keeper among the processes that a server has started."""
    for child in Path(f"/proc/{server}/task/{server}/children").read_text().split():
        with suppress(FileNotFoundError):
            if b"keeper" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                return int(child)
    raise AssertionError("the server has no keeper")


def stop_outside_commits(keeper: int, data: Path) -> bool:
    """Stop the keeper; not in the middle of a commit, where a stopped process keeps everybody from writing."""
    os.kill(keeper, signal.SIGSTOP)
    wait_for(lambda: Path(f"/proc/{keeper}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    for path in (path for ending in ("gate", "lock") for path in data.rglob(f"*.db.{ending}")):
        with path.open("rb+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.kill(keeper, signal.SIGCONT)
                return False
    return True


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)  # another process does it, on real time
