"""What KMS remembers."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final, Literal

import msgspec

from casemate.engines.policy import rename_principals
from casemate.foundation import inventory
from casemate.foundation.context import Context
from casemate.foundation.records import Collection, Index
from casemate.services.kms import quotas

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
RESOURCE_TYPE: Final = "AWS::KMS::Key"
ALIAS_TYPE: Final = "AWS::KMS::Alias"
ROTATE: Final = "kms.rotate"
"""The kind of timer that rotates a key."""
DAY: Final = 86400.0
_KEPT_POLICIES: Final = 2048
Manager = Literal["CUSTOMER", "AWS"]


class BackingKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """Key material, sealed, and when and why it became current. `sealed` is empty while imported material is gone."""

    material_id: str
    sealed: bytes
    created: float
    rotation: Literal["AUTOMATIC", "ON_DEMAND"] | None = None
    """None for the first material."""
    pending: bool = False
    """Waits to become current: imported material for RotateKeyOnDemand, a primary's until its relatives have it."""
    held_by: tuple[str, ...] = ()
    """The regions of the relatives that have this pending material."""
    expires: float | None = None
    """When imported material goes."""
    description: str | None = None


class Rotation(msgspec.Struct, frozen=True):
    """Automatic rotation, switched on. `since` is when it was, or when it last rotated the key."""

    period_days: int
    next_due: float
    since: float


class MultiRegion(msgspec.Struct, frozen=True, omit_defaults=True):
    """A multi-Region key's place among its relatives, as of the primary's `edition`."""

    primary_region: str
    replica_regions: tuple[str, ...] = ()
    edition: int = 0
    """Counts what the primary has said: what is older than what is known already has no effect."""
    promoting: str = ""
    """The region whose key is being made the primary."""
    request: str = ""
    """The id of the request that a replica was made by."""


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
    """As it was written."""
    principals: tuple[tuple[str, str], ...] = ()
    """The users and roles that the policy names, with the unique ids that they had when it was put."""
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
    xks_key: str | None = None
    """The external key's id, where the custom key store is an external one."""
    cluster: str | None = None
    """The CloudHSM cluster's id, where it is not."""
    place: int | None = None
    """Its place among the customer managed keys of its account and region (quotas.py)."""
    ram_policy: str = ""
    """The AWS_RAM key policy, where the key is shared (sharing.py)."""
    ram_principals: tuple[tuple[str, str], ...] = ()

    @property
    def current(self) -> BackingKey | None:
        """The material that encrypts."""
        return next((each for each in reversed(self.backing) if not each.pending), None)

    @property
    def waiting(self) -> BackingKey | None:
        """The material that is to be the next current one."""
        return self.backing[-1] if self.backing and self.backing[-1].pending else None

    @property
    def complete(self) -> bool:
        """Whether the key has material, and all that it ever had."""
        return self.current is not None and all(each.sealed for each in self.backing if not each.pending)

    def with_backing(self, changed: BackingKey) -> Key:
        """The key with one of its materials changed."""
        backing = tuple(changed if each.material_id == changed.material_id else each for each in self.backing)
        return msgspec.structs.replace(self, backing=backing)


@lru_cache(maxsize=_KEPT_POLICIES)
def _renamed(policy: str, principals: tuple[tuple[str, str], ...]) -> str:
    return rename_principals(policy, dict(principals))


@lru_cache(maxsize=_KEPT_POLICIES)
def _together(policy: str, other: str) -> str:
    """One policy with the statements of both."""
    document, more = msgspec.json.decode(policy), msgspec.json.decode(other)
    found = document["Statement"]
    statements = [*(found if isinstance(found, list) else [found]), *more["Statement"]]
    return msgspec.json.encode({**document, "Statement": statements}).decode()


def for_evaluation(key: Key) -> str:
    """The key's policies with users and roles under their unique ids, for the policy engine."""
    policy = _renamed(key.policy, key.principals) if key.principals else key.policy
    return _together(policy, _renamed(key.ram_policy, key.ram_principals)) if key.ram_policy else policy


class Alias(msgspec.Struct, frozen=True, omit_defaults=True):
    """A name for a key; its id is the name with `alias/`."""

    name: str
    key_id: str
    created: float
    updated: float
    place: int | None = None
    """Its place among the aliases of its key."""


class Grant(msgspec.Struct, frozen=True, omit_defaults=True):
    """A delegation: who may do what with one key, under which constraints."""

    id: str
    account: str
    """The account of the key."""
    key_id: str
    issuer: str
    """The issuing account's root ARN."""
    created: float
    operations: tuple[str, ...]
    grantee: str | None = None
    grantee_id: str | None = None
    """The grantee's unique id, where it is a user or a role."""
    grantee_service: str | None = None
    retiring: str | None = None
    retiring_id: str | None = None
    retiring_service: str | None = None
    name: str | None = None
    context_equals: tuple[tuple[str, str], ...] | None = None
    context_subset: tuple[tuple[str, str], ...] | None = None
    source_arn: str | None = None
    place: int | None = None
    """Its place among the grants of its key."""

    @property
    def holder(self) -> str:
        """What a caller must be to use the grant: a unique id, an ARN, or a service principal."""
        return self.grantee_id or self.grantee or self.grantee_service or ""


