"""`casemate tour`: every promise, tried on a running server; one line an id."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.cli import control
from casemate.cli.options import add_json, wants_json
from casemate.cli.tours import kms, kms_material, kms_outside  # noqa: F401 - they declare their scenarios
from casemate.cli.tours.private import private_server
from casemate.cli.tours.promises import PROMISES
from casemate.cli.tours.scenario import SCENARIOS, Missing
from casemate.cli.tours.world import World
from casemate.foundation.errors import UsageError
from casemate.foundation.settings import environment_value

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
    except Missing as missing:
        return Line(promise, "unavailable", _since(begun), str(missing))
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
        data = environment_value("CASEMATE_DATA")
        return World(url, _keys_of_environment(), Path(data) if data else None)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="casemate-tour-", ignore_cleanup_errors=True))
    return stack.enter_context(private_server(Path(folder) / "data"))


def _keys_of_environment() -> dict[str, str]:
    names = {"access_key_id": "AWS_ACCESS_KEY_ID", "secret_access_key": "AWS_SECRET_ACCESS_KEY"}
    keys = {name: environment_value(variable) or "" for name, variable in names.items()}
    if not all(keys.values()):
        raise UsageError("AWS_ENDPOINT_URL is set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too (casemate env)")
    token = environment_value("AWS_SESSION_TOKEN")
    return {**keys, "token": token} if token else keys
