"""Organizations: for each built operation, what it is about, and the request for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.conformance.isolation.world import Actor, Case

SCP = "SERVICE_CONTROL_POLICY"
Params = dict[str, Any]
CONTENT = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def root(owner: Actor) -> str:
    found: str = owner.organizations.list_roots()["Roots"][0]["Id"]
    owner.secrets.add(found)
    return found


def unit(owner: Actor, name: str) -> str:
    made = owner.organizations.create_organizational_unit(
        ParentId=root(owner), Name=f"{owner.mark} {name}", Tags=owner.tags()
    )
    found: str = made["OrganizationalUnit"]["Id"]
    owner.secrets.add(found)
    return found


def request_of_account(owner: Actor, name: str) -> str:
    made = owner.organizations.create_account(
        Email=f"{owner.mark}.{name}@example.com".lower(), AccountName=f"{owner.mark} {name}"[:50], Tags=owner.tags()
    )
    found: str = made["CreateAccountStatus"]["Id"]
    owner.secrets.add(found)
    return found


def account(owner: Actor, name: str) -> str:
    request = request_of_account(owner, name)
    state = owner.organizations.describe_create_account_status(CreateAccountRequestId=request)
    found: str = state["CreateAccountStatus"]["AccountId"]
    owner.secrets.add(found)
    return found


def policy(owner: Actor, name: str) -> str:
    made = owner.organizations.create_policy(
        Name=name, Description=owner.mark, Type=SCP, Content=CONTENT, Tags=owner.tags()
    )
    found: str = made["Policy"]["PolicySummary"]["Id"]
    owner.secrets.add(found)
    return found


def attached(owner: Actor, name: str) -> Params:
    made = {"PolicyId": policy(owner, name), "TargetId": unit(owner, name)}
    owner.organizations.attach_policy(**made)
    return made


def moved(owner: Actor, name: str) -> Params:
    return {
        "AccountId": account(owner, name),
        "SourceParentId": root(owner),
        "DestinationParentId": unit(owner, name),
    }


def trusting(owner: Actor, _name: str) -> Params:
    owner.organizations.enable_aws_service_access(ServicePrincipal="fms.amazonaws.com")
    return {"ServicePrincipal": "fms.amazonaws.com"}


def one(member: str, kind: Callable[[Actor, str], str], **more: Any) -> Case:
    """A request that names one thing."""
    return Case(lambda owner, name: {member: kind(owner, name), **more})


def of_root(**more: Any) -> Case:
    return Case(lambda owner, _name: {"RootId": root(owner), **more})


def listed(kind: Callable[[Actor, str], Any], **request: Any) -> Case:
    def make(owner: Actor, name: str) -> Params:
        kind(owner, name)
        return request

    return Case(make, own=True)


def in_root(**more: Any) -> Case:
    """A request about what is in the root, with a unit made there."""

    def make(owner: Actor, name: str) -> Params:
        unit(owner, name)
        return {"ParentId": root(owner), **more}

    return Case(make)


CASES: dict[str, Case | list[Case]] = {
    "AttachPolicy": Case(lambda owner, name: {"PolicyId": policy(owner, name), "TargetId": unit(owner, name)}),
    "CloseAccount": one("AccountId", account),
    "CreateAccount": Case(
        lambda owner, name: {"Email": f"{owner.mark}-{name}@example.com".lower(), "AccountName": "new"},
        own=True,
        separate=True,
    ),
    "CreateOrganization": Case(lambda _owner, _name: {"FeatureSet": "ALL"}, own=True, fresh="alone"),
    "CreateOrganizationalUnit": in_root(Name="one of my own"),
    "CreatePolicy": Case(
        lambda _owner, name: {"Name": name, "Description": "new", "Type": SCP, "Content": CONTENT}, own=True
    ),
    "DeleteOrganization": Case(lambda _owner, _name: {}, own=True, fresh="managing"),
    "DeleteOrganizationalUnit": one("OrganizationalUnitId", unit),
    "DeletePolicy": one("PolicyId", policy),
    "DescribeAccount": one("AccountId", account),
    "DescribeCreateAccountStatus": one("CreateAccountRequestId", request_of_account),
    "DescribeOrganization": listed(
        lambda owner, _name: owner.secrets.add(owner.organizations.describe_organization()["Organization"]["Id"])
    ),
    "DescribeOrganizationalUnit": one("OrganizationalUnitId", unit),
    "DescribePolicy": one("PolicyId", policy),
    "DetachPolicy": Case(attached),
    "DisableAWSServiceAccess": Case(trusting, own=True),
    "DisablePolicyType": Case(
        lambda owner, _name: {
            "RootId": _typed(owner),
            "PolicyType": "RESOURCE_CONTROL_POLICY",
        }
    ),
    "EnableAWSServiceAccess": Case(lambda _owner, _name: {"ServicePrincipal": "ram.amazonaws.com"}, own=True),
    "EnablePolicyType": Case(lambda owner, _name: {"RootId": _untyped(owner), "PolicyType": "RESOURCE_CONTROL_POLICY"}),
    "ListAccounts": listed(account),
    "ListAccountsForParent": Case(
        lambda owner, name: {"ParentId": (account(owner, name), root(owner))[1]},
    ),
    "ListAWSServiceAccessForOrganization": Case(
        lambda owner, name: trusting(owner, name) and {}, own=True, silent=True
    ),
    "ListChildren": in_root(ChildType="ORGANIZATIONAL_UNIT"),
    "ListCreateAccountStatus": listed(account),
    "ListOrganizationalUnitsForParent": in_root(),
    "ListParents": [one("ChildId", unit), one("ChildId", account)],
    "ListPolicies": listed(policy, Filter=SCP),
    "ListPoliciesForTarget": Case(lambda owner, name: {"TargetId": attached(owner, name)["TargetId"], "Filter": SCP}),
    "ListRoots": listed(lambda owner, _name: root(owner)),
    "ListTagsForResource": [one("ResourceId", unit), one("ResourceId", policy), one("ResourceId", account)],
    "ListTargetsForPolicy": Case(lambda owner, name: {"PolicyId": attached(owner, name)["PolicyId"]}),
    "MoveAccount": Case(moved),
    "RemoveAccountFromOrganization": one("AccountId", account),
    "TagResource": one("ResourceId", unit, Tags=[{"Key": "colour", "Value": "green"}]),
    "UntagResource": one("ResourceId", unit, TagKeys=["owner"]),
    "UpdateOrganizationalUnit": one("OrganizationalUnitId", unit, Name="changed"),
    "UpdatePolicy": one("PolicyId", policy, Description="changed"),
}


def _typed(owner: Actor) -> str:
    """The root, with resource control policies switched on."""
    _switch(owner, on=True)
    return root(owner)


def _untyped(owner: Actor) -> str:
    """The root, with resource control policies switched off."""
    _switch(owner, on=False)
    return root(owner)


def _switch(owner: Actor, *, on: bool) -> None:
    api = owner.organizations
    kind = "RESOURCE_CONTROL_POLICY"
    is_on = any(each["Type"] == kind for each in api.list_roots()["Roots"][0]["PolicyTypes"])
    if is_on != on:
        (api.enable_policy_type if on else api.disable_policy_type)(RootId=root(owner), PolicyType=kind)
