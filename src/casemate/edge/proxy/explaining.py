"""Why, in a header: for whoever sets up rules; off unless asked for, since it tells an attacker as much."""

from __future__ import annotations

import json
from typing import Final

from casemate.engines.web import Verdict

HEADER: Final = b"x-casemate-waf-explain"
LONGEST: Final = 4_096


def explained(verdict: Verdict) -> tuple[bytes, bytes]:
    """A header with a verdict as JSON in ASCII: the action, the rule that ended it, labels, why each rule matched."""
    told = {
        "action": verdict.action,
        "rule": verdict.terminating_rule,
        "ruleWithinGroup": verdict.rule_within_group,
        "labels": list(verdict.labels[:20]),
        "matches": [
            {
                "rule": match.rule_within_group or match.rule,
                "action": match.action,
                "evidence": [
                    {"field": one.field, "location": one.location, "matched": one.matched[:64].decode("latin-1")}
                    for one in match.evidence[:2]
                ],
            }
            for match in verdict.matches[:10]
        ],
    }
    return HEADER, json.dumps(told, separators=(",", ":")).encode("ascii")[:LONGEST]
