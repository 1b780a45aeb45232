"""What KMS remembers."""

from __future__ import annotations

from typing import Literal

import msgspec

from casemate.foundation.records import Collection, Index

KeyState = Literal[
    "Creating",
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Unavailable",
    "Updating",
]
Manager = Literal["CUSTOMER", "AWS"]


class BackingKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """Key material, sealed, and when and why it became current."""

    material_id: str
    sealed: bytes
    created: float
    rotation: Literal["AUTOMATIC", "ON_DEMAND"] | None = None
    """None for the first material."""


class Rotation(msgspec.Struct, frozen=True):
    """Automatic rotation, switched on."""

    period_days: int
    next_due: float


class MultiRegion(msgspec.Struct, frozen=True, omit_defaults=True):
    """A multi-Region key's place among its relatives."""

    primary_region: str
    replica_regions: tuple[str, ...] = ()


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """A KMS key: its facts, its policy and its backing keys, newest last."""

    id: str
    arn: str
    account: str
    region: str
    created: float
    spec: str
    usage: str
    policy: str
    state: KeyState = "Enabled"
    origin: str = "AWS_KMS"
    manager: Manager = "CUSTOMER"
    description: str = ""
    backing: tuple[BackingKey, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    deletion: float | None = None
    """When the waiting period ends."""
    pending_window_days: int | None = None
    """The waiting period that begins when the last replica is gone."""
    rotation: Rotation | None = None
    on_demand_rotations: int = 0
    multi_region: MultiRegion | None = None
    custom_key_store: str | None = None


class Alias(msgspec.Struct, frozen=True, omit_defaults=True):
    """A name for a key; its id is the name with `alias/`."""

    name: str
    key_id: str
    created: float
    updated: float


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A delegation: who may do what with one key, under which constraints."""

    id: str
    key_id: str
    issuer: str
    """The issuing account's root ARN."""
    created: float
    operations: tuple[str, ...]
    grantee: str | None = None
    grantee_service: str | None = None
    retiring: str | None = None
    retiring_service: str | None = None
    name: str | None = None
    context_equals: tuple[tuple[str, str], ...] | None = None
    context_subset: tuple[tuple[str, str], ...] | None = None
    source_arn: str | None = None


KEYS = Collection("kms.keys", Key, erasable=True)
ALIASES = Collection("kms.aliases", Alias, indexes=[Index("key", lambda alias: [alias.key_id])])
GRANTS = Collection(
    "kms.grants",
    Grant,
    indexes=[
        Index("key", lambda grant: [grant.key_id]),
        Index("retiring", lambda grant: [grant.retiring] if grant.retiring else []),
        Index("name", lambda grant: [f"{grant.key_id}/{grant.name}"] if grant.name else []),
    ],
)
