"""The key-state matrix: which operations a key in each state lets be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

DISABLED = "DisabledException"
INVALID = "KMSInvalidStateException"

Call = Callable[[Any, str, dict[str, Any]], Any]

USE: dict[str, Call] = {
    "Encrypt": lambda kms, key, _: kms.encrypt(KeyId=key, Plaintext=b"x"),
    "Decrypt": lambda kms, _, facts: kms.decrypt(CiphertextBlob=facts["blob"]),
    "ReEncryptFrom": lambda kms, _, facts: kms.re_encrypt(
        CiphertextBlob=facts["blob"], DestinationKeyId=facts["other"]
    ),
    "ReEncryptTo": lambda kms, key, facts: kms.re_encrypt(CiphertextBlob=facts["others"], DestinationKeyId=key),
    "GenerateDataKey": lambda kms, key, _: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
    "GenerateDataKeyWithoutPlaintext": lambda kms, key, _: kms.generate_data_key_without_plaintext(
        KeyId=key, NumberOfBytes=16
    ),
    "CreateGrant": lambda kms, key, facts: kms.create_grant(
        KeyId=key, GranteePrincipal=facts["admin"], Operations=["Decrypt"]
    ),
    "RotateKeyOnDemand": lambda kms, key, _: kms.rotate_key_on_demand(KeyId=key),
    "ReplicateKey": lambda kms, key, _: kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1"),
}
ROTATION: dict[str, Call] = {
    "EnableKeyRotation": lambda kms, key, _: kms.enable_key_rotation(KeyId=key),
    "DisableKeyRotation": lambda kms, key, _: kms.disable_key_rotation(KeyId=key),
}
CHANGE: dict[str, Call] = {
    "EnableKey": lambda kms, key, _: kms.enable_key(KeyId=key),
    "DisableKey": lambda kms, key, _: kms.disable_key(KeyId=key),
    "CreateAlias": lambda kms, key, _: kms.create_alias(AliasName="alias/new", TargetKeyId=key),
    "UpdateAliasOnto": lambda kms, key, _: kms.update_alias(AliasName="alias/other", TargetKeyId=key),
    "TagResource": lambda kms, key, _: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}]),
    "UntagResource": lambda kms, key, _: kms.untag_resource(KeyId=key, TagKeys=["a"]),
    "UpdateKeyDescription": lambda kms, key, _: kms.update_key_description(KeyId=key, Description="d"),
    "ScheduleKeyDeletion": lambda kms, key, _: kms.schedule_key_deletion(KeyId=key),
}
ALWAYS: dict[str, Call] = {
    "DescribeKey": lambda kms, key, _: kms.describe_key(KeyId=key),
    "GetKeyPolicy": lambda kms, key, _: kms.get_key_policy(KeyId=key),
    "PutKeyPolicy": lambda kms, key, _: kms.put_key_policy(KeyId=key, Policy=kms.get_key_policy(KeyId=key)["Policy"]),
    "ListKeyPolicies": lambda kms, key, _: kms.list_key_policies(KeyId=key),
    "ListAliases": lambda kms, key, _: kms.list_aliases(KeyId=key),
    "ListGrants": lambda kms, key, _: kms.list_grants(KeyId=key),
    "ListResourceTags": lambda kms, key, _: kms.list_resource_tags(KeyId=key),
    "GetKeyRotationStatus": lambda kms, key, _: kms.get_key_rotation_status(KeyId=key),
    "RevokeGrant": lambda kms, key, facts: kms.revoke_grant(KeyId=key, GrantId=facts["revoked"]),
    "RetireGrant": lambda kms, _, facts: kms.retire_grant(GrantToken=facts["token"]),
    "UpdateAliasOff": lambda kms, _, facts: kms.update_alias(AliasName="alias/moved", TargetKeyId=facts["other"]),
    "DeleteAlias": lambda kms, _key, _facts: kms.delete_alias(AliasName="alias/mine"),
}
EVERYTHING = {**USE, **ROTATION, **CHANGE, **ALWAYS}


@pytest.fixture
def facts(server: Any, kms: Any) -> dict[str, Any]:
    """A multi-Region key with aliases, grants and ciphertext, and another one beside it."""
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    admin = server.client("sts").get_caller_identity()["Arn"]
    for name, target in (("mine", key), ("moved", key), ("other", other)):
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=target)
    first, second = (
        kms.create_grant(KeyId=key, GranteePrincipal=admin, RetiringPrincipal=admin, Operations=["Encrypt"])
        for _ in range(2)
    )
    return {
        "key": key,
        "other": other,
        "admin": admin,
        "blob": kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"],
        "others": kms.encrypt(KeyId=other, Plaintext=b"x")["CiphertextBlob"],
        "revoked": first["GrantId"],
        "token": second["GrantToken"],
    }


def outcome(call: Call, kms: Any, facts: dict[str, Any]) -> str:
    """The code of the refusal; "" where the call is done."""
    try:
        call(kms, facts["key"], facts)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def enter(kms: Any, key: str, state: str) -> None:
    """Have the key in a state, whatever it is in."""
    found = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    if found == state:
        return
    if found.startswith("Pending"):
        kms.cancel_key_deletion(KeyId=key)
    if state == "Enabled":
        kms.enable_key(KeyId=key)
    elif state == "Disabled":
        kms.disable_key(KeyId=key)
    else:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == state


PENDING = dict.fromkeys((*USE, *ROTATION, *CHANGE), INVALID)
REFUSED = {
    "Enabled": {},
    "Disabled": dict.fromkeys((*USE, *ROTATION), DISABLED),
    "PendingDeletion": PENDING,
    "PendingReplicaDeletion": PENDING,
}


@pytest.mark.parametrize("state", REFUSED)
def test_what_a_key_in_a_state_refuses(server: Any, kms: Any, facts: dict[str, Any], state: str) -> None:
    if state == "PendingReplicaDeletion":
        kms.replicate_key(KeyId=facts["key"], ReplicaRegion="ap-south-1")
        server.advance("1s")
    found = {}
    for name, call in EVERYTHING.items():
        enter(kms, facts["key"], state)
        found[name] = outcome(call, kms, facts)
    assert found == {**dict.fromkeys(EVERYTHING, ""), **REFUSED[state]}


def test_mac_keys_are_refused_by_state_too(kms: Any, refused: Callable[..., Any]) -> None:
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    ask = {"KeyId": key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    mac = kms.generate_mac(**ask)["Mac"]
    for state, code in (("Disabled", DISABLED), ("PendingDeletion", INVALID)):
        enter(kms, key, state)
        assert refused(kms.generate_mac, **ask).code == code
        assert refused(kms.verify_mac, **ask, Mac=mac).code == code
    enter(kms, key, "Enabled")
    assert kms.verify_mac(**ask, Mac=mac)["MacValid"] is True


def test_a_refusal_by_state_comes_after_one_by_permission(
    kms: Any, key: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    kms.disable_key(KeyId=key)
    may, may_not = user("may", {"Action": "kms:Encrypt"}), user("may-not")
    assert refused(may.encrypt, KeyId=key, Plaintext=b"x").code == DISABLED
    assert refused(may_not.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
