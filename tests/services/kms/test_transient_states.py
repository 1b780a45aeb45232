"""The key-state matrix of the states that pass by themselves: Creating and Updating, looked at while the keeper is held.

KMS Developer Guide, "Key states of AWS KMS keys" and "Change the primary key in a set of multi-Region keys". The latter
wants both keys Enabled, and has no full list of the "management operations" that an Updating key refuses. Rotation and
import are among them here: the old primary has handed over what they would change.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from tests.services.kms.calls import (
    CANCEL,
    EVERYTHING,
    IMPORTS,
    INVALID,
    KINDS,
    MOVES,
    ROTATION,
    UNSUPPORTED,
    USE,
    bring,
    furnished,
    outcome,
    prepared,
)
from tests.services.kms.keeper import wait_for

HERE, THERE = "us-east-1", "eu-west-1"
ORIGINS = ("AWS_KMS", "EXTERNAL")
SWITCHES = ("EnableKey", "DisableKey")
CREATING = {
    **dict.fromkeys((*USE, *ROTATION, *SWITCHES, *MOVES, *CANCEL), INVALID),
    # CreateGrant being refused, it has no grants: these are of the primary, and unknown here.
    "RevokeGrant": "NotFoundException",
    "RetireGrant": "InvalidGrantTokenException",
}
UPDATING = dict.fromkeys(
    ("ReplicateKey", "RotateKeyOnDemand", "ScheduleKeyDeletion", *ROTATION, *SWITCHES, *MOVES, *CANCEL), INVALID
)
# Of imported keys in every state, but for their import itself.
IMPORTED = {"GetKeyRotationStatus": UNSUPPORTED, **dict.fromkeys(IMPORTS, INVALID)}


def state(client: Any, key: str) -> str:
    return str(client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


@pytest.fixture
def there(server: Any) -> Any:
    """The administrator's client in the Region of the replicas."""
    return server.client("kms", region=THERE)


def asked_of(origin: str) -> dict[str, Any]:
    """The calls for a key of an origin: import is only for keys that take it."""
    return {**EVERYTHING, **MOVES, **(IMPORTS if origin == "EXTERNAL" else {})}


def expected_of(origin: str, refused: dict[str, str]) -> dict[str, str]:
    imported = IMPORTED if origin == "EXTERNAL" else {}
    return {**dict.fromkeys(asked_of(origin), ""), **refused, **imported}


def primary(kms: Any, origin: str) -> tuple[str, dict[str, Any]]:
    """A multi-Region key that can be used, and what its import was told."""
    key = str(kms.create_key(MultiRegion=True, Origin=origin)["KeyMetadata"]["KeyId"])
    material = os.urandom(32)
    told = {"import": bring(kms, key, material), "material": material} if origin == "EXTERNAL" else {}
    return key, told


@pytest.mark.parametrize("origin", ORIGINS)
def test_what_a_replica_that_is_creating_refuses(
    server: Any, kms: Any, there: Any, held: Callable[[], Any], origin: str
) -> None:
    key, told = primary(kms, origin)
    facts = {**furnished(server, kms, key), **told}
    facts["other"] = there.create_key()["KeyMetadata"]["KeyId"]
    facts["others"] = there.encrypt(KeyId=facts["other"], Plaintext=b"x")["CiphertextBlob"]
    there.create_alias(AliasName="alias/other", TargetKeyId=facts["other"])
    found = {}
    with held():
        kms.replicate_key(KeyId=key, ReplicaRegion=THERE)
        for name in ("mine", "moved"):
            there.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
        for name, call in asked_of(origin).items():
            if state(there, key) == "PendingDeletion":
                there.cancel_key_deletion(KeyId=key)
            assert state(there, key) == "Creating", name
            found[name] = outcome(call, there, facts)
    assert found == expected_of(origin, CREATING)


@pytest.mark.parametrize("spec", KINDS)
def test_what_a_replica_of_another_kind_that_is_creating_refuses(
    kms: Any, there: Any, held: Callable[[], Any], spec: str
) -> None:
    facts, calls = prepared(kms, spec, MultiRegion=True), KINDS[spec][1]
    assert {name: outcome(call, kms, facts) for name, call in calls.items()} == dict.fromkeys(calls, "")
    with held():
        kms.replicate_key(KeyId=facts["key"], ReplicaRegion=THERE)
        assert state(there, facts["key"]) == "Creating"
        found = {name: outcome(call, there, facts) for name, call in calls.items()}
    assert found == dict.fromkeys(calls, INVALID)


def test_primary_region_is_not_moved_to_a_replica_that_is_creating(
    kms: Any, there: Any, held: Callable[[], Any], refused: Callable[..., Any]
) -> None:
    key, _ = primary(kms, "AWS_KMS")
    with held():
        kms.replicate_key(KeyId=key, ReplicaRegion=THERE)
        refusal = refused(kms.update_primary_region, KeyId=key, PrimaryRegion=THERE)
        arn = there.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
        assert refusal[:2] == (INVALID, f"{arn} is creating.")
    wait_for(lambda: state(there, key) == "Enabled")
    kms.update_primary_region(KeyId=key, PrimaryRegion=THERE)


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("side", ["the old primary", "the new primary"])
def test_what_a_key_that_is_updating_refuses(
    server: Any, kms: Any, there: Any, held: Callable[[], Any], *, side: str, origin: str
) -> None:
    key, told = primary(kms, origin)
    kms.replicate_key(KeyId=key, ReplicaRegion=THERE)
    wait_for(lambda: state(there, key) != "Creating")
    if origin == "EXTERNAL":
        told_there = bring(there, key, told["material"])
        told = told if side == "the old primary" else {"import": told_there}
    client = kms if side == "the old primary" else there
    facts = {**furnished(server, client, key), **told}
    found = {}
    with held():
        kms.update_primary_region(KeyId=key, PrimaryRegion=THERE)
        for name, call in asked_of(origin).items():
            assert state(client, key) == "Updating", name
            found[name] = outcome(call, client, facts)
        assert state(client, key) == "Updating"
    assert found == expected_of(origin, UPDATING)
    wait_for(lambda: (state(kms, key), state(there, key)) == ("Enabled", "Enabled"))
    # What was let while the key was Updating is not lost to the word of the new primary.
    after = client.describe_key(KeyId=key)["KeyMetadata"]
    aliases = {each["AliasName"] for each in client.list_aliases(KeyId=key)["Aliases"]}
    assert (after["Description"], aliases) == ("d", {"alias/new", "alias/other"})
    assert len(client.list_grants(KeyId=key)["Grants"]) == 1


@pytest.mark.parametrize("spec", KINDS)
def test_keys_of_other_kinds_are_used_while_updating(kms: Any, there: Any, held: Callable[[], Any], spec: str) -> None:
    facts, calls = prepared(kms, spec, MultiRegion=True), KINDS[spec][1]
    kms.replicate_key(KeyId=facts["key"], ReplicaRegion=THERE)
    wait_for(lambda: state(there, facts["key"]) == "Enabled")
    with held():
        kms.update_primary_region(KeyId=facts["key"], PrimaryRegion=THERE)
        for client in (kms, there):
            assert state(client, facts["key"]) == "Updating"
            found = {name: outcome(call, client, facts) for name, call in calls.items()}
            assert found == dict.fromkeys(calls, "")
