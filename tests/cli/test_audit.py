"""`casemate audit --verify`: what was done to a data directory shows; what honest use leaves does not."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Process, eventually

from casemate.cli.main import main

Start = Callable[..., Process]


def verify(data: Path, *options: str) -> int:
    return main(["audit", "--verify", "--data", str(data), *options])


def use(server: Process) -> None:
    kms = server.client("kms")
    kms.create_key()
    for _ in range(10):
        server.client("kms").list_keys()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that was used twice and stopped in order."""
    data = tmp_path_factory.mktemp("audit") / "data"
    for _ in range(2):
        server = Process(data, "--workers", "2")
        try:
            server.ready()
            use(server)
            assert server.stop() == 0
        finally:
            server.close()
    return data


@pytest.fixture
def data(stopped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stopped, tmp_path / "data"))


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the settings that a test gives."""
    for name in [name for name in os.environ if name.startswith(("CASEMATE_", "CREDENTIALS_"))]:
        monkeypatch.delenv(name)


def kill_one(server: Process, role: str) -> None:
    """Kill a process and wait for the next one in its place."""
    before = server.pids(role)
    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: len(now := server.pids(role)) == len(before) and before[0] not in now)


def cut_last_segment(audit: Path) -> None:
    path = max(audit.glob("worker-0-*.jsonl"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def unlink(pattern: str) -> Callable[[Path], None]:
    def do(audit: Path) -> None:
        for path in list(audit.glob(pattern)):
            path.unlink()

    return do


def cut_store(audit: Path) -> None:
    """The last record of a store, with the end that the database itself tells of."""
    connection = sqlite3.connect(audit.parent / "regions" / "us-east-1" / "store.db")
    with connection:
        connection.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
        connection.execute(
            "UPDATE head SET (audit, digest) = (SELECT seq, digest FROM audit ORDER BY seq DESC LIMIT 1)"
        )
    connection.close()


TAMPERINGS = {
    "last segment cut in half": cut_last_segment,
    "last segment": unlink("worker-0-00000002.jsonl"),
    "first segment": unlink("worker-0-00000001.jsonl"),
    "one worker": unlink("worker-1*"),
    "all segments": unlink("*.jsonl"),
    "everything": unlink("*"),
    "the audit": shutil.rmtree,
    "a region": lambda audit: shutil.rmtree(audit.parent / "regions" / "us-east-1"),
    "the end of a store": cut_store,
}


@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_what_is_cut_off_or_taken_away_fails_and_is_named(
    data: Path, tamper: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(data) == 0
    assert "every chain holds: 2 stores, 2 writers of segments" in capsys.readouterr().err
    tamper(data / "g1" / "audit")
    assert verify(data) == 1
    told = capsys.readouterr().err
    assert "holds" not in told
    assert any(word in told for word in ("missing", "ends at byte", "does not begin"))


def test_without_the_root_key_it_says_what_to_give(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = data.parent / "elsewhere.key"
    (data / "root.key").rename(key)
    assert verify(data) == 1
    told = capsys.readouterr().err
    assert "--root-key FILE" in told
    assert "--root-key-passphrase-file FILE" in told
    assert verify(data, "--root-key", str(key)) == 0
    key.write_bytes(b"not a key")
    assert verify(data, "--root-key", str(key)) == 1
    assert main(["audit", "--data", str(data)]) == 0  # printing needs no key


def test_root_key_under_a_passphrase_needs_it(tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("correct horse")
    server = start("--workers", "1", "--root-key-passphrase-file", str(passphrase))
    server.ready()
    use(server)
    assert verify(server.data) == 1
    assert "--root-key-passphrase-file FILE" in capsys.readouterr().err
    assert verify(server.data, "--root-key-passphrase-file", str(passphrase)) == 0


def test_it_holds_with_more_and_fewer_workers_resets_the_clock_and_killed_processes(
    tmp_path: Path, start: Start
) -> None:
    data = tmp_path / "data"
    for workers in ("1", "3", "2"):
        server = start("--workers", workers, "--test", data=data)
        server.ready()
        use(server)
        assert verify(data) == 0
        assert server.command("clock", "advance", "8d").returncode == 0
        for role in ("worker", "keeper"):
            kill_one(server, role)
        use(server)
        assert verify(data) == 0
        if workers == "3":
            eventually(lambda reset=server.post: reset("/_casemate/reset")[0] == 200)  # the keeper begins again
            assert verify(data) == 0
            use(server)
            assert verify(data) == 0
            server.popen.kill()
            server.popen.wait()
        else:
            assert server.stop() == 0
        assert verify(data) == 0


def test_region_that_is_stopped_may_be_elsewhere_and_one_made_anew_is_not_proven(
    tmp_path: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    server = start("--workers", "1", "--test")
    server.ready()
    server.client("kms", "eu-west-1").create_key()
    assert server.command("region", "stop", "eu-west-1").returncode == 0
    (server.data / "g1" / "regions" / "eu-west-1").rename(tmp_path / "away")
    assert verify(server.data) == 0
    assert server.command("region", "start", "eu-west-1").returncode == 0
    server.client("kms", "eu-west-1").create_key()
    capsys.readouterr()
    assert verify(server.data) == 1
    assert "not proven: the records of eu-west-1 from before it was made anew" in capsys.readouterr().err


def test_directory_of_an_earlier_version_is_served_and_said_to_be_unproven(
    data: Path, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in [*data.rglob("*.head"), *data.rglob("writers.*")]:
        path.unlink()
    server = start("--workers", "2", data=data)
    server.ready()
    use(server)
    assert server.stop() == 0
    assert verify(data) == 1
    told = capsys.readouterr().err
    assert "not proven: the segments of worker-1 up to number 2" in told
    assert "not proven: the records of us-east-1 up to number" in told
    assert "every other chain holds" in told
    unlink("worker-1-00000003.jsonl")(data / "g1" / "audit")
    assert verify(data) == 1
    assert "worker-1-00000003.jsonl is missing" in capsys.readouterr().err
