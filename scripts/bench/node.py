"""What is measured: a server of ours, its bare reference, and what their processes cost."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from load import Keys

HELLO = Path(__file__).parent.parent / "bench_hello.py"
COMMAND = str(Path(sys.executable).with_name("casemate"))
REGION = "us-east-1"
_STARTS_WITHIN = 60
_LEAVES_WITHIN = 30


class Process(NamedTuple):
    """A server under measurement."""

    process: subprocess.Popen[str]
    url: str
    data: Path
    started_in: float
    """Seconds from the command to `ready`."""

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").rpartition(":")
        return host, int(port)

    def tree(self) -> list[int]:
        """The ids of the process and all below it."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True, timeout=10)
        parents = {int(pid): int(parent) for pid, parent in map(str.split, listed.stdout.splitlines())}
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def workers(self) -> list[int]:
        return [pid for pid in self.tree() if b"--child\0worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def admin(self) -> Keys:
        told = json.loads((self.data / "credentials.json").read_text())
        return Keys(told["access_key_id"], told["secret_access_key"])

    def client(self, service: str, keys: Keys | None = None) -> Any:
        keys = keys or self.admin()
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret,
            aws_session_token=keys.token,
            config=Config(retries={"total_max_attempts": 3}, connect_timeout=5, read_timeout=30),
        )

    def steer(self, name: str, body: Any) -> None:
        """`POST /_casemate/NAME`."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_casemate/{name}", data=data, method="POST")
        with urllib.request.urlopen(request, timeout=120) as answer:
            answer.read()

    def audited(self, event: str) -> int:
        """How many records of calls of an operation the audit holds."""
        command = [COMMAND, "audit", "--data", str(self.data), "--event", event]
        listed = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=300)
        return listed.stdout.count(b"\n")


@contextlib.contextmanager
def running(command: list[str], data: Path) -> Iterator[Process]:
    """Start a server that says `ready URL`; it is gone when this is left."""
    began = time.perf_counter()
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            ready = re.match(r"ready (http://\S+)", process.stdout.readline())
            if ready is None:
                log.seek(0)
                raise SystemExit(f"{command[0]} did not start: {log.read().decode()[-2000:]}")
            yield Process(process, ready[1].rstrip("/"), data, time.perf_counter() - began)
        finally:
            process.terminate()
            try:
                process.wait(_LEAVES_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()


def hello() -> contextlib.AbstractContextManager[Process]:
    return running([sys.executable, str(HELLO)], Path())


def casemate(data: Path, workers: int) -> contextlib.AbstractContextManager[Process]:
    return running(
        f"timeout 1800 {COMMAND} up --listen 127.0.0.1:0 --workers {workers} --test --data {data}".split(),
        data,
    )


def share_of_memory(pid: int) -> float:
    """The proportional set size of a process in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
