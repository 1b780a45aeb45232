"""What Organizations remembers. Everything lives in the store of the partition's global services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from casemate.foundation.records import Collection, Index

Tags = tuple[tuple[str, str], ...]


class Organization(msgspec.Struct, frozen=True, omit_defaults=True):
    """An organization. Whatever changes its shape writes this record, so that such changes happen one by one."""

    id: str
    management: str
    email: str
    feature_set: str
    root: str
    created: float
    policy_types: tuple[str, ...] = ()
    """The types that are enabled in the root."""
    trusted: tuple[tuple[str, float], ...] = ()
    """Service principals with trusted access, and since when."""
    accounts: int = 1
    units: int = 0
    policies: int = 0
    revision: int = 0


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A root (whose parent is empty) or an organizational unit."""

    id: str
    organization: str
    name: str
    parent: str = ""
    scps: tuple[str, ...] = ()
    rcps: tuple[str, ...] = ()
    tags: Tags = ()


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """An account that is, or was, in an organization; one that was has no organization."""

    id: str
    organization: str
    name: str
    email: str
    joined_method: str
    joined: float
    parent: str
    state: str = "ACTIVE"
    scps: tuple[str, ...] = ()
    rcps: tuple[str, ...] = ()
    tags: Tags = ()


class Policy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy of an organization, or one of AWS's own (whose organization is empty)."""

    id: str
    organization: str
    name: str
    description: str
    type: str
    content: str
    tags: Tags = ()


class Creation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a CreateAccount."""

    id: str
    name: str
    state: str
    requested: float
    completed: float
    account: str | None = None
    failure: str | None = None


def _attached(record: Any) -> Iterable[str]:
    return [f"{record.organization}/{policy}" for policy in (*record.scps, *record.rcps)]


def _parent(record: Any) -> Iterable[str]:
    return [record.parent] if record.parent else []


ORGANIZATIONS = Collection("organizations.organizations", Organization)
NODES: Collection[Node] = Collection(
    "organizations.nodes",
    Node,
    indexes=[
        Index("attached", _attached),
        Index("name", lambda node: [f"{node.parent}/{node.name}"] if node.parent else [], unique=True),
        Index("organization", lambda node: [node.organization]),
        Index("parent", _parent),
    ],
)
ACCOUNTS: Collection[Account] = Collection(
    "organizations.accounts",
    Account,
    indexes=[
        Index("attached", _attached),
        Index("email", lambda account: [account.email.lower()], unique=True),
        Index("organization", lambda account: [account.organization] if account.organization else []),
        Index("parent", _parent),
    ],
)
POLICIES = Collection(
    "organizations.policies",
    Policy,
    indexes=[
        Index("name", lambda policy: [f"{policy.type}/{policy.name}"], unique=True),
        Index("type", lambda policy: [policy.type]),
    ],
)
"""Scope is the organization's id."""
CREATIONS = Collection("organizations.creations", Creation)
"""Scope is the organization's id."""
