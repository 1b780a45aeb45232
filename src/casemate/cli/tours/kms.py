"""The scenarios of KMS."""

from __future__ import annotations

import json
import time
from typing import Any, Final

from casemate.cli.tours.erasure import files_with, sealed_material
from casemate.cli.tours.scenario import scenario
from casemate.cli.tours.world import HOME, World, expect, refused

OTHER = "eu-west-1"
_ERASED_WITHIN: Final = 20.0
"""Seconds: the keeper truncates the store's log in its next round."""
_USE = ("kms:Encrypt", "kms:Decrypt", "kms:DescribeKey")


def key_policy(account: str, *statements: dict[str, Any]) -> str:
    """A key policy: the account's administrators manage, and the statements given."""
    root = {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [root, *statements]})


def may(principal: str, *actions: str) -> dict[str, Any]:
    """A statement that allows a principal."""
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*"}


@scenario("KMS-01")
def both_names_of_a_key_spec(world: World) -> None:
    kms = world.user("maker", "kms:CreateKey", "kms:DescribeKey", "kms:TagResource").client("kms")
    for member in ("KeySpec", "CustomerMasterKeySpec"):
        key = kms.create_key(**{member: "SYMMETRIC_DEFAULT"})["KeyMetadata"]
        seen = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        specs = seen["KeySpec"], seen["CustomerMasterKeySpec"]
        expect(specs == ("SYMMETRIC_DEFAULT",) * 2, f"DescribeKey answered {specs}")
    both = {"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}
    refused("ValidationException", kms.create_key, **both)


@scenario("KMS-02")
def ciphertext_carries_its_key(world: World) -> None:
    kms = world.user("user", "kms:CreateKey", *_USE).client("kms")
    key, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    context = {"table": "orders"}
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=context)["CiphertextBlob"]
    answer = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    expect(answer["Plaintext"] == b"secret", "the plaintext came back changed")
    expect(answer["KeyId"].endswith(key), f"Decrypt named {answer['KeyId']}")
    bad = "InvalidCiphertextException"
    refused(bad, kms.decrypt, CiphertextBlob=blob, EncryptionContext={"table": "others"})
    refused(bad, kms.decrypt, CiphertextBlob=blob)
    for place in range(len(blob)):
        changed = blob[:place] + bytes([blob[place] ^ 1 << place % 8]) + blob[place + 1 :]
        refused(bad, kms.decrypt, CiphertextBlob=changed, EncryptionContext=context)
    for place in (0, 14, len(blob) // 2, len(blob) - 1):
        changed = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        refused(bad, kms.decrypt, CiphertextBlob=changed, EncryptionContext=context, KeyId=key)
    renamed = blob[:14] + bytes([blob[14] ^ 1]) + blob[15:]
    refused(bad, kms.decrypt, CiphertextBlob=renamed, EncryptionContext=context, KeyId=other)
    refused(bad, kms.decrypt, CiphertextBlob=blob[:-1], EncryptionContext=context)
    refused("IncorrectKeyException", kms.decrypt, CiphertextBlob=blob, EncryptionContext=context, KeyId=other)


@scenario("KMS-08")
def customer_keys_rotate(world: World) -> None:
    kms = world.user("rotator", "kms:CreateKey", "kms:*Rotat*", *_USE, "kms:ListKeyRotations").client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    first = kms.encrypt(KeyId=key, Plaintext=b"one")["CiphertextBlob"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key)
    expect(status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 90, f"the status is {status}")
    before = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    world.advance("91d")
    after = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    expect(before != after, "no new material after 91 days")
    kms.rotate_key_on_demand(KeyId=key)
    third = kms.encrypt(KeyId=key, Plaintext=b"three")["CiphertextBlob"]
    rotations = [each["RotationType"] for each in kms.list_key_rotations(KeyId=key)["Rotations"]]
    expect(rotations == ["AUTOMATIC", "ON_DEMAND"], f"ListKeyRotations shows {rotations}")
    expect(kms.decrypt(CiphertextBlob=first)["Plaintext"] == b"one", "what the first material encrypted is lost")
    expect(kms.decrypt(CiphertextBlob=third)["Plaintext"] == b"three", "what the newest material encrypted is lost")
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    refused("UnsupportedOperationException", kms.enable_key_rotation, KeyId=mac)


@scenario("KMS-10")
def managers_and_users_are_apart(world: World) -> None:
    manager, user = world.user("manager"), world.user("keyuser")
    maker = world.admin.client("kms")
    policy = key_policy(
        world.account,
        may(manager.arn, "kms:DescribeKey", "kms:DisableKey", "kms:EnableKey", "kms:PutKeyPolicy", "kms:GetKeyPolicy"),
        may(user.arn, "kms:Encrypt", "kms:Decrypt"),
    )
    key = maker.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    managing, using = manager.client("kms"), user.client("kms")
    managing.disable_key(KeyId=key)
    managing.enable_key(KeyId=key)
    blob = using.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    expect(using.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "the user can't decrypt")
    refused("AccessDeniedException", managing.decrypt, CiphertextBlob=blob)
    refused("AccessDeniedException", managing.encrypt, KeyId=key, Plaintext=b"x")
    refused("AccessDeniedException", using.disable_key, KeyId=key)
    refused("AccessDeniedException", using.get_key_policy, KeyId=key)


@scenario("KMS-11")
def the_default_policy_lets_iam_decide(world: World) -> None:
    maker = world.user("maker", "kms:CreateKey", "kms:Encrypt").client("kms")
    key = maker.create_key()["KeyMetadata"]["KeyId"]
    blob = maker.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    can, can_not = world.user("can", "kms:Decrypt").client("kms"), world.user("cannot").client("kms")
    expect(can.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "kms:Decrypt by IAM does not suffice")
    refused("AccessDeniedException", can_not.decrypt, CiphertextBlob=blob)
    stranger = f"arn:aws:iam::{world.account}:user/{world.user('stranger').name}"
    locked = json.dumps({"Version": "2012-10-17", "Statement": [may(stranger, "kms:*")]})
    refused("MalformedPolicyDocumentException", maker.create_key, Policy=locked)
    maker.create_key(Policy=locked, BypassPolicyLockoutSafetyCheck=True)


@scenario("KMS-12")
def another_account_needs_both_sides(world: World) -> None:
    member, administrator = world.member_administrator()
    role_with = world.user("with", "kms:Decrypt", by=administrator)
    role_without = world.user("without", by=administrator)
    maker = world.admin.client("kms")
    shared = maker.create_key(Policy=key_policy(world.account, may(f"arn:aws:iam::{member}:root", "kms:Decrypt")))
    private = maker.create_key()
    shared_arn, private_arn = (made["KeyMetadata"]["Arn"] for made in (shared, private))
    blobs = {arn: maker.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"] for arn in (shared_arn, private_arn)}
    with_iam, without_iam = role_with.client("kms"), role_without.client("kms")
    answer = with_iam.decrypt(CiphertextBlob=blobs[shared_arn], KeyId=shared_arn)
    expect(answer["Plaintext"] == b"x", "both sides allow, and yet it does not decrypt")
    refused("AccessDeniedException", without_iam.decrypt, CiphertextBlob=blobs[shared_arn], KeyId=shared_arn)
    refused("AccessDeniedException", with_iam.decrypt, CiphertextBlob=blobs[private_arn], KeyId=private_arn)


@scenario("KMS-13")
def grants_delegate_for_a_time(world: World) -> None:
    granting = world.user("granting", "kms:CreateKey", "kms:CreateGrant", "kms:RevokeGrant", "kms:Encrypt").client(
        "kms"
    )
    grantee, retiring = world.user("grantee"), world.user("retiring")
    key = granting.create_key()["KeyMetadata"]["Arn"]
    context = {"department": "finance", "row": "7"}
    blob = granting.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    using = grantee.client("kms")

    def give() -> dict[str, Any]:
        grant: dict[str, Any] = granting.create_grant(
            KeyId=key,
            GranteePrincipal=grantee.arn,
            RetiringPrincipal=retiring.arn,
            Operations=["Decrypt"],
            Constraints={"EncryptionContextSubset": {"department": "finance"}},
        )
        return grant

    denied = "AccessDeniedException"
    refused(denied, using.decrypt, CiphertextBlob=blob, EncryptionContext=context)
    grant = give()
    answer = using.decrypt(CiphertextBlob=blob, EncryptionContext=context, GrantTokens=[grant["GrantToken"]])
    expect(answer["Plaintext"] == b"x", "the grant does not let its grantee decrypt")
    refused(denied, using.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=context)
    outside = granting.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"department": "sales"})["CiphertextBlob"]
    refused(denied, using.decrypt, CiphertextBlob=outside, EncryptionContext={"department": "sales"})
    retiring.client("kms").retire_grant(GrantToken=grant["GrantToken"])
    refused(denied, using.decrypt, CiphertextBlob=blob, EncryptionContext=context)
    again = give()
    using.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    granting.revoke_grant(KeyId=key, GrantId=again["GrantId"])
    refused(denied, using.decrypt, CiphertextBlob=blob, EncryptionContext=context)


