"""Multi-Region keys over a real server: the promises KMS-14 and KMS-15."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from casemate.foundation.node import Node

HERE, THERE, THIRD = "us-east-1", "eu-west-1", "ap-south-1"


@pytest.fixture
def there(server: Any) -> Any:
    return server.client("kms", region=THERE)


@pytest.fixture
def primary(kms: Any) -> str:
    return str(kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])


def replicate(server: Any, kms: Any, key: str, region: str = THERE, **members: Any) -> dict[str, Any]:
    answer = kms.replicate_key(KeyId=key, ReplicaRegion=region, **members)
    settle(server)
    return dict(answer)


def settle(server: Any) -> None:
    server.advance("1s")  # what was sent before is delivered when this returns


def described(client: Any, key: str) -> dict[str, Any]:
    return dict(client.describe_key(KeyId=key)["KeyMetadata"])


def test_replicate_key_answers_with_a_replica_that_is_creating(kms: Any, primary: str) -> None:
    answer = kms.replicate_key(
        KeyId=primary, ReplicaRegion=THERE, Description="d", Tags=[{"TagKey": "a", "TagValue": "b"}]
    )
    made = answer["ReplicaKeyMetadata"]
    assert made["KeyId"] == primary
    assert made["Arn"].split(":")[3] == THERE
    assert (made["KeyState"], made["Enabled"], made["Description"]) == ("Creating", False, "d")
    assert "CurrentKeyMaterialId" not in made
    assert answer["ReplicaTags"] == [{"TagKey": "a", "TagValue": "b"}]


def test_replica_decrypts_what_primary_encrypted(server: Any, kms: Any, there: Any, primary: str) -> None:
    blob = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    replicate(server, kms, primary)
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert described(there, primary)["CurrentKeyMaterialId"] == described(kms, primary)["CurrentKeyMaterialId"]


def test_relatives_list_each_other(server: Any, kms: Any, there: Any, primary: str) -> None:
    replicate(server, kms, primary)
    replicate(server, kms, primary, THIRD)
    third = server.client("kms", region=THIRD)
    for client, kind in ((kms, "PRIMARY"), (there, "REPLICA"), (third, "REPLICA")):
        found = described(client, primary)["MultiRegionConfiguration"]
        assert found["MultiRegionKeyType"] == kind
        assert found["PrimaryKey"]["Region"] == HERE
        assert [each["Region"] for each in found["ReplicaKeys"]] == [THERE, THIRD]


def test_replica_works_while_the_primarys_region_is_stopped_and_its_files_are_away(
    server: Any, kms: Any, *, there: Any, primary: str, tmp_path: Path
) -> None:
    blob = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    replicate(server, kms, primary)
    generation = msgspec.json.decode((server.data / "node.json").read_bytes())["generation"]
    home = Node(server.data).generation(generation) / "regions" / HERE
    server._post("/_casemate/region", msgspec.json.encode({"action": "stop", "name": HERE}))
    home.rename(tmp_path / HERE)
    try:
        assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
        new = there.encrypt(KeyId=primary, Plaintext=b"new")["CiphertextBlob"]
    finally:
        (tmp_path / HERE).rename(home)
        server._post("/_casemate/region", msgspec.json.encode({"action": "start", "name": HERE}))
    assert kms.decrypt(CiphertextBlob=new)["Plaintext"] == b"new"


@pytest.mark.parametrize("case", ["single", "replica", "again", "home", "nowhere", "disabled"])
def test_replicate_key_refusals(
    server: Any, kms: Any, *, there: Any, primary: str, refused: Callable[..., Any], case: str
) -> None:
    client, key, region, code = kms, primary, THERE, ""
    if case == "single":
        key, code = kms.create_key()["KeyMetadata"]["KeyId"], "UnsupportedOperationException"
    elif case == "replica":
        replicate(server, kms, primary)
        client, region, code = there, THIRD, "UnsupportedOperationException"
    elif case == "again":
        replicate(server, kms, primary)
        code = "AlreadyExistsException"
    elif case == "home":
        region, code = HERE, "AlreadyExistsException"
    elif case == "nowhere":
        region, code = "xx-moon-1", "ValidationException"
    else:
        kms.disable_key(KeyId=primary)
        code = "DisabledException"
    refusal = refused(client.replicate_key, KeyId=key, ReplicaRegion=region)
    assert (refusal.code, refusal.status) == (code, 400)


def test_state_alias_policy_and_tags_are_each_regions_own(server: Any, kms: Any, there: Any, primary: str) -> None:
    replicate(server, kms, primary)
    kms.disable_key(KeyId=primary)
    kms.create_alias(AliasName="alias/here", TargetKeyId=primary)
    kms.tag_resource(KeyId=primary, Tags=[{"TagKey": "a", "TagValue": "b"}])
    settle(server)
    assert there.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    assert there.list_aliases()["Aliases"] == []
    assert there.list_resource_tags(KeyId=primary)["Tags"] == []
    assert described(there, primary)["Enabled"]


def test_rotation_follows_the_primary(
    server: Any, kms: Any, there: Any, primary: str, refused: Callable[..., Any]
) -> None:
    replicate(server, kms, primary)
    old = there.encrypt(KeyId=primary, Plaintext=b"old")["CiphertextBlob"]
    assert refused(there.rotate_key_on_demand, KeyId=primary).code == "UnsupportedOperationException"
    assert refused(there.enable_key_rotation, KeyId=primary).code == "UnsupportedOperationException"
    kms.rotate_key_on_demand(KeyId=primary)
    kms.enable_key_rotation(KeyId=primary, RotationPeriodInDays=90)
    settle(server)
    assert there.get_key_rotation_status(KeyId=primary)["RotationPeriodInDays"] == 90
    new = kms.encrypt(KeyId=primary, Plaintext=b"new")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=new)["Plaintext"] == b"new"
    assert there.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    server.advance("91d")
    assert described(there, primary)["CurrentKeyMaterialId"] == described(kms, primary)["CurrentKeyMaterialId"]
    assert len(there.list_key_rotations(KeyId=primary)["Rotations"]) == 2


def test_new_material_waits_until_every_relative_has_it(
    server: Any, kms: Any, there: Any, primary: str, refused: Callable[..., Any]
) -> None:
    replicate(server, kms, primary)
    first = described(kms, primary)["CurrentKeyMaterialId"]
    server._post("/_casemate/region", msgspec.json.encode({"action": "stop", "name": THERE}))
    kms.rotate_key_on_demand(KeyId=primary)
    server.advance("1s")
    assert described(kms, primary)["CurrentKeyMaterialId"] == first
    assert kms.get_key_rotation_status(KeyId=primary)["OnDemandRotationStartDate"]
    assert kms.list_key_rotations(KeyId=primary, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"][1:] == []
    assert refused(kms.rotate_key_on_demand, KeyId=primary).code == "ConflictException"
    blob = kms.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    server._post("/_casemate/region", msgspec.json.encode({"action": "start", "name": THERE}))
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    deadline = time.monotonic() + 20
    while described(there, primary)["CurrentKeyMaterialId"] == first and time.monotonic() < deadline:
        server.advance("1s")
    second = described(there, primary)["CurrentKeyMaterialId"]
    assert second != first
    assert described(kms, primary)["CurrentKeyMaterialId"] == second
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=primary)
    assert [each["RotationType"] for each in kms.list_key_rotations(KeyId=primary)["Rotations"]] == ["ON_DEMAND"]


def test_update_primary_region_moves_the_primary(
    server: Any, kms: Any, there: Any, primary: str, refused: Callable[..., Any]
) -> None:
    replicate(server, kms, primary)
    replicate(server, kms, primary, THIRD)
    kms.enable_key_rotation(KeyId=primary, RotationPeriodInDays=90)
    kms.update_primary_region(KeyId=primary, PrimaryRegion=THERE)
    settle(server)
    for region in (HERE, THERE, THIRD):
        facts = described(server.client("kms", region=region), primary)
        assert facts["KeyState"] == "Enabled"
        assert facts["MultiRegionConfiguration"]["PrimaryKey"]["Region"] == THERE
        assert {each["Region"] for each in facts["MultiRegionConfiguration"]["ReplicaKeys"]} == {HERE, THIRD}
    assert refused(kms.rotate_key_on_demand, KeyId=primary).code == "UnsupportedOperationException"
    server.advance("91d")  # the new primary rotates, and only it
    assert len(there.list_key_rotations(KeyId=primary)["Rotations"]) == 1
    assert len(kms.list_key_rotations(KeyId=primary)["Rotations"]) == 1
    there.rotate_key_on_demand(KeyId=primary)
    settle(server)
    blob = there.encrypt(KeyId=primary, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_update_primary_region_needs_a_replica_there(kms: Any, primary: str, refused: Callable[..., Any]) -> None:
    assert refused(kms.update_primary_region, KeyId=primary, PrimaryRegion=THERE).code == "NotFoundException"


def test_primary_waits_for_its_replicas_to_be_deleted(server: Any, kms: Any, there: Any, primary: str) -> None:
    replicate(server, kms, primary)
    answer = kms.schedule_key_deletion(KeyId=primary, PendingWindowInDays=7)
    assert answer["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in answer
    assert described(kms, primary)["PendingDeletionWindowInDays"] == 7
    server.advance("30d")
    assert described(kms, primary)["KeyState"] == "PendingReplicaDeletion"
    there.schedule_key_deletion(KeyId=primary, PendingWindowInDays=7)
    server.advance("7d")
    facts = described(kms, primary)
    assert facts["KeyState"] == "PendingDeletion"
    assert facts["DeletionDate"].timestamp() - time.time() > 43 * 86400
    assert facts["MultiRegionConfiguration"]["ReplicaKeys"] == []
    server.advance("8d")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=primary)


def test_replica_can_be_made_again_once_it_is_gone(server: Any, kms: Any, there: Any, primary: str) -> None:
    replicate(server, kms, primary)
    there.schedule_key_deletion(KeyId=primary, PendingWindowInDays=7)
    server.advance("8d")
    replicate(server, kms, primary)
    assert described(there, primary)["KeyState"] == "Enabled"


def test_hmac_key_gives_equal_codes_in_both_regions(server: Any, kms: Any, there: Any) -> None:
    key = kms.create_key(MultiRegion=True, KeySpec="HMAC_512", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    replicate(server, kms, key)
    asked = {"KeyId": key, "MacAlgorithm": "HMAC_SHA_512", "Message": b"m"}
    assert kms.generate_mac(**asked)["Mac"] == there.generate_mac(**asked)["Mac"]


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ({"Action": ["kms:ReplicateKey", "kms:CreateKey"]}, True),
        ({"Action": "kms:ReplicateKey"}, False),
        ({"Action": "kms:CreateKey"}, False),
        (
            {
                "Action": ["kms:ReplicateKey", "kms:CreateKey"],
                "Condition": {"StringEqualsIfExists": {"kms:ReplicaRegion": THIRD}},
            },
            False,
        ),
        (
            {
                "Action": ["kms:ReplicateKey", "kms:CreateKey"],
                "Condition": {"StringEqualsIfExists": {"kms:ReplicaRegion": THERE}},
            },
            True,
        ),
    ],
)
def test_replicate_key_needs_both_rights(
    server: Any, primary: str, statement: dict[str, Any], allowed: bool, refused: Callable[..., Any]
) -> None:
    user = server.client("kms", server.user("replicator", statement))
    if allowed:
        assert user.replicate_key(KeyId=primary, ReplicaRegion=THERE)["ReplicaKeyMetadata"]["KeyState"] == "Creating"
    else:
        refusal = refused(user.replicate_key, KeyId=primary, ReplicaRegion=THERE)
        assert refusal.code == "AccessDeniedException"


def test_update_primary_region_needs_the_right_on_both_keys(
    server: Any, kms: Any, there: Any, primary: str, refused: Callable[..., Any]
) -> None:
    replicate(server, kms, primary)
    arns = [described(client, primary)["Arn"] for client in (kms, there)]
    one = server.client("kms", server.user("one", {"Action": "kms:UpdatePrimaryRegion", "Resource": arns[:1]}))
    both = server.client("kms", server.user("both", {"Action": "kms:UpdatePrimaryRegion", "Resource": arns}))
    assert refused(one.update_primary_region, KeyId=primary, PrimaryRegion=THERE).code == "AccessDeniedException"
    both.update_primary_region(KeyId=primary, PrimaryRegion=THERE)
    settle(server)
    assert described(there, primary)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
