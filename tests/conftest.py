"""Fixtures of all tests."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

START_SECONDS = 30.0


class Process:
    """A `casemate up` of its own, for tests that start, stop and kill."""

    def __init__(self, data: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        self._file = self.log.open("ab")
        command = [sys.executable, "-m", "casemate.cli.main", "up", "--data", str(data), "--listen", "127.0.0.1:0"]
        self.popen = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=self._file,
            env={**os.environ, **(environment or {})},
        )
        self.url = ""

    def ready(self) -> str:
        """The URL, when it says so."""
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline().decode()
        found = re.match(r"ready (\S+)$", line)
        assert found, f"the server said {line!r}: {self.log.read_text()[-3000:]}"
        self.url = found[1]
        return self.url

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another `casemate` command on this data directory."""
        command = [sys.executable, "-m", "casemate.cli.main", *arguments, "--data", str(self.data)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=clean)

    def pids(self, role: str) -> list[int]:
        """The processes of a role (worker, keeper) that live."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                if (
                    parent == self.popen.pid
                    and b"--child" in words
                    and words[words.index(b"--child") + 1] == role.encode()
                ):
                    found.append(int(entry.name))
        return found

    def get(self, path: str) -> tuple[int, bytes]:
        return fetch(self.url + path)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        return fetch(self.url + path, b"" if body is None else json.dumps(body).encode(), headers)

    def client(self, service: str, region: str = "us-east-1", *, attempts: int = 1) -> Any:
        """A boto3 client of the first administrator."""
        import boto3
        from botocore.config import Config

        keys = json.loads((self.data / "credentials.json").read_text())
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=keys["access_key_id"],
            aws_secret_access_key=keys["secret_access_key"],
            config=Config(retries={"total_max_attempts": attempts}, connect_timeout=5, read_timeout=30),
        )

    def stop(self) -> int:
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(START_SECONDS)
        finally:
            self.close()

    def close(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()
        if self.popen.stdout is not None:
            self.popen.stdout.close()
        self._file.close()


def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Status and body of a plain request."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method="GET" if body is None else "POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def eventually(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait for what another process does; fails when it has not happened by then."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


SOFTHSM_MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib/libsofthsm2.so")


@pytest.fixture(scope="session", autouse=True)
def softhsm_tokens(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where SoftHSM keeps the tokens of this session: set before any server starts, since servers load it too."""
    if shutil.which("softhsm2-util") is None or "SOFTHSM2_CONF" in os.environ:
        return
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", "utf-8")
    os.environ["SOFTHSM2_CONF"] = str(configuration)


@pytest.fixture
def softhsm() -> Callable[[], tuple[str, str, str]]:
    """Makes PKCS#11 tokens: module, label and PIN of a fresh one."""
    module = next((path for path in SOFTHSM_MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed (apt-get install softhsm2)")

    def make() -> tuple[str, str, str]:
        label = f"casemate-{uuid.uuid4().hex[:12]}"
        command = ["softhsm2-util", "--init-token", "--free", "--label", label]
        command += ["--pin", "1234567", "--so-pin", "12345678"]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
        return module, label, "1234567"

    return make


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts servers that end with the test."""
    started: list[Process] = []

    def begin(*options: str, data: Path | None = None, environment: dict[str, str] | None = None) -> Process:
        process = Process(data or tmp_path / "data", *options, environment=environment)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.close()
