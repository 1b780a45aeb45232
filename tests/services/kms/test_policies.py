"""Key policies over a real server: the promises KMS-10, KMS-11 and KMS-12."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest


def arn_of(server: Any, name: str) -> str:
    return f"arn:aws:iam::{server.account}:user/{name}"


@pytest.fixture
def root(server: Any) -> dict[str, Any]:
    return {"Principal": {"AWS": server.account}, "Action": "kms:*", "Resource": "*"}


def test_default_policy_lets_the_accounts_iam_decide(
    server: Any, kms: Any, key: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    policy = kms.get_key_policy(KeyId=key)
    assert policy["PolicyName"] == "default"
    assert json.loads(policy["Policy"]) == {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{server.account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    without, with_right = user("without"), user("with", {"Action": "kms:Decrypt"})
    assert refused(without.decrypt, CiphertextBlob=blob).code == "AccessDeniedException"
    assert with_right.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_managers_manage_and_users_use(
    server: Any, kms: Any, root: Any, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    manager, consumer = user("manager"), user("consumer")
    root = {**root, "Principal": {"AWS": arn_of(server, "admin")}}
    manages = {
        "Principal": {"AWS": arn_of(server, "manager")},
        "Action": ["kms:Disable*", "kms:Enable*"],
        "Resource": "*",
    }
    uses = {"Principal": {"AWS": arn_of(server, "consumer")}, "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}
    key = kms.create_key(Policy=server.document(root, manages, uses))["KeyMetadata"]["KeyId"]
    blob = consumer.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refused(manager.decrypt, CiphertextBlob=blob).code == "AccessDeniedException"
    assert refused(consumer.disable_key, KeyId=key).code == "AccessDeniedException"
    manager.disable_key(KeyId=key)
    manager.enable_key(KeyId=key)
    assert consumer.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_identity_policy_alone_never_suffices(
    server: Any, kms: Any, root: Any, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    mighty = user("mighty", {"Action": "kms:*"})
    key = kms.create_key(Policy=server.document({**root, "Principal": {"AWS": arn_of(server, "admin")}}))[
        "KeyMetadata"
    ]["KeyId"]
    assert refused(mighty.describe_key, KeyId=key).code == "AccessDeniedException"
    kms.put_key_policy(KeyId=key, Policy=server.document(root))
    assert mighty.describe_key(KeyId=key)


def test_another_account_needs_both_sides(
    server: Any, kms: Any, root: Any, other: Any, refused: Callable[..., Any]
) -> None:
    with_policy, without = other.kms("with", {"Action": "kms:Decrypt"}), other.kms("without")
    abroad = {"Principal": {"AWS": other.account}, "Action": ["kms:Decrypt", "kms:DisableKey"], "Resource": "*"}
    arns, blobs = {}, {}
    for name, statements in (("open", (root, abroad)), ("closed", (root,))):
        facts = kms.create_key(Policy=server.document(*statements))["KeyMetadata"]
        arns[name] = facts["Arn"]
        blobs[name] = kms.encrypt(KeyId=facts["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert with_policy.decrypt(KeyId=arns["open"], CiphertextBlob=blobs["open"])["Plaintext"] == b"x"
    assert with_policy.decrypt(CiphertextBlob=blobs["open"])["Plaintext"] == b"x"
    for client, name in ((without, "open"), (with_policy, "closed"), (without, "closed")):
        refusal = refused(client.decrypt, KeyId=arns[name], CiphertextBlob=blobs[name])
        assert (refusal.code, refusal.status) == ("AccessDeniedException", 400)
    absent = arns["open"][:-12] + "000000000000"
    assert refused(with_policy.decrypt, KeyId=absent, CiphertextBlob=blobs["open"]).code == "AccessDeniedException"


def test_operations_without_cross_account_use_are_refused_abroad(
    server: Any, kms: Any, root: Any, other: Any, refused: Callable[..., Any]
) -> None:
    mighty = other.kms("mighty", {"Action": "kms:*"})
    abroad = {**root, "Principal": {"AWS": other.account}}
    arn = kms.create_key(Policy=server.document(root, abroad))["KeyMetadata"]["Arn"]
    assert mighty.describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn
    assert mighty.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"] is False
    for name in (
        "disable_key",
        "enable_key",
        "get_key_policy",
        "list_resource_tags",
        "schedule_key_deletion",
        "list_key_rotations",
    ):
        assert refused(getattr(mighty, name), KeyId=arn).code == "AccessDeniedException", name
    refusal = refused(mighty.create_alias, AliasName="alias/mine", TargetKeyId=arn)
    assert refusal.code == "AccessDeniedException"


def test_policy_that_locks_its_writer_out_is_refused_unless_told_to(
    server: Any, kms: Any, key: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    user("somebody")
    locking = server.document({"Principal": {"AWS": arn_of(server, "somebody")}, "Action": "kms:*", "Resource": "*"})
    text = "The new key policy will not allow you to update the key policy in the future."
    for call in (kms.create_key, lambda **members: kms.put_key_policy(KeyId=key, **members)):
        refusal = refused(call, Policy=locking)
        assert refusal == ("MalformedPolicyDocumentException", text, 400)
        call(Policy=locking, BypassPolicyLockoutSafetyCheck=True)


def test_conditions_count_in_the_lockout_check(
    server: Any, kms: Any, key: str, root: Any, refused: Callable[..., Any]
) -> None:
    for account, allowed in ((server.account, True), ("999999999999", False)):
        policy = server.document({**root, "Condition": {"StringEquals": {"kms:CallerAccount": account}}})
        if allowed:
            kms.put_key_policy(KeyId=key, Policy=policy)
        else:
            assert refused(kms.put_key_policy, KeyId=key, Policy=policy).code == "MalformedPolicyDocumentException"


@pytest.mark.parametrize("name", ["nobody", "admin"])
def test_principals_must_exist(
    server: Any, kms: Any, *, key: str, root: Any, refused: Callable[..., Any], name: str
) -> None:
    policy = server.document(root, {**root, "Principal": {"AWS": arn_of(server, name)}})
    if name == "admin":
        kms.put_key_policy(KeyId=key, Policy=policy)
        assert kms.get_key_policy(KeyId=key)["Policy"] == policy
    else:
        refusal = refused(kms.put_key_policy, KeyId=key, Policy=policy)
        text = "Policy contains a statement with one or more invalid principals."
        assert refusal == ("MalformedPolicyDocumentException", text, 400)


def test_policy_is_not_for_a_later_namesake(
    server: Any, kms: Any, *, key: str, root: Any, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    first = user("twin")
    policy = server.document(
        root, {"Principal": {"AWS": arn_of(server, "twin")}, "Action": "kms:Encrypt", "Resource": "*"}
    )
    kms.put_key_policy(KeyId=key, Policy=policy)
    assert first.encrypt(KeyId=key, Plaintext=b"x")
    iam = server.client("iam")
    for each in iam.list_access_keys(UserName="twin")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="twin", AccessKeyId=each["AccessKeyId"])
    iam.delete_user(UserName="twin")
    second = user("twin")
    assert refused(second.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
    kms.put_key_policy(KeyId=key, Policy=policy)
    assert second.encrypt(KeyId=key, Plaintext=b"x")


def test_deny_for_a_named_user_holds(
    server: Any, kms: Any, *, key: str, root: Any, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    mighty = user("mighty", {"Action": "kms:*"})
    assert mighty.encrypt(KeyId=key, Plaintext=b"x")
    deny = {**root, "Effect": "Deny", "Principal": {"AWS": arn_of(server, "mighty")}}
    kms.put_key_policy(KeyId=key, Policy=server.document(root, deny))
    assert refused(mighty.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"


def test_policy_size_and_names(server: Any, kms: Any, key: str, root: Any, refused: Callable[..., Any]) -> None:
    policy = server.document(root)
    fits = policy + " " * (32768 - len(policy))
    kms.put_key_policy(KeyId=key, Policy=fits, PolicyName="default")
    assert refused(kms.put_key_policy, KeyId=key, Policy=fits + " ").code == "LimitExceededException"
    assert refused(kms.put_key_policy, KeyId=key, Policy=policy, PolicyName="AWS_RAM").code == "ValidationException"
    assert refused(kms.put_key_policy, KeyId=key, Policy="{").code == "MalformedPolicyDocumentException"
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    assert refused(kms.get_key_policy, KeyId=key, PolicyName="other").code == "NotFoundException"
