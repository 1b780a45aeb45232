"""What is asked of the engine: what binds the caller, and what the caller wants to do to what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from casemate.engines.policy.plans import Plan
    from casemate.engines.policy.policies import Policy

    Levels = tuple[tuple[Policy, ...], ...]


@dataclass(frozen=True, slots=True)
class Allowance:
    """A delegation to this caller for this very action, already matched by the service that keeps it (a KMS grant).

    It counts as an Allow of the resource's policy that names the caller's user or role: inside the account it is
    enough without an identity policy, while boundary, session policy and the organization's policies still limit it.
    Across accounts the caller's own policies must allow too, unless `needs_identity_across_accounts` is False.
    """

    id: str
    description: str
    needs_identity_across_accounts: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What binds the caller.

    `session`: None when the session was made without a session policy; () for a federated user without one, who may
    do nothing by identity. `scps`: one tuple a level, from the organization's root to the account; empty outside an
    organization and in its management account.

    It remembers what it worked out, so keep it with the credential for as long as the policies stay the same.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    scps: Levels = ()
    everywhere: bool = field(init=False, repr=False, compare=False)
    """Whether all of it is about all resources alike."""
    _plans: dict[tuple[str, str], Plan] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        levels = (self.identity, self.session or (), (self.boundary,) if self.boundary else (), *self.scps)
        object.__setattr__(self, "everywhere", all(policy.everywhere for level in levels for policy in level))


class Target(msgspec.Struct, frozen=True, gc=False):
    """One action on one resource.

    `resource` is an ARN, or "*" for an action without resource types. `owner` is the account that owns it (None: the
    caller's own). `policy` is the resource's policy, a role's trust policy included. `rcps`: as `Standing.scps`, of
    the owner; empty where resource control policies do not reach (AWS managed KMS keys, assuming a service-linked
    role). `needs_resource_policy`: an identity policy alone never suffices (KMS keys, role trust). `endpoint`: the
    policy of the VPC endpoint that the request came through.
    """

    action: str
    resource: str
    owner: str | None = None
    policy: Policy | None = None
    rcps: Levels = ()
    needs_resource_policy: bool = False
    allowances: tuple[Allowance, ...] = ()
    endpoint: Policy | None = None
