"""How the root key is kept: in its file, under a passphrase, by the service manager; changed without touching data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Process

Start = Callable[..., Process]


@pytest.fixture
def stopped(start: Start) -> tuple[Process, bytes]:
    """A stopped server's directory, and what its key encrypted."""
    server = start("--workers", "1")
    server.ready()
    kms = server.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    server.stop()
    return server, blob


def decrypts(start: Start, data: Path, blob: bytes, environment: dict[str, str]) -> bool:
    server = start("--workers", "1", data=data, environment=environment)
    server.ready()
    try:
        return bool(server.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept")
    finally:
        server.stop()


def test_passphrase_is_set_and_changed_without_touching_data(
    stopped: tuple[Process, bytes], start: Start, tmp_path: Path
) -> None:
    server, blob = stopped
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("correct horse battery\n")
    second.write_text("staple\n")
    before = (next(server.data.rglob("regions/us-east-1/store.db"))).read_bytes()
    done = server.command("admin", "change-passphrase", "--new-passphrase-file", str(first))
    assert done.returncode == 0, done.stderr
    assert next(server.data.rglob("regions/us-east-1/store.db")).read_bytes() == before
    refused = start(data=server.data)
    assert refused.popen.wait(30) == 1
    assert "passphrase" in refused.log.read_text()
    wrong = start(data=server.data, environment={"CASEMATE_ROOT_KEY_PASSPHRASE_FILE": str(second)})
    assert wrong.popen.wait(30) == 1
    assert decrypts(start, server.data, blob, {"CASEMATE_ROOT_KEY_PASSPHRASE_FILE": str(first)})
    change = ["admin", "change-passphrase", "--root-key-passphrase-file", str(first)]
    assert server.command(*change, "--new-passphrase-file", str(second)).returncode == 0
    assert decrypts(start, server.data, blob, {"CASEMATE_ROOT_KEY_PASSPHRASE_FILE": str(second)})
    assert server.command(*change, "--no-passphrase").returncode == 1


@pytest.mark.parametrize("content", ["", "\n"])
def test_empty_passphrase_protects_nothing_and_is_refused(start: Start, tmp_path: Path, content: str) -> None:
    (tmp_path / "empty").write_text(content)
    refused = start(environment={"CASEMATE_ROOT_KEY_PASSPHRASE_FILE": str(tmp_path / "empty")})
    assert refused.popen.wait(30) != 0
    assert "is empty" in refused.log.read_text()
    assert not list(refused.data.rglob("seal.json"))


def test_root_key_by_the_service_manager(start: Start, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir(mode=0o700)
    key = credentials / "casemate.root-key"
    key.write_text("ab" * 32)
    key.chmod(0o400)
    server = start("--workers", "1", environment={"CREDENTIALS_DIRECTORY": str(credentials)})
    server.ready()
    kms = server.client("kms")
    blob = kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"kept")["CiphertextBlob"]
    server.stop()
    assert not (server.data / "root.key").exists()
    assert decrypts(start, server.data, blob, {"CREDENTIALS_DIRECTORY": str(credentials)})
    without = start(data=server.data)
    assert without.popen.wait(30) == 1
    assert "none was given" in without.log.read_text()


def test_domain_key_is_added_and_older_sealed_data_still_opens(stopped: tuple[Process, bytes], start: Start) -> None:
    server, blob = stopped
    assert server.command("admin", "add-domain-key").returncode == 0
    assert decrypts(start, server.data, blob, {})


def test_exposed_root_key_is_refused(stopped: tuple[Process, bytes], start: Start) -> None:
    server, _ = stopped
    (server.data / "root.key").chmod(0o644)
    refused = start(data=server.data)
    assert refused.popen.wait(30) == 1
    assert "root.key" in refused.log.read_text()
