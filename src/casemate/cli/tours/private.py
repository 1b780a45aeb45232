"""Servers of the tour's own."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from casemate.cli.tours.world import World
from casemate.foundation.errors import CasemateError

_START_SECONDS: Final = 30.0


@contextlib.contextmanager
def private_server(data: Path, *options: str, environment: Mapping[str, str] | None = None) -> Iterator[World]:
    """A test server on a data directory, for as long as the context lasts."""
    log_path = data.with_name(f"{data.name}.log")
    command = [sys.executable, "-m", "casemate.cli.main", "up", "--test", "--listen", "127.0.0.1:0", "--workers", "2"]
    command += ["--data", str(data), *options]
    with log_path.open("a") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment)  # noqa: S603 - our own server
    assert server.stdout is not None
    try:
        os.set_blocking(server.stdout.fileno(), False)
        url = _ready(server, log_path)
        keys = msgspec.json.decode((data / "credentials.json").read_bytes(), type=dict[str, str])
        yield World(url, keys, data)
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_START_SECONDS)
        server.kill()
        server.wait()
        server.stdout.close()


def _ready(server: subprocess.Popen[bytes], log: Path) -> str:
    assert server.stdout is not None
    seen, until = b"", time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        seen += server.stdout.read() or b""
        found = re.search(rb"^ready (\S+)$", seen, re.MULTILINE)
        if found:
            return found[1].decode()
        time.sleep(0.05)
    raise CasemateError(f"the tour's own server did not start: {log.read_text()[-2000:]}")
