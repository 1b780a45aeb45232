"""`casemate waf check`: the verdict about each request."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import Any

import msgspec

from casemate.cli.options import wants_json
from casemate.cli.waf.plans import cache_of, plan_of
from casemate.cli.waf.requests import Reading, read_requests
from casemate.engines.web import Match, ProcessCounters, ResourceKind, Verdict, evaluate


def as_json(index: int, source: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as one JSON object."""
    known: dict[str, Any] = {
        "index": index,
        "source": source,
        "action": verdict.action,
        "terminatingRule": verdict.terminating_rule,
        "terminatingRuleType": verdict.terminating_rule_type,
        "labels": list(verdict.labels),
        "matches": [match_as_json(match) for match in verdict.matches],
    }
    if verdict.rule_within_group:
        known |= {"ruleGroup": verdict.group, "ruleWithinGroup": verdict.rule_within_group}
    return known


def match_as_json(match: Match) -> dict[str, Any]:
    """A match as a JSON object; bytes that aren't UTF-8 are shown as replacement characters."""
    known: dict[str, Any] = {"rule": match.rule, "action": match.action, "terminating": match.terminating}
    if match.group:
        known |= {"ruleGroup": match.group, "ruleWithinGroup": match.rule_within_group}
    if match.overridden:
        known["overridden"] = match.overridden
    known["evidence"] = [
        {
            "statement": evidence.path,
            "condition": evidence.condition,
            "field": evidence.field,
            "location": evidence.location,
            "matched": evidence.matched.decode("utf-8", "replace"),
            "detail": evidence.detail,
        }
        for evidence in match.evidence
    ]
    return known


def run(options: argparse.Namespace) -> int:
    """Print verdicts and a summary; 3 where `--fail` asks and a request wouldn't reach the application."""
    plan = plan_of(options.acl, cache_of(options), prose=options.prose)
    counters = ProcessCounters()
    # Requests that don't say when they came are taken as of one moment: rate-based rules count them together.
    reading = Reading(ResourceKind(options.resource), time=0.0)
    actions: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    json = wants_json(options)
    for index, (source, view) in enumerate(read_requests(options.requests, reading)):
        verdict = evaluate(view, plan, counters)
        actions[verdict.action] += 1
        if verdict.blocked:
            rules[verdict.rule_within_group or verdict.terminating_rule] += 1
        if json:
            print(msgspec.json.encode(as_json(index, source, verdict)).decode())
        else:
            why = f"  {verdict.terminating_rule}" if verdict.blocked else ""
            within = f" / {verdict.rule_within_group}" if verdict.rule_within_group else ""
            print(f"{verdict.action:9} {source}{why}{within}")
    said = ", ".join(f"{count} {action}" for action, count in actions.most_common()) or "none"
    sys.stderr.write(f"casemate: {sum(actions.values())} requests: {said}\n")
    for rule, count in rules.most_common(20):
        sys.stderr.write(f"casemate: {count:8} by {rule}\n")
    return 3 if options.fail and rules else 0
