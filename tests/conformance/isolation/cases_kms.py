"""KMS: for each built operation, what it is about, and the request for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.conformance.isolation.world import Actor, Case

Params = dict[str, Any]
THIRD_REGION = "ap-southeast-2"


def key(owner: Actor, name: str, **more: Any) -> str:
    """A key with an alias; its id."""
    made = owner.kms.create_key(Description=owner.mark, Tags=owner.tags("TagKey", "TagValue"), **more)["KeyMetadata"]
    owner.kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=made["KeyId"])
    owner.secrets.add(made["KeyId"])
    found: str = made["KeyId"]
    return found


def on_key(**more: Any) -> Any:
    """A request about a key."""
    return lambda owner, name: {"KeyId": key(owner, name), **more}


def with_alias(owner: Actor, name: str) -> Params:
    return {"AliasName": f"alias/{name}", "TargetKeyId": key(owner, name)}


def new_alias(owner: Actor, name: str) -> Params:
    return {"AliasName": f"alias/{name}-new", "TargetKeyId": key(owner, name)}


def mac_key(owner: Actor, name: str) -> str:
    return key(owner, name, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")


def mac(owner: Actor, name: str) -> Params:
    request = {"KeyId": mac_key(owner, name), "Message": b"anything", "MacAlgorithm": "HMAC_SHA_256"}
    return {**request, "Mac": owner.kms.generate_mac(**request)["Mac"]}


def ciphertext(owner: Actor, name: str) -> bytes:
    blob: bytes = owner.kms.encrypt(KeyId=key(owner, name), Plaintext=owner.mark.encode())["CiphertextBlob"]
    return blob


def ciphertext_of_key(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    return {
        "KeyId": key_id,
        "CiphertextBlob": owner.kms.encrypt(KeyId=key_id, Plaintext=owner.mark.encode())["CiphertextBlob"],
    }


def re_encrypted(owner: Actor, name: str) -> Params:
    """From and to a key of the owner's."""
    made = ciphertext_of_key(owner, name)
    return {"CiphertextBlob": made["CiphertextBlob"], "DestinationKeyId": made["KeyId"]}


def to_callers_own(owner: Actor, name: str) -> Params:
    """From a key of the owner's to the caller's own: `alias/mine` stands in each account and region."""
    return {"CiphertextBlob": ciphertext(owner, name), "DestinationKeyId": "alias/mine"}


def _grant(owner: Actor, name: str, **more: Any) -> tuple[str, str, str]:
    key_id = key(owner, name)
    arn = owner.sts.get_caller_identity()["Arn"]
    grant = owner.kms.create_grant(
        KeyId=key_id, GranteePrincipal=arn, Operations=["Decrypt"], Name=owner.mark, RetiringPrincipal=arn, **more
    )
    owner.secrets.add(grant["GrantId"])
    return key_id, grant["GrantId"], grant["GrantToken"]


def grant(owner: Actor, name: str) -> Params:
    key_id, grant_id, _ = _grant(owner, name)
    return {"KeyId": key_id, "GrantId": grant_id}


def grant_by_arn(owner: Actor, name: str) -> Params:
    key_id, grant_id, _ = _grant(owner, name)
    return {"KeyId": f"arn:aws:kms:{owner.region}:{owner.account}:key/{key_id}", "GrantId": grant_id}


def retirable(owner: Actor, name: str) -> Params:
    _grant(owner, name)
    return {"RetiringPrincipal": owner.sts.get_caller_identity()["Arn"]}


