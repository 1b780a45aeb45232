"""Accounts: made, listed, moved, removed, closed (Organizations User Guide, "Managing accounts")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.ids import new_hex
from casemate.foundation.operation import operation
from casemate.foundation.records import Timer
from casemate.services.organizations import audit, errors, guardrails, lookup, managed, names, paging, tags
from casemate.services.organizations.audit import READS, WRITES
from casemate.services.organizations.organization import departed, make_linked_role, within
from casemate.services.organizations.permissions import on, on_all
from casemate.services.organizations.records import (
    ACCOUNTS,
    CREATIONS,
    ORGANIZATIONS,
    Account,
    Creation,
    Organization,
)

if TYPE_CHECKING:
    from casemate.contracts.shapes import organizations as shapes

MOST: Final = 5000
"""Accounts in an organization. AWS begins with 10 and raises that on request; here nobody has to ask."""
ACCESS_ROLE: Final = "OrganizationAccountAccessRole"
CLOSURE: Final = "organizations.closure"
_KEPT_CLOSED_SECONDS: Final = 90 * 86400
_STATUSES: Final = {"CLOSED": "SUSPENDED"}


def shown(context: Context, organization: Organization, account: Account) -> Any:
    """State says it in the words of today, Status in those of before; both are still asked for."""
    line = guardrails.ancestors(context.unit, account.parent)
    return {
        "Id": account.id,
        "Arn": names.account_arn(context.partition, organization, account.id),
        "Email": account.email,
        "Name": account.name,
        "Status": _STATUSES.get(account.state, account.state),
        "State": account.state,
        "Paths": [f"{organization.id}/{'/'.join(node.id for node in line)}/{account.id}/"],
        "JoinedMethod": account.joined_method,
        "JoinedTimestamp": account.joined,
    }


@operation(authorize=on_all, audit=WRITES)
def create_account(context: Context, request: shapes.CreateAccountRequest) -> shapes.CreateAccountResponse:
    """The account is there when this is committed; the answer says, as AWS's does, that it is being made."""
    organization = lookup.managing(context)
    if organization.accounts >= MOST:
        raise errors.constraint(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts."
        )
    labels = tags.given(request.get("Tags"))
    creation = Creation(
        id="car-" + new_hex(32),
        name=request["AccountName"],
        state="SUCCEEDED",
        requested=context.now,
        completed=context.now,
    )
    if context.unit.find(ACCOUNTS, "email", "", request["Email"].lower(), limit=1):
        creation = replace(creation, state="FAILED", failure="EMAIL_ALREADY_EXISTS")
    else:
        account = _new_account(context, organization, request, labels)
        _make_roles(context, account.id, request.get("RoleName") or ACCESS_ROLE)
        creation = replace(creation, account=account.id)
    context.unit.put(CREATIONS, organization.id, creation.id, creation)
    context.service_event(
        "CreateAccountResult", context.account, {"createAccountStatus": audit.recorded(_status(creation))}
    )
    begun = {"Id": creation.id, "AccountName": creation.name, "State": "IN_PROGRESS"}
    return {"CreateAccountStatus": {**begun, "RequestedTimestamp": creation.requested}}  # type: ignore[typeddict-item]


def _new_account(
    context: Context, organization: Organization, request: Mapping[str, Any], labels: tuple[tuple[str, str], ...]
) -> Account:
    account = Account(
        id=_new_account_id(context),
        organization=organization.id,
        name=request["AccountName"],
        email=request["Email"],
        joined_method="CREATED",
        joined=context.now,
        parent=organization.root,
        scps=default_policies(organization, managed.SCP),
        rcps=default_policies(organization, managed.RCP),
        tags=labels,
    )
    context.unit.put(ACCOUNTS, "", account.id, account)
    lookup.changed(context, organization, accounts=organization.accounts + 1)
    tags.registered(context, organization, account)
    return account


def default_policies(organization: Organization, kind: str) -> tuple[str, ...]:
    """What something new has attached."""
    return (managed.DEFAULT[kind],) if kind in organization.policy_types else ()


def _new_account_id(context: Context) -> str:
    while True:
        account_id = names.random_account()
        if context.unit.get(ACCOUNTS, "", account_id) is None and account_id != context.host.first_account:
            return account_id


