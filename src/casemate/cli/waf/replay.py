"""`casemate waf replay`: what a changed ACL would do to logged requests."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

import msgspec

from casemate.cli.options import wants_json
from casemate.cli.waf.logs import Logged, read_log
from casemate.cli.waf.plans import cache_of, plan_of
from casemate.engines.web import Plan, ProcessCounters, ResourceKind, Verdict, evaluate
from casemate.foundation.errors import UsageError


def run(options: argparse.Namespace) -> int:
    """Print the requests whose verdict would change, and a summary; 3 where `--fail` asks and one would."""
    cache = cache_of(options)
    after = plan_of(options.acl, cache, prose=options.prose)
    before = plan_of(options.against, cache, quiet=True, prose=options.prose) if options.against is not None else None
    changes: Counter[tuple[str, str]] = Counter()
    total = changed = unknown = 0
    counters_before, counters_after = ProcessCounters(), ProcessCounters()
    for name in options.logs:
        for logged in read_log(name, ResourceKind(options.resource)):
            total += 1
            was, why = _before(logged, before, counters_before)
            if was is None:
                unknown += 1
                continue
            verdict = evaluate(logged.view, after, counters_after)
            changes[was, verdict.action] += 1
            if was != verdict.action:
                changed += 1
                _print(options, logged, was, why, verdict)
    if unknown and unknown == total:
        raise UsageError("these logs don't say what WAF decided; give the ACL in force with --against FILE")
    sys.stderr.write(f"casemate: {total} requests, {changed} verdicts would change\n")
    for (was, now), count in sorted(changes.items()):
        sys.stderr.write(f"casemate: {count:8} {was} -> {now}\n")
    if unknown:
        sys.stderr.write(f"casemate: {unknown:8} without a decision in the log, passed over\n")
    return 3 if options.fail and changed else 0


def _before(logged: Logged, plan: Plan | None, counters: ProcessCounters) -> tuple[str | None, str]:
    if plan is None:
        return logged.action, logged.rule
    verdict = evaluate(logged.view, plan, counters)
    return verdict.action, verdict.rule_within_group or verdict.terminating_rule


def _print(options: argparse.Namespace, logged: Logged, was: str, why: str, verdict: Verdict) -> None:
    target = logged.view.target.decode("utf-8", "replace")
    rule = verdict.rule_within_group or verdict.terminating_rule
    if wants_json(options):
        known = {
            "source": logged.source,
            "before": was,
            "beforeRule": why,
            "after": verdict.action,
            "afterRule": rule,
            "method": logged.view.method.decode("latin-1"),
            "target": target,
        }
        print(msgspec.json.encode(known).decode())
        return
    print(f"{was} -> {verdict.action}  {logged.source}  {target[:120]}  ({why or '-'} -> {rule})")
