"""Who may do what: the decision about one request.

IAM User Guide, "Policy evaluation logic" and its pages on single and cross-account requests. The steps:

    1. An explicit Deny in any policy that has a say refuses.
    2. Each level of the owner's resource control policies must allow.
    3. Each level of the caller's service control policies must allow.
    4. The VPC endpoint's policy must allow.
    5. The resource's policy, or an allowance, may name the caller: directly, as its user or role, or as its account.
    6. Inside one account a direct name is enough; a user or role needs no identity policy, but boundary and session
       policy still limit it; an account, or no name at all, leaves the decision to
    7. the identity policies, 8. the permissions boundary and 9. the session policies, each of which must allow.
    10. Across accounts steps 5 and 7 to 9 must all allow, however the caller is named.

The way to an Allow is one pass that looks at every Deny on it. What fails on the way is handed to `survey`, which
looks at everything and names the cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.decisions import POLICY_TYPES, TRUST, Decision
from casemate.engines.policy.plans import Voice, binding_levels, plan_of
from casemate.engines.policy.policies import ANY_RESOURCE
from casemate.engines.policy.subjects import DIRECT, ENTITY, Subject
from casemate.engines.policy.survey import (
    ASSUME_ROLE,
    binds_boundary,
    rcps_reach,
    scps_reach,
    stands_in_across_accounts,
    survey,
    target_partition,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casemate.engines.policy.context_keys import Keys
    from casemate.engines.policy.policies import Policy, Statement
    from casemate.engines.policy.requests import Allowance, Standing, Target

    Asked = tuple[Subject, Standing, Target, Keys]
    Spot = tuple[str, str]

DENIED: Final = -1
"""How directly a resource's policy names a caller whom it explicitly denies: worse than not at all."""


def evaluate(subject: Subject, standing: Standing, target: Target, keys: Keys) -> Decision:
    """Decide about a request. Never raises; what is not allowed is denied."""
    return permit(subject, standing, target, keys) or _refuse((subject, standing, target, keys))


def permit(subject: Subject, standing: Standing, target: Target, keys: Keys) -> Decision | None:
    """The decision where it is an Allow; None, quickly and without the reason, where it is not."""
    asked = (subject, standing, target, keys)
    spot = (target.action, target.resource)
    place = (target.action, ANY_RESOURCE) if standing.everywhere else spot
    plan = standing._plans.get(place) or plan_of(standing, place)

    # 2 to 4: ceilings that nothing goes past.
    reached = target.rcps and rcps_reach(subject, target.action.lower())
    if reached and not _each_allows(binding_levels(target.rcps, spot), keys):
        return None
    if plan.scps and scps_reach(subject) and not _each_allows(plan.scps, keys):
        return None
    if target.endpoint is not None and _grant(target.endpoint, spot, asked)[0] <= 0:
        return None

    # 5: how the resource's side names the caller.
    grant, by_resource, allowance = 0, None, None
    if target.policy is not None:
        grant, by_resource = _grant(target.policy, spot, asked)
        if grant == DENIED:
            return None
    if target.allowances and grant < ENTITY:
        grant, by_resource, allowance = ENTITY, None, target.allowances[0]
    same_account = target.owner is None or target.owner == subject.account
    if not grant and (target.needs_resource_policy or not same_account or not subject.has_identity):
        return None
    if not subject.has_identity:
        return _by_resource(asked, by_resource, allowance)
    if not same_account and target_partition(target.resource) not in {"", subject.partition}:
        return None

    # 6 and 10: a name of the caller counts in its own account only.
    named = grant if same_account else 0
    by_identity = None
    if not subject.is_root:
        # 7
        by_identity = plan.identity.say(keys)
        if by_identity is None:
            if named < ENTITY and not stands_in_across_accounts(target.allowances):
                return None
        elif by_identity[1].denies:
            return None
        # 8
        if plan.boundary is not None and not _boundary_allows(plan.boundary, asked, named):
            return None
    # 9
    if plan.session is not None:
        found = plan.session.say(keys)
        if (named < DIRECT) if found is None else found[1].denies:
            return None

    if named >= ENTITY or (by_identity is None and not subject.is_root):
        return _by_resource(asked, by_resource, allowance)
    if by_identity is None:
        return Decision("allow", "root user", None, None, None, asked)
    return Decision("allow", "identity-based policy", by_identity[0], by_identity[1], None, asked)


def _each_allows(levels: Iterable[Voice], keys: Keys) -> bool:
    for voice in levels:
        found = voice.say(keys)
        if found is None or found[1].denies:
            return False
    return True


def _grant(policy: Policy, spot: Spot, asked: Asked) -> tuple[int, Statement | None]:
    """How directly a policy with principals allows the caller, and by which statement; DENIED when it denies."""
    subject, standing, _target, keys = asked
    selection = policy.selection(spot)
    hearing = selection.hearings.get(subject.arn)
    if hearing is None or hearing.identity != subject.identity:
        hearing = policy.hearing(spot, subject, standing.boundary is not None)
    for statement, test in hearing.denies:
        if test is None or test(keys):
            return DENIED, statement
    for directness, statement, test in hearing.allows:
        if test is None or test(keys):
            return directness, statement
    return 0, None


def _boundary_allows(boundary: Voice, asked: Asked, named: int) -> bool:
    """A direct name goes past a silent boundary, but for sts:AssumeRole (IAM User Guide, trust policies)."""
    subject, _standing, target, keys = asked
    if not binds_boundary(subject):
        return True
    found = boundary.say(keys)
    if found is None:
        return named == DIRECT and target.action.lower() != ASSUME_ROLE
    return not found[1].denies


def _by_resource(asked: Asked, statement: Statement | None, allowance: Allowance | None) -> Decision:
    return Decision("allow", _resource_type(asked), asked[2].policy if statement else None, statement, allowance, asked)


def _resource_type(asked: Asked) -> str:
    policy = asked[2].policy
    return TRUST if policy is not None and policy.kind == "trust" else POLICY_TYPES["RESOURCE"]


def _refuse(asked: Asked) -> Decision:
    """Name the cause: the first explicit deny in the order of the checks, else the first that lacks an Allow."""
    checks = survey(*asked)
    for effect in ("EXPLICIT_DENY", "IMPLICIT_DENY"):
        for check in checks:
            if check.effect != effect:
                continue
            kind = _resource_type(asked) if check.name == "RESOURCE" else POLICY_TYPES[check.name]
            if effect == "IMPLICIT_DENY":
                return Decision("implicit_deny", kind, None, None, None, asked)
            match = next(match for match in check.matches if match.effect == "Deny" and not match.failed)
            return Decision("explicit_deny", kind, match.policy, match.statement, None, asked)
    # Condition keys that answer differently the second time: the refusal stands.
    return Decision("implicit_deny", POLICY_TYPES["PRINCIPAL"], None, None, None, asked)