def _multi_region(world: World) -> tuple[Any, Any, str]:
    actor = world.user(
        "replicator",
        "kms:CreateKey",
        "kms:ReplicateKey",
        "kms:UpdatePrimaryRegion",
        "kms:*Rotat*",
        "kms:ListKeyRotations",
        "kms:DisableKey",
        "kms:EnableKey",
        "kms:ScheduleKeyDeletion",
        "kms:CreateAlias",
        "kms:ListAliases",
        *_USE,
    )
    here, there = actor.client("kms"), actor.client("kms", OTHER)
    key = here.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    expect(key.startswith("mrk-"), f"a multi-Region key's id is {key}")
    here.replicate_key(KeyId=key, ReplicaRegion=OTHER)
    world.advance("1s")
    state = there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    expect(state == "Enabled", f"the replica is {state}")
    return here, there, key


@scenario("KMS-14")
def multi_region_keys_need_no_call_across(world: World) -> None:
    here, there, key = _multi_region(world)
    blob = here.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    world.region("stop", "us-east-1")
    try:
        expect(there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "the replica does not decrypt")
        refused("ServiceUnavailable", here.describe_key, KeyId=key)
    finally:
        world.region("start", "us-east-1")
    materials = [each.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] for each in (here, there)]
    expect(materials[0] == materials[1], f"the materials differ: {materials}")
    here.rotate_key_on_demand(KeyId=key)
    world.advance("1s")
    newer = here.encrypt(KeyId=key, Plaintext=b"y")["CiphertextBlob"]
    expect(there.decrypt(CiphertextBlob=newer)["Plaintext"] == b"y", "rotation did not follow")
    single = here.create_key()["KeyMetadata"]["KeyId"]
    refused("UnsupportedOperationException", here.replicate_key, KeyId=single, ReplicaRegion=OTHER)


