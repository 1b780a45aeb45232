"""A question to the policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from casemate.foundation.errors import AccessDenied

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


def value_under(pairs: Iterable[tuple[str, str]], key: str) -> Values | None:
    """The value under a name (of a tag, of a context), which policies compare without regard to case; `key` is lower.

    Raises AccessDenied where names that differ in nothing else have different values: whichever a condition looked at,
    the other would pass it by.
    """
    values = {value for name, value in pairs if name.lower() == key}
    if len(values) > 1:
        raise AccessDenied(
            f"A policy has a condition on {key!r}, and the caller, the resource or the request has several values "
            "under names that differ in case only, which conditions don't tell apart. Leave all but one out."
        )
    return tuple(values) or None


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
