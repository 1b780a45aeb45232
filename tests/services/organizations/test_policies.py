"""Policies over the real server: written, changed, listed."""

from __future__ import annotations

import json
import re

import pytest

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


def document(**members):
    statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", **members}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_create_policy_and_describe_it(organization, plain):
    content = document() + "\n"
    made = plain.create_policy(Name="no-s3", Description="", Type=SCP, Content=content)["Policy"]
    summary = made["PolicySummary"]
    assert re.fullmatch(r"p-[a-z0-9]{8}", summary["Id"])
    owner = organization.server.account
    arn = f"arn:aws:organizations::{owner}:policy/{organization.id}/service_control_policy/{summary['Id']}"
    expected = {"Id": summary["Id"], "Arn": arn, "Name": "no-s3", "Description": "", "Type": SCP, "AwsManaged": False}
    assert summary == expected
    assert made["Content"] == content
    assert plain.describe_policy(PolicyId=summary["Id"])["Policy"] == made


def test_policies_of_aws_are_there_and_cannot_be_changed(organization, plain, refused):
    full = plain.describe_policy(PolicyId="p-FullAWSAccess")["Policy"]
    assert full["PolicySummary"]["Arn"] == "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess"
    assert full["PolicySummary"]["AwsManaged"] is True
    resource = plain.describe_policy(PolicyId="p-RCPFullAWSAccess")["Policy"]["PolicySummary"]
    assert resource["Arn"] == "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess"
    with refused("InvalidInputException", reason="IMMUTABLE_POLICY"):
        plain.update_policy(PolicyId="p-FullAWSAccess", Name="x")
    with refused("InvalidInputException", reason="IMMUTABLE_POLICY"):
        plain.delete_policy(PolicyId="p-RCPFullAWSAccess")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (SCP, "{"),
        (SCP, "[]"),
        (SCP, document(Principal="*")),
        (RCP, document()),
        (RCP, document(Principal="*", Effect="Allow")),
    ],
)
def test_malformed_policies_are_refused(organization, plain, refused, kind, content):
    text = "The provided policy document does not meet the requirements of the specified policy type."
    with refused("MalformedPolicyDocumentException", text):
        plain.create_policy(Name="bad", Description="", Type=kind, Content=content)
    good = document(Principal="*") if kind == RCP else document()
    plain.create_policy(Name="bad", Description="", Type=kind, Content=good)


def test_policies_are_bounded_in_size(organization, plain, refused):
    for kind, most, content in ((SCP, 10240, document()), (RCP, 5120, document(Principal="*"))):
        padded = content + " " * (most - len(content))
        plain.create_policy(Name="large", Description="", Type=kind, Content=padded)
        with refused("ConstraintViolationException", reason="POLICY_CONTENT_LIMIT_EXCEEDED"):
            plain.create_policy(Name="larger", Description="", Type=kind, Content=padded + " ")


def test_names_are_taken_once_in_a_type(organization, plain, refused):
    organization.policy("one", {"Action": "s3:*"})
    with refused("DuplicatePolicyException", "A policy with the same name already exists."):
        organization.policy("one", {"Action": "s3:*"})
    with refused("DuplicatePolicyException"):
        organization.policy("FullAWSAccess", {"Action": "s3:*"})
    organization.policy("one", {"Action": "s3:*", "Principal": "*"}, kind=RCP)
    two = organization.policy("two", {"Action": "s3:*"})
    with refused("DuplicatePolicyException"):
        plain.update_policy(PolicyId=two, Name="one")


def test_update_policy_changes_what_it_is_given(organization, plain, refused):
    policy = organization.policy("one", {"Action": "s3:*"})
    before = plain.describe_policy(PolicyId=policy)["Policy"]
    plain.update_policy(PolicyId=policy, Description="new")
    plain.update_policy(PolicyId=policy, Name="renamed")
    after = plain.update_policy(PolicyId=policy, Content=document(Action="kms:*"))["Policy"]
    assert after["PolicySummary"] == {**before["PolicySummary"], "Name": "renamed", "Description": "new"}
    assert after["Content"] == document(Action="kms:*")
    with refused("MalformedPolicyDocumentException"):
        plain.update_policy(PolicyId=policy, Content="{}")


def test_other_types_of_policies_are_refused(organization, plain, refused):
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        plain.create_policy(Name="t", Description="", Type="TAG_POLICY", Content="{}")
    with refused("PolicyTypeNotAvailableForOrganizationException"):
        plain.enable_policy_type(RootId=organization.root, PolicyType="BACKUP_POLICY")


def test_list_policies_by_type_in_pages(organization, plain):
    made = {organization.policy(f"p{number}", {"Action": "s3:*"}) for number in range(4)}
    pages = list(plain.get_paginator("list_policies").paginate(Filter=SCP, PaginationConfig={"PageSize": 2}))
    listed = [each["Id"] for page in pages for each in page["Policies"]]
    assert len(listed) == 5
    assert set(listed) == made | {"p-FullAWSAccess"}
    (only,) = plain.list_policies(Filter=RCP)["Policies"]
    assert only["Id"] == "p-RCPFullAWSAccess"
    assert plain.list_policies(Filter="TAG_POLICY")["Policies"] == []


def test_an_attached_policy_is_not_deleted(organization, plain, refused):
    organization.enable(SCP)
    policy = organization.policy("one", {"Action": "s3:*"})
    plain.attach_policy(PolicyId=policy, TargetId=organization.root)
    with refused("PolicyInUseException"):
        plain.delete_policy(PolicyId=policy)
    plain.detach_policy(PolicyId=policy, TargetId=organization.root)
    plain.delete_policy(PolicyId=policy)
    with refused("PolicyNotFoundException"):
        plain.describe_policy(PolicyId=policy)


def test_permission_can_be_for_one_type_of_policies(organization, refused):
    condition = {"StringEquals": {"organizations:PolicyType": SCP}}
    server = organization.server
    client = server.client("organizations", server.user("u", {"Action": "organizations:*", "Condition": condition}))
    policy = organization.policy("r", {"Action": "s3:*", "Principal": "*"}, kind=RCP)
    client.list_policies(Filter=SCP)
    client.describe_policy(PolicyId="p-FullAWSAccess")
    with refused("AccessDeniedException"):
        client.list_policies(Filter=RCP)
    with refused("AccessDeniedException"):
        client.describe_policy(PolicyId=policy)
