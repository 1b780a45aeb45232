from __future__ import annotations

import subprocess
import sys

import pytest

CONFINED = "import os, socket, sys\nfrom casemate.runtime.confinement import confine\nconfine(memory_bytes=64 << 20, cpu_seconds=2)\n"


def ended(code: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", CONFINED + code], capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_work_within_the_limits_goes_on() -> None:
    assert ended("print(len(bytes(8 << 20)))") == (0, "8388608\n")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("bytes(128 << 20)", "MemoryError"),
        ("open('/etc/hostname')", "Too many open files"),
        ("socket.socket()", "Too many open files"),
        ("os.pipe()", "Too many open files"),
    ],
)
def test_what_goes_beyond_them_is_refused(code: str, said: str) -> None:
    status, text = ended(code)
    assert status != 0
    assert said in text


def test_time_beyond_the_limit_ends_the_process() -> None:
    status, _ = ended("while True: pass")
    assert status < 0


def test_limit_cannot_be_raised_again() -> None:
    status, text = ended("import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n")
    assert status != 0
    assert "not allowed to raise" in text
