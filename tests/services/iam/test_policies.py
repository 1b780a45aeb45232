"""Customer managed policies and AWS's, driven by boto3 over a real server."""

from __future__ import annotations

import pytest

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.fixture
def make(iam, server):
    def create(name="P", **members):
        document = server.document({"Action": "s3:*"})
        return iam.create_policy(PolicyName=name, PolicyDocument=document, **members)["Policy"]

    return create


def test_create_policy_answers_no_description_and_get_policy_does(iam, server, make):
    made = make("P", Path="/a/", Description="d")
    assert made["Arn"] == f"arn:aws:iam::{server.account}:policy/a/P"
    assert not {"Description", "Tags"} & set(made)
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["PermissionsBoundaryUsageCount"]) == ("v1", 0, 0)
    assert made["IsAttachable"] is True
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"] == {**made, "Description": "d", "Tags": []}


def test_a_policy_of_the_same_name_is_refused(make, refused):
    make("P")
    text = "A policy called p already exists. Duplicate names are not allowed."
    with refused("EntityAlreadyExists", text, status=409):
        make("p")
    make("q")


def test_a_policy_over_its_size_is_refused_white_space_not_counted(iam, server, refused):
    def of(size):
        text = server.document({"Action": "s3:Get"})
        return text.replace("s3:Get", "s3:Get" + "x" * (size - len(text)))

    iam.create_policy(PolicyName="fits", PolicyDocument=of(6144) + "\n" * 100)
    with refused("LimitExceeded", "Cannot exceed quota for PolicySize: 6144", status=409):
        iam.create_policy(PolicyName="large", PolicyDocument=of(6145))


def test_counts_follow_attachments_and_boundaries(iam, server, make):
    arn = make()["Arn"]
    iam.create_user(UserName="u", PermissionsBoundary=arn)
    iam.create_user(UserName="v")
    iam.create_group(GroupName="g")
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (2, 1)
    iam.detach_group_policy(GroupName="g", PolicyArn=arn)
    iam.delete_user_permissions_boundary(UserName="u")
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (policy["AttachmentCount"], policy["PermissionsBoundaryUsageCount"]) == (1, 0)


def test_delete_policy_is_refused_while_it_stands_anywhere_and_then_done(iam, server, make, refused):
    arn = make()["Arn"]
    iam.create_user(UserName="u")
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    with refused("DeleteConflict", "Cannot delete a policy attached to entities.", status=409):
        iam.delete_policy(PolicyArn=arn)
    iam.detach_user_policy(UserName="u", PolicyArn=arn)
    iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=arn)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_user_permissions_boundary(UserName="u")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=server.document({"Action": "s3:*"}))
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity", f"Policy {arn} was not found.", status=404):
        iam.get_policy(PolicyArn=arn)
    assert make()["Arn"] == arn


def test_a_path_that_is_not_the_policys_finds_nothing(iam, server, make, refused):
    make("P", Path="/a/")
    with refused("NoSuchEntity"):
        iam.get_policy(PolicyArn=f"arn:aws:iam::{server.account}:policy/P")


def test_what_is_no_arn_is_a_validation_error(iam, refused):
    with refused("ValidationError", "Invalid ARN:  Could not be parsed!", status=400):
        iam.get_policy(PolicyArn="this-is-not-an-arn-at-all")


def test_policies_of_another_account_are_denied(iam, refused):
    with refused("AccessDenied"):
        iam.get_policy(PolicyArn="arn:aws:iam::999999999999:policy/P")


def test_aws_policies_are_read_and_never_changed(iam, server, refused):
    policy = iam.get_policy(PolicyArn=ADMINISTRATOR)["Policy"]
    assert (policy["PolicyName"], policy["AttachmentCount"]) == ("AdministratorAccess", 1)
    version = iam.get_policy_version(PolicyArn=ADMINISTRATOR, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert version["Document"]["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    with refused("AccessDenied", "Policy is outside your own account."):
        iam.delete_policy(PolicyArn=ADMINISTRATOR)
    with refused("AccessDenied"):
        iam.create_policy_version(PolicyArn=ADMINISTRATOR, PolicyDocument=server.document({"Action": "*"}))


def test_list_policies_by_scope(iam, make):
    make("a")
    make("b", Path="/x/")
    local = iam.list_policies(Scope="Local")
    assert [policy["PolicyName"] for policy in local["Policies"]] == ["a", "b"]
    assert local["IsTruncated"] is False
    by_path = iam.list_policies(Scope="Local", PathPrefix="/x/")["Policies"]
    assert [policy["PolicyName"] for policy in by_path] == ["b"]
    assert "Description" not in by_path[0]


def test_list_policies_pages_over_everything_once(iam, make):
    for name in ("a", "b"):
        make(name)
    pages = iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 1000})
    names = [policy["Arn"] for page in pages for policy in page["Policies"]]
    assert len(names) == len(set(names)) > 1500
    assert [name.rpartition("/")[2] for name in names[:2]] == ["a", "b"]
    by_one = iam.list_policies(MaxItems=1)
    rest = iam.list_policies(MaxItems=3, Marker=by_one["Marker"])["Policies"]
    assert [policy["Arn"] for policy in rest] == names[1:4]


def test_list_policies_only_attached_and_by_use(iam, make):
    used, bounding = make("used")["Arn"], make("bounding")["Arn"]
    make("unused")
    iam.create_user(UserName="u", PermissionsBoundary=bounding)
    iam.attach_user_policy(UserName="u", PolicyArn=used)

    def listed(**filters):
        return {policy["PolicyName"] for policy in iam.list_policies(**filters)["Policies"]}

    assert listed(OnlyAttached=True) == {"used", "bounding", "AdministratorAccess"}
    assert listed(Scope="Local", PolicyUsageFilter="PermissionsBoundary") == {"bounding"}
    assert listed(Scope="Local", PolicyUsageFilter="PermissionsPolicy") == {"used"}
