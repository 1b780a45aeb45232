"""Shares, associations, invitations, lists and permissions as the API shows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Code = Callable[..., str]


@pytest.fixture
def share(ram: Any, key: str, other: Any) -> str:
    made = ram.create_resource_share(name="keys", resourceArns=[key], principals=[other.id])["resourceShare"]
    assert (made["status"], made["allowExternalPrincipals"]) == ("ACTIVE", True)
    return str(made["resourceShareArn"])


def invited(other: Any) -> Any:
    (found,) = other.client("ram").get_resource_share_invitations()["resourceShareInvitations"]
    return found


def principals(ram: Any, share: str) -> list[tuple[str, str]]:
    asked = {"associationType": "PRINCIPAL", "resourceShareArns": [share]}
    found = ram.get_resource_share_associations(**asked)["resourceShareAssociations"]
    return [(each["associatedEntity"], each["status"]) for each in found]


def test_invitation_says_who_and_what_and_is_answered_once(
    ram: Any, share: str, other: Any, server: Any, code: Code
) -> None:
    there = other.client("ram")
    invitation = invited(other)
    assert invitation["resourceShareArn"] == share
    assert (invitation["senderAccountId"], invitation["receiverAccountId"]) == (server.account, other.id)
    assert principals(ram, share) == [(other.id, "ASSOCIATING")]
    named = {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}
    assert code(ram.accept_resource_share_invitation, **named) == "ResourceShareInvitationArnNotFoundException"
    there.accept_resource_share_invitation(**named, clientToken="t")
    assert invited(other)["status"] == "ACCEPTED"
    assert principals(ram, share) == [(other.id, "ASSOCIATED")]
    told = "ResourceShareInvitationAlreadyAcceptedException"
    assert code(there.reject_resource_share_invitation, **named) == told


def test_rejected_invitation_ends_it(ram: Any, share: str, other: Any, code: Code) -> None:
    there, invitation = other.client("ram"), invited(other)
    named = {"resourceShareInvitationArn": invitation["resourceShareInvitationArn"]}
    there.reject_resource_share_invitation(**named)
    assert principals(ram, share) == [(other.id, "DISASSOCIATED")]
    told = "ResourceShareInvitationAlreadyRejectedException"
    assert code(there.accept_resource_share_invitation, **named) == told


def test_invitation_that_nobody_accepts_expires_after_twelve_hours(
    ram: Any, share: str, other: Any, server: Any, code: Code
) -> None:
    named = {"resourceShareInvitationArn": invited(other)["resourceShareInvitationArn"]}
    server.advance("13h")
    assert (
        code(other.client("ram").accept_resource_share_invitation, **named) == "ResourceShareInvitationExpiredException"
    )
    assert principals(ram, share) == [(other.id, "DISASSOCIATED")]


def test_withdrawn_invitation_can_not_be_accepted(ram: Any, share: str, other: Any, code: Code) -> None:
    named = {"resourceShareInvitationArn": invited(other)["resourceShareInvitationArn"]}
    ram.disassociate_resource_share(resourceShareArn=share, principals=[other.id])
    told = "ResourceShareInvitationArnNotFoundException"
    assert code(other.client("ram").accept_resource_share_invitation, **named) == told


def test_client_token_makes_one_share_of_two_requests(ram: Any, code: Code) -> None:
    first, again = (ram.create_resource_share(name="one", clientToken="t")["resourceShare"] for _ in range(2))
    assert first["resourceShareArn"] == again["resourceShareArn"]
    assert code(ram.create_resource_share, name="two", clientToken="t") == "IdempotentParameterMismatchException"


def test_lists_show_both_sides_what_is_shared_with_whom(
    ram: Any, share: str, key: str, other: Any, server: Any
) -> None:
    there = other.client("ram")
    assert there.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []
    arn = invited(other)["resourceShareInvitationArn"]
    there.accept_resource_share_invitation(resourceShareInvitationArn=arn)
    for client, owner in ((ram, "SELF"), (there, "OTHER-ACCOUNTS")):
        (resource,) = client.list_resources(resourceOwner=owner, resourceType="kms:Key")["resources"]
        assert (resource["arn"], resource["type"], resource["resourceShareArn"]) == (key, "kms:Key", share)
        assert client.list_resources(resourceOwner=owner, resourceRegionScope="GLOBAL")["resources"] == []
        (shown,) = client.get_resource_shares(resourceOwner=owner)["resourceShares"]
        assert shown["owningAccountId"] == server.account
    assert [each["id"] for each in ram.list_principals(resourceOwner="SELF")["principals"]] == [other.id]
    owners = there.list_principals(resourceOwner="OTHER-ACCOUNTS", resourceArn=key)["principals"]
    assert [each["id"] for each in owners] == [server.account]
    assert ram.list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"] == []
    assert there.list_resources(resourceOwner="OTHER-ACCOUNTS", principal=server.account)["resources"]
    assert not ram.list_resources(resourceOwner="SELF", principal="210987654321")["resources"]


def test_lists_come_page_by_page(ram: Any, code: Code) -> None:
    for number in range(3):
        ram.create_resource_share(name=f"n{number}")
    first = ram.get_resource_shares(resourceOwner="SELF", maxResults=2)
    rest = ram.get_resource_shares(resourceOwner="SELF", maxResults=2, nextToken=first["nextToken"])
    assert {each["name"] for each in first["resourceShares"] + rest["resourceShares"]} == {"n0", "n1", "n2"}
    assert "nextToken" not in rest
    told = "InvalidNextTokenException"
    assert code(ram.get_resource_shares, resourceOwner="OTHER-ACCOUNTS", nextToken=first["nextToken"]) == told


def test_share_is_renamed_tagged_found_by_its_tags_and_deleted(ram: Any, share: str, other: Any, code: Code) -> None:
    ram.update_resource_share(resourceShareArn=share, name="renamed")
    ram.tag_resource(resourceShareArn=share, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    ram.untag_resource(resourceArn=share, tagKeys=["b"])
    wanted = [{"tagKey": "a", "tagValues": ["1"]}]
    (found,) = ram.get_resource_shares(resourceOwner="SELF", tagFilters=wanted)["resourceShares"]
    assert (found["name"], found["tags"]) == ("renamed", [{"key": "a", "value": "1"}])
    assert not ram.get_resource_shares(resourceOwner="SELF", tagFilters=[{"tagKey": "b"}])["resourceShares"]
    assert not ram.get_resource_shares(resourceOwner="SELF", name="keys")["resourceShares"]
    aws = [{"key": "aws:a", "value": "1"}]
    assert code(ram.tag_resource, resourceShareArn=share, tags=aws) == "TagPolicyViolationException"
    refused = code(ram.update_resource_share, resourceShareArn=share, allowExternalPrincipals=False)
    assert refused == "OperationNotPermittedException"
    assert ram.delete_resource_share(resourceShareArn=share)["returnValue"]
    assert ram.get_resource_shares(resourceOwner="SELF", resourceShareStatus="DELETED")["resourceShares"]
    refused = code(ram.associate_resource_share, resourceShareArn=share, principals=[other.id])
    assert refused == "InvalidStateTransitionException"


def test_strangers_share_can_be_neither_seen_nor_changed(ram: Any, share: str, other: Any, code: Code) -> None:
    there = other.client("ram")
    for operation, more in (
        (there.update_resource_share, {"name": "mine"}),
        (there.delete_resource_share, {}),
        (there.associate_resource_share, {"principals": [other.id]}),
        (there.tag_resource, {"tags": []}),
    ):
        assert code(operation, resourceShareArn=share, **more) == "UnknownResourceException"
    assert there.get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
    assert code(ram.delete_resource_share, resourceShareArn="no arn") == "MalformedArnException"


def test_permission_of_keys_is_shown_and_no_other_is_taken(ram: Any, code: Code) -> None:
    (permission,) = ram.list_permissions(resourceType="kms:Key")["permissions"]
    assert permission["isResourceTypeDefault"]
    detail = ram.get_permission(permissionArn=permission["arn"])["permission"]
    assert "kms:Decrypt" in json.loads(detail["permission"])["Action"]
    assert ram.list_permissions(permissionType="CUSTOMER_MANAGED")["permissions"] == []
    ram.create_resource_share(name="x", permissionArns=[permission["arn"]])
    absent = "arn:aws:ram::aws:permission/Absent"
    assert code(ram.create_resource_share, name="x", permissionArns=[absent]) == "UnknownResourceException"
    assert code(ram.get_permission, permissionArn=permission["arn"], permissionVersion=2) == "UnknownResourceException"


def test_what_is_not_here_is_refused(ram: Any, code: Code) -> None:
    for members in (
        {"sources": ["123456789012"]},
        {"resourceShareConfiguration": {"retainSharingOnAccountLeaveOrganization": True}},
        {"principals": ["rds.amazonaws.com"]},
    ):
        assert code(ram.create_resource_share, name="x", **members) in {
            "InvalidParameterException",
            "MalformedArnException",
        }


def test_right_to_share_is_asked_of_iam_with_the_shares_conditions(
    server: Any, ram: Any, share: str, code: Code
) -> None:
    nobody = server.client("ram", server.user("nobody"))
    assert code(nobody.get_resource_shares, resourceOwner="SELF") == "AccessDeniedException"
    named = {"Action": "ram:*", "Condition": {"StringEquals": {"ram:ResourceShareName": "other"}}}
    conditional = server.client("ram", server.user("conditional", named))
    assert code(conditional.delete_resource_share, resourceShareArn=share) == "AccessDeniedException"
    ram.update_resource_share(resourceShareArn=share, name="other")
    assert conditional.delete_resource_share(resourceShareArn=share)["returnValue"]
