"""Versions of managed policies, driven by boto3 over a real server."""

from __future__ import annotations

import pytest


@pytest.fixture
def arn(iam, server):
    return iam.create_policy(PolicyName="P", PolicyDocument=server.document({"Action": "iam:ListUsers"}))["Policy"][
        "Arn"
    ]


def _ids(iam, arn, **page):
    return [version["VersionId"] for version in iam.list_policy_versions(PolicyArn=arn, **page)["Versions"]]


def test_numbers_only_grow(iam, server, arn):
    document = server.document({"Action": "s3:*"})
    assert iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)["PolicyVersion"]["VersionId"] == "v2"
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    answer = iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)["PolicyVersion"]
    assert (answer["VersionId"], answer["IsDefaultVersion"]) == ("v3", False)
    assert _ids(iam, arn) == ["v3", "v1"]
    first = iam.list_policy_versions(PolicyArn=arn, MaxItems=1)
    assert _ids(iam, arn, Marker=first["Marker"]) == ["v1"]


def test_a_sixth_version_is_refused(iam, server, arn, refused):
    document = server.document({"Action": "s3:*"})
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)
    text = (
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing "
        "version."
    )
    with refused("LimitExceeded", text, status=409):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)


def test_the_default_version_is_the_one_that_acts(iam, server, arn, refused):
    caller = server.client("iam", server.user("u"))
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    caller.list_users()
    nothing = server.document({"Action": "s3:*"})
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=nothing)
    caller.list_users()
    before = iam.get_policy(PolicyArn=arn)["Policy"]["UpdateDate"]
    server.advance("1h")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert policy["DefaultVersionId"] == "v2"
    assert policy["UpdateDate"] > before
    with refused("AccessDenied"):
        caller.list_users()


def test_set_as_default_takes_effect_at_once(iam, server, arn):
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=server.document({"Action": "s3:*"}), SetAsDefault=True)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["IsDefaultVersion"] is False


def test_the_default_version_is_not_deleted(iam, arn, refused):
    with refused("DeleteConflict", "Cannot delete the default version of a policy.", status=409):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")


@pytest.mark.parametrize("call", ["get_policy_version", "delete_policy_version", "set_default_policy_version"])
def test_a_version_that_is_none_is_not_found(iam, arn, refused, call):
    with refused("NoSuchEntity", f"Policy {arn} version v9 does not exist or is not attachable.", status=404):
        getattr(iam, call)(PolicyArn=arn, VersionId="v9")
