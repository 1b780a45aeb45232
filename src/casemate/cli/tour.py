"""`casemate tour`: every promise, tried on a running server; one line an id."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.cli import control
from casemate.cli.options import add_json, wants_json
from casemate.cli.tours import kms  # noqa: F401 - declares its scenarios
from casemate.cli.tours.promises import PROMISES
from casemate.cli.tours.scenario import SCENARIOS
from casemate.cli.tours.world import World
from casemate.foundation.errors import CasemateError, UsageError
from casemate.foundation.settings import environment_value

_START_SECONDS: Final = 30.0
_NO_SDK: Final = "the tour needs boto3: pip install 'casemate[tour]'"


class Line(msgspec.Struct):
    """One line of the tour."""

    id: str
    status: str
    seconds: float
    detail: str


def add_to(commands: Any) -> None:
    parser = commands.add_parser("tour", help="prove what this software promises, id by id")
    add_json(parser)
    parser.add_argument("ids", nargs="*", metavar="ID", help="promises or families, for example KMS or KMS-02")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    chosen = _chosen(options.ids)
    lines: list[Line] = []
    with contextlib.ExitStack() as stack:
        world: World | str | None = None
        for promise in chosen:
            if promise in SCENARIOS and world is None:
                world = _world(stack)
            lines.append(_try(promise, world))
            _print(lines[-1], as_json=wants_json(options))
    return 1 if any(line.status == "fail" for line in lines) else 0


def _chosen(ids: list[str]) -> list[str]:
    if not ids:
        return list(PROMISES)
    chosen = [promise for promise in PROMISES if any(promise == each or promise.startswith(f"{each}-") for each in ids)]
    for each in ids:
        if not any(promise == each or promise.startswith(f"{each}-") for promise in PROMISES):
            raise UsageError(f"there is no promise {each}; `casemate tour` without arguments lists them all")
    return chosen


def _try(promise: str, world: World | str | None) -> Line:
    scenario = SCENARIOS.get(promise)
    if scenario is None:
        return Line(promise, "todo", 0.0, "not built yet")
    if not isinstance(world, World):
        return Line(promise, "unavailable", 0.0, world or "")
    begun = time.monotonic()
    try:
        scenario(world)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the promise was not shown
        return Line(promise, "fail", _since(begun), f"{type(error).__name__}: {error}"[:500])
    return Line(promise, "pass", _since(begun), PROMISES[promise])


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)


def _print(line: Line, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.encode(line).decode(), flush=True)
    else:
        print(f"{line.id:8} {line.status:12} {line.seconds:7.2f} s  {line.detail}", flush=True)


def _world(stack: contextlib.ExitStack) -> World | str:
    """The server that AWS_ENDPOINT_URL names, else a private one; a text where the SDK is not there."""
    try:
        import boto3  # noqa: F401, PLC0415 - comes with the tour's extra
    except ImportError:
        return _NO_SDK
    url = environment_value("AWS_ENDPOINT_URL")
    if url:
        if not control.health(url).get("test"):
            raise UsageError(
                f"the server at {url} was not started with --test: the tour moves the clock and makes keys"
            )
        return World(url, _keys_of_environment())
    return stack.enter_context(_private_server())


def _keys_of_environment() -> dict[str, str]:
    names = {"access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY"}
    keys = {name: environment_value(variable) or "" for name, variable in names.items()}
    if not all(keys.values()):
        raise UsageError("AWS_ENDPOINT_URL is set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too (casemate env)")
    token = environment_value("AWS_SESSION_TOKEN")
    return {**keys, "token": token} if token else keys


@contextlib.contextmanager
def _private_server() -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="casemate-tour-"))
    log = (folder / "log").open("w+")
    command = [sys.executable, "-m", "casemate.cli.main", "up", "--test", "--listen", "127.0.0.1:0", "--workers", "2"]
    command += ["--data", str(folder / "data")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)  # noqa: S603 - our own server
    try:
        assert server.stdout is not None
        os.set_blocking(server.stdout.fileno(), False)
        url = _ready(server, folder / "log")
        keys = msgspec.json.decode((folder / "data" / "credentials.json").read_bytes(), type=dict[str, str])
        yield World(url, keys)
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(_START_SECONDS)
        server.kill()
        server.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


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
