"""A request against a plan: the verdict.

1. Rules run in order of priority, those of Firewall Manager first and last.
2. A rule that matches adds its labels, and what geo matches said of the address, before the next rule runs.
3. Count goes on; Allow, Block and Monetize end the evaluation. CAPTCHA and Challenge go on for a client whose token is
   fresh enough, else they end it.
4. A rule group ends the evaluation with its first rule that does, unless its reference counts only.
5. When no rule ended it, the default action does.

Pure but for the counters that it is given; bounded by the sizes that the view and the plan allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from casemate.engines.web.inspection import Evidence, Inspection
from casemate.engines.web.managed.scanning import scan_units
from casemate.engines.web.plan import (
    TERMINATING,
    Action,
    Plan,
    PlannedGroup,
    PlannedManagedGroup,
    PlannedRule,
)
from casemate.engines.web.verdicts import Match, Verdict
from casemate.engines.web.view import RequestView

if TYPE_CHECKING:
    from casemate.engines.web.counters import Counters
    from casemate.engines.web.managed.scanning import Found
    from casemate.engines.web.managed.schema import ManagedRule


TOKEN_LABEL: Final = "awswaf:managed:token:"  # noqa: S105 - the name of a label


def evaluate(view: RequestView, plan: Plan, counters: Counters | None = None, *, scorer: bool = True) -> Verdict:
    """The verdict about a request. Without counters, rate-based rules match nothing.

    `scorer` lets a small model release what managed rules find in texts that show an attack rather than make one; both
    it and the plan must ask for it.
    """
    run = _Run(view, plan, counters, scorer=scorer)
    for rule in plan.rules:
        if isinstance(rule, PlannedManagedGroup):
            ended = run.managed_group(rule)
        elif isinstance(rule, PlannedGroup):
            ended = run.group(rule)
        else:
            ended = run.rule(rule, rule.name, "", "RATE_BASED" if rule.rate is not None else "REGULAR")
        if ended:
            break
    return run.verdict()


class _Ending:
    """How an evaluation ended."""

    __slots__ = ("action", "group", "immunity", "kind", "rule", "within")

    def __init__(  # noqa: PLR0917 - a record
        self, action: Action, rule: str, kind: str, group: str, within: str, immunity: int
    ) -> None:
        self.action = action
        self.rule = rule
        self.kind = kind
        self.group = group
        self.within = within
        self.immunity = immunity


class _Run:
    __slots__ = ("_ending", "_headers", "_matches", "_plan", "_request", "_view")

    def __init__(self, view: RequestView, plan: Plan, counters: Counters | None, *, scorer: bool) -> None:
        self._view = view
        self._plan = plan
        self._request = Inspection(view, plan.body_limits[view.kind], counters)
        self._request.scorer = scorer and plan.scorer
        self._matches: list[Match] = []
        self._headers: list[tuple[str, str]] = []
        self._ending: _Ending | None = None

    def rule(self, rule: PlannedRule, name: str, group: str, kind: str, *, count_only: bool = False) -> bool:
        """Run one rule; whether it ends the evaluation (or, within a group, the group)."""
        request = self._request
        request.evidence = []
        held = rule.statement.matches(request)
        if request.pending_labels:
            request.labels.update(dict.fromkeys(request.pending_labels))
            request.pending_labels = []
        if not held:
            return False
        evidence = tuple(request.evidence)
        request.labels.update(dict.fromkeys(rule.labels))
        ends = self._ends(rule.action, rule.captcha_immunity, rule.challenge_immunity)
        self._matches.append(
            Match(
                rule=name,
                action=rule.action.kind,
                terminating=ends and not count_only,
                evidence=evidence,
                group=group,
                rule_within_group=rule.name if group else "",
                overridden=rule.overridden,
                rate=rule.rate.details(request) if rule.rate is not None else None,
            )
        )
        immunity = rule.captcha_immunity if rule.action.kind == "CAPTCHA" else rule.challenge_immunity
        self._act(
            rule.action, ends, count_only, _Ending(rule.action, name, kind, group, rule.name if group else "", immunity)
        )
        return ends

    def group(self, group: PlannedGroup) -> bool:
        """Run a customer's rule group; whether it ends the evaluation."""
        for rule in group.rules:
            if self.rule(rule, group.name, group.group, "GROUP", count_only=group.count_only):
                return not group.count_only
        return False

    def managed_group(self, group: PlannedManagedGroup) -> bool:
        """Run a managed rule group; whether it ends the evaluation."""
        request = self._request
        if group.scope_down is not None:
            request.evidence = []
            held = group.scope_down.matches(request)
            if request.pending_labels:
                request.labels.update(dict.fromkeys(request.pending_labels))
                request.pending_labels = []
            if not held:
                return False
        if group.compiled.group.token_labels:
            request.labels[f"{TOKEN_LABEL}{self._view.token.status}"] = None
        found = self._found(group)
        if not found:
            return False
        verified = self._verified(group)
        for rule in group.compiled.rules:
            hit = found.get(rule.name)
            if hit is not None and self._managed_rule(group, rule, hit, verified=verified):
                return not group.count_only
        return False

    def _found(self, group: PlannedManagedGroup) -> Mapping[str, Found]:
        """The rules of a managed group that match, by name.

        What a rule refuses for its size is not scanned for the rules behind it, which will not run.
        """
        request, compiled = self._request, group.compiled
        hits = request.scans.get(scan_units)
        direct = compiled.direct_matches(request, self._plan.data.lists) if compiled.direct else None
        if hits is None:
            for rule in compiled.rules if direct else ():
                if direct and rule.name in direct and group.actions[rule.name].kind == "BLOCK":
                    before = scan_units(compiled.units_before[rule.name], request)
                    return {**before.get(compiled.group.name, {}), **direct}
            hits = request.scans[scan_units] = scan_units(self._plan.managed_units, request)
        found: Mapping[str, Found] = hits.get(compiled.group.name, {})
        return {**found, **direct} if direct else found

    def _verified(self, group: PlannedManagedGroup) -> bool:
        """Whether the client is one of the bots that the operator verified."""
        name = group.compiled.group.verified_list
        listed = self._plan.data.lists.get(name) if name else None
        address = self._request.address
        return listed is not None and address is not None and address in listed

    def _managed_rule(self, group: PlannedManagedGroup, rule: ManagedRule, hit: Found, *, verified: bool) -> bool:
        labels = self._request.labels
        if verified and not rule.name.startswith("Category"):
            return False
        labels.update(dict.fromkeys(rule.labels))
        labels.update(dict.fromkeys(hit.labels))
        action = group.actions[rule.name]
        if verified:
            labels[group.compiled.group.verified_label] = None
            # The published exception: artificial intelligence bots are acted on, verified or not.
            if rule.name != "CategoryAI":
                action = Action("COUNT")
        ends = self._ends(action, group.captcha_immunity, group.challenge_immunity)
        evidence: tuple[Evidence, ...] = (hit.evidence,)
        self._matches.append(
            Match(
                rule=group.name,
                action=action.kind,
                terminating=ends and not group.count_only,
                evidence=evidence,
                group=group.group,
                rule_within_group=rule.name,
                overridden=rule.action if rule.action != action.kind else "",
            )
        )
        immunity = group.captcha_immunity if action.kind == "CAPTCHA" else group.challenge_immunity
        ending = _Ending(action, group.name, "MANAGED_RULE_GROUP", group.group, rule.name, immunity)
        self._act(action, ends, group.count_only, ending)
        return ends

    def _act(self, action: Action, ends: bool, count_only: bool, ending: _Ending) -> None:
        if ends and not count_only:
            self._ending = ending
        elif not ends:
            self._headers.extend(action.insert_headers)

    def _ends(self, action: Action, captcha_immunity: int, challenge_immunity: int) -> bool:
        if action.kind in TERMINATING:
            return True
        if action.kind == "COUNT":
            return False
        token = self._view.token
        if token.status != "accepted":
            return True
        captcha = action.kind == "CAPTCHA"
        since = token.captcha_time if captcha else token.challenge_time
        return since is None or self._view.time - since > (captcha_immunity if captcha else challenge_immunity)

    def verdict(self) -> Verdict:
        """What it all comes to."""
        ending, plan = self._ending, self._plan
        action = plan.default if ending is None else ending.action
        headers = (*self._headers, *action.insert_headers) if action.kind == "ALLOW" else ()
        if ending is None:
            return Verdict(
                action=action.kind,
                labels=tuple(self._request.labels),
                response=action.response,
                insert_headers=headers,
                matches=tuple(self._matches),
                capacity=plan.capacity,
            )
        return Verdict(
            action=action.kind,
            terminating_rule=ending.rule,
            terminating_rule_type=ending.kind,
            rule_within_group=ending.within,
            group=ending.group,
            labels=tuple(self._request.labels),
            response=action.response,
            insert_headers=headers,
            immunity=ending.immunity,
            matches=tuple(self._matches),
            capacity=plan.capacity,
        )
