"""`casemate waf proxy` as a process: ready, changes, signals, deaths."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from casemate.cli.waf.logs import read_log
from casemate.engines.web import ResourceKind

ROOT = Path(__file__).resolve().parents[3]
VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}


def acl(blocked: str, *, limit: int = 0) -> str:
    """An ACL that blocks a path, and all after `limit` requests a minute where that is given."""
    statement: dict[str, Any] = {
        "ByteMatchStatement": {
            "FieldToMatch": {"UriPath": {}},
            "PositionalConstraint": "STARTS_WITH",
            "SearchString": base64.b64encode(blocked.encode()).decode(),
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        }
    }
    rules = [
        {"Name": "path", "Priority": 0, "Action": {"Block": {}}, "Statement": statement, "VisibilityConfig": VISIBILITY}
    ]
    if limit:
        rate = {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": "IP", "EvaluationWindowSec": 60}}
        rules.append(
            {"Name": "rate", "Priority": 1, "Action": {"Block": {}}, "Statement": rate, "VisibilityConfig": VISIBILITY}
        )
    return json.dumps({"Name": "t", "DefaultAction": {"Allow": {}}, "Rules": rules})


class Running:
    """A proxy started as users do."""

    def __init__(self, folder: Path, origin: int, *options: str, text: str) -> None:
        self.acl = folder / "acl.json"
        self.acl.write_text(text)
        self.log = folder / "log"
        self._file = self.log.open("wb")
        command = [sys.executable, "-m", "casemate.cli.main", "waf", "proxy", "--acl", str(self.acl)]
        command += [
            "--origin",
            f"http://127.0.0.1:{origin}",
            "--listen",
            "127.0.0.1:0",
        ]
        (folder / "cache").mkdir()
        (folder / "cache").chmod(0o700)
        environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
        self.popen = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=self._file, env=environment)
        assert self.popen.stdout is not None
        line = self.popen.stdout.readline().decode()
        found = re.match(r"ready (https?://\S+)$", line)
        assert found, (line, self.log.read_text())
        self.url = found[1]

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def workers(self) -> list[int]:
        pid = self.popen.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self) -> int:
        if self.popen.poll() is None:
            self.popen.terminate()
        code = self.popen.wait(30)
        assert self.popen.stdout is not None
        self.popen.stdout.close()
        self._file.close()
        return code


def eventually(condition: Callable[[], object], seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


class _Application(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/slow"):
            time.sleep(0.7)  # what a drain must wait for
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def origin() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def run(tmp_path: Path, origin: int) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(*options: str, text: str | None = None) -> Running:
        started.append(Running(tmp_path, origin, *options, text=text or acl("/admin")))
        return started[-1]

    yield begin
    for one in started:
        if one.popen.returncode is None:
            one.stop()


def test_changed_acl_is_in_force_within_a_second_and_a_broken_one_never(run):
    proxy = run()
    assert (proxy.status("/admin"), proxy.status("/other")) == (403, 200)

    changed = time.monotonic()
    proxy.acl.write_text(acl("/other"))
    eventually(lambda: proxy.status("/other") == 403)
    took = time.monotonic() - changed
    assert proxy.status("/admin") == 200

    proxy.acl.write_text('{"DefaultAction": {"Allow": {}}, "Rules": [{"Name": "x"}]}')
    eventually(lambda: "the web ACL was refused; the one in force stays" in proxy.log.read_text())
    assert (proxy.status("/admin"), proxy.status("/other")) == (200, 403)
    proxy.acl.unlink()
    eventually(lambda: "No such file" in proxy.log.read_text())
    assert proxy.status("/other") == 403
    assert took < 2.0  # a second, on machines that others use too


def test_acl_that_cant_be_loaded_at_start_ends_with_what_is_wrong(tmp_path):
    for text, reason in (
        ('{"a', "no JSON"),
        ('{"DefaultAction": {"Allow": {}}, "Rules": [{"Name": "x"}]}', "acl.json"),
    ):
        (tmp_path / "acl.json").write_text(text)
        command = [sys.executable, "-m", "casemate.cli.main", "waf", "proxy", "--acl", str(tmp_path / "acl.json")]
        done = subprocess.run(
            [*command, "--origin", "http://127.0.0.1:1", "--listen", "127.0.0.1:0", "--cache", str(tmp_path / "c")],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        assert reason in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(
    "options",
    [
        ["--origin", "ftp://a"],
        ["--origin", "http://a/path"],
        ["--listen", "nonsense"],
        ["--workers", "0"],
        ["--trust-forwarded", "everyone"],
        ["--tls-cert", "only.pem"],
        ["--health-path", "x"],
    ],
)
def test_wrong_usage_exits_2(tmp_path, options, capsys):
    from casemate.cli.main import main

    (tmp_path / "acl.json").write_text(acl("/admin"))
    given = ["waf", "proxy", "--acl", str(tmp_path / "acl.json"), *options]
    if "--origin" not in options:
        given += ["--origin", "http://127.0.0.1:1"]

    assert main(given) == 2
    assert "casemate: " in capsys.readouterr().err


def test_worker_that_dies_is_started_again_with_the_acl_in_force(run):
    proxy = run("--workers", "2")
    proxy.acl.write_text(acl("/other"))
    eventually(lambda: "web ACL in force" in proxy.log.read_text())
    before = proxy.workers()

    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: len(proxy.workers()) == 2 and before[0] not in proxy.workers())

    assert [proxy.status("/other") for _ in range(20)] == [403] * 20


def test_workers_count_together(run):
    proxy = run("--workers", "2", text=acl("/admin", limit=20))
    for _ in range(30):
        proxy.status("/x")

    eventually(lambda: all(proxy.status("/x") == 403 for _ in range(8)))


def test_drain_answers_what_is_under_way(run):
    proxy = run()
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(proxy.status("/slow")))
    asking.start()
    time.sleep(0.2)  # the request is under way

    assert proxy.stop() == 0
    asking.join()
    assert answers == [200]


def test_logs_are_in_the_formats_that_replay_reads_and_follow_a_rotation(run, tmp_path):
    waf, access = tmp_path / "waf.log", tmp_path / "access.log"
    proxy = run("--log", str(waf), "--access-log", str(access))
    proxy.status("/admin?a=1")
    proxy.status("/fine")
    eventually(lambda: waf.exists() and waf.read_bytes().count(b"\n") == 2)
    waf.rename(tmp_path / "waf.log.1")
    proxy.popen.send_signal(signal.SIGHUP)
    eventually(waf.exists)
    proxy.status("/later")
    assert proxy.stop() == 0

    kind = ResourceKind.APPLICATION_LOAD_BALANCER
    first = [(one.view.target, one.action, one.rule) for one in read_log(str(tmp_path / "waf.log.1"), kind)]
    assert first == [(b"/admin?a=1", "BLOCK", "path"), (b"/fine", "ALLOW", "Default_Action")]
    assert [one.view.target for one in read_log(str(waf), kind)] == [b"/later"]
    assert [(one.view.target, one.action) for one in read_log(str(access), kind)] == [
        (b"/admin?a=1", "BLOCK"),
        (b"/fine", "ALLOW"),
        (b"/later", "ALLOW"),
    ]


def test_log_protection_of_the_file_is_in_force_and_changes_with_it(run, tmp_path):
    def protected(*protections: dict[str, Any], **logging: Any) -> str:
        document = json.loads(acl("/admin"))
        if protections:
            document["DataProtectionConfig"] = {"DataProtections": list(protections)}
        return json.dumps({"WebACL": document, "LoggingConfiguration": logging})

    log = tmp_path / "waf.log"
    token = {"Field": {"FieldType": "SINGLE_QUERY_ARGUMENT", "FieldKeys": ["token"]}, "Action": "SUBSTITUTION"}
    proxy = run("--log", str(log), text=protected(token))
    proxy.status("/a?token=secret1")
    proxy.acl.write_text(protected(RedactedFields=[{"QueryString": {}}]))
    eventually(lambda: "web ACL in force" in proxy.log.read_text())
    proxy.status("/b?token=secret2")
    proxy.acl.write_text(protected({**token, "Action": "NOTHING"}))
    eventually(lambda: "the web ACL was refused; the one in force stays" in proxy.log.read_text())
    proxy.status("/c?token=secret3")
    assert proxy.stop() == 0

    requests = [json.loads(line)["httpRequest"] for line in log.read_text().splitlines()]
    assert [(one["uri"], one["args"]) for one in requests] == [
        ("/a", "token=REDACTED"),
        ("/b", "REDACTED"),
        ("/c", "REDACTED"),
    ]


def test_malformed_request_is_in_the_access_log_and_replay_passes_it_by(run, tmp_path):
    access = tmp_path / "access.log"
    proxy = run("--access-log", str(access))
    port = int(proxy.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET  /a HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
    proxy.status("/fine")
    assert proxy.stop() == 0

    lines = access.read_text().splitlines()
    assert f'"- http://-:{port}- -" "-"' in lines[0]
    found = [one.view.target for one in read_log(str(access), ResourceKind.APPLICATION_LOAD_BALANCER)]
    assert (len(lines), found) == (2, [b"/fine"])


def test_address_that_is_taken_is_refused(run, tmp_path, origin):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (tmp_path / "other.json").write_text(acl("/admin"))
        command = [sys.executable, "-m", "casemate.cli.main", "waf", "proxy", "--acl", str(tmp_path / "other.json")]
        command += ["--origin", f"http://127.0.0.1:{origin}", "--listen", f"127.0.0.1:{taken.getsockname()[1]}"]
        done = subprocess.run(
            [*command, "--cache", str(tmp_path / "c")], capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 1
    assert "in use" in done.stderr


def test_updates_under_load_drop_and_mix_nothing():
    command = [sys.executable, str(ROOT / "scripts" / "prove_edge.py"), "--updates", "25"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)

    told = json.loads(done.stdout)
    assert done.returncode == 0, told
    assert told["requests"] > 50
    assert (told["dropped"], told["mixed"], told["late"]) == (0, 0, 0)
