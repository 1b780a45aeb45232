"""Nobody learns what another account has, and no condition or namesake is got around."""

from __future__ import annotations

import json
from typing import Any

import pytest

ABSENT = "11111111-2222-3333-4444-555555555555"


def without(message: str, *names: str) -> str:
    for name in names:
        message = message.replace(name, "…")
    return message


def root(account: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}


def test_keys_of_another_account_answer_as_absent_ones(kms, key, other, refused):
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    absent = arn.replace(key, ABSENT)
    for theirs in (other.kms("nobody"), other.kms("all", {"Effect": "Allow", "Action": "kms:*", "Resource": "*"})):
        for operation, members in (
            ("describe_key", {}),
            ("encrypt", {"Plaintext": b"x"}),
            ("retire_grant", {"GrantId": "a" * 64}),
        ):
            told = [refused(getattr(theirs, operation), KeyId=each, **members) for each in (arn, absent)]
            assert told[0].code == told[1].code == "AccessDeniedException"
            assert without(told[0].message, key) == without(told[1].message, ABSENT)


def test_an_alias_of_another_account_tells_no_key(kms, key, other, refused):
    kms.create_alias(AliasName="alias/secret", TargetKeyId=key)
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"].replace(f"key/{key}", "alias/secret")
    theirs = other.kms("nobody")
    there = refused(theirs.encrypt, KeyId=arn, Plaintext=b"x")
    gone = refused(theirs.encrypt, KeyId=arn + "-not", Plaintext=b"x")
    assert key not in there.message
    assert there.message == gone.message.replace("secret-not", "secret")


def test_a_grant_of_another_account_answers_as_an_absent_one(kms, key, other, refused):
    other.kms("grantee")
    grant = kms.create_grant(KeyId=key, GranteePrincipal=other.arn("grantee"), Operations=["Encrypt"])["GrantId"]
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    theirs = other.kms("nobody")
    there = refused(theirs.retire_grant, KeyId=arn, GrantId=grant)
    gone = refused(theirs.retire_grant, KeyId=arn, GrantId="a" * 64)
    assert there == gone


def test_who_is_let_in_hears_what_else_refuses(server, kms, other, refused):
    account = server.client("sts").get_caller_identity()["Account"]
    policy = {"Version": "2012-10-17", "Statement": [root(account), root(other.account)]}
    arn = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    told = refused(other.kms("nobody").describe_key, KeyId=arn)
    assert "no identity-based policy allows the kms:DescribeKey action" in told.message


@pytest.mark.parametrize("pairs", [{"dept": "x", "Dept": "HR"}, {"Dept": "HR", "dept": "x"}])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_names_that_differ_in_case_only_get_around_no_condition(kms, user, refused, pairs, effect):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    condition = {"StringEquals": {"kms:EncryptionContext:Dept": "HR" if effect == "Deny" else "x"}}
    bound = {"Effect": effect, "Action": "kms:Encrypt", "Resource": "*", "Condition": condition}
    client = user("clerk", *([everything, bound] if effect == "Deny" else [bound]))
    told = refused(client.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=pairs)
    assert told.code == "AccessDeniedException"
    assert "differ in case only" in told.message
    assert kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=pairs)["CiphertextBlob"]


def test_tags_that_differ_in_case_only_get_around_no_condition(user, refused):
    everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    bound = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    asked = user("maker", everything, {**bound, "Condition": {"StringEquals": {"aws:RequestTag/Dept": "HR"}}})
    tags = [{"TagKey": "dept", "TagValue": "x"}, {"TagKey": "Dept", "TagValue": "HR"}]
    assert refused(asked.create_key, Tags=tags).code == "AccessDeniedException"
    held = user("clerk", everything, {**bound, "Condition": {"StringEquals": {"aws:ResourceTag/Dept": "HR"}}})
    key = user("free", everything).create_key(Tags=tags)["KeyMetadata"]["KeyId"]
    assert refused(held.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"


def test_statement_without_action_has_no_effect(server, kms):
    account = server.client("sts").get_caller_identity()["Account"]
    mute = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root(account), mute]})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def test_grant_to_a_session_is_not_a_later_namesakes(server, kms, key, refused):
    iam, sts = server.client("iam"), server.client("sts")
    account = sts.get_caller_identity()["Account"]
    trust = {"Version": "2012-10-17", "Statement": [{**root(account), "Action": "sts:AssumeRole"}]}
    del trust["Statement"][0]["Resource"]

    def session() -> Any:
        role = iam.create_role(RoleName="R", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        entered = sts.assume_role(RoleArn=role, RoleSessionName="one")
        return server.client("kms", server.credentials(entered["Credentials"]))

    first = session()
    named = f"arn:aws:sts::{account}:assumed-role/R/one"
    kms.create_grant(KeyId=key, GranteePrincipal=named, Operations=["Encrypt"])
    assert first.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    iam.delete_role(RoleName="R")
    later = session()
    assert refused(later.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
