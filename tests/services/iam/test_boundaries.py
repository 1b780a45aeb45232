"""Permissions boundaries, driven by boto3 over a real server."""

from __future__ import annotations

import pytest

READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"


@pytest.fixture
def narrow(iam, server):
    document = server.document({"Action": "iam:ListUsers"})
    return iam.create_policy(PolicyName="narrow", PolicyDocument=document)["Policy"]["Arn"]


def test_a_boundary_cuts_what_policies_allow_and_gives_nothing(iam, server, narrow, refused):
    caller = server.client("iam", server.user("u", {"Action": ["iam:ListUsers", "iam:ListRoles"]}))
    caller.list_roles()
    iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=narrow)
    with refused("AccessDenied"):
        caller.list_roles()
    caller.list_users()
    iam.delete_user_policy(UserName="u", PolicyName="own")
    with refused("AccessDenied"):
        caller.list_users()


def test_a_boundary_can_be_taken_away(iam, server, narrow, refused):
    caller = server.client("iam", server.user("u", {"Action": "iam:ListRoles"}))
    iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=narrow)
    with refused("AccessDenied"):
        caller.list_roles()
    iam.delete_user_permissions_boundary(UserName="u")
    caller.list_roles()
    assert "PermissionsBoundary" not in iam.get_user(UserName="u")["User"]
    with refused("NoSuchEntity", status=404):
        iam.delete_user_permissions_boundary(UserName="u")


def test_a_roles_boundary_cuts_its_sessions(iam, server, narrow, trusting, refused):
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(server.account))
    iam.attach_role_policy(RoleName="r", PolicyArn=READ_ONLY)
    arn = f"arn:aws:iam::{server.account}:role/r"
    session = server.client("sts").assume_role(RoleArn=arn, RoleSessionName="s1")["Credentials"]
    caller = server.client("iam", server.credentials(session))
    caller.list_roles()
    iam.put_role_permissions_boundary(RoleName="r", PermissionsBoundary=narrow)
    with refused("AccessDenied"):
        caller.list_roles()
    caller.list_users()
    iam.delete_role_permissions_boundary(RoleName="r")
    caller.list_roles()


def test_a_boundary_that_does_not_exist_is_refused(iam, server, refused):
    iam.create_user(UserName="u")
    arn = f"arn:aws:iam::{server.account}:policy/none"
    with refused("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", status=404):
        iam.put_user_permissions_boundary(UserName="u", PermissionsBoundary=arn)
    with refused("NoSuchEntity"):
        iam.create_user(UserName="v", PermissionsBoundary=arn)
    iam.create_user(UserName="v", PermissionsBoundary=READ_ONLY)


def test_creating_users_can_be_limited_to_bounded_ones(iam, server, narrow, refused):
    statement = {
        "Action": ["iam:CreateUser", "iam:AttachUserPolicy", "iam:DeleteUserPermissionsBoundary"],
        "Condition": {"StringEquals": {"iam:PermissionsBoundary": narrow}},
    }
    caller = server.client("iam", server.user("delegate", statement))
    with refused("AccessDenied"):
        caller.create_user(UserName="free")
    with refused("AccessDenied"):
        caller.create_user(UserName="other", PermissionsBoundary=READ_ONLY)
    caller.create_user(UserName="bounded", PermissionsBoundary=narrow)
    caller.attach_user_policy(UserName="bounded", PolicyArn=READ_ONLY)
    iam.create_user(UserName="free")
    with refused("AccessDenied"):
        caller.attach_user_policy(UserName="free", PolicyArn=READ_ONLY)