def _make_roles(context: Context, account: str, name: str) -> None:
    """The role by which the management account gets in, and the service's own."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{context.partition}:iam::{context.account}:root"},
        "Action": "sts:AssumeRole",
    }
    role = {
        "RoleName": name,
        "TrustPolicy": msgspec.json.encode({"Version": "2012-10-17", "Statement": [statement]}).decode(),
        "PolicyArns": [f"arn:{context.partition}:iam::aws:policy/AdministratorAccess"],
    }
    within(context, account, "CreateAccountRole", role)
    make_linked_role(context, account)


def _status(creation: Creation) -> Any:
    members = {
        "Id": creation.id,
        "AccountName": creation.name,
        "State": creation.state,
        "RequestedTimestamp": creation.requested,
        "CompletedTimestamp": creation.completed,
    }
    if creation.account is not None:
        members["AccountId"] = creation.account
    if creation.failure is not None:
        members["FailureReason"] = creation.failure
    return members


@operation(authorize=on_all, audit=READS)
def describe_create_account_status(
    context: Context, request: shapes.DescribeCreateAccountStatusRequest
) -> shapes.DescribeCreateAccountStatusResponse:
    organization = lookup.managing(context)
    creation = context.unit.get(CREATIONS, organization.id, request["CreateAccountRequestId"])
    if creation is None:
        raise errors.absent("CreateAccountStatusNotFoundException", "a create account request")
    return {"CreateAccountStatus": _status(creation)}


@operation(authorize=on_all, audit=READS)
def list_create_account_status(
    context: Context, request: shapes.ListCreateAccountStatusRequest
) -> shapes.ListCreateAccountStatusResponse:
    organization = lookup.managing(context)
    states = request.get("States") or []
    page = paging.page_of(context, request, organization.id, *states)
    found = context.unit.page(CREATIONS, organization.id, after=page.after, limit=page.wanted)
    listed = [_status(creation) for creation in page.of(found) if not states or creation.state in states]
    return {"CreateAccountStatuses": listed, **page.rest(found)}  # type: ignore[typeddict-item]


@operation(authorize=on_all, audit=READS)
def list_accounts(context: Context, request: shapes.ListAccountsRequest) -> shapes.ListAccountsResponse:
    organization = lookup.managing(context)
    page = paging.page_of(context, request, organization.id)
    found = context.unit.find(ACCOUNTS, "organization", "", organization.id, after=page.after, limit=page.wanted)
    listed = [shown(context, organization, account) for account in page.of(found)]
    return {"Accounts": listed, **page.rest(found)}  # type: ignore[typeddict-item]


@operation(authorize=on("AccountId"), audit=READS)
def describe_account(context: Context, request: shapes.DescribeAccountRequest) -> shapes.DescribeAccountResponse:
    organization = lookup.managing(context)
    return {"Account": shown(context, organization, lookup.member(context, organization, request["AccountId"]))}


@operation(authorize=on("AccountId", "SourceParentId", "DestinationParentId"), audit=WRITES)
def move_account(context: Context, request: shapes.MoveAccountRequest) -> None:
    organization = lookup.managing(context)
    account = lookup.member(context, organization, request["AccountId"])
    source, destination = request["SourceParentId"], request["DestinationParentId"]
    if account.parent != source:
        raise errors.absent("SourceParentNotFoundException", "a source parent")
    lookup.parent(context, organization, destination, "DestinationParentNotFoundException")
    if source == destination:
        raise ServiceError("DuplicateAccountException", "The account is in the destination already.")
    context.unit.put(ACCOUNTS, "", account.id, replace(account, parent=destination))
    lookup.changed(context, organization)


@operation(authorize=on("AccountId"), audit=WRITES)
def remove_account_from_organization(context: Context, request: shapes.RemoveAccountFromOrganizationRequest) -> None:
    """The account goes on by itself, bound by no policy of the organization; nothing of it is deleted."""
    organization = lookup.managing(context)
    account = lookup.member(context, organization, request["AccountId"])
    if account.id == organization.management:
        raise ServiceError(
            "MasterCannotLeaveOrganizationException", "You can't remove the management account from the organization."
        )
    _leave(context, organization, account, "REMOVED")


def _leave(context: Context, organization: Organization, account: Account, method: str) -> None:
    departed(context, organization, account.id, method)
    tags.unregistered(context, organization, account)
    alone = replace(account, organization="", parent="", scps=(), rcps=(), tags=())
    context.unit.put(ACCOUNTS, "", account.id, alone)
    lookup.changed(context, organization, accounts=organization.accounts - 1)


@operation(authorize=on("AccountId"), audit=WRITES)
def close_account(context: Context, request: shapes.CloseAccountRequest) -> None:
    """From now on nothing of the account can be used."""
    organization = lookup.with_all_features(context)
    account = lookup.member(context, organization, request["AccountId"])
    if account.id == organization.management:
        raise errors.constraint(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account of an organization."
        )
    if account.state == "CLOSED":
        raise ServiceError("AccountAlreadyClosedException", "You specified an account that is already closed.")
    if account.state == "PENDING_CLOSURE":
        raise ServiceError("ConflictException", "The account is being closed already.")
    context.unit.put(ACCOUNTS, "", account.id, replace(account, state="PENDING_CLOSURE"))
    context.unit.schedule(Timer(context.now, CLOSURE, account.id))


def go_on_closing(context: Context, timer: Timer) -> None:
    """A timer: what was asked to close is closed; what has been closed for 90 days leaves the organization."""
    account = context.unit.get(ACCOUNTS, "", timer.key)
    if account is None or account.state == "ACTIVE":
        return
    if account.state == "PENDING_CLOSURE":
        context.unit.put(ACCOUNTS, "", account.id, replace(account, state="CLOSED"))
        context.unit.schedule(Timer(timer.due + _KEPT_CLOSED_SECONDS, CLOSURE, account.id))
        return
    organization = context.unit.get(ORGANIZATIONS, "", account.organization) if account.organization else None
    if organization is not None:
        _leave(context, organization, account, "CLEANED")
