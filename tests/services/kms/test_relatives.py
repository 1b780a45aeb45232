"""What multi-Region keys tell each other when the keeper stands, dies, or a region's files are gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from casemate.foundation.node import Node

THERE = "eu-west-1"
_PATIENCE = 20.0


def keeper_of(server: Any) -> int:
    """The process id of the server's keeper: the child of the supervisor that was given this data directory."""
    supervisor = next(
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if str(server.data).encode() in _read(path).split(b"\0") and b"up" in _read(path).split(b"\0")
    )
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return next(int(child) for child in children if b"keeper" in _read(Path(f"/proc/{child}/cmdline")))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@contextmanager
def stopped(process: int) -> Iterator[None]:
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        if Path(f"/proc/{process}").exists():
            os.kill(process, signal.SIGCONT)


def until(holds: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def state(client: Any, key: str) -> str:
    return str(client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


@pytest.fixture
def there(server: Any) -> Any:
    return server.client("kms", region=THERE)


@pytest.fixture
def primary(kms: Any) -> str:
    return str(kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])


@pytest.mark.parametrize("end", ["goes on", "is replaced"])
def test_replica_stays_creating_while_the_keeper_stands_and_is_completed_once(
    server: Any, kms: Any, *, there: Any, primary: str, refused: Callable[..., Any], end: str
) -> None:
    keeper = keeper_of(server)
    blob = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    with stopped(keeper):
        kms.replicate_key(KeyId=primary, ReplicaRegion=THERE)
        assert state(there, primary) == "Creating"
        refusal = refused(there.decrypt, CiphertextBlob=blob)
        assert refusal.code == "KMSInvalidStateException"
        assert refusal.message.endswith(" is creating.")
        assert refused(there.enable_key, KeyId=primary).code == "KMSInvalidStateException"
        if end == "is replaced":
            os.kill(keeper, signal.SIGKILL)
    until(lambda: state(there, primary) == "Enabled")
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    until(lambda: keeper_of(server) != 0)
    assert there.list_key_rotations(KeyId=primary, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"][1:] == []


def test_both_keys_are_updating_until_the_keeper_goes_on(
    server: Any, kms: Any, *, there: Any, primary: str, refused: Callable[..., Any]
) -> None:
    kms.replicate_key(KeyId=primary, ReplicaRegion=THERE)
    server.advance("1s")
    with stopped(keeper_of(server)):
        kms.update_primary_region(KeyId=primary, PrimaryRegion=THERE)
        assert (state(kms, primary), state(there, primary)) == ("Updating", "Updating")
        blob = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
        assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        refusal = refused(kms.schedule_key_deletion, KeyId=primary)
        assert refusal.message.endswith(" is updating.")
        refusal = refused(kms.replicate_key, KeyId=primary, ReplicaRegion="ap-south-1")
        assert refusal.code == "KMSInvalidStateException"
    until(lambda: (state(kms, primary), state(there, primary)) == ("Enabled", "Enabled"))
    assert refused(kms.rotate_key_on_demand, KeyId=primary).code == "UnsupportedOperationException"
    there.rotate_key_on_demand(KeyId=primary)


def test_replica_works_while_the_primarys_files_are_moved_away(
    server: Any, kms: Any, there: Any, primary: str, tmp_path: Path
) -> None:
    blob = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    kms.replicate_key(KeyId=primary, ReplicaRegion=THERE)
    server.advance("1s")
    generation = msgspec.json.decode((server.data / "node.json").read_bytes())["generation"]
    home = Node(server.data).generation(generation) / "regions" / "us-east-1"
    server._post("/_casemate/region", b'{"action":"stop","region":"us-east-1"}')
    home.rename(tmp_path / "us-east-1")
    try:
        assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        new = there.encrypt(KeyId=primary, Plaintext=b"new")["CiphertextBlob"]
    finally:
        (tmp_path / "us-east-1").rename(home)
        server._post("/_casemate/region", b'{"action":"start","region":"us-east-1"}')
    assert kms.decrypt(CiphertextBlob=new)["Plaintext"] == b"new"
