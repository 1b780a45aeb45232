"""Every condition key of KMS whose request exists here, allowing once and denying once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Given = dict[str, Any]


def equals(key: str, *values: str) -> Given:
    return {"StringEquals": {f"kms:{key}": list(values)}}


def each_of(key: str, *values: str) -> Given:
    return {"ForAllValues:StringEquals": {f"kms:{key}": list(values)}, "Null": {f"kms:{key}": "false"}}


def any_of(key: str, *values: str) -> Given:
    return {"ForAnyValue:StringEquals": {f"kms:{key}": list(values)}}


def truth(key: str, value: str) -> Given:
    return {"Bool": {f"kms:{key}": value}}


def number(key: str, value: int) -> Given:
    return {"NumericLessThanEquals": {f"kms:{key}": str(value)}}


CONTEXT = {"Purpose": "Test"}
MAC = {"MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
GRANT = {"GranteePrincipal": "ADMIN", "Operations": ["Encrypt", "Decrypt"]}
CASES: list[tuple[str, Given, Given, Given]] = [
    # operation, condition, request that it allows, request that it denies
    ("encrypt", equals("EncryptionContext:Purpose", "Test"), {"EncryptionContext": CONTEXT}, {}),
    (
        "encrypt",
        equals("EncryptionContext:purpose", "Test"),
        {"EncryptionContext": CONTEXT},
        {"EncryptionContext": {"Purpose": "x"}},
    ),
    (
        "encrypt",
        each_of("EncryptionContextKeys", "Purpose"),
        {"EncryptionContext": CONTEXT},
        {"EncryptionContext": {**CONTEXT, "a": "b"}},
    ),
    ("encrypt", equals("EncryptionAlgorithm", "SYMMETRIC_DEFAULT"), {}, {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}),
    ("encrypt", equals("RequestAlias", "alias/there"), {"KeyId": "alias/there"}, {}),
    ("encrypt", any_of("ResourceAliases", "alias/there"), {}, {"KeyId": "OTHER"}),
    ("encrypt", equals("KeySpec", "SYMMETRIC_DEFAULT"), {}, {"KeyId": "MAC"}),
    ("encrypt", equals("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"), {}, {"KeyId": "MAC"}),
    ("encrypt", equals("KeyUsage", "ENCRYPT_DECRYPT"), {}, {"KeyId": "MAC"}),
    ("encrypt", equals("CustomerMasterKeyUsage", "ENCRYPT_DECRYPT"), {}, {"KeyId": "MAC"}),
    ("encrypt", truth("MultiRegion", "true"), {"KeyId": "MRK"}, {}),
    ("encrypt", equals("MultiRegionKeyType", "PRIMARY"), {"KeyId": "MRK"}, {}),
    (
        "generate_mac",
        equals("MacAlgorithm", "HMAC_SHA_256"),
        {**MAC, "KeyId": "MAC"},
        {**MAC, "KeyId": "MAC", "MacAlgorithm": "HMAC_SHA_512"},
    ),
    ("create_key", equals("KeySpec", "HMAC_256"), {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, {}),
    (
        "create_key",
        equals("KeyUsage", "ENCRYPT_DECRYPT"),
        {},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ),
    ("create_key", equals("KeyOrigin", "AWS_KMS"), {}, {"Origin": "EXTERNAL"}),
    ("create_key", truth("MultiRegion", "false"), {}, {"MultiRegion": True}),
    ("create_key", truth("BypassPolicyLockoutSafetyCheck", "false"), {}, {"BypassPolicyLockoutSafetyCheck": True}),
    (
        "put_key_policy",
        equals("PolicyName", "default"),
        {"Policy": "POLICY"},
        {"Policy": "POLICY", "PolicyName": "other"},
    ),
    (
        "put_key_policy",
        truth("BypassPolicyLockoutSafetyCheck", "false"),
        {"Policy": "POLICY"},
        {"Policy": "POLICY", "BypassPolicyLockoutSafetyCheck": True},
    ),
    (
        "enable_key_rotation",
        number("RotationPeriodInDays", 100),
        {"RotationPeriodInDays": 90},
        {"RotationPeriodInDays": 101},
    ),
    ("enable_key_rotation", number("RotationPeriodInDays", 365), {}, {"RotationPeriodInDays": 366}),
    ("schedule_key_deletion", number("ScheduleKeyDeletionPendingWindowInDays", 10), {"PendingWindowInDays": 7}, {}),
    (
        "create_grant",
        each_of("GrantOperations", "Encrypt", "Decrypt"),
        GRANT,
        {**GRANT, "Operations": ["Encrypt", "DescribeKey"]},
    ),
    ("create_grant", equals("GranteePrincipal", "ADMIN"), GRANT, {**GRANT, "GranteePrincipal": "ROOT"}),
    ("create_grant", equals("RetiringPrincipal", "ADMIN"), {**GRANT, "RetiringPrincipal": "ADMIN"}, GRANT),
    (
        "create_grant",
        equals("GrantConstraintType", "EncryptionContextEquals"),
        {**GRANT, "Constraints": {"EncryptionContextEquals": CONTEXT}},
        {**GRANT, "Constraints": {"EncryptionContextSubset": CONTEXT}},
    ),
    (
        "create_grant",
        equals("GrantConstraintSourceArn", "arn:aws:events:us-east-1:123456789012:rule/a"),
        {**GRANT, "Constraints": {"SourceArn": "arn:aws:events:us-east-1:123456789012:rule/a"}},
        {**GRANT, "Constraints": {"SourceArn": "arn:aws:events:us-east-1:123456789012:rule/b"}},
    ),
    (
        "replicate_key",
        equals("ReplicaRegion", "eu-west-1"),
        {"KeyId": "MRK", "ReplicaRegion": "eu-west-1"},
        {"KeyId": "MRK", "ReplicaRegion": "ap-south-1"},
    ),
    (
        "update_primary_region",
        equals("PrimaryRegion", "eu-west-1"),
        {"KeyId": "REPLICATED", "PrimaryRegion": "eu-west-1"},
        {"KeyId": "REPLICATED", "PrimaryRegion": "ap-south-1"},
    ),
]


def api_name(operation: str) -> str:
    return "".join(part.capitalize() for part in operation.split("_"))


@pytest.fixture
def world(server: Any, kms: Any) -> dict[str, str]:
    """Keys of every kind that the cases name."""
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/there", TargetKeyId=key)
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    return {
        "KEY": key,
        "OTHER": kms.create_key()["KeyMetadata"]["KeyId"],
        "MAC": mac,
        "MRK": kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"],
        "ADMIN": f"arn:aws:iam::{server.account}:user/admin",
        "ROOT": f"arn:aws:iam::{server.account}:root",
        "POLICY": kms.get_key_policy(KeyId=key)["Policy"],
    }


def filled(value: Any, world: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(each, world) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, world) for each in value]
    return world.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize(("operation", "condition", "allowed", "denied"), CASES)
def test_condition_key_allows_and_denies(
    server: Any,
    kms: Any,
    *,
    user: Any,
    world: Any,
    refused: Callable[..., Any],
    operation: str,
    condition: Given,
    allowed: Given,
    denied: Given,
) -> None:
    if "REPLICATED" in allowed.values():
        world["REPLICATED"] = world["MRK"]
        kms.replicate_key(KeyId=world["MRK"], ReplicaRegion="eu-west-1")
        server.advance("1s")
    statement = {"Action": f"kms:{api_name(operation)}", "Condition": filled(condition, world)}
    others = {"Action": ["kms:CreateKey"]} if operation == "replicate_key" else {"Action": "kms:ListKeys"}
    client = user("someone", statement, others)
    base: Given = {} if operation == "create_key" else {"KeyId": world["KEY"]}
    if operation == "encrypt":
        base["Plaintext"] = b"x"
    refusal = refused(getattr(client, operation), **{**base, **filled(denied, world)})
    assert refusal.code == "AccessDeniedException"
    getattr(client, operation)(**{**base, **filled(allowed, world)})


def test_grant_is_for_aws_resource_is_false_for_a_direct_call(
    user: Any, world: Any, refused: Callable[..., Any]
) -> None:
    statement = {"Action": "kms:CreateGrant", "Condition": truth("GrantIsForAWSResource", "true")}
    refusal = refused(user("someone", statement).create_grant, KeyId=world["KEY"], **filled(GRANT, world))
    assert refusal.code == "AccessDeniedException"
    statement = {"Action": "kms:CreateGrant", "Condition": truth("GrantIsForAWSResource", "false")}
    assert user("direct", statement).create_grant(KeyId=world["KEY"], **filled(GRANT, world))


def test_reencrypt_conditions_count_on_their_own_side(
    kms: Any, user: Any, world: Any, refused: Callable[..., Any]
) -> None:
    blob = kms.encrypt(KeyId=world["KEY"], Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
    source = {"Action": "kms:ReEncryptFrom", "Condition": equals("EncryptionContext:Purpose", "Test")}
    target = {"Action": "kms:ReEncryptTo", "Condition": truth("ReEncryptOnSameKey", "false")}
    client = user("someone", source, target)
    asked = {"CiphertextBlob": blob, "SourceEncryptionContext": CONTEXT}
    assert refused(client.re_encrypt, **asked, DestinationKeyId=world["KEY"]).code == "AccessDeniedException"
    answer = client.re_encrypt(**asked, DestinationKeyId=world["OTHER"])
    assert kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"] == b"x"
    bare = kms.encrypt(KeyId=world["KEY"], Plaintext=b"x")["CiphertextBlob"]
    assert (
        refused(client.re_encrypt, CiphertextBlob=bare, DestinationKeyId=world["OTHER"]).code == "AccessDeniedException"
    )


@pytest.mark.parametrize(("account", "allowed"), [("OWN", True), ("999999999999", False)])
def test_caller_account(
    server: Any, user: Any, world: Any, *, refused: Callable[..., Any], account: str, allowed: bool
) -> None:
    value = server.account if account == "OWN" else account
    client = user("someone", {"Action": "kms:Encrypt", "Condition": equals("CallerAccount", value)})
    if allowed:
        assert client.encrypt(KeyId=world["KEY"], Plaintext=b"x")
    else:
        assert refused(client.encrypt, KeyId=world["KEY"], Plaintext=b"x").code == "AccessDeniedException"


def test_via_service_is_absent_from_a_direct_call(user: Any, world: Any, refused: Callable[..., Any]) -> None:
    via = {"Action": "kms:Encrypt", "Condition": equals("ViaService", "s3.us-east-1.amazonaws.com")}
    direct = {"Action": "kms:Encrypt", "Condition": {"Null": {"kms:ViaService": "true"}}}
    refusal = refused(user("via", via).encrypt, KeyId=world["KEY"], Plaintext=b"x")
    assert refusal.code == "AccessDeniedException"
    assert user("direct", direct).encrypt(KeyId=world["KEY"], Plaintext=b"x")
