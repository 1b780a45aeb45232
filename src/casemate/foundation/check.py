"""A question to the policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

Values = tuple[str, ...]
ConditionKeys = Callable[[str], Values | None]
"""From a condition key's name in lower case to its values; None where the request has no such key."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A delegation that already matched this caller and request (what KMS calls a grant)."""

    id: str
    description: str


def no_keys(_name: str) -> Values | None:
    return None


class Check(msgspec.Struct, eq=False):
    """One question to the policies: may the caller do `action` on `resource`?

    `policy` is the resource's own policy text. `policy_required` says that an identity policy alone never suffices,
    even inside the account (KMS keys, role trust policies). `keys` answers the service's own condition keys and is
    asked only where a policy names one; `allowances` is asked only where the policies have not decided.
    """

    action: str
    resource: str
    owner: str
    policy: str | None = None
    policy_kind: Literal["resource", "trust"] = "resource"
    policy_required: bool = False
    keys: ConditionKeys = no_keys
    allowances: Callable[[], Sequence[Allowance]] | None = None
    aws_managed: bool = False
    """An AWS managed resource: resource control policies leave it alone."""
    denial: str | None = None
    """The text of the refusal, where the service has one of its own."""
    hidden: str | None = None
    """The text of the refusal where the resource's policy doesn't let the caller in: as if nothing were there."""
