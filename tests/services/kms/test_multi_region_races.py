"""Multi-Region keys that many ask to replicate and to move at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")


@pytest.fixture
def clients(server: Any) -> dict[str, Any]:
    return {region: server.client("kms", region=region) for region in REGIONS}


def replicated(client: Any, key: str, region: str, description: str) -> str:
    """What one of several gets: OK, or the code of the refusal."""
    try:
        client.replicate_key(KeyId=key, ReplicaRegion=region, Description=description)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "OK"


def test_one_of_many_replications_is_done_and_the_replica_is_as_that_one_asked(
    server: Any, clients: dict[str, Any]
) -> None:
    here, there = clients["us-east-1"], clients["eu-west-1"]
    key = here.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda number: replicated(here, key, "eu-west-1", f"{number}"), range(6)))
    assert sorted(found) == ["AlreadyExistsException"] * 5 + ["OK"]
    server.advance("1s")
    metadata = there.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Description"]) == ("Enabled", str(found.index("OK")))


def test_relatives_agree_after_the_primary_was_moved_around(server: Any, clients: dict[str, Any]) -> None:
    here = clients["us-east-1"]
    key = here.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    for region in REGIONS[1:]:
        here.replicate_key(KeyId=key, ReplicaRegion=region)
    server.advance("1s")
    blobs = []
    for source, target in zip((*REGIONS, *REGIONS), (*REGIONS[1:], *REGIONS), strict=False):
        blobs.append(clients[source].encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"])
        clients[source].update_primary_region(KeyId=key, PrimaryRegion=target)
        server.advance("1s")
        clients[target].rotate_key_on_demand(KeyId=key)
        server.advance("1s")
    seen = []
    for region, client in clients.items():
        metadata = client.describe_key(KeyId=key)["KeyMetadata"]
        place = metadata["MultiRegionConfiguration"]
        assert metadata["KeyState"] == "Enabled"
        assert (place["MultiRegionKeyType"] == "PRIMARY") == (place["PrimaryKey"]["Region"] == region)
        replicas = [each["Region"] for each in place["ReplicaKeys"]]
        seen.append((place["PrimaryKey"]["Region"], replicas, metadata["CurrentKeyMaterialId"]))
        assert [client.decrypt(CiphertextBlob=blob)["Plaintext"] for blob in blobs] == [b"x"] * len(blobs)
    assert seen[0] == seen[1] == seen[2]
