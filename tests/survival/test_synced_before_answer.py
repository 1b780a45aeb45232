"""A system-call trace of a worker: what a client is told has been synced to the disk before."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.conformance import raw
from tests.conftest import Process

Start = Callable[..., Process]
CALLS = "write,pwrite64,writev,fsync,fdatasync,sendto,sendmsg"
pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def ask(server: Process, operation: str, **request: str) -> dict[str, object]:
    facts = json.loads((server.data / "credentials.json").read_text())
    headers = [
        (b"x-amz-target", b"TrentService." + operation.encode()),
        (b"content-type", b"application/x-amz-json-1.1"),
    ]
    keys = (facts["access_key_id"], facts["secret_access_key"])
    answer = raw.ask(server.url, keys, raw.Place("kms"), headers, json.dumps(request).encode())
    assert answer.status == 200, answer
    found: dict[str, object] = json.loads(answer.body)
    return found


def traced(server: Process, trace: Path, do: Callable[[], object]) -> list[str]:
    """The worker's system calls while something is done, in the order in which they ended."""
    (worker,) = server.pids("worker")
    command = ["strace", "-f", "-y", "-s", "64", "-e", f"trace={CALLS}", "-o", str(trace), "-p", str(worker)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        line = tracer.stderr.readline()
        if "attached" not in line:
            tracer.kill()
            pytest.skip(f"a process can't be traced here: {line}")
        try:
            do()
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.wait(10)
    return trace.read_text().splitlines()


def answers_and_syncs(lines: Iterable[str], file: str) -> list[str]:
    """`wrote` and `synced` about a file, and `answered`, in order.

    A call that another thread interrupts is two lines in a trace: it counts where it ends, an answer where it begins.
    """
    order = []
    open_syncs: set[str] = set()
    for line in lines:
        thread = line.split(maxsplit=1)[0]
        if re.search(rf"(pwrite64|write)\(\d+<[^>]*{file}>", line):
            order.append("wrote")
        elif re.search(rf"f(data)?sync\(\d+<[^>]*{file}>", line):
            if "unfinished" in line:
                open_syncs.add(thread)
            else:
                order.append("synced")
        elif "sync resumed" in line and thread in open_syncs:
            open_syncs.discard(thread)
            order.append("synced")
        elif "HTTP/1.1 200" in line and "resumed" not in line:
            order.append("answered")
    return order


def check(order: list[str], answers: int) -> None:
    """Before each answer the last thing that happened to the file is a sync, behind a write."""
    assert order.count("answered") == answers, order
    for at, each in enumerate(order):
        if each == "answered":
            since = order[:at][::-1]
            until = since.index("answered") if "answered" in since else len(since)
            assert since[:1] == ["synced"], order
            assert "wrote" in since[:until], order


def test_log_of_the_store_is_synced_before_a_write_is_answered(start: Start, tmp_path: Path):
    server = start("--workers", "1", "--test")
    server.ready()
    ask(server, "CreateKey")
    lines = traced(server, tmp_path / "trace", lambda: [ask(server, "CreateKey") for _ in range(5)])
    check(answers_and_syncs(lines, r"us-east-1/store\.db-wal"), 5)


@pytest.mark.parametrize("sync", ["strict", "second"])
def test_audit_of_a_read_is_synced_before_its_answer_where_it_is_strict(start: Start, tmp_path: Path, sync: str):
    server = start("--workers", "1", "--test", environment={"CASEMATE_AUDIT_SYNC": sync})
    server.ready()
    made = ask(server, "CreateKey")["KeyMetadata"]
    assert isinstance(made, dict)
    key = made["KeyId"]
    lines = traced(server, tmp_path / "trace", lambda: [ask(server, "DescribeKey", KeyId=key) for _ in range(5)])
    order = answers_and_syncs(lines, r"audit/worker-0-\d+\.jsonl")
    if sync == "strict":
        check(order, 5)
    else:
        # Written before each answer, synced soon after.
        assert order.count("answered") == 5
        assert order[:2] == ["wrote", "answered"]


def test_trace_shows_an_answer_that_came_too_early():
    """The order is read as it is: the test above can fail."""
    wal = "<us-east-1/store.db-wal>"
    early = [
        f"1 pwrite64(3{wal}, ...) = 9",
        '2 write(4<socket:[1]>, "HTTP/1.1 200 OK"...) = 9',
        f"1 fdatasync(3{wal}) = 0",
    ]
    with pytest.raises(AssertionError):
        check(answers_and_syncs(early, r"us-east-1/store\.db-wal"), 1)
    interrupted = [early[0], f"1 fdatasync(3{wal} <unfinished ...>", early[1], "1 <... fdatasync resumed>) = 0"]
    with pytest.raises(AssertionError):
        check(answers_and_syncs(interrupted, r"us-east-1/store\.db-wal"), 1)
    check(answers_and_syncs([early[0], *interrupted[1::2], early[1]], r"us-east-1/store\.db-wal"), 1)