@scenario("KMS-15")
def multi_region_keys_are_not_global(world: World) -> None:
    here, there, key = _multi_region(world)
    there.disable_key(KeyId=key)
    blob = here.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    refused("DisabledException", there.decrypt, CiphertextBlob=blob)
    there.enable_key(KeyId=key)
    expect(there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "enabled again, and yet it does not decrypt")
    here.create_alias(AliasName="alias/tour-15", TargetKeyId=key)
    names = [alias["AliasName"] for alias in there.list_aliases(KeyId=key)["Aliases"]]
    expect(not names, f"the alias is in the other region too: {names}")
    refused("UnsupportedOperationException", there.enable_key_rotation, KeyId=key)
    here.update_primary_region(KeyId=key, PrimaryRegion=OTHER)
    world.advance("1s")
    there.enable_key_rotation(KeyId=key)
    refused("UnsupportedOperationException", here.enable_key_rotation, KeyId=key)
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    state = there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    expect(state == "PendingReplicaDeletion", f"a primary with replicas is {state} when deleted")


@scenario("KMS-18")
def deletion_waits_and_can_be_cancelled(world: World) -> None:
    kms = world.user(
        "deleter", "kms:CreateKey", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:EnableKey", *_USE
    ).client("kms")
    facts = kms.create_key()["KeyMetadata"]
    key = facts["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    sealed = []
    if world.data is not None:
        sealed = sealed_material(world.data, HOME, facts["AWSAccountId"], key)
        expect(bool(files_with(world.data, sealed)), "the sealed material of a living key was not found")
    for days in (6, 31):
        refused("ValidationException", kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=days)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    expect(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x", "cancelled, and yet it does not decrypt")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    world.advance("8d")
    refused("NotFoundException", kms.describe_key, KeyId=key)
    refused("AccessDeniedException", kms.decrypt, CiphertextBlob=blob)
    if world.data is not None:
        until = time.monotonic() + _ERASED_WITHIN
        while (found := files_with(world.data, sealed)) and time.monotonic() < until:
            time.sleep(0.2)
        expect(not found, f"sealed material of a deleted key lies in {', '.join(found)}")
