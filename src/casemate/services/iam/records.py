"""What IAM remembers. Everything lives in the store of the partition's global services, scoped by account.

Names are unique without regard to case: records stand under their name in lower case.
"""

from __future__ import annotations

import msgspec

from casemate.foundation.records import Collection, Index

Tags = tuple[tuple[str, str], ...]


class InlinePolicy(msgspec.Struct, frozen=True):
    """A policy that is part of a user, group or role."""

    name: str
    document: str


class User(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user, under its name in lower case."""

    name: str
    id: str
    path: str
    created: float
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""
    groups: tuple[str, ...] = ()
    """Unique ids of groups, which outlive a change of their names."""
    boundary: str | None = None
    tags: Tags = ()


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group; who is in it stands with the users."""

    name: str
    id: str
    path: str
    created: float
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()


class Role(msgspec.Struct, frozen=True, omit_defaults=True):
    """A role, with whom it trusts."""

    name: str
    id: str
    path: str
    created: float
    trust: str
    """The trust policy as it was given."""
    principals: tuple[tuple[str, str], ...] = ()
    """Each user's or role's ARN that the trust policy names, with the unique id that it had when it was written."""
    description: str | None = None
    max_session: int = 3600
    max_signin: int | None = None
    """Seconds that a console sign-in with the role may last."""
    inline: tuple[InlinePolicy, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str | None = None
    tags: Tags = ()


class PolicyVersion(msgspec.Struct, frozen=True):
    """A version of a managed policy; `id` is v and a number."""

    id: str
    document: str
    created: float


class ManagedPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A customer managed policy."""

    name: str
    id: str
    path: str
    created: float
    updated: float
    default: str
    versions: tuple[PolicyVersion, ...]
    newest: int
    """The number of the newest version ever made; numbers only grow."""
    description: str | None = None
    tags: Tags = ()


class InstanceProfile(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an EC2 instance gets its role."""

    name: str
    id: str
    path: str
    created: float
    role: str | None = None
    """The role's name in lower case."""
    tags: Tags = ()


class AccessKey(msgspec.Struct, frozen=True, omit_defaults=True):
    """A long-lived access key; found by its id in any account."""

    id: str
    account: str
    user: str | None
    """The user's name in lower case; None is the account's root."""
    sealed: bytes
    created: float
    active: bool = True


class AccountAlias(msgspec.Struct, frozen=True):
    """The name that an account's sign-in page has beside its number."""

    alias: str
    account: str


class Deletion(msgspec.Struct, frozen=True):
    """The deletion of a service-linked role: a task that its asker looks after."""

    id: str
    role_arn: str
    created: float


USERS = Collection(
    "iam.users",
    User,
    indexes=[
        Index("attached", lambda user: user.attached),
        Index("boundary", lambda user: [user.boundary] if user.boundary else []),
        Index("group", lambda user: user.groups),
        Index("id", lambda user: [user.id]),
    ],
)
GROUPS = Collection(
    "iam.groups",
    Group,
    indexes=[Index("attached", lambda group: group.attached), Index("id", lambda group: [group.id])],
)
ROLES = Collection(
    "iam.roles",
    Role,
    indexes=[
        Index("attached", lambda role: role.attached),
        Index("boundary", lambda role: [role.boundary] if role.boundary else []),
        Index("id", lambda role: [role.id]),
    ],
)
POLICIES = Collection("iam.policies", ManagedPolicy)
"""Under the policy's name in lower case."""
PROFILES = Collection(
    "iam.instance_profiles",
    InstanceProfile,
    indexes=[Index("role", lambda profile: [profile.role] if profile.role else [])],
)
ALIASES = Collection("iam.account_aliases", AccountAlias, indexes=[Index("account", lambda alias: [alias.account])])
"""Under the alias, scope is empty: an alias is of one account only."""
DELETIONS = Collection("iam.deletions", Deletion)
"""Under the task's id."""
ACCESS_KEYS = Collection(
    "iam.access_keys",
    AccessKey,
    indexes=[Index("user", lambda key: [f"{key.account}/{key.user or ''}"])],
    erasable=True,
)
"""Scope is empty: an access key id says itself which account it is of."""
