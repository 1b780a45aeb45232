"""What KMS leaves in the audit: CloudTrail's names, service events, and nothing secret."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import msgspec
import pytest

from casemate.foundation.node import Node


def records(server: Any, region: str = "us-east-1") -> list[dict[str, Any]]:
    """The audit records of what changed something in a region."""
    generation = msgspec.json.decode((server.data / "node.json").read_bytes())["generation"]
    path = Node(server.data).generation(generation) / "regions" / region / "store.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(audit)")]
        rows = connection.execute("SELECT * FROM audit ORDER BY 1").fetchall()
    body = next(name for name in columns if name in {"body", "payload"})
    return [json.loads(row[columns.index(body)]) for row in rows]


def last(server: Any, name: str, region: str = "us-east-1") -> dict[str, Any]:
    return next(each for each in reversed(records(server, region)) if each["eventName"] == name)


def test_writes_say_which_key_and_hide_tokens(server: Any, kms: Any, key: str) -> None:
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    admin = f"arn:aws:iam::{server.account}:user/admin"
    made = kms.create_grant(KeyId=key, GranteePrincipal=admin, Operations=["Encrypt"])
    record = last(server, "CreateGrant")
    assert record["responseElements"] == {"keyId": arn, "grantId": made["GrantId"]}
    assert record["requestParameters"] == {"keyId": key, "granteePrincipal": admin, "operations": ["Encrypt"]}
    constraints = {"EncryptionContextSubset": {"Aa": "Bb"}}
    kms.create_grant(KeyId=key, GranteePrincipal=admin, Operations=["Encrypt"], Constraints=constraints)
    record = last(server, "CreateGrant")
    assert record["requestParameters"]["constraints"] == {"encryptionContextSubset": {"Aa": "Bb"}}
    kms.retire_grant(GrantToken=made["GrantToken"])
    record = last(server, "RetireGrant")
    assert record["requestParameters"] is None
    assert record["additionalEventData"] == {"grantId": made["GrantId"]}
    assert made["GrantToken"] not in json.dumps(records(server))
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    record = last(server, "CreateAlias")
    assert record["responseElements"] == {"keyId": arn}
    alias = f"arn:aws:kms:us-east-1:{server.account}:alias/a"
    assert [(each["ARN"], each["type"]) for each in record["resources"]] == [
        (arn, "AWS::KMS::Key"),
        (alias, "AWS::KMS::Key"),
    ]
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
    assert last(server, "TagResource")["requestParameters"]["tags"] == [{"tagKey": "a", "tagValue": "b"}]


@pytest.mark.parametrize("kind", ["AUTOMATIC", "ON_DEMAND"])
def test_rotation_is_a_service_event(server: Any, kms: Any, key: str, kind: str) -> None:
    before = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    if kind == "AUTOMATIC":
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
        server.advance("91d")
    else:
        kms.rotate_key_on_demand(KeyId=key)
    record = last(server, "RotateKey")
    assert record["eventType"] == "AwsServiceEvent"
    assert record["serviceEventDetails"] == {
        "keyId": key,
        "rotationType": kind,
        "keyOrigin": "AWS_KMS",
        "previousKeyMaterialId": before,
        "currentKeyMaterialId": kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"],
    }


def test_end_of_a_key_is_a_service_event(server: Any, kms: Any, key: str) -> None:
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    server.advance("8d")
    assert last(server, "DeleteKey")["serviceEventDetails"] == {"keyId": key}
    assert [each["eventName"] for each in records(server)].count("DeleteKey") == 1


def test_replication_is_recorded_in_both_regions(server: Any, kms: Any) -> None:
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")
    assert last(server, "ReplicateKey")["requestParameters"]["replicaRegion"] == "eu-west-1"
    names = [each["eventName"] for each in records(server, "eu-west-1")]
    assert names == ["CreateKey", "SynchronizeMultiRegionKey"]
    assert last(server, "CreateKey", "eu-west-1")["responseElements"]["keyMetadata"]["keyState"] == "Creating"
