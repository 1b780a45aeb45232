"""GetKeyLastUsage over a real server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WITHIN = 20.0


def last_use(kms: Any, key: str, operation: str) -> dict[str, Any]:
    """What is told of the last use, once it is this operation."""
    deadline = time.monotonic() + _WITHIN
    while time.monotonic() < deadline:
        told = kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]
        if told.get("Operation") == operation:
            return dict(told)
        time.sleep(0.1)
    raise AssertionError(f"no use by {operation} was told within {_WITHIN} s")


def events(server: Any, account: str, name: str) -> dict[str, Any]:
    """The records of an operation that an account sees, by id."""
    command = [str(Path(sys.executable).with_name("casemate")), "audit", "--data", str(server.data)]
    command += ["--event", name, "--account", account]
    listed = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    return {each["eventID"]: each for each in map(json.loads, listed.splitlines())}


def test_last_use_is_the_last_success_with_its_event(kms: Any, server: Any, key: str) -> None:
    answer = kms.get_key_last_usage(KeyId=key)
    assert answer["KeyLastUsage"] == {}
    assert answer["KeyId"] == key
    assert answer["TrackingStartDate"] == answer["KeyCreationDate"]
    answered = kms.encrypt(KeyId=key, Plaintext=b"x")
    told = last_use(kms, key, "Encrypt")
    assert told["KmsRequestId"] == answered["ResponseMetadata"]["RequestId"]
    assert events(server, server.account, "Encrypt")[told["CloudTrailEventId"]]["requestID"] == told["KmsRequestId"]
    kms.decrypt(CiphertextBlob=answered["CiphertextBlob"])
    assert last_use(kms, key, "Decrypt")["Timestamp"] >= told["Timestamp"]


def test_refused_and_managing_calls_are_no_use(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    another = kms.create_key()["KeyMetadata"]["KeyId"]
    refused(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
    kms.re_encrypt(
        CiphertextBlob=kms.encrypt(KeyId=another, Plaintext=b"x")["CiphertextBlob"], DestinationKeyId=another
    )
    assert last_use(kms, another, "ReEncrypt")
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == {}


def test_aliases_are_refused(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    kms.create_alias(AliasName="alias/used", TargetKeyId=key)
    assert refused(kms.get_key_last_usage, KeyId="alias/used").code == "InvalidArnException"
    assert kms.get_key_last_usage(KeyId=key)["KeyId"] == key


def test_primary_and_replica_are_used_apart_and_told_of_in_any_state(kms: Any, server: Any) -> None:
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")
    there = server.client("kms", region="eu-west-1")
    there.encrypt(KeyId=key, Plaintext=b"x")
    told = last_use(there, key, "Encrypt")
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"] == {}
    for change in (there.disable_key, there.schedule_key_deletion):
        change(KeyId=key)
        assert there.get_key_last_usage(KeyId=key)["KeyLastUsage"] == told


def test_re_encrypt_counts_for_both_keys_by_the_events_of_their_owners(server: Any, kms: Any, other: Any) -> None:
    """GetKeyLastUsage: of a ReEncrypt from one account's key to another's, each owner learns its own record's id."""
    theirs = other.kms("owner", {"Action": "kms:*"})
    root = {"Principal": {"AWS": other.account}, "Action": "kms:*", "Resource": "*"}
    abroad = {"Principal": {"AWS": server.account}, "Action": "kms:ReEncryptTo", "Resource": "*"}
    made = theirs.create_key(Policy=server.document(root, abroad))["KeyMetadata"]
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=own, Plaintext=b"x")["CiphertextBlob"]
    request = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=made["Arn"])["ResponseMetadata"]["RequestId"]
    for account, told in (
        (server.account, last_use(kms, own, "ReEncrypt")),
        (other.account, last_use(theirs, made["KeyId"], "ReEncrypt")),
    ):
        assert told["KmsRequestId"] == request
        assert told["CloudTrailEventId"] in events(server, account, "ReEncrypt")
