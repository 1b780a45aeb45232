"""Backup and restore: online, sealed, verified, used."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Process

Start = Callable[..., Process]


@pytest.fixture
def saved(start: Start, tmp_path: Path) -> tuple[Process, Path, bytes]:
    """A server with a key in each of two regions, its backup, and a ciphertext."""
    server = start("--workers", "2")
    server.ready()
    server.client("kms", "eu-west-1").create_key()
    kms = server.client("kms")
    key = kms.create_key(Description="saved")["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    file = tmp_path / "backup"
    done = server.command("backup", str(file))
    assert done.returncode == 0, done.stderr
    return server, file, blob


def test_backup_is_restored_into_an_empty_directory_and_used(
    saved: tuple[Process, Path, bytes], start: Start, tmp_path: Path
) -> None:
    server, file, blob = saved
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    server.client("kms").create_key(Description="after the backup")
    restored = Process.__new__(Process)
    restored.data = tmp_path / "restored"
    restored.data.mkdir(mode=0o755)
    done = Process.command(restored, "restore", str(file), "--root-key", str(server.data / "root.key"))
    assert done.returncode == 0, done.stderr
    for path in [restored.data, *restored.data.rglob("*")]:
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077 or path.name.startswith("g"), path
        assert path.is_dir() or not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    second = start(data=restored.data)
    second.ready()
    kms = second.client("kms")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
    assert len(kms.list_keys()["Keys"]) == 1
    assert len(second.client("kms", "eu-west-1").list_keys()["Keys"]) == 1


def test_backup_verifies_and_holds_nothing_in_clear(saved: tuple[Process, Path, bytes]) -> None:
    server, file, _ = saved
    assert server.command("backup", "--verify", str(file)).returncode == 0
    content = file.read_bytes()
    assert b"saved" not in content
    assert b"SQLite format" not in content


@pytest.mark.parametrize("damage", ["cut", "flip", "longer", "much longer", "another key", "no key", "not a backup"])
def test_damaged_backup_does_not_open(
    saved: tuple[Process, Path, bytes], damage: str, tmp_path: Path, start: Start
) -> None:
    server, file, _ = saved
    content = bytearray(file.read_bytes())
    key = server.data / "root.key"
    if damage == "cut":
        del content[-40:]
    elif damage == "longer":
        content += b"xx"
    elif damage == "much longer":
        content += bytes(4)
    elif damage == "flip":
        content[len(content) // 2] ^= 1
    elif damage == "not a backup":
        content = bytearray(b"something else entirely\n" * 40)
    elif damage == "another key":
        other = start(data=tmp_path / "other")
        other.ready()
        key = other.data / "root.key"
    file.write_bytes(content)
    target = Process.__new__(Process)
    target.data = tmp_path / "target"
    options = [] if damage == "no key" else ["--root-key", str(key)]
    done = Process.command(target, "restore", str(file), *options)
    assert done.returncode == 1
    assert done.stderr.startswith("casemate: ")
    assert not target.data.exists()


def test_restore_into_a_full_directory_is_refused(saved: tuple[Process, Path, bytes]) -> None:
    server, file, _ = saved
    done = server.command("restore", str(file), "--root-key", str(server.data / "root.key"))
    assert done.returncode == 2
    assert "is not empty" in done.stderr


def test_backup_never_writes_over_a_file(saved: tuple[Process, Path, bytes]) -> None:
    server, file, _ = saved
    done = server.command("backup", str(file))
    assert done.returncode == 1
    assert "exists" in done.stderr


def test_stopped_region_is_saved_too_and_one_whose_files_are_elsewhere_is_named(start: Start, tmp_path: Path) -> None:
    server = start("--workers", "1")
    server.ready()
    blobs = {}
    for region in ("eu-west-1", "eu-central-1"):
        kms = server.client("kms", region)
        blobs[region] = kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"kept")["CiphertextBlob"]
        assert server.command("region", "stop", region).returncode == 0
    (folder,) = server.data.glob("g*/regions/eu-central-1")
    folder.rename(tmp_path / "moved away")
    (server.data / "key_stores.toml").write_text("# how stores are reached\n")
    file = tmp_path / "backup"
    root_key = ("--root-key", str(server.data / "root.key"))
    restored = Process.__new__(Process)
    restored.data = tmp_path / "restored"
    for done in (
        server.command("backup", str(file)),
        server.command("backup", "--verify", str(file), *root_key),
        Process.command(restored, "restore", str(file), *root_key),
    ):
        assert done.returncode == 0, done.stderr
        assert "warning: eu-central-1 is NOT in this backup" in done.stderr
        assert "eu-west-1" not in done.stderr
    assert (restored.data / "key_stores.toml").exists()
    second = start(data=restored.data)
    second.ready()
    assert second.command("region", "start", "eu-west-1").returncode == 0
    assert second.client("kms", "eu-west-1").decrypt(CiphertextBlob=blobs["eu-west-1"])["Plaintext"] == b"kept"


def test_backup_of_a_directory_that_goes_by_another_name(start: Start, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    server = start(data=tmp_path / "link" / ".." / "link")
    server.ready()
    server.client("kms").create_key()
    done = server.command("backup", str(tmp_path / "backup"))
    assert done.returncode == 0, done.stderr


def test_what_a_crash_left_of_a_backup_is_removed_and_in_nobodys_way(start: Start, tmp_path: Path) -> None:
    """A copy left behind would hold what is erased later."""
    server = start("--workers", "1")
    server.ready()
    leftover = server.data / ".backup-abc" / "g1" / "regions"
    leftover.mkdir(parents=True)
    (leftover / "store.db").write_bytes(b"sealed key material")
    (tmp_path / ".backup.partial").write_bytes(b"half")
    (keeper,) = server.pids("keeper")
    os.kill(keeper, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while list(server.data.glob(".backup-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not list(server.data.glob(".backup-*"))
    done = server.command("backup", str(tmp_path / "backup"))
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / ".backup.partial").exists()
