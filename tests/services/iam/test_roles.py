"""Roles, driven by boto3 over a real server."""

from __future__ import annotations

import re

import pytest

SERVICE = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
    '"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


def test_create_role_leaves_out_what_get_role_adds(iam, server):
    made = iam.create_role(RoleName="R", Path="/p/", AssumeRolePolicyDocument=SERVICE)["Role"]
    assert made["Arn"] == f"arn:aws:iam::{server.account}:role/p/R"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", made["RoleId"])
    assert set(made) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert iam.get_role(RoleName="R")["Role"] == {**made, "MaxSessionDuration": 3600, "RoleLastUsed": {}}


def test_list_roles_has_the_description_but_no_tags_boundary_or_last_use(iam):
    iam.create_role(
        RoleName="R",
        AssumeRolePolicyDocument=SERVICE,
        Description="d",
        MaxSessionDuration=7200,
        PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
        Tags=[{"Key": "k", "Value": "v"}],
    )
    (listed,) = iam.list_roles()["Roles"]
    assert (listed["Description"], listed["MaxSessionDuration"]) == ("d", 7200)
    assert not {"Tags", "PermissionsBoundary", "RoleLastUsed"} & set(listed)
    whole = iam.get_role(RoleName="R")["Role"]
    assert whole["Tags"] == [{"Key": "k", "Value": "v"}]
    assert whole["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    }


def test_a_role_of_the_same_name_is_refused(iam, refused):
    iam.create_role(RoleName="Deploy", AssumeRolePolicyDocument=SERVICE)
    with refused("EntityAlreadyExists", "Role with name deploy already exists.", status=409):
        iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=SERVICE)


@pytest.mark.parametrize("path", ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso/"])
def test_paths_of_aws_are_refused(iam, refused, path):
    with refused("InvalidInput"):
        iam.create_role(RoleName="R", Path=path, AssumeRolePolicyDocument=SERVICE)
    iam.create_role(RoleName="R", Path="/mine/", AssumeRolePolicyDocument=SERVICE)


def test_update_role_changes_only_what_it_is_given(iam):
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=SERVICE, Description="before", MaxSessionDuration=7200)
    iam.update_role(RoleName="R", Description="after")
    role = iam.get_role(RoleName="R")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("after", 7200)
    iam.update_role(RoleName="R", MaxSessionDuration=43200)
    role = iam.get_role(RoleName="R")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("after", 43200)


def test_update_role_description_answers_the_role(iam):
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=SERVICE)
    answer = iam.update_role_description(RoleName="R", Description="new")["Role"]
    assert (answer["RoleName"], answer["Description"]) == ("R", "new")


@pytest.mark.parametrize("seconds", [3599, 43201])
def test_a_session_out_of_bounds_is_refused(server, refused, seconds):
    unchecked = server.client("iam", parameter_validation=False)
    with refused("ValidationError", status=400):
        unchecked.create_role(RoleName="R", AssumeRolePolicyDocument=SERVICE, MaxSessionDuration=seconds)
    unchecked.create_role(RoleName="R", AssumeRolePolicyDocument=SERVICE, MaxSessionDuration=43200)


def test_delete_role_is_refused_while_something_hangs_on_it_and_then_done(iam, server, refused):
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=SERVICE)
    iam.create_instance_profile(InstanceProfileName="P")
    iam.add_role_to_instance_profile(InstanceProfileName="P", RoleName="R")
    with refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", status=409):
        iam.delete_role(RoleName="R")
    iam.remove_role_from_instance_profile(InstanceProfileName="P", RoleName="R")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_role_policy(RoleName="R", PolicyArn=arn)
    with refused("DeleteConflict", "Cannot delete entity, must detach all policies first."):
        iam.delete_role(RoleName="R")
    iam.detach_role_policy(RoleName="R", PolicyArn=arn)
    iam.put_role_policy(RoleName="R", PolicyName="p", PolicyDocument=server.document({"Action": "s3:*"}))
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName="R")
    iam.delete_role_policy(RoleName="R", PolicyName="p")
    iam.delete_role(RoleName="R")
    with refused("NoSuchEntity", "The role with name R cannot be found.", status=404):
        iam.get_role(RoleName="R")
