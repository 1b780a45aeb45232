"""What binds a caller, folded for one question: most policies answer without looking at the request's context.

A standing is asked the same few questions again and again (this action on that key). For each the policies of one type
become one voice: what they always say, and the few statements that wait for condition keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from casemate.engines.policy.policies import remember

if TYPE_CHECKING:
    from collections.abc import Iterable

    from casemate.engines.policy.conditions import Test
    from casemate.engines.policy.context_keys import Keys
    from casemate.engines.policy.policies import Policy, Statement
    from casemate.engines.policy.requests import Levels, Standing

    Spot = tuple[str, str]
    Spoken = tuple[Policy, Statement]


@dataclass(frozen=True, slots=True)
class Voice:
    """What policies of one type say about one action on one resource.

    `fixed` marks a voice that needs no context: `always` is its whole answer (a Deny, an Allow, or None: silence).
    """

    fixed: bool
    always: Spoken | None
    denies: tuple[tuple[Policy, Statement, Test], ...] = ()
    allows: tuple[tuple[Policy, Statement, Test], ...] = ()

    def say(self, keys: Keys) -> Spoken | None:
        """The statement that decides: the first Deny that applies, else an Allow, else None."""
        if self.fixed:
            return self.always
        for policy, statement, test in self.denies:
            if test(keys):
                return policy, statement
        if self.always is not None:
            return self.always
        for policy, statement, test in self.allows:
            if test(keys):
                return policy, statement
        return None


@dataclass(frozen=True, slots=True)
class Plan:
    """The voices that bind a caller. `scps` leaves out the levels that always allow; None: no such policy at all."""

    scps: tuple[Voice, ...]
    identity: Voice
    boundary: Voice | None
    session: Voice | None


def plan_of(standing: Standing, spot: Spot) -> Plan:
    """The plan for (action, resource), made now and remembered with the standing."""
    plan = Plan(
        binding_levels(standing.scps, spot),
        voice_of(standing.identity, spot),
        None if standing.boundary is None else voice_of((standing.boundary,), spot),
        None if standing.session is None else voice_of(standing.session, spot),
    )
    remember(standing._plans, spot, plan, spot[1])
    return plan


def binding_levels(levels: Levels, spot: Spot) -> tuple[Voice, ...]:
    """The levels of an organization that do not simply allow."""
    voices = [voice_of(policies, spot) for policies in levels]
    return tuple(voice for voice in voices if not (voice.fixed and voice.always and not voice.always[1].denies))


def voice_of(policies: Iterable[Policy], spot: Spot) -> Voice:
    """The voice of policies without principals."""
    always: Spoken | None = None
    denies: list[tuple[Policy, Statement, Test]] = []
    allows: list[tuple[Policy, Statement, Test]] = []
    for policy in policies:
        selection = policy.selection(spot)
        for statement, test in selection.denies:
            if test is None:
                return Voice(fixed=True, always=(policy, statement))
            denies.append((policy, statement, test))
        if always is None and selection.grants is not None:
            always = policy, selection.grants
        allows += [(policy, statement, test) for statement, test in selection.allows if test is not None]
    if not denies and (always is not None or not allows):
        return Voice(fixed=True, always=always)
    return Voice(fixed=False, always=always, denies=tuple(denies), allows=tuple(allows))
