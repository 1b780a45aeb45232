"""From the caller to its organization, from ids to what they stand for."""

from __future__ import annotations

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.services.organizations import errors, managed
from casemate.services.organizations.records import (
    ACCOUNTS,
    NODES,
    ORGANIZATIONS,
    POLICIES,
    Account,
    Node,
    Organization,
    Policy,
)

Target = Node | Account


def of_caller(context: Context) -> Organization | None:
    """The organization that the caller's account is in."""
    member = context.unit.get(ACCOUNTS, "", context.account)
    return context.unit.get(ORGANIZATIONS, "", member.organization) if member and member.organization else None


def joined(context: Context) -> Organization:
    """The caller's organization. Raises AWSOrganizationsNotInUseException."""
    organization = of_caller(context)
    if organization is None:
        raise errors.not_in_use()
    return organization


def managing(context: Context) -> Organization:
    """The organization whose management account calls.

    Raises AWSOrganizationsNotInUseException; AccessDenied for its members.
    """
    organization = joined(context)
    if organization.management != context.account:
        raise errors.denied()
    return organization


def with_all_features(context: Context) -> Organization:
    """As `managing`. Raises ConstraintViolationException where the organization is for billing only."""
    organization = managing(context)
    if organization.feature_set != "ALL":
        raise errors.all_features_needed()
    return organization


def changed(context: Context, organization: Organization, **members: object) -> Organization:
    """Keep an organization whose shape changes."""
    kept = replace(organization, revision=organization.revision + 1, **members)
    context.unit.put(ORGANIZATIONS, "", organization.id, kept)
    return kept


def account(context: Context, organization: Organization, account_id: str) -> Account | None:
    found = context.unit.get(ACCOUNTS, "", account_id)
    return found if found is not None and found.organization == organization.id else None


def member(context: Context, organization: Organization, account_id: str) -> Account:
    """Raises AccountNotFoundException."""
    found = account(context, organization, account_id)
    if found is None:
        raise errors.absent("AccountNotFoundException", "an account")
    return found


def node(context: Context, organization: Organization, node_id: str) -> Node | None:
    found = context.unit.get(NODES, "", node_id)
    return found if found is not None and found.organization == organization.id else None


def parent(context: Context, organization: Organization, node_id: str, code: str = "ParentNotFoundException") -> Node:
    """A root or organizational unit. Raises what `code` says."""
    found = node(context, organization, node_id)
    if found is None:
        raise errors.absent(code, "a parent")
    return found


def root(context: Context, organization: Organization, root_id: str) -> Node:
    """Raises RootNotFoundException."""
    found = node(context, organization, root_id)
    if found is None or found.parent:
        raise errors.absent("RootNotFoundException", "a root")
    return found


def unit(context: Context, organization: Organization, unit_id: str) -> Node:
    """Raises OrganizationalUnitNotFoundException."""
    found = node(context, organization, unit_id)
    if found is None or not found.parent:
        raise errors.absent("OrganizationalUnitNotFoundException", "an organizational unit")
    return found


def target(context: Context, organization: Organization, target_id: str) -> Target:
    """An account, root or organizational unit. Raises TargetNotFoundException."""
    found: Target | None
    if target_id.isdecimal():
        found = account(context, organization, target_id)
    else:
        found = node(context, organization, target_id)
    if found is None:
        raise errors.absent("TargetNotFoundException", "a target")
    return found


def policy_or_none(context: Context, organization: Organization, policy_id: str) -> Policy | None:
    return managed.BY_ID.get(policy_id) or context.unit.get(POLICIES, organization.id, policy_id)


def policy(context: Context, organization: Organization, policy_id: str) -> Policy:
    """A policy of the organization's own or of AWS's. Raises PolicyNotFoundException."""
    found = policy_or_none(context, organization, policy_id)
    if found is None:
        raise errors.absent("PolicyNotFoundException", "a policy")
    return found


def keep(context: Context, entity: Target) -> None:
    """Keep an account, root or organizational unit that was changed."""
    if isinstance(entity, Account):
        context.unit.put(ACCOUNTS, "", entity.id, entity)
    else:
        context.unit.put(NODES, "", entity.id, entity)
