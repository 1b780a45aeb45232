"""Backup and restore: online, sealed, verified, used."""

from __future__ import annotations

import stat
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


@pytest.mark.parametrize("damage", ["cut", "flip", "another key", "no key", "not a backup"])
def test_damaged_backup_does_not_open(
    saved: tuple[Process, Path, bytes], damage: str, tmp_path: Path, start: Start
) -> None:
    server, file, _ = saved
    content = bytearray(file.read_bytes())
    key = server.data / "root.key"
    if damage == "cut":
        del content[-40:]
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
