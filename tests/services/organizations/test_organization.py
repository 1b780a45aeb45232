"""The organization itself over the real server: made, described, deleted, and who may ask."""

from __future__ import annotations

import re

import pytest

DENIED = "You don't have permissions to access this resource."
OUTSIDE = "Your account is not a member of an organization."


def test_create_organization_has_a_root_without_policy_types(server, plain):
    made = plain.create_organization()["Organization"]
    account = server.account
    assert re.fullmatch(r"o-[a-z0-9]{10}", made["Id"])
    assert made["Arn"] == f"arn:aws:organizations::{account}:organization/{made['Id']}"
    assert made["MasterAccountArn"] == f"arn:aws:organizations::{account}:account/{made['Id']}/{account}"
    assert made["FeatureSet"] == "ALL"
    assert plain.describe_organization()["Organization"] == made
    (root,) = plain.list_roots()["Roots"]
    assert root["Name"] == "Root"
    assert root["PolicyTypes"] == []
    assert root["Arn"] == f"arn:aws:organizations::{account}:root/{made['Id']}/{root['Id']}"
    (member,) = plain.list_accounts()["Accounts"]
    assert (member["Id"], member["JoinedMethod"], member["Status"]) == (account, "INVITED", "ACTIVE")


def test_create_organization_twice_is_refused(plain, refused):
    plain.create_organization()
    with refused("AlreadyInOrganizationException"):
        plain.create_organization()


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("describe_organization", {}),
        ("list_accounts", {}),
        ("list_roots", {}),
        ("create_account", {"Email": "a@example.com", "AccountName": "a"}),
        ("describe_account", {"AccountId": "123456789012"}),
        ("delete_organization", {}),
    ],
)
def test_without_an_organization_all_else_is_refused(plain, refused, operation, members):
    with refused("AWSOrganizationsNotInUseException", OUTSIDE):
        getattr(plain, operation)(**members)


def test_create_organization_needs_the_permission(server, refused):
    with refused("AccessDeniedException", DENIED):
        server.client("organizations", server.user("none")).create_organization()
    allowed = server.user("one", {"Action": "organizations:CreateOrganization"})
    server.client("organizations", allowed).create_organization()


def test_members_may_describe_the_organization_and_little_else(organization, refused):
    member = organization.server.client("organizations", organization.inside(organization.account("dev")))
    assert member.describe_organization()["Organization"]["Id"] == organization.id
    for call in (member.list_accounts, member.list_roots, member.delete_organization):
        with refused("AccessDeniedException", DENIED):
            call()
    with refused("AccessDeniedException", DENIED):
        member.create_account(Email="x@example.com", AccountName="x")
    with refused("AlreadyInOrganizationException"):
        member.create_organization()


def test_delete_organization_wants_it_empty(organization, plain, refused):
    account, unit = organization.account("dev"), organization.unit("Prod")
    for _ in range(2):
        with refused("OrganizationNotEmptyException"):
            plain.delete_organization()
        if unit:
            plain.delete_organizational_unit(OrganizationalUnitId=unit)
            unit = None
    plain.remove_account_from_organization(AccountId=account)
    policy = organization.policy("p", {"Action": "s3:*"})
    with refused("OrganizationNotEmptyException"):
        plain.delete_organization()
    plain.delete_policy(PolicyId=policy)
    plain.delete_organization()
    with refused("AWSOrganizationsNotInUseException", OUTSIDE):
        plain.describe_organization()
    assert plain.create_organization()["Organization"]["Id"] != organization.id


def test_an_organization_for_billing_only_has_no_policies(plain, refused):
    made = plain.create_organization(FeatureSet="CONSOLIDATED_BILLING")["Organization"]
    assert made["AvailablePolicyTypes"] == []
    root = plain.list_roots()["Roots"][0]["Id"]
    with refused("ConstraintViolationException", reason="ORGANIZATION_NOT_IN_ALL_FEATURES_MODE"):
        plain.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    with refused("ConstraintViolationException"):
        plain.enable_aws_service_access(ServicePrincipal="ram.amazonaws.com")


def test_trusted_access_is_switched_on_and_off(organization, plain, refused):
    plain.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    (first,) = plain.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    plain.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    plain.enable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    one = plain.list_aws_service_access_for_organization(MaxResults=1)
    assert one["EnabledServicePrincipals"] == [first]
    two = plain.list_aws_service_access_for_organization(MaxResults=1, NextToken=one["NextToken"])
    assert [each["ServicePrincipal"] for each in two["EnabledServicePrincipals"]] == ["ram.amazonaws.com"]
    assert "NextToken" not in two
    plain.disable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    (left,) = plain.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert left["ServicePrincipal"] == "ram.amazonaws.com"
    with refused("InvalidInputException", reason="UNRECOGNIZED_SERVICE_PRINCIPAL"):
        plain.enable_aws_service_access(ServicePrincipal="nobody.amazonaws.com")


def test_trusted_access_can_be_allowed_for_one_service(organization, refused):
    condition = {"StringEquals": {"organizations:ServicePrincipal": "ram.amazonaws.com"}}
    user = organization.server.user("u", {"Action": "organizations:EnableAWSServiceAccess", "Condition": condition})
    client = organization.server.client("organizations", user)
    client.enable_aws_service_access(ServicePrincipal="ram.amazonaws.com")
    with refused("AccessDeniedException", DENIED):
        client.enable_aws_service_access(ServicePrincipal="fms.amazonaws.com")
