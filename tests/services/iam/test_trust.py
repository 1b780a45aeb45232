"""Trust policies: held to their grammar, and bound to who was meant when they were written."""

from __future__ import annotations

import json

import pytest


def _shown(iam, name="R"):
    statement = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    return statement[0]["Principal"]["AWS"]


def test_a_trust_policy_is_kept_byte_for_byte(iam, server):
    text = (
        '{ "Version" : "2012-10-17",\n "Statement": {"Sid":"", "Effect":"Allow", "Principal":{"AWS":"'
        + server.account
        + '"}, "Action":"sts:AssumeRole", "Condition":{"StringLike":{"aws:UserAgent":"a%3Ab*"}}} }'
    )
    raw: list[bytes] = []
    iam.meta.events.register("before-parse.iam", lambda response_dict, **_: raw.append(response_dict["body"]))
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=text)
    document = iam.get_role(RoleName="R")["Role"]["AssumeRolePolicyDocument"]
    assert document == json.loads(text)
    assert b"%7B%20%22Version%22%20%3A" in raw[-1]
    assert b"a%253Ab%2A" in raw[-1]


@pytest.mark.parametrize("kind", ["user", "role"])
def test_a_principal_that_does_not_exist_is_refused(iam, server, refused, trusting, kind):
    arn = f"arn:aws:iam::{server.account}:{kind}/ghost"
    text = f'Invalid principal in policy: "AWS":"{arn}"'
    with refused("MalformedPolicyDocument", text, status=400):
        iam.create_role(RoleName="R", AssumeRolePolicyDocument=trusting(arn))
    if kind == "user":
        iam.create_user(UserName="ghost")
    else:
        iam.create_role(RoleName="ghost", AssumeRolePolicyDocument=trusting(server.account))
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=trusting(arn))
    assert _shown(iam) == arn


def test_a_principal_in_another_path_does_not_exist(iam, server, refused, trusting):
    iam.create_user(UserName="u", Path="/a/")
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName="R", AssumeRolePolicyDocument=trusting(f"arn:aws:iam::{server.account}:user/u"))
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=trusting(f"arn:aws:iam::{server.account}:user/a/u"))


def test_a_deleted_principal_shows_as_its_id_and_its_namesake_is_not_trusted(iam, server, refused, trusting):
    caller = {"Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/nothing"}
    credentials = server.user("u", caller)
    arn = f"arn:aws:iam::{server.account}:user/u"
    unique_id = iam.get_user(UserName="u")["User"]["UserId"]
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=trusting(arn))
    role = f"arn:aws:iam::{server.account}:role/R"
    server.client("sts", credentials).assume_role(RoleArn=role, RoleSessionName="s1")

    iam.delete_access_key(UserName="u", AccessKeyId=credentials.access_key_id)
    iam.delete_user_policy(UserName="u", PolicyName="own")
    iam.delete_user(UserName="u")
    assert _shown(iam) == unique_id

    namesake = server.user("u", caller)
    assert _shown(iam) == unique_id
    with refused("AccessDenied"):
        server.client("sts", namesake).assume_role(RoleArn=role, RoleSessionName="s1")
    with refused("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{unique_id}"'):
        iam.update_assume_role_policy(RoleName="R", PolicyDocument=trusting(unique_id))
    iam.update_assume_role_policy(RoleName="R", PolicyDocument=trusting(arn))
    server.client("sts", namesake).assume_role(RoleArn=role, RoleSessionName="s1")


def test_a_renamed_principal_shows_its_new_arn_and_is_trusted(iam, server, trusting):
    credentials = server.user("old")
    iam.create_role(
        RoleName="R", AssumeRolePolicyDocument=trusting(f"arn:aws:iam::{server.account}:user/old", server.account)
    )
    iam.update_user(UserName="old", NewUserName="new")
    assert _shown(iam) == [f"arn:aws:iam::{server.account}:user/new", server.account]
    role = f"arn:aws:iam::{server.account}:role/R"
    server.client("sts", credentials).assume_role(RoleArn=role, RoleSessionName="s1")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "This policy contains invalid Json"),
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}',
            "Missing required field Principal",
        ),
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}]}',
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:*","Resource":"*"}]}',
            "Has prohibited field Resource",
        ),
    ],
)
def test_a_document_that_is_no_trust_policy_is_refused(iam, refused, document, text):
    with refused("MalformedPolicyDocument", text, status=400):
        iam.create_role(RoleName="R", AssumeRolePolicyDocument=document)


def test_a_trust_policy_over_its_size_is_refused_white_space_not_counted(iam, server, refused, trusting):
    def of(size):
        text = trusting(server.account)
        return text[:-1] + ',"Id":"' + "x" * (size - len(text) - 8) + '"}'

    iam.create_role(RoleName="R", AssumeRolePolicyDocument=of(2048) + " " * 500)
    with refused("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", status=409):
        iam.update_assume_role_policy(RoleName="R", PolicyDocument=of(2049))
