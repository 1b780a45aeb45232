"""A full disk: writes are refused clearly, reads go on and are audited while the reserve lasts, and nothing is lost."""

from __future__ import annotations

import base64
import ctypes
import http.client
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.conformance import raw
from tests.conftest import Process, eventually

Start = Callable[..., Process]
_libc = ctypes.CDLL(None, use_errno=True)
MOST_READS = 20_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB."""
    path = tmp_path / "disk"
    path.mkdir()
    if _libc.mount(b"tmpfs", bytes(path), b"tmpfs", 0, b"size=48m") != 0:
        pytest.skip(f"may not mount a file system here: {os.strerror(ctypes.get_errno())}")
    yield path
    _libc.umount2(bytes(path), 2)


class Caller:
    """Signed KMS requests over one connection, and the ids of those that were granted."""

    def __init__(self, server: Process) -> None:
        facts = json.loads((server.data / "credentials.json").read_text())
        self._keys = (facts["access_key_id"], facts["secret_access_key"])
        self._host = server.url.partition("//")[2]
        self._connection = http.client.HTTPConnection(self._host, timeout=10)
        self.granted: list[str] = []

    def close(self) -> None:
        self._connection.close()

    def __call__(self, operation: str, **request: Any) -> tuple[int, dict[str, Any]]:
        body = json.dumps(request).encode()
        headers = [
            (b"host", self._host.encode()),
            (b"x-amz-target", b"TrentService." + operation.encode()),
            (b"content-type", b"application/x-amz-json-1.1"),
        ]
        whole = raw.signed_headers(self._keys, raw.Place("kms"), b"POST", b"/", headers, body)
        answer = raw.send(self._connection, b"POST", b"/", whole, body)
        if answer.status == 200:
            self.granted.append(answer.headers["x-amzn-requestid"])
        return answer.status, json.loads(answer.body or b"{}")


def fill(ballast: Path) -> None:
    """Take all the space that is left."""
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


def create_until_refused(call: Caller) -> tuple[list[str], dict[str, Any]]:
    """Keys that were made, and the refusal."""
    made = []
    for _ in range(5000):
        status, answer = call("CreateKey")
        if status != 200:
            assert status == 503, answer
            return made, answer
        made.append(answer["KeyMetadata"]["KeyId"])
    raise AssertionError("the disk never filled")


@pytest.fixture
def server(small_disk: Path, start: Start) -> Process:
    environment = {"CASEMATE_DISK_RESERVE_MEGABYTES": "1", "CASEMATE_LOG_LEVEL": "error"}
    process = start("--workers", "1", "--test", data=small_disk / "data", environment=environment)
    process.ready()
    return process


@pytest.fixture
def call(server: Process) -> Iterator[Caller]:
    with closing(Caller(server)) as caller:
        yield caller


def test_full_disk_refuses_writes_and_serves_audited_reads_while_the_reserve_lasts(
    small_disk: Path, server: Process, call: Caller
):
    key = call("CreateKey")[1]["KeyMetadata"]["KeyId"]
    blob = call("Encrypt", KeyId=key, Plaintext=base64.b64encode(b"kept").decode())[1]["CiphertextBlob"]
    ballast = small_disk / "ballast"
    fill(ballast)
    # Writes are refused, in words that say why; what the files had room for was granted before.
    made, refusal = create_until_refused(call)
    assert refusal["__type"].endswith("ServiceUnavailable")
    assert "disk is full" in refusal["message"]
    # Reads go on, and are recorded in the reserve; writes stay refused.
    for reads in range(MOST_READS):
        status, answer = call("Decrypt", CiphertextBlob=blob)
        if status != 200:
            break
        assert base64.b64decode(answer["Plaintext"]) == b"kept"
        if reads % 100 == 0:
            assert call("DescribeKey", KeyId=key)[0] == 200
            status, refused = call("CreateKey")
            assert (status, "disk is full" in refused["message"]) == (503, True)
    # When the reserve is used up, so are reads: nothing is answered that is not recorded.
    assert reads > 500
    assert status == 503
    assert answer["__type"].endswith("ServiceUnavailable")
    assert "reserve is used up" in answer["message"]
    ballast.unlink()
    eventually(lambda: call("CreateKey")[0] == 200)
    for each in (key, *made):
        assert call("DescribeKey", KeyId=each)[0] == 200
    assert base64.b64decode(call("Decrypt", CiphertextBlob=blob)[1]["Plaintext"]) == b"kept"
    time.sleep(1.5)  # the reserve is set aside again within a second
    assert server.stop() == 0
    verdict = server.command("audit", "--verify")
    assert verdict.returncode == 0, verdict.stderr
    recorded = {json.loads(line).get("requestID") for line in server.command("audit").stdout.splitlines()}
    assert set(call.granted) - recorded == set()
