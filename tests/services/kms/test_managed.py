"""AWS managed keys over a real server (promises KMS-05 and KMS-07, as far as no other service is needed)."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

ALIAS = "alias/aws/rds"


def test_key_appears_when_its_alias_is_first_described(kms: Any) -> None:
    assert kms.list_keys()["Keys"] == []
    facts = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert (facts["KeyManager"], facts["KeyState"], facts["Origin"]) == ("AWS", "Enabled", "AWS_KMS")
    assert facts["Description"] == "Default key that protects my RDS database volumes when no other key is defined"
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"] == facts["KeyId"]
    assert [each["KeyId"] for each in kms.list_keys()["Keys"]] == [facts["KeyId"]]
    assert [each["AliasName"] for each in kms.list_aliases()["Aliases"]] == [ALIAS]
    policy = json.loads(kms.get_key_policy(KeyId=facts["KeyId"], PolicyName="default")["Policy"])
    assert policy["Id"] == "auto-rds-1"
    condition = policy["Statement"][0]["Condition"]["StringEquals"]
    assert condition == {"kms:ViaService": "rds.us-east-1.amazonaws.com", "kms:CallerAccount": facts["AWSAccountId"]}


def test_one_key_is_made_when_many_ask_at_once(server: Any) -> None:
    clients = [server.client("kms") for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda each: each.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"], clients))
    assert len(set(found)) == 1
    assert len(clients[0].list_keys()["Keys"]) == 1


def test_who_may_not_describe_makes_no_key(kms: Any, user: Callable[..., Any], refused: Callable[..., Any]) -> None:
    nobody = user("nobody")
    assert refused(nobody.describe_key, KeyId=ALIAS).code == "AccessDeniedException"
    assert kms.list_keys()["Keys"] == []
    assert user("reader", {"Action": "kms:DescribeKey"}).describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyManager"] == "AWS"


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("encrypt", {"Plaintext": b"x"}),
        ("generate_data_key", {"KeySpec": "AES_256"}),
        ("disable_key", {}),
        ("schedule_key_deletion", {}),
        ("disable_key_rotation", {}),
        ("enable_key_rotation", {}),
        ("rotate_key_on_demand", {}),
        ("put_key_policy", {"PolicyName": "default", "Policy": "{}"}),
        ("tag_resource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        ("update_key_description", {"Description": "mine"}),
    ],
)
def test_nobody_uses_it_directly_or_manages_it(
    kms: Any, refused: Callable[..., Any], operation: str, members: dict[str, Any]
) -> None:
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    assert refused(getattr(kms, operation), KeyId=key, **members).code == "AccessDeniedException"
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    if operation != "put_key_policy":
        assert getattr(kms, operation)(KeyId=own, **members)


def test_its_alias_can_be_neither_made_nor_moved_nor_deleted(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    kms.describe_key(KeyId=ALIAS)
    for operation, members in (
        (kms.update_alias, {"TargetKeyId": key}),
        (kms.delete_alias, {}),
        (kms.create_alias, {"TargetKeyId": key}),
    ):
        assert refused(operation, AliasName=ALIAS, **members).code == "NotAuthorizedException"
    assert refused(kms.describe_key, KeyId="alias/aws/nosuch").code == "NotFoundException"


def test_it_rotates_every_year_by_itself(kms: Any, server: Any) -> None:
    facts = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    status = kms.get_key_rotation_status(KeyId=facts["KeyId"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    server.advance("366d")
    after = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert after["KeyId"] == facts["KeyId"]
    assert after["CurrentKeyMaterialId"] != facts["CurrentKeyMaterialId"]
    (rotation,) = kms.list_key_rotations(KeyId=facts["KeyId"])["Rotations"]
    assert rotation["RotationType"] == "AUTOMATIC"
    server.advance("366d")
    assert len(kms.list_key_rotations(KeyId=facts["KeyId"])["Rotations"]) == 2


def test_each_region_has_its_own(kms: Any, server: Any) -> None:
    there = server.client("kms", region="eu-west-1")
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] != there.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"]
