"""Organizational units, and the tree, over the real server."""

from __future__ import annotations

import re


def test_create_organizational_unit(organization, plain):
    made = plain.create_organizational_unit(ParentId=organization.root, Name="Prod")["OrganizationalUnit"]
    suffix = organization.root.removeprefix("r-")
    assert re.fullmatch(rf"ou-{suffix}-[a-z0-9]{{8}}", made["Id"])
    assert made["Arn"] == f"arn:aws:organizations::{organization.server.account}:ou/{organization.id}/{made['Id']}"
    described = plain.describe_organizational_unit(OrganizationalUnitId=made["Id"])["OrganizationalUnit"]
    assert described == made
    assert made["Path"] == f"{organization.id}/{organization.root}/{made['Id']}/"


def test_names_are_taken_once_below_a_parent(organization, plain, refused):
    prod = organization.unit("Prod")
    with refused("DuplicateOrganizationalUnitException", "An OU with the same name already exists."):
        organization.unit("Prod")
    organization.unit("Prod", prod)
    test = organization.unit("Test")
    with refused("DuplicateOrganizationalUnitException"):
        plain.update_organizational_unit(OrganizationalUnitId=test, Name="Prod")
    renamed = plain.update_organizational_unit(OrganizationalUnitId=test, Name="Stage")["OrganizationalUnit"]
    assert renamed["Name"] == "Stage"
    organization.unit("Test")


def test_units_go_five_levels_deep(organization, refused):
    parent = organization.root
    for level in range(5):
        parent = organization.unit(f"L{level}", parent)
    with refused("ConstraintViolationException", reason="OU_DEPTH_LIMIT_EXCEEDED"):
        organization.unit("L5", parent)


def test_delete_organizational_unit_wants_it_empty(organization, plain, refused):
    prod, account = organization.unit("Prod"), organization.account("dev")
    inner = organization.unit("Inner", prod)
    with refused("OrganizationalUnitNotEmptyException"):
        plain.delete_organizational_unit(OrganizationalUnitId=prod)
    plain.delete_organizational_unit(OrganizationalUnitId=inner)
    plain.move_account(AccountId=account, SourceParentId=organization.root, DestinationParentId=prod)
    with refused("OrganizationalUnitNotEmptyException"):
        plain.delete_organizational_unit(OrganizationalUnitId=prod)
    plain.move_account(AccountId=account, SourceParentId=prod, DestinationParentId=organization.root)
    plain.delete_organizational_unit(OrganizationalUnitId=prod)
    with refused("OrganizationalUnitNotFoundException"):
        plain.describe_organizational_unit(OrganizationalUnitId=prod)


def test_the_tree_is_listed_from_both_ends(organization, plain, refused):
    account, prod = organization.account("dev"), organization.unit("Prod")
    inner = organization.unit("Inner", prod)
    plain.move_account(AccountId=account, SourceParentId=organization.root, DestinationParentId=prod)
    below = plain.list_children(ParentId=prod, ChildType="ACCOUNT")["Children"]
    assert below == [{"Id": account, "Type": "ACCOUNT"}]
    units = plain.list_children(ParentId=prod, ChildType="ORGANIZATIONAL_UNIT")["Children"]
    assert units == [{"Id": inner, "Type": "ORGANIZATIONAL_UNIT"}]
    assert [each["Id"] for each in plain.list_accounts_for_parent(ParentId=prod)["Accounts"]] == [account]
    at_root = plain.list_accounts_for_parent(ParentId=organization.root)["Accounts"]
    assert [each["Id"] for each in at_root] == [organization.server.account]
    listed = plain.list_organizational_units_for_parent(ParentId=organization.root)["OrganizationalUnits"]
    assert [each["Name"] for each in listed] == ["Prod"]
    assert plain.list_parents(ChildId=inner)["Parents"] == [{"Id": prod, "Type": "ORGANIZATIONAL_UNIT"}]
    with refused("ParentNotFoundException"):
        plain.list_children(ParentId="r-zzzz99", ChildType="ACCOUNT")
    with refused("ChildNotFoundException"):
        plain.list_parents(ChildId="999999999999")


def test_units_of_another_organization_are_not_found(organization, plain, refused):
    account, prod = organization.account("dev"), organization.unit("Prod")
    session = organization.inside(account)
    plain.remove_account_from_organization(AccountId=account)
    other = organization.server.client("organizations", session)
    other.create_organization()
    with refused("OrganizationalUnitNotFoundException"):
        other.describe_organizational_unit(OrganizationalUnitId=prod)
    with refused("ParentNotFoundException"):
        other.create_organizational_unit(ParentId=organization.root, Name="x")
    with refused("AccountNotFoundException"):
        other.describe_account(AccountId=organization.server.account)
