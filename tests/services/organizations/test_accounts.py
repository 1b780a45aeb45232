"""Accounts over the real server: made, entered, moved, removed, closed."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

DENIED = "You don't have permissions to access this resource."


def test_create_account_is_in_progress_and_done_at_the_first_poll(organization, plain):
    begun = plain.create_account(Email="dev@example.com", AccountName="dev")["CreateAccountStatus"]
    assert set(begun) == {"Id", "AccountName", "State", "RequestedTimestamp"}
    assert begun["State"] == "IN_PROGRESS"
    assert re.fullmatch(r"car-[0-9a-f]{32}", begun["Id"])
    status = plain.describe_create_account_status(CreateAccountRequestId=begun["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED"
    assert status["CompletedTimestamp"] >= status["RequestedTimestamp"] == begun["RequestedTimestamp"]
    account = plain.describe_account(AccountId=status["AccountId"])["Account"]
    assert account == {
        "Id": status["AccountId"],
        "Arn": f"arn:aws:organizations::{organization.server.account}:account/{organization.id}/{status['AccountId']}",
        "Email": "dev@example.com",
        "Name": "dev",
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "Paths": [f"{organization.id}/{organization.root}/{status['AccountId']}/"],
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": account["JoinedTimestamp"],
    }


def test_create_account_with_a_taken_address_fails_as_a_state(organization, plain):
    organization.account("dev")
    begun = plain.create_account(Email="DEV@example.com", AccountName="again")["CreateAccountStatus"]
    assert begun["State"] == "IN_PROGRESS"
    status = plain.describe_create_account_status(CreateAccountRequestId=begun["Id"])["CreateAccountStatus"]
    assert (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert "AccountId" not in status
    assert len(plain.list_accounts()["Accounts"]) == 2
    failed = plain.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]
    assert [each["Id"] for each in failed] == [begun["Id"]]
    assert len(plain.list_create_account_status()["CreateAccountStatuses"]) == 2


def test_a_creation_that_nobody_asked_for_is_not_found(organization, plain, refused):
    with refused("CreateAccountStatusNotFoundException"):
        plain.describe_create_account_status(CreateAccountRequestId="car-" + "0" * 32)


def test_the_management_account_enters_by_the_access_role(organization, refused):
    server, account = organization.server, organization.account("dev")
    session = organization.inside(account)
    assert server.client("sts", session).get_caller_identity()["Account"] == account
    iam = server.client("iam", session)
    role = iam.get_role(RoleName="OrganizationAccountAccessRole")["Role"]
    trusted = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert trusted == {"AWS": f"arn:aws:iam::{server.account}:root"}
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["AdministratorAccess"]
    linked = iam.get_role(RoleName="AWSServiceRoleForOrganizations")["Role"]
    assert linked["Path"] == "/aws-service-role/organizations.amazonaws.com/"
    key = server.client("kms", session).create_key()["KeyMetadata"]
    assert key["AWSAccountId"] == account
    with refused("AccessDenied"):
        server.client("sts", server.user("none")).assume_role(RoleArn=role["Arn"], RoleSessionName="test")


def test_the_access_role_may_have_another_name(organization):
    account = organization.account("dev", RoleName="Landing")
    arn = f"arn:aws:iam::{account}:role/Landing"
    organization.server.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")


def test_the_access_role_trusts_the_management_account_only(organization, refused):
    one, two = organization.account("one"), organization.account("two")
    sts = organization.server.client("sts", organization.inside(one))
    arn = f"arn:aws:iam::{two}:role/OrganizationAccountAccessRole"
    text = f"User: arn:aws:sts::{one}:assumed-role/OrganizationAccountAccessRole/boss is not authorized to perform: "
    with refused("AccessDenied", f"{text}sts:AssumeRole on resource: {arn}"):
        sts.assume_role(RoleArn=arn, RoleSessionName="test")


def test_accounts_are_listed_in_pages(organization, plain, refused):
    made = {organization.account(f"a{number}") for number in range(4)} | {organization.server.account}
    pages = list(plain.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Accounts"]) for page in pages] == [2, 2, 1]
    assert {account["Id"] for page in pages for account in page["Accounts"]} == made
    with refused("InvalidInputException", reason="INVALID_NEXT_TOKEN"):
        plain.list_accounts(NextToken="nonsense")
    with refused("InvalidInputException", reason="INVALID_NEXT_TOKEN"):
        plain.list_roots(NextToken=pages[0]["NextToken"])


def test_accounts_made_side_by_side_are_all_there(organization, plain):
    with ThreadPoolExecutor(5) as threads:
        made = list(threads.map(lambda number: organization.account(f"p{number}"), range(5)))
    assert len(set(made)) == 5
    assert set(made) < {account["Id"] for account in plain.list_accounts()["Accounts"]}


def test_an_account_that_is_no_member_is_not_found(organization, plain, refused):
    for call in (plain.describe_account, plain.remove_account_from_organization, plain.close_account):
        with refused("AccountNotFoundException", "You specified an account that doesn't exist."):
            call(AccountId="999999999999")


def test_move_account(organization, plain, refused):
    account, prod, test = organization.account("dev"), organization.unit("Prod"), organization.unit("Test")
    root = organization.root

    def move(source, destination):
        plain.move_account(AccountId=account, SourceParentId=source, DestinationParentId=destination)

    move(root, prod)
    assert plain.list_parents(ChildId=account)["Parents"] == [{"Id": prod, "Type": "ORGANIZATIONAL_UNIT"}]
    path = f"{organization.id}/{root}/{prod}/{account}/"
    assert plain.describe_account(AccountId=account)["Account"]["Paths"] == [path]
    with refused("SourceParentNotFoundException"):
        move(root, test)
    with refused("DestinationParentNotFoundException"):
        move(prod, f"ou-{root[2:]}-00000000")
    with refused("DuplicateAccountException"):
        move(prod, prod)
    move(prod, root)
    assert plain.list_parents(ChildId=account)["Parents"] == [{"Id": root, "Type": "ROOT"}]


def test_a_removed_account_goes_on_by_itself(organization, plain, refused):
    account = organization.account("dev")
    session = organization.inside(account)
    with refused("MasterCannotLeaveOrganizationException"):
        plain.remove_account_from_organization(AccountId=organization.server.account)
    plain.remove_account_from_organization(AccountId=account)
    assert [each["Id"] for each in plain.list_accounts()["Accounts"]] == [organization.server.account]
    client = organization.server.client("organizations", session)
    with refused("AWSOrganizationsNotInUseException"):
        client.describe_organization()
    own = client.create_organization()["Organization"]
    assert (own["MasterAccountId"], own["MasterAccountEmail"]) == (account, "dev@example.com")


def test_of_a_closed_account_nothing_can_be_used(organization, plain, refused):
    account = organization.account("dev")
    server, session = organization.server, organization.inside(account)
    kms = server.client("kms", session)
    kms.list_keys()
    with refused("ConstraintViolationException", reason="CANNOT_CLOSE_MANAGEMENT_ACCOUNT"):
        plain.close_account(AccountId=server.account)
    plain.close_account(AccountId=account)
    with refused("AccessDeniedException"):
        kms.list_keys()
    with refused("AccessDenied"):
        organization.inside(account)
    server.advance("1s")
    shown = plain.describe_account(AccountId=account)["Account"]
    assert (shown["Status"], shown["State"]) == ("SUSPENDED", "CLOSED")
    with refused("AccountAlreadyClosedException"):
        plain.close_account(AccountId=account)
    server.advance("89d")
    plain.describe_account(AccountId=account)
    server.advance("2d")
    with refused("AccountNotFoundException"):
        plain.describe_account(AccountId=account)
    with refused("AccessDeniedException"):
        kms.list_keys()


def test_permission_for_one_account_is_for_that_one(organization, refused):
    one, two = organization.account("one"), organization.account("two", Tags=[{"Key": "stage", "Value": "test"}])
    arn = f"arn:aws:organizations::{organization.server.account}:account/{organization.id}/{one}"
    server = organization.server
    client = server.client("organizations", server.user("u", {"Action": "organizations:*", "Resource": arn}))
    client.describe_account(AccountId=one)
    for other in (two, "999999999999"):
        with refused("AccessDeniedException", DENIED):
            client.describe_account(AccountId=other)
    condition = {"StringEquals": {"aws:ResourceTag/stage": "test"}}
    tagged = server.client("organizations", server.user("t", {"Action": "organizations:*", "Condition": condition}))
    tagged.describe_account(AccountId=two)
    with refused("AccessDeniedException", DENIED):
        tagged.describe_account(AccountId=one)


@pytest.fixture
def records(server):
    def read(name):
        deadline = time.monotonic() + 5
        marker = f'"eventName":"{name}"'.encode()
        while time.monotonic() < deadline:
            found = [path for path in server.data.glob("g*/**/*") if path.is_file() and marker in path.read_bytes()]
            if found:
                return b"".join(path.read_bytes() for path in found)
        raise AssertionError(f"nothing recorded {name}")

    return read


def test_names_and_addresses_of_accounts_are_masked_in_the_audit(organization, records):
    organization.account("very-secret-project")
    written = records("CreateAccount")
    assert b'"accountName":"****"' in written
    assert b'"eventName":"CreateAccountResult"' in written
    for line in written.splitlines():
        if b'"eventName":"CreateAccount' in line:
            assert b"very-secret-project@example.com" not in line[line.index(b'"eventName":"CreateAccount') :][:3000]


def test_a_departure_is_recorded_with_how_it_came_about(organization, plain, records):
    account = organization.account("dev")
    plain.remove_account_from_organization(AccountId=account)
    assert f'"accountId":"{account}","departureMethod":"REMOVED"'.encode() in records("AccountDepartedOrganization")
