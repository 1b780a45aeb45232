"""The inventory: every resource that a service makes, registered in the same unit of work.

InUseBy, "associated item" refusals, the scopes of Firewall Manager and the coverage of Inspector and Macie are
questions to it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from casemate.foundation.records import Collection, Index, Reader, Unit


class InventoryEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource: what it is, whose, where, and which other resources it uses."""

    arn: str
    type: str
    account: str
    region: str
    tags: tuple[tuple[str, str], ...] = ()
    uses: tuple[str, ...] = ()


RESOURCES = Collection(
    "inventory.resources",
    InventoryEntry,
    # Each index costs every new resource a page of the database; by service and type, ARNs are in order already.
    indexes=[Index("uses", lambda entry: entry.uses)],
)


def register(
    unit: Unit,
    *,
    arn: str,
    type: str,  # noqa: A002 - AWS's word
    account: str,
    region: str,
    tags: tuple[tuple[str, str], ...] = (),
    uses: Iterable[str] = (),
    new: bool = False,
) -> None:
    """Say that a resource exists and what it uses; again whenever its tags or uses change.

    `new` says that its ARN was made at random just now: nobody looks whether it is registered already.
    """
    entry = InventoryEntry(arn=arn, type=type, account=account, region=region, tags=tags, uses=tuple(uses))
    if new:
        unit.add(RESOURCES, account, arn, entry)
    elif unit.get(RESOURCES, account, arn) != entry:
        unit.put(RESOURCES, account, arn, entry)


def remove(unit: Unit, *, arn: str, account: str) -> None:
    """Say that a resource is gone."""
    unit.delete(RESOURCES, account, arn)


def used_by(reader: Reader, *, arn: str, account: str) -> list[str]:
    """The ARNs of the resources in an account that use a resource."""
    return [user for user, _ in reader.find(RESOURCES, "uses", account, arn)]
