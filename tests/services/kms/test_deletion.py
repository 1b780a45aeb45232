"""Deletion over a real server: the promise KMS-18, and that nothing sealed is left behind."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from casemate.foundation.node import Node
from casemate.foundation.records.sqlite.padding import unpad
from casemate.services.kms.records import Key


def sealed_material(server: Any, region: str = "us-east-1") -> list[bytes]:
    """The sealed bytes of every backing key that a region's store holds."""
    found = []
    node = Node(server.data)
    generation = msgspec.json.decode((server.data / "node.json").read_bytes())["generation"]
    path = node.generation(generation) / "regions" / region / "store.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        for (payload,) in connection.execute("SELECT payload FROM erasable"):
            found += [each.sealed for each in msgspec.msgpack.decode(unpad(payload), type=Key).backing]
    return found


def places(server: Any, needle: bytes) -> list[Path]:
    """The files of the data directory that hold these bytes."""
    found = []
    for folder, _, names in os.walk(server.data):  # unlike rglob it bears a folder being renamed meanwhile
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):
                if path.is_file() and needle in path.read_bytes():
                    found.append(path)
    return found


def test_key_waits_can_be_saved_and_is_then_disabled(
    server: Any, kms: Any, key: str, refused: Callable[..., Any]
) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    answer = kms.schedule_key_deletion(KeyId=key)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (arn, "PendingDeletion", 30)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["DeletionDate"] == answer["DeletionDate"]
    refusal = refused(kms.decrypt, CiphertextBlob=blob)
    assert refusal[:2] == ("KMSInvalidStateException", f"{arn} is pending deletion.")
    server.advance("29d")
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == arn
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    assert refused(kms.decrypt, CiphertextBlob=blob).code == "DisabledException"
    kms.enable_key(KeyId=key)
    server.advance("30d")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_key_is_gone_after_its_waiting_period_with_all_that_was_its(
    server: Any, kms: Any, key: str, refused: Callable[..., Any]
) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    grantee = f"arn:aws:iam::{server.account}:user/admin"
    for _ in range(3):
        kms.create_grant(KeyId=key, GranteePrincipal=grantee, RetiringPrincipal=grantee, Operations=["Decrypt"])
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    server.advance("8d")
    assert refused(kms.describe_key, KeyId=key).code == "NotFoundException"
    assert refused(kms.decrypt, CiphertextBlob=blob).code == "AccessDeniedException"
    assert kms.list_aliases()["Aliases"] == []
    assert kms.list_retirable_grants(RetiringPrincipal=grantee)["Grants"] == []
    server.advance("365d")
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=other)


def test_sealed_material_of_a_deleted_key_is_nowhere(server: Any, kms: Any, key: str) -> None:
    kms.rotate_key_on_demand(KeyId=key)
    needles = sealed_material(server)
    assert len(needles) == 2
    assert all(places(server, needle) for needle in needles)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    server.advance("8d")
    assert [places(server, needle) for needle in needles] == [[], []]


def test_sealed_material_of_a_deleted_replica_is_nowhere(server: Any, kms: Any) -> None:
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")
    there = server.client("kms", region="eu-west-1")
    needles = sealed_material(server, "eu-west-1")
    assert len(needles) == 1
    # The outbox that it came by holds it no more.
    assert {path.parent.name for path in places(server, needles[0])} == {"eu-west-1"}
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    server.advance("8d")
    assert places(server, needles[0]) == []


@pytest.mark.parametrize(("days", "allowed"), [(6, False), (7, True), (30, True), (31, False)])
def test_waiting_period_is_7_to_30_days(
    kms: Any, key: str, refused: Callable[..., Any], days: int, allowed: bool
) -> None:
    if allowed:
        assert kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=days)["PendingWindowInDays"] == days
    else:
        refusal = refused(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=days)
        assert refusal.code == "ValidationException"
        assert f"Value '{days}' at 'pendingWindowInDays'" in refusal.message


def test_cancel_key_deletion_of_a_key_that_stays(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    refusal = refused(kms.cancel_key_deletion, KeyId=key)
    assert refusal.code == "KMSInvalidStateException"
    assert refusal.message.endswith(" is not pending deletion.")
