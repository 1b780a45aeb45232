"""Ids and ARNs (Organizations API Reference; Service Authorization Reference, "AWS Organizations")."""

from __future__ import annotations

import secrets
import string
from typing import Final

from casemate.services.organizations.records import Organization, Policy

_ALPHABET: Final = string.ascii_lowercase + string.digits
_ACCOUNTS: Final = 10**12


def random_id(characters: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(characters))


def random_account() -> str:
    """Twelve digits, the first of which is not zero."""
    return str(_ACCOUNTS // 10 + secrets.randbelow(_ACCOUNTS - _ACCOUNTS // 10))


def organization_arn(partition: str, organization: Organization) -> str:
    return f"{_prefix(partition, organization)}organization/{organization.id}"


def account_arn(partition: str, organization: Organization, account: str) -> str:
    return f"{_prefix(partition, organization)}account/{organization.id}/{account}"


def node_arn(partition: str, organization: Organization, node: str) -> str:
    """A root's or organizational unit's."""
    kind = "root" if node.startswith("r-") else "ou"
    return f"{_prefix(partition, organization)}{kind}/{organization.id}/{node}"


def target_arn(partition: str, organization: Organization, target: str) -> str:
    """An account's, root's or organizational unit's, by the form of its id."""
    form = account_arn if target.isdecimal() else node_arn
    return form(partition, organization, target)


def policy_arn(partition: str, organization: Organization, policy: Policy) -> str:
    kind = policy.type.lower()
    if not policy.organization:
        return f"arn:{partition}:organizations::aws:policy/{kind}/{policy.id}"
    return f"{_prefix(partition, organization)}policy/{organization.id}/{kind}/{policy.id}"


def _prefix(partition: str, organization: Organization) -> str:
    return f"arn:{partition}:organizations::{organization.management}:"
