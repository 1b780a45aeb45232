"""`casemate waf explain`: why a request is blocked, or not."""

from __future__ import annotations

import argparse

import msgspec

from casemate.cli.options import wants_json
from casemate.cli.waf.check import as_json
from casemate.cli.waf.plans import cache_of, plan_of
from casemate.cli.waf.requests import Given, Reading, read_requests
from casemate.engines.web import Match, Plan, ProcessCounters, ResourceKind, Verdict, evaluate


def run(options: argparse.Namespace) -> int:
    """Print each request's verdict with every rule that matched and why."""
    plan = plan_of(options.acl, cache_of(options), quiet=True, prose=options.prose)
    counters = ProcessCounters()
    reading = Reading(ResourceKind(options.resource), time=0.0)
    for index, given in enumerate(read_requests(options.requests, reading)):
        verdict = evaluate(given.view, plan, counters)
        if options.index is not None and index != options.index:
            continue
        if wants_json(options):
            known = as_json(index, given.source, verdict) | {"capacity": verdict.capacity, "notes": list(plan.notes)}
            print(msgspec.json.encode(known).decode())
        else:
            print("\n".join(explained(index, given, verdict)))
    if not wants_json(options):
        print("\n".join(_about(plan)))
    return 0


def explained(index: int, given: Given, verdict: Verdict) -> list[str]:
    """A verdict in lines for a person."""
    view = given.view
    target = view.target.decode("utf-8", "replace")
    lines = [f"request {index} ({given.source}): {view.method.decode('latin-1')} {target[:200]}"]
    if verdict.matches:
        for match in verdict.matches:
            lines += _match(match)
    else:
        lines.append("  no rule matched")
    within = f" by its rule {verdict.rule_within_group}" if verdict.rule_within_group else ""
    lines.append(f"  => {verdict.action} by {verdict.terminating_rule}{within}")
    if verdict.response is not None:
        lines.append(f"     answered {verdict.response.status}")
    lines += [f"     header {name}: {value} is added" for name, value in verdict.insert_headers]
    if verdict.labels:
        lines.append(f"     labels: {', '.join(verdict.labels)}")
    return lines


def _match(match: Match) -> list[str]:
    name = f"{match.rule} / {match.rule_within_group}" if match.rule_within_group else match.rule
    overridden = f" (instead of {match.overridden})" if match.overridden else ""
    lines = [f"  {name}: {match.action}{overridden}{', which ends the evaluation' if match.terminating else ''}"]
    for evidence in match.evidence:
        where = evidence.field + (f" '{evidence.location}'" if evidence.location else "")
        lines.append(f"    {evidence.path}: {evidence.condition}{' in ' + where if where else ''}")
        if evidence.matched:
            lines.append(f"      matched {evidence.matched.decode('utf-8', 'backslashreplace')!r}")
        if evidence.detail:
            lines.append(f"      {evidence.detail}")
    return lines


def _about(plan: Plan) -> list[str]:
    return [f"the web ACL {plan.name} takes {plan.capacity} WCU", *(f"note: {note}" for note in plan.notes)]
