"""GetAccountAuthorizationDetails, driven by boto3 over a real server."""

from __future__ import annotations

import pytest

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture
def account(iam, server, trusting):
    document = server.document({"Action": "s3:*"})
    own = iam.create_policy(PolicyName="own", PolicyDocument=document, Description="d")["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=own, PolicyDocument=document)
    iam.create_user(UserName="u", PermissionsBoundary=own, Tags=[{"Key": "k", "Value": "v"}])
    iam.put_user_policy(UserName="u", PolicyName="i", PolicyDocument=document)
    iam.create_group(GroupName="g")
    iam.attach_group_policy(GroupName="g", PolicyArn=READ_ONLY)
    iam.add_user_to_group(GroupName="g", UserName="u")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(server.account))
    iam.create_instance_profile(InstanceProfileName="p")
    iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
    return own


def test_everything_is_told(iam, account):
    answer = iam.get_account_authorization_details()
    admin, user = answer["UserDetailList"]
    assert admin["UserName"] == "admin"
    assert user["GroupList"] == ["g"]
    assert user["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] == "s3:*"
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == account
    assert user["Tags"] == [{"Key": "k", "Value": "v"}]
    (group,) = answer["GroupDetailList"]
    assert group["AttachedManagedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    (role,) = answer["RoleDetailList"]
    assert role["InstanceProfileList"][0]["InstanceProfileName"] == "p"
    assert role["AssumeRolePolicyDocument"]["Version"] == "2012-10-17"
    policies = {policy["PolicyName"]: policy for policy in answer["Policies"]}
    assert set(policies) == {"own", "ReadOnlyAccess", "AdministratorAccess"}
    assert [version["VersionId"] for version in policies["own"]["PolicyVersionList"]] == ["v1", "v2"]
    assert policies["own"]["Description"] == "d"
    assert policies["own"]["PermissionsBoundaryUsageCount"] == 1


def test_pages_hold_all_lists_together_each_entry_once(iam, account):
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    pages = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    sizes, arns = [], []
    for page in pages:
        entries = [entry for name in lists for entry in page[name]]
        sizes.append(len(entries))
        arns += [entry["Arn"] for entry in entries]
    assert sizes == [2, 2, 2, 1]
    assert len(set(arns)) == 7


def test_a_filter_leaves_the_others_out(iam, account):
    answer = iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
    assert (answer["UserDetailList"], answer["GroupDetailList"]) == ([], [])
    assert [role["RoleName"] for role in answer["RoleDetailList"]] == ["r"]
    assert [policy["PolicyName"] for policy in answer["Policies"]] == ["own"]
