"""The tour: what is owned passes, what is not built says so, wrong use is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from tests.conftest import Process

from casemate.cli.tours.promises import PROMISES

OWNED = [f"KMS-{number}" for number in (*(f"{each:02d}" for each in (1, 2, 3, *range(6, 16))), "18")]


def tour(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "casemate.cli.main", "tour", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**clean, **environment},
    )


def test_every_owned_promise_is_kept() -> None:
    done = tour(*OWNED, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["id"]: line["status"] for line in lines} == dict.fromkeys(OWNED, "pass"), done.stdout
    assert done.returncode == 0


def test_keys_outside_pass_or_the_machine_lacks_a_token() -> None:
    done = tour("KMS-19", "--json")
    (line,) = [json.loads(line) for line in done.stdout.splitlines()]
    lacking = shutil.which("softhsm2-util") is None
    assert line["status"] == ("unavailable" if lacking else "pass"), line
    assert not lacking or "softhsm2" in line["detail"].lower()


def test_promise_that_is_not_built_is_todo_and_never_pass() -> None:
    done = tour("MAC", "KMS-20", "--json")
    assert {json.loads(line)["status"] for line in done.stdout.splitlines()} == {"todo"}


def test_every_promise_has_a_line() -> None:
    assert len(PROMISES) == 64


def test_unknown_promise_is_wrong_usage() -> None:
    done = tour("KMS-99")
    assert done.returncode == 2
    assert "there is no promise KMS-99" in done.stderr


def test_server_without_test_is_refused(start: Callable[..., Process]) -> None:
    server = start("--workers", "1")
    server.ready()
    keys = json.loads((server.data / "credentials.json").read_text())
    done = tour(
        "KMS-01",
        AWS_ENDPOINT_URL=server.url,
        AWS_ACCESS_KEY_ID=keys["access_key_id"],
        AWS_SECRET_ACCESS_KEY=keys["secret_access_key"],
    )
    assert done.returncode == 2
    assert "was not started with --test" in done.stderr
