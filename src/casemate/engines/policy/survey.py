"""Every policy that has a say, looked at in full: the slow, complete companion of `evaluation`.

It names the cause of a refusal and explains any decision. Checks come in the order of the access-denied evaluation of
AWS's GetRequestAuthorizationDetails: resource control policies from the organization's root to the account, service
control policies likewise, VPC endpoint, resource, principal, permissions boundary, session.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from casemate.engines.policy.subjects import DIRECT, ENTITY, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casemate.engines.policy.context_keys import Keys
    from casemate.engines.policy.policies import Policy, Statement
    from casemate.engines.policy.requests import Allowance, Levels, Standing, Target

CheckName = Literal["RCP", "SCP", "VPC_ENDPOINT", "RESOURCE", "PRINCIPAL", "PERMISSIONS_BOUNDARY", "SESSION"]
CheckEffect = Literal["ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY", "NO_IMPACT"]

ASSUME_ROLE: Final = "sts:assumerole"
RETIRE_GRANT: Final = "kms:retiregrant"


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that is about the request; it applies when no condition is in `failed`.

    `source` is the policy's, `sid` made up from the place where the document has none.
    """

    source: str | None
    index: int
    sid: str
    effect: Literal["Allow", "Deny"]
    failed: tuple[str, ...]
    policy: Policy
    statement: Statement


@dataclass(frozen=True, slots=True)
class Check:
    """One policy type, or one level of an organization (0 is the root), and what it says."""

    name: CheckName
    level: int | None
    effect: CheckEffect
    matches: tuple[Match, ...]
    allowances: tuple[Allowance, ...] = ()
    note: str = ""


def survey(subject: Subject, standing: Standing, target: Target, keys: Keys) -> tuple[Check, ...]:
    """Every check of a request. It is allowed exactly when none of them is a deny."""
    return tuple(_Survey(subject, standing, target, keys).checks())


class _Survey:
    def __init__(self, subject: Subject, standing: Standing, target: Target, keys: Keys) -> None:
        self.subject = subject
        self.standing = standing
        self.target = target
        self.keys = keys
        self.action = target.action.lower()
        self.same_account = target.owner is None or target.owner == subject.account
        self.grant = 0

    def checks(self) -> Iterator[Check]:
        subject, standing, target = self.subject, self.standing, self.target
        if target.rcps and rcps_reach(subject, self.action):
            yield from self._levels("RCP", target.rcps)
        if standing.scps and scps_reach(subject):
            yield from self._levels("SCP", standing.scps)
        if target.endpoint is not None:
            yield self._plain("VPC_ENDPOINT", (target.endpoint,), silent="IMPLICIT_DENY")
        yield self._resource()
        if not subject.has_identity:
            return
        yield self._identity()
        if standing.boundary is not None and binds_boundary(subject):
            yield self._plain("PERMISSIONS_BOUNDARY", (standing.boundary,), silent=self._ceiling(boundary=True))
        if standing.session is not None:
            yield self._plain("SESSION", standing.session, silent=self._ceiling(boundary=False))

    def _levels(self, name: CheckName, levels: Levels) -> Iterator[Check]:
        for level, policies in enumerate(levels):
            yield self._plain(name, policies, silent="IMPLICIT_DENY", level=level)

    def _plain(
        self, name: CheckName, policies: Iterable[Policy], *, silent: CheckEffect, level: int | None = None
    ) -> Check:
        matches = tuple(match for policy in policies for match in self._matches(policy))
        return Check(name, level, _effect(matches, silent), matches)

    def _resource(self) -> Check:
        target = self.target
        matches = tuple(self._matches(target.policy)) if target.policy is not None else ()
        who = [
            match.statement.who(self.subject, self.standing.boundary is not None)
            for match in matches
            if match.effect == "Allow" and not match.failed and match.statement.who is not None
        ]
        self.grant = max(who, default=0)
        if target.allowances:
            self.grant = max(self.grant, ENTITY)
        effect = _effect(matches, "IMPLICIT_DENY" if self._needs_grant() else "NO_IMPACT")
        if effect != "EXPLICIT_DENY" and self._crosses_partitions():
            return Check("RESOURCE", None, "IMPLICIT_DENY", matches, (), "the resource is in another partition")
        if effect != "EXPLICIT_DENY" and target.allowances:
            effect = "ALLOW"
        return Check("RESOURCE", None, effect, matches, target.allowances)

    def _crosses_partitions(self) -> bool:
        """Whoever has no account (a service, a provider's user, everybody) is in no partition either."""
        if self.same_account or not self.subject.has_identity:
            return False
        return target_partition(self.target.resource) not in {"", self.subject.partition}

    def _needs_grant(self) -> bool:
        return self.target.needs_resource_policy or not self.same_account or not self.subject.has_identity

    def _identity(self) -> Check:
        if self.subject.is_root:
            return Check("PRINCIPAL", None, "ALLOW", (), (), "the root user needs no identity-based policy")
        silent: CheckEffect = "IMPLICIT_DENY"
        if (self.same_account and self.grant >= ENTITY) or stands_in_across_accounts(self.target.allowances):
            silent = "NO_IMPACT"
        return self._plain("PRINCIPAL", self.standing.identity, silent=silent)

    def _ceiling(self, *, boundary: bool) -> CheckEffect:
        """What silence of a boundary or session policy does: nothing where the resource's policy names the caller."""
        if not self.same_account or self.grant < DIRECT or (boundary and self.action == ASSUME_ROLE):
            return "IMPLICIT_DENY"
        return "NO_IMPACT"

    def _matches(self, policy: Policy) -> Iterator[Match]:
        for statement in policy.statements:
            if not statement.covers(self.action, self.target.resource, self.keys):
                continue
            bounded = self.standing.boundary is not None
            if statement.who is not None and not statement.who(self.subject, bounded):
                continue
            failed = tuple(
                f"{condition.operator} {condition.key}"
                for condition in statement.conditions
                if not condition.test(self.keys)
            )
            sid = statement.sid or f"Statement{statement.index + 1}"
            effect: Literal["Allow", "Deny"] = "Deny" if statement.denies else "Allow"
            yield Match(policy.source, statement.index, sid, effect, failed, policy, statement)


def _effect(matches: Iterable[Match], silent: CheckEffect) -> CheckEffect:
    applying = {match.effect for match in matches if not match.failed}
    if "Deny" in applying:
        return "EXPLICIT_DENY"
    return "ALLOW" if "Allow" in applying else silent


def stands_in_across_accounts(allowances: tuple[Allowance, ...]) -> bool:
    """Whether an allowance makes up for silent identity policies, across accounts too."""
    return any(not allowance.needs_identity_across_accounts for allowance in allowances)


def rcps_reach(subject: Subject, action: str) -> bool:
    """Resource control policies bind everybody but service-linked roles, and not IAM's actions or kms:RetireGrant.

    AWS applies them to a growing list of services. One that is not on it yet is bound here as well: nobody writes a
    policy for a service without wanting it to hold.
    """
    return not subject.is_service_linked and action != RETIRE_GRANT and not action.startswith("iam:")


def scps_reach(subject: Subject) -> bool:
    """Service control policies bind the account's principals, its root user included, but no service-linked role."""
    return subject.has_identity and not subject.is_service_linked


def binds_boundary(subject: Subject) -> bool:
    """A permissions boundary binds users and roles, never the root user or a service-linked role."""
    return not subject.is_root and not subject.is_service_linked


def target_partition(resource: str) -> str:
    """The partition of an ARN; empty for "*"."""
    return resource.split(":", 2)[1] if resource.startswith("arn:") and resource.count(":") > 1 else ""
