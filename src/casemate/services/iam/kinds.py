"""Users, groups and roles: what they have in common, so that policies, boundaries and tags are written once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from casemate.foundation import inventory
from casemate.foundation.context import Context
from casemate.foundation.records import Collection
from casemate.services.iam import errors, quotas
from casemate.services.iam.arns import arn
from casemate.services.iam.records import GROUPS, ROLES, USERS, Group, Role, Tags, User

Entity = User | Group | Role
E = TypeVar("E", User, Group, Role)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entity. `noun` is the word in ARNs and refusals, `member` the request member that names one.

    `inline_characters` is what all inline policies of one entity may have together, white space not counted.
    """

    noun: str
    title: str
    member: str
    collection: Collection[Any]
    account_quota: str
    policies_quota: str
    most_policies: int
    inline_characters: int

    @property
    def resource_type(self) -> str:
        return f"AWS::IAM::{self.title}"

    def arn(self, context: Context, entity: Entity) -> str:
        return arn(context.partition, context.account, self.noun, entity.path, entity.name)

    def get(self, context: Context, name: str) -> Any:
        """The entity of the caller's account, or None."""
        return context.unit.get(self.collection, context.account, name.lower())

    def named(self, context: Context, name: str) -> Any:
        """The entity of the caller's account. Raises NoSuchEntity."""
        entity = self.get(context, name)
        if entity is None:
            raise errors.absent_named(self.noun, name)
        return entity

    def loaded(self, context: Context, request: Mapping[str, Any]) -> Any:
        """The entity that `authorize` looked up. Raises NoSuchEntity."""
        if context.loaded is None:
            raise errors.absent_named(self.noun, request[self.member])
        return context.loaded


USER: Final = Kind("user", "User", "UserName", USERS, "UsersPerAccount", "PoliciesPerUser", 10, 2048)
GROUP: Final = Kind("group", "Group", "GroupName", GROUPS, "GroupsPerAccount", "PoliciesPerGroup", 10, 5120)
ROLE: Final = Kind("role", "Role", "RoleName", ROLES, "RolesPerAccount", "PoliciesPerRole", 10, 10240)


def make(context: Context, kind: Kind, entity: Entity) -> None:
    """Keep a new entity. Raises EntityAlreadyExists, LimitExceeded."""
    if kind.get(context, entity.name) is not None:
        raise errors.exists(f"{kind.title} with name {entity.name} already exists.")
    quotas.one_more(context.unit, context.account, kind.account_quota, entity.name)
    keep(context, kind, entity)


def keep(context: Context, kind: Kind, entity: Entity) -> None:
    """Keep an entity, new or changed, and what the inventory says of it."""
    context.unit.put(kind.collection, context.account, entity.name.lower(), entity)
    boundary: str | None = getattr(entity, "boundary", None)
    tags: Tags = getattr(entity, "tags", ())
    inventory.register(
        context.unit,
        arn=kind.arn(context, entity),
        type=kind.resource_type,
        account=context.account,
        region="",
        tags=tags,
        uses=(*entity.attached, boundary) if boundary else entity.attached,
    )


def drop(context: Context, kind: Kind, entity: Entity) -> None:
    """Have the entity no more."""
    context.unit.delete(kind.collection, context.account, entity.name.lower())
    inventory.remove(context.unit, arn=kind.arn(context, entity), account=context.account)
    quotas.one_less(context.unit, context.account, kind.account_quota, entity.name)


def move(context: Context, kind: Kind, entity: E, *, name: str | None, path: str | None) -> E:
    """Give an entity another name or path, under which it is the same by its unique id. Raises EntityAlreadyExists."""
    moved = replace(entity, name=name or entity.name, path=path or entity.path)
    if moved.name.lower() != entity.name.lower():
        if kind.get(context, moved.name) is not None:
            raise errors.exists(f"{kind.title} with name {moved.name} already exists.")
        quotas.one_less(context.unit, context.account, kind.account_quota, entity.name)
        quotas.one_more(context.unit, context.account, kind.account_quota, moved.name)
        context.unit.delete(kind.collection, context.account, entity.name.lower())
    if kind.arn(context, moved) != kind.arn(context, entity):
        inventory.remove(context.unit, arn=kind.arn(context, entity), account=context.account)
    keep(context, kind, moved)
    return moved


def modifiable(role: Role) -> Role:
    """The role, if its account may change it. Raises UnmodifiableEntity."""
    if role.path.startswith(("/aws-service-role/", "/aws-reserved/")):
        raise errors.protected(role.name)
    return role


def refuse_attached(entity: Entity) -> None:
    """Raises DeleteConflict while policies stand on an entity."""
    if entity.attached:
        raise errors.in_use("must detach all policies first")
    if entity.inline:
        raise errors.in_use("must delete policies first")
