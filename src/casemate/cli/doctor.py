"""`casemate doctor`: what this machine has, lacks, and how to get it."""

from __future__ import annotations

import argparse
import platform
import shutil
import socket
import sys
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from casemate.cli.options import add_data, add_json, in_force, wants_json
from casemate.foundation.node import Node
from casemate.foundation.records.sqlite import VERSION
from casemate.foundation.settings import environment_value

_SQLITE = (3, 37)


class Finding(NamedTuple):
    """What was looked at, whether it is as it should be, and what to do where it is not."""

    name: str
    good: bool
    detail: str


def add_to(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="look at this machine and its data directory")
    add_data(parser)
    add_json(parser)
    parser.add_argument("--tests", action="store_true", help="what the tests use that may be missing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    findings = list(_of_tests() if options.tests else _of_machine(Node(in_force(options).settings.data_path)))
    for finding in findings:
        if wants_json(options):
            print(msgspec.json.encode(finding._asdict()).decode())
        else:
            print(f"{'ok ' if finding.good else 'NO '} {finding.name:24} {finding.detail}")
    return 0 if options.tests or all(finding.good for finding in findings) else 1


def _of_machine(node: Node) -> Iterator[Finding]:
    version = platform.python_version()
    yield Finding("Python", sys.version_info >= (3, 11), f"{version} ({sys.executable})")
    speed = min(timeit.repeat("d[i] = str(i)", "d = {}; i = 7", number=100_000, repeat=5)) * 10
    slow = "" if speed < 0.25 else "; this build is slow: one made with optimisation halves the cost of every request"
    yield Finding("Python's speed", speed < 0.25, f"{speed:.2f} µs for a small step{slow}")
    numbers = tuple(int(part) for part in VERSION.split("."))
    yield Finding("SQLite", numbers >= _SQLITE, VERSION)
    yield _localhost_names()
    yield _data_directory(node)
    free = shutil.disk_usage(node.path if node.exists else Path.home()).free >> 20
    yield Finding("free disk", free > 256, f"{free} MiB")
    yield Finding("system", sys.platform == "linux", f"{platform.system()} {platform.release()}" + _elsewhere())


def _elsewhere() -> str:
    return "" if sys.platform == "linux" else "; Linux is what is tested (elsewhere no protection of memory dumps)"


def _localhost_names() -> Finding:
    try:
        address = socket.getaddrinfo("kms.localhost", 80)[0][4][0]
    except OSError:
        return Finding("names in .localhost", True, "not resolved here: use 127.0.0.1, and path style for buckets")
    return Finding("names in .localhost", str(address) in {"127.0.0.1", "::1"}, f"kms.localhost is {address}")


def _data_directory(node: Node) -> Finding:
    if not node.exists:
        return Finding("data directory", True, f"{node.path} is not there yet; `casemate up` makes it")
    mode = node.path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding("data directory", False, f"{node.path} has mode {mode:o}: chmod 700 {node.path}")
    return Finding("data directory", True, str(node.path))


def _program(name: str, install: str) -> Callable[[], Finding]:
    def look() -> Finding:
        path = shutil.which(name)
        return Finding(name, path is not None, path or f"missing: {install}")

    return look


_TEST_PROGRAMS = (
    _program("strace", "apt-get install strace (shows the fsync before an answer)"),
    _program("node", "apt-get install nodejs (the AWS SDK for JavaScript)"),
    _program("npm", "apt-get install npm (the AWS SDK for JavaScript)"),
    _program("git", "apt-get install git (the tests of the bootstrap)"),
    _program("psql", "apt-get install postgresql (records in PostgreSQL)"),
    _program("chromium", "apt-get install chromium (pages in a browser)"),
    _program("terraform", "terraform's own packages (infrastructure as code against the server)"),
    _program("ip", "apt-get install iproute2 (network namespaces)"),
    _program("softhsm2-util", "apt-get install softhsm2 (root keys in a PKCS#11 token)"),
)


def _of_tests() -> Iterator[Finding]:
    for look in _TEST_PROGRAMS:
        yield look()
    data = Path(environment_value("CASEMATE_TEST_DATA") or "../shared/data")
    yield Finding("CASEMATE_TEST_DATA", data.is_dir(), str(data) if data.is_dir() else f"{data} is not there")
