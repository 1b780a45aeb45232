"""Keys shared with other accounts: who can use them, from when, until when, and what everybody is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Code = Callable[..., str]
USE = {"Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey", "kms:ListKeys", "kms:CreateGrant", "kms:DisableKey"]}


def share(ram: Any, key: str, *principals: str, **members: Any) -> str:
    asked = {"name": "keys", "resourceArns": [key], "principals": list(principals), **members}
    return str(ram.create_resource_share(**asked)["resourceShare"]["resourceShareArn"])


def invitation(other: Any) -> str:
    found = other.client("ram").get_resource_share_invitations()["resourceShareInvitations"]
    return str(next(each for each in found if each["status"] == "PENDING")["resourceShareInvitationArn"])


def accept(other: Any) -> None:
    other.client("ram").accept_resource_share_invitation(resourceShareInvitationArn=invitation(other))


def shared_keys(kms: Any) -> list[str]:
    return [each["KeyArn"] for each in kms.list_keys(ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])["Keys"]]


def test_shared_key_is_used_once_accepted_and_no_longer_once_taken_back(
    ram: Any, kms: Any, key: str, other: Any, code: Code
) -> None:
    user = other.user("user", USE)
    assert code(user.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    arn = share(ram, key, other.id)
    assert code(user.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    assert shared_keys(user) == []
    accept(other)
    blob = user.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert user.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key
    assert shared_keys(user) == [key]
    ram.disassociate_resource_share(resourceShareArn=arn, principals=[other.id])
    assert code(user.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    assert shared_keys(user) == []


def test_share_gives_neither_management_nor_grants_nor_anything_without_the_users_own_policy(
    ram: Any, key: str, other: Any, code: Code, server: Any
) -> None:
    share(ram, key, other.id)
    accept(other)
    user, nobody = other.user("user", USE), other.user("nobody")
    assert code(nobody.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    assert code(user.disable_key, KeyId=key) == "AccessDeniedException"
    grant = {"GranteePrincipal": f"arn:aws:iam::{other.id}:root", "Operations": ["Decrypt"]}
    assert code(user.create_grant, KeyId=key, **grant) == "AccessDeniedException"
    third = server.client("kms", server.user("unrelated"))
    assert code(third.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"


def test_aws_ram_policy_is_shown_beside_the_default_one_and_is_rams_alone(
    ram: Any, kms: Any, key: str, other: Any, code: Code
) -> None:
    assert code(kms.get_key_policy, KeyId=key, PolicyName="AWS_RAM") == "NotFoundException"
    arn = share(ram, key, other.id)
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    accept(other)
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["AWS_RAM", "default"]
    first = kms.list_key_policies(KeyId=key, Limit=1)
    assert first["PolicyNames"] == ["AWS_RAM"]
    assert kms.list_key_policies(KeyId=key, Marker=first["NextMarker"])["PolicyNames"] == ["default"]
    shown = kms.get_key_policy(KeyId=key, PolicyName="AWS_RAM")
    (statement,) = json.loads(shown["Policy"])["Statement"]
    assert shown["PolicyName"] == "AWS_RAM"
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{other.id}:root"}
    assert statement["Resource"] == key
    assert "Principal" in kms.get_key_policy(KeyId=key)["Policy"]
    with pytest.raises(ClientError, match="The AWS_RAM policy can only be managed by the RAM service"):
        kms.put_key_policy(KeyId=key, PolicyName="AWS_RAM", Policy=shown["Policy"])
    ram.delete_resource_share(resourceShareArn=arn)
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]


def test_key_in_two_shares_stays_shared_until_it_is_in_neither(ram: Any, key: str, other: Any, code: Code) -> None:
    user = other.user("user", USE)
    shares = []
    for _ in range(2):
        shares.append(share(ram, key, other.id))
        accept(other)
    ram.delete_resource_share(resourceShareArn=shares[0])
    user.encrypt(KeyId=key, Plaintext=b"x")
    ram.disassociate_resource_share(resourceShareArn=shares[1], resourceArns=[key])
    assert code(user.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"


def test_share_with_a_user_is_for_that_user_and_not_for_a_namesake(ram: Any, key: str, other: Any, code: Code) -> None:
    user, colleague = other.user("user", USE), other.user("colleague", USE)
    share(ram, key, f"arn:aws:iam::{other.id}:user/user")
    accept(other)
    user.encrypt(KeyId=key, Plaintext=b"x")
    assert code(colleague.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    iam = other.client("iam")
    iam.delete_user_policy(UserName="user", PolicyName="own")
    for each in iam.list_access_keys(UserName="user")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="user", AccessKeyId=each["AccessKeyId"])
    iam.delete_user(UserName="user")
    namesake = other.user("user", USE)
    assert code(namesake.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"


def test_organization_shares_once_that_is_enabled_without_invitation(
    ram: Any, key: str, other: Any, organization: str, code: Code
) -> None:
    asked = {"name": "all", "resourceArns": [key], "principals": [organization], "allowExternalPrincipals": False}
    assert code(ram.create_resource_share, **asked) == "OperationNotPermittedException"
    assert ram.enable_sharing_with_aws_organization()["returnValue"]
    ram.create_resource_share(**asked)
    user = other.user("user", USE)
    user.encrypt(KeyId=key, Plaintext=b"x")
    assert shared_keys(user) == [key]
    there = other.client("ram")
    assert there.get_resource_share_invitations()["resourceShareInvitations"] == []
    assert [each["name"] for each in there.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]] == [
        "all"
    ]
    foreign = organization[:-10] + "zzzzzzzzzz"
    assert code(ram.create_resource_share, name="x", principals=[foreign]) == "UnknownResourceException"
    assert code(there.enable_sharing_with_aws_organization) == "OperationNotPermittedException"


def test_sharing_takes_the_right_to_put_the_aws_ram_policy(server: Any, key: str, other: Any, code: Code) -> None:
    sharing = {"Action": ["ram:*"]}
    condition = {"StringEquals": {"kms:PolicyName": "AWS_RAM"}}
    without = server.client("ram", server.user("without", sharing))
    wrong = {"Action": "kms:PutKeyPolicy", "Condition": {"StringEquals": {"kms:PolicyName": "default"}}}
    other_name = server.client("ram", server.user("other", sharing, wrong))
    asked = {"name": "keys", "resourceArns": [key], "principals": [other.id]}
    for each in (without, other_name):
        assert code(each.create_resource_share, **asked) == "AccessDeniedException"
    right = {"Action": "kms:PutKeyPolicy", "Condition": condition}
    server.client("ram", server.user("right", sharing, right)).create_resource_share(**asked)


def test_managed_key_foreign_key_and_other_resources_are_not_shared(
    ram: Any, kms: Any, key: str, other: Any, code: Code
) -> None:
    managed = kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["Arn"]
    foreign = other.client("kms").create_key()["KeyMetadata"]["Arn"]
    absent = key[:-4] + "0000"
    asked = {"name": "x", "principals": [other.id]}
    assert code(ram.create_resource_share, resourceArns=[managed], **asked) == "AccessDeniedException"
    assert code(ram.create_resource_share, resourceArns=[absent], **asked) == "NotFoundException"
    assert code(ram.create_resource_share, resourceArns=["no arn"], **asked) == "MalformedArnException"
    bucket = "arn:aws:s3:::bucket"
    for each in (foreign, bucket, key.replace("us-east-1", "eu-west-1")):
        assert code(ram.create_resource_share, resourceArns=[each], **asked) == "InvalidParameterException"
    assert ram.get_resource_shares(resourceOwner="SELF")["resourceShares"] == []


def test_deleted_key_is_in_no_list_of_its_consumers(server: Any, ram: Any, kms: Any, key: str, other: Any) -> None:
    share(ram, key, other.id)
    accept(other)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    server.advance("8d")
    assert shared_keys(other.client("kms")) == []


def test_list_keys_gives_own_and_shared_keys_page_by_page(ram: Any, kms: Any, other: Any) -> None:
    keys = sorted(kms.create_key()["KeyMetadata"]["Arn"] for _ in range(3))
    there = other.client("kms")
    own = sorted(there.create_key()["KeyMetadata"]["Arn"] for _ in range(3))
    share(ram, keys[0], other.id, resourceArns=keys)
    accept(other)
    assert sorted(each["KeyArn"] for each in there.list_keys()["Keys"]) == own
    pages: list[list[str]] = []
    marker: dict[str, str] = {}
    while True:
        page = there.list_keys(Limit=2, ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM", "SELF"], **marker)
        pages.append([each["KeyArn"] for each in page["Keys"]])
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert [len(each) for each in pages] == [2, 2, 2]
    assert sorted(each for page in pages for each in page) == sorted(own + keys)


def test_owner_is_told_of_each_change_to_the_policy_of_its_key(
    ram: Any, key: str, other: Any, audited: Callable[[str], list[dict[str, Any]]]
) -> None:
    arn = share(ram, key, other.id)
    assert audited("PutKeyPolicy") == []
    accept(other)
    ram.delete_resource_share(resourceShareArn=arn)
    told = audited("PutKeyPolicy")
    assert [each["eventType"] for each in told] == ["AwsServiceEvent"] * 2
    named = {"keyId": key.rpartition("/")[2], "policyName": "AWS_RAM"}
    assert [each["serviceEventDetails"] for each in told] == [named] * 2
    accepted = audited("AcceptResourceShareInvitation")  # of the one who accepts, and the owner's copy
    assert {each["userIdentity"]["accountId"] for each in accepted} == {other.id}


def test_shares_tags_that_differ_in_case_only_get_around_no_condition(server: Any) -> None:
    everything = {"Effect": "Allow", "Action": "ram:*", "Resource": "*"}
    bound = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestTag/Dept": "HR"}},
    }
    ram = server.client("ram", server.user("sharer", everything, bound))
    tags = [{"key": "dept", "value": "x"}, {"key": "Dept", "value": "HR"}]
    with pytest.raises(ClientError, match="differ in case only"):
        ram.create_resource_share(name="a", tags=tags)
    assert ram.create_resource_share(name="b", tags=tags[:1])["resourceShare"]["status"] == "ACTIVE"
