"""Erasure: the exact sealed bytes of a deleted key are nowhere in the data directory, in no region and no outbox."""

from __future__ import annotations

import base64
import json
import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tests.conftest import Process, eventually
from tests.services.kms.keeper import stop_outside_commits

from casemate.foundation.node import Node
from casemate.foundation.records import Store
from casemate.services.kms.records import KEYS

Start = Callable[..., Process]
HERE, THERE = "us-east-1", "eu-west-1"
PIECE = 20
"""Bytes that are searched for: short enough to be found on either side of the border of a page."""


def open_store(server: Process, region: str) -> Store:
    folder = Node(server.data).generation(Node(server.data).facts().generation) / "regions" / region
    return Store.open(folder / "store.db", name=region, create=False)


def sealed_of(server: Process, region: str, key: str) -> list[bytes]:
    """The sealed material of a key, as the store has it."""
    account = json.loads((server.data / "credentials.json").read_text())["account"]
    store = open_store(server, region)
    try:
        found = store.reader.get(KEYS, account, key)
        assert found is not None
        return [backing.sealed for backing in found.backing]
    finally:
        store.close()


def outbox_of(server: Process, region: str) -> bytes:
    store = open_store(server, region)
    try:
        return b"".join(message.body for message in store.pending(0, 1000))
    finally:
        store.close()


def pieces(sealed: Iterable[bytes]) -> set[bytes]:
    """Parts of sealed material as they are, in base64 and in hexadecimal digits."""
    parts = {each[at : at + PIECE] for each in sealed for at in range(0, len(each) - PIECE + 1, 4)}
    shifted = {base64.b64encode(part[shift:])[:-4] for part in parts for shift in range(3)}
    return parts | {each[:20] for each in shifted} | {part.hex().encode() for part in parts}


def found_in(folder: Path, wanted: set[bytes]) -> set[tuple[str, bytes]]:
    """Which of them lie in which file."""
    contents = [(path, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return {(path.name, piece) for path, content in contents for piece in wanted if piece in content}


def all_files_readable(folder: Path) -> bool:
    return all(os.access(path, os.R_OK) for path in folder.rglob("*"))


def test_sealed_bytes_of_a_deleted_key_are_nowhere_in_the_data_directory(start: Start):
    server = start("--workers", "1", "--test")
    server.ready()
    kms = server.client("kms")
    key, kept = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.rotate_key_on_demand(KeyId=key)
    eventually(lambda: len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1)
    gone, stays = pieces(sealed_of(server, HERE, key)), pieces(sealed_of(server, HERE, kept))
    assert len(sealed_of(server, HERE, key)) == 2
    assert all_files_readable(server.data)
    assert found_in(server.data, gone), "they were not on disk: the search proves nothing"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert server.command("clock", "advance", "8d").returncode == 0
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=key)
    eventually(lambda: found_in(server.data, gone) == set())
    assert found_in(server.data, stays)


def test_sealed_bytes_of_a_deleted_replicated_key_are_in_no_region_and_no_outbox(start: Start):
    server = start("--workers", "1", "--test")
    server.ready()
    here, there = server.client("kms"), server.client("kms", THERE)
    key = here.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    (keeper,) = server.pids("keeper")
    eventually(lambda: stop_outside_commits(keeper, server.data))
    here.replicate_key(KeyId=key, ReplicaRegion=THERE)
    waiting = outbox_of(server, HERE)
    os.kill(keeper, signal.SIGCONT)
    eventually(lambda: there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled")
    copies = sealed_of(server, THERE, key)
    assert copies
    assert all(sealed in waiting for sealed in copies), "the material did not go by the outbox"
    gone = pieces([*sealed_of(server, HERE, key), *copies])
    assert found_in(server.data, gone)
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    here.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    for _ in range(2):  # the primary's waiting period begins when its replica is gone
        assert server.command("clock", "advance", "8d").returncode == 0
    for client in (here, there):
        with pytest.raises(client.exceptions.NotFoundException):
            client.describe_key(KeyId=key)
    eventually(lambda: found_in(server.data, gone) == set())
