"""The root key in a PKCS#11 token: the server unseals from SoftHSM2 (promise KMS-19)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]


@pytest.fixture
def token(softhsm: Callable[[], tuple[str, str, str]], tmp_path: Path) -> list[str]:
    """The options that name a fresh token."""
    module, label, pin = softhsm()
    file = tmp_path / "pin"
    file.write_text(pin + "\n", "utf-8")
    named = {"module": module, "token": label, "pin-file": str(file)}
    return [word for name, value in named.items() for word in (f"--root-key-pkcs11-{name}", value)]


def test_server_seals_under_the_token_and_opens_with_nothing_else(
    start: Start, token: list[str], tmp_path: Path
) -> None:
    first = start(*token)
    first.ready()
    kms = first.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert not (first.data / "root.key").exists()
    assert first.stop() == 0
    without = start(data=first.data)
    assert without.popen.wait(30) == 1
    assert "root.key" in without.log.read_text()
    again = start(*token, data=first.data)
    again.ready()
    assert again.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert again.stop() == 0


@pytest.mark.parametrize(
    ("option", "value", "text"), [(1, "/nowhere.so", "no module"), (3, "absent", "no token"), (5, "pin", "PIN")]
)
def test_token_that_does_not_open_is_named(
    start: Start, token: list[str], tmp_path: Path, *, option: int, value: str, text: str
) -> None:
    if value == "pin":
        (tmp_path / "wrong").write_text("0000000", "utf-8")
        value = str(tmp_path / "wrong")
    server = start(*token[:option], value, *token[option + 1 :])
    assert server.popen.wait(30) == 1
    said = server.log.read_text()
    assert text in said
    assert "Traceback" not in said
    assert "0000000" not in said


def test_root_key_moves_into_the_token_and_back(start: Start, token: list[str]) -> None:
    first = start()
    first.ready()
    kms = first.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert first.stop() == 0
    moved = first.command("admin", "move-root-key", "--to", "token", *token)
    assert moved.returncode == 0, moved.stderr
    assert not (first.data / "root.key").exists()
    inside = start(*token, data=first.data)
    inside.ready()
    assert inside.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert inside.stop() == 0
    back = first.command("admin", "move-root-key", "--to", "file", *token)
    assert back.returncode == 0, back.stderr
    outside = start(data=first.data)
    outside.ready()
    assert outside.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert outside.stop() == 0
    assert first.command("admin", "move-root-key", "--to", "file").returncode == 2
