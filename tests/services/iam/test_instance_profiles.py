"""Instance profiles, driven by boto3 over a real server."""

from __future__ import annotations

import re

import pytest


@pytest.fixture
def role(iam, server, trusting):
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=trusting(server.account))
    return "R"


def test_a_profile_is_made_with_tags_and_shows_its_role(iam, server, role):
    made = iam.create_instance_profile(InstanceProfileName="P", Path="/p/", Tags=[{"Key": "k", "Value": "v"}])
    made = made["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{server.account}:instance-profile/p/P"
    assert re.fullmatch(r"AIPA[A-Z2-7]{17}", made["InstanceProfileId"])
    assert (made["Roles"], made["Tags"]) == ([], [{"Key": "k", "Value": "v"}])
    iam.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)
    shown = iam.get_instance_profile(InstanceProfileName="P")["InstanceProfile"]
    assert [each["RoleName"] for each in shown["Roles"]] == ["R"]
    assert shown["Roles"][0]["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"


def test_a_profile_of_the_same_name_is_refused(iam, refused):
    iam.create_instance_profile(InstanceProfileName="P")
    with refused("EntityAlreadyExists", "Instance Profile p already exists.", status=409):
        iam.create_instance_profile(InstanceProfileName="p")


def test_profiles_hold_one_role(iam, role, refused):
    iam.create_instance_profile(InstanceProfileName="P")
    iam.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)
    text = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    with refused("LimitExceeded", text, status=409):
        iam.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)
    iam.remove_role_from_instance_profile(InstanceProfileName="P", RoleName=role)
    with refused("NoSuchEntity", status=404):
        iam.remove_role_from_instance_profile(InstanceProfileName="P", RoleName=role)
    iam.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)


def test_profiles_are_listed_by_path_and_by_role(iam, role):
    for name in ("b", "a", "c"):
        iam.create_instance_profile(InstanceProfileName=name, Path="/p/")
    for name in ("b", "c"):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)

    def names(answer):
        return [profile["InstanceProfileName"] for profile in answer["InstanceProfiles"]]

    assert names(iam.list_instance_profiles(PathPrefix="/p/")) == ["a", "b", "c"]
    first = iam.list_instance_profiles_for_role(RoleName=role, MaxItems=1)
    assert names(first) == ["b"]
    assert names(iam.list_instance_profiles_for_role(RoleName=role, Marker=first["Marker"])) == ["c"]


def test_delete_is_refused_while_a_role_is_in_it_and_then_done(iam, role, refused):
    iam.create_instance_profile(InstanceProfileName="P")
    iam.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)
    with refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", status=409):
        iam.delete_instance_profile(InstanceProfileName="P")
    iam.remove_role_from_instance_profile(InstanceProfileName="P", RoleName=role)
    iam.delete_instance_profile(InstanceProfileName="P")
    with refused("NoSuchEntity", "Instance Profile P cannot be found.", status=404):
        iam.get_instance_profile(InstanceProfileName="P")


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "lambda.amazonaws.com"])
def test_adding_a_role_needs_pass_role_to_ec2(iam, server, role, refused, service):
    iam.create_instance_profile(InstanceProfileName="P")
    adding = {"Action": "iam:AddRoleToInstanceProfile"}
    passing = {"Action": "iam:PassRole", "Condition": {"StringEquals": {"iam:PassedToService": service}}}
    without = server.client("iam", server.user("without", adding))
    having = server.client("iam", server.user("having", adding, passing))
    with refused("AccessDenied"):
        without.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)
    if service == "ec2.amazonaws.com":
        having.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)
    else:
        with refused("AccessDenied"):
            having.add_role_to_instance_profile(InstanceProfileName="P", RoleName=role)