def of_key(account: str, key_id: str, *parts: str) -> str:
    """An index value below a key."""
    return "/".join((account, key_id, *parts))


def context_mark(operation: str, pairs: tuple[tuple[str, str], ...] | None) -> str:
    """A short name of an encryption context, keys without regard to case; the same for equal contexts only."""
    if pairs is None:
        return operation
    lowered = sorted((key.lower(), value) for key, value in pairs)
    return f"{operation}/{hashlib.sha256(msgspec.msgpack.encode(lowered)).hexdigest()[:32]}"


TAKES_CONTEXT: Final = frozenset(
    (
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    )
)
"""The operations that an encryption context, and so a constraint on it, is about."""


def _lowered(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[0].lower(), pair[1]


def _matching(grant: Grant) -> list[str]:
    """The values by which a request finds the grants that may be for it, however many a key has."""
    values = []
    for name in grant.operations:
        mark = context_mark(name, None)
        if name in TAKES_CONTEXT and grant.context_equals is not None:
            mark = context_mark(f"{name}=", grant.context_equals)
        elif name in TAKES_CONTEXT and grant.context_subset:
            mark = context_mark(f"{name}+", (min(grant.context_subset, key=_lowered),))
        values.append(of_key(grant.account, grant.key_id, grant.holder, mark))
    return values


def grant_identity(grant: Grant) -> str:
    """What two requests to make the same grant have in common (CreateGrant: Name)."""
    same = msgspec.structs.replace(
        grant, id="", created=0.0, place=None, operations=tuple(sorted(set(grant.operations)))
    )
    return hashlib.sha256(msgspec.msgpack.encode(same)).hexdigest()


def _external(key: Key) -> list[str]:
    return [f"{key.custom_key_store}/{key.xks_key}"] if key.xks_key is not None else []


KEYS = Collection(
    "kms.keys",
    Key,
    erasable=True,
    indexes=[
        Index("store", lambda key: [key.custom_key_store] if key.custom_key_store is not None else []),
        Index("external", _external, unique=True),
        Index(quotas.INDEX, lambda key: quotas.entry("keys", key.place), unique=True),
    ],
)
ALIASES = Collection(
    "kms.aliases",
    Alias,
    indexes=[
        Index("key", lambda alias: [alias.key_id]),
        Index(quotas.INDEX, lambda alias: quotas.entry(alias.key_id, alias.place), unique=True),
    ],
)
GRANTS = Collection(
    "kms.grants",
    Grant,
    indexes=[
        Index("key", lambda grant: [of_key(grant.account, grant.key_id)]),
        Index("holder", lambda grant: [of_key(grant.account, grant.key_id, grant.holder)]),
        Index(
            "grantee",
            lambda grant: [of_key(grant.account, grant.key_id, grant.grantee or grant.grantee_service or "")],
        ),
        Index("matching", _matching),
        Index("retiring", lambda grant: [each for each in (grant.retiring, grant.retiring_service) if each]),
        Index("identity", lambda grant: [grant_identity(grant)] if grant.name else [], unique=True),
        Index(
            quotas.INDEX,
            lambda grant: quotas.entry(of_key(grant.account, grant.key_id), grant.place),
            unique=True,
        ),
    ],
)
"""All grants of the store in one scope: ListRetirableGrants asks across accounts."""


class SharedKey(msgspec.Struct, frozen=True):
    """A key with an AWS_RAM policy, and the accounts that it is shared with."""

    account: str
    key_id: str
    consumers: tuple[str, ...]


SHARED = Collection("kms.shared", SharedKey, indexes=[Index("consumer", lambda shared: shared.consumers)])
"""All of the store in one scope: the consumers are other accounts."""


def timer_key(key: Key) -> str:
    """By what a key's timers and messages are known."""
    return f"{key.account}/{key.id}"


def place_for_key(context: Context) -> int:
    """A place for one more key of the caller's account. Raises LimitExceededException."""
    most = quotas.KEYS_OF_AN_ACCOUNT
    told = f"The account has {most} KMS keys in this Region, which is the most."
    return quotas.place_at(context, KEYS, context.account, "keys", most=most, told=told)


def store_key(context: Context, key: Key, *, new: bool = False) -> None:
    """Keep a key and what the inventory says of it; `new` where its id was made at random just now."""
    write = context.unit.add if new else context.unit.put
    write(KEYS, key.account, key.id, key)
    inventory.register(
        context.unit, arn=key.arn, type=RESOURCE_TYPE, account=key.account, region=key.region, tags=key.tags, new=new
    )


def delete_key(context: Context, key: Key) -> None:
    """Have no such key: its material is findable nowhere once the store's log is truncated."""
    context.unit.delete(KEYS, key.account, key.id)
    if key.ram_policy:
        context.unit.delete(SHARED, "", timer_key(key))
    inventory.remove(context.unit, arn=key.arn, account=key.account)


def deletion_began(key: Key, now: float, days: int) -> Key:
    """The key with its waiting period begun."""
    return msgspec.structs.replace(key, state="PendingDeletion", deletion=now + days * DAY, pending_window_days=None)
