"""What waits for the keeper while it is held stopped, and goes on, once, when it or its successor does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.services.kms.keeper import wait_for

THERE = "eu-west-1"


def state(client: Any, key: str) -> str:
    return str(client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


@pytest.mark.parametrize("replaced", [False, True])
def test_replica_stays_creating_until_the_keeper_goes_on_or_is_replaced(
    server: Any, kms: Any, held: Callable[[], Any], refused: Callable[..., Any], *, replaced: bool
) -> None:
    there = server.client("kms", region=THERE)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with held() as keeper:
        kms.replicate_key(KeyId=key, ReplicaRegion=THERE)
        time.sleep(0.3)  # several rounds of a keeper that was not held
        metadata = there.describe_key(KeyId=key)["KeyMetadata"]
        assert (metadata["KeyState"], metadata["Enabled"]) == ("Creating", False)
        assert "CurrentKeyMaterialId" not in metadata
        refusal = refused(there.decrypt, CiphertextBlob=blob)
        assert refusal[:2] == ("KMSInvalidStateException", f"{metadata['Arn']} is creating.")
        if replaced:
            os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: state(there, key) == "Enabled")
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    here, other = (each.describe_key(KeyId=key)["KeyMetadata"] for each in (kms, there))
    assert here["CurrentKeyMaterialId"] == other["CurrentKeyMaterialId"]


def test_both_keys_are_updating_until_the_keeper_goes_on_and_work_meanwhile(
    server: Any, kms: Any, held: Callable[[], Any], refused: Callable[..., Any]
) -> None:
    there = server.client("kms", region=THERE)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=THERE)
    server.advance("1s")
    with held():
        kms.update_primary_region(KeyId=key, PrimaryRegion=THERE)
        assert (state(kms, key), state(there, key)) == ("Updating", "Updating")
        for client in (kms, there):
            blob = client.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
            assert client.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
            for call in (client.disable_key, client.schedule_key_deletion):
                assert refused(call, KeyId=key).code == "KMSInvalidStateException"
        refusal = refused(kms.replicate_key, KeyId=key, ReplicaRegion="ap-south-1")
        assert refusal.code == "KMSInvalidStateException"
    wait_for(lambda: (state(kms, key), state(there, key)) == ("Enabled", "Enabled"))
    types = [
        each.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]["MultiRegionKeyType"]
        for each in (kms, there)
    ]
    assert types == ["REPLICA", "PRIMARY"]


def test_rotation_that_fell_due_happens_once_when_the_keeper_is_replaced(
    server: Any, kms: Any, key: str, held: Callable[[], Any]
) -> None:
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.disable_key(KeyId=key)
    server.advance("100d")
    with held() as keeper:
        kms.enable_key(KeyId=key)  # it is due from now on
        time.sleep(0.3)
        assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
        os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: len(kms.list_key_rotations(KeyId=key)["Rotations"]) > 0)
    time.sleep(0.3)
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1