def pending(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    return {"KeyId": key_id}


def disabled(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.disable_key(KeyId=key_id)
    return {"KeyId": key_id}


def rotating(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=99)
    return {"KeyId": key_id}


def rotated(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.rotate_key_on_demand(KeyId=key_id)
    return {"KeyId": key_id}


def primary(owner: Actor, name: str) -> Params:
    return {"KeyId": key(owner, name, MultiRegion=True), "ReplicaRegion": THIRD_REGION}


def with_replica(owner: Actor, name: str) -> Params:
    made = primary(owner, name)
    owner.kms.replicate_key(**made)
    abroad = Actor(owner.url, owner.keys, owner.account, THIRD_REGION, owner.mark).kms
    until = time.monotonic() + 15
    while abroad.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["KeyState"] != "Enabled":
        assert time.monotonic() < until, "the replica was not made in time"
        time.sleep(0.05)
    return {"KeyId": made["KeyId"], "PrimaryRegion": THIRD_REGION}


def listed(kind: Callable[[Actor, str], Any], **request: Any) -> Case:
    def make(owner: Actor, name: str) -> Params:
        kind(owner, name)
        return request

    return Case(make, own=True)


def policy(owner: Actor) -> str:
    return owner.document(Action="kms:*", Resource="*", Principal={"AWS": f"arn:aws:iam::{owner.account}:root"})


CASES: dict[str, Case | list[Case]] = {
    "CancelKeyDeletion": Case(pending),
    "CreateAlias": Case(new_alias),
    "CreateGrant": Case(
        lambda owner, name: {
            "KeyId": key(owner, name),
            "Operations": ["Decrypt"],
            "GranteePrincipal": owner.sts.get_caller_identity()["Arn"],
        }
    ),
    "CreateKey": Case(lambda _owner, _name: {}, own=True),
    "Decrypt": [
        Case(lambda owner, name: {"CiphertextBlob": ciphertext(owner, name)}, aliases=True),
        Case(ciphertext_of_key, aliases=True),
    ],
    "DeleteAlias": Case(lambda owner, name: {"AliasName": with_alias(owner, name)["AliasName"]}),
    "DescribeKey": Case(on_key(), aliases=True),
    "DisableKey": Case(on_key()),
    "DisableKeyRotation": Case(rotating),
    "EnableKey": Case(disabled),
    "EnableKeyRotation": Case(on_key()),
    "Encrypt": Case(on_key(Plaintext=b"anything"), aliases=True),
    "GenerateDataKey": Case(on_key(NumberOfBytes=32), aliases=True),
    "GenerateDataKeyWithoutPlaintext": Case(on_key(NumberOfBytes=32), aliases=True),
    "GenerateMac": Case(
        lambda owner, name: {
            "KeyId": mac_key(owner, name),
            "Message": b"anything",
            "MacAlgorithm": "HMAC_SHA_256",
        },
        aliases=True,
    ),
    "GenerateRandom": Case(lambda _owner, _name: {"NumberOfBytes": 32}, own=True, silent=True),
    "GetKeyPolicy": Case(lambda owner, name: {"KeyId": key(owner, name, Policy=policy(owner))}),
    "GetKeyRotationStatus": Case(rotating),
    "ListAliases": [listed(key), Case(on_key())],
    "ListGrants": Case(lambda owner, name: {"KeyId": grant(owner, name)["KeyId"]}),
    "ListKeyPolicies": Case(on_key(), silent=True),
    "ListKeyRotations": Case(rotated, silent=True),
    "ListKeys": listed(key, Limit=1000),
    "ListResourceTags": Case(on_key()),
    "ListRetirableGrants": Case(retirable, own=True, refusals=("InvalidArnException",)),
    "PutKeyPolicy": Case(lambda owner, name: {"KeyId": key(owner, name), "Policy": policy(owner)}),
    "ReEncrypt": [Case(re_encrypted, aliases=True), Case(to_callers_own)],
    "ReplicateKey": Case(primary),
    "RetireGrant": [
        Case(grant_by_arn),
        Case(lambda owner, name: {"GrantToken": _grant(owner, name)[2]}, refusals=("InvalidGrantTokenException",)),
    ],
    "RevokeGrant": Case(grant),
    "RotateKeyOnDemand": Case(on_key()),
    "ScheduleKeyDeletion": Case(on_key(PendingWindowInDays=7)),
    "TagResource": Case(on_key(Tags=[{"TagKey": "colour", "TagValue": "green"}])),
    "UntagResource": Case(on_key(TagKeys=["owner"])),
    "UpdateAlias": Case(with_alias),
    "UpdateKeyDescription": Case(on_key(Description="changed")),
    "UpdatePrimaryRegion": Case(with_replica),
    "VerifyMac": Case(mac, aliases=True),
}
