"""Web request inspection: what AWS WAF decides about a request.

`compile_acl` makes a plan of a web ACL, `evaluate` a verdict of a request's view and a plan. `ActivePlan` holds the
plan in force while updates are compiled beside it.
"""

from casemate.engines.web.active import ActivePlan
from casemate.engines.web.compiler import Resources, compile_acl, read_acl_file, rules_capacity
from casemate.engines.web.counters import Counters, ProcessCounters
from casemate.engines.web.errors import InvalidParameter, LimitsExceeded, NonexistentItem, WebAclError
from casemate.engines.web.evaluate import evaluate
from casemate.engines.web.patterns import PatternCache
from casemate.engines.web.plan import Plan
from casemate.engines.web.verdicts import Match, Verdict
from casemate.engines.web.view import RequestView, ResourceKind, Token

__all__ = [
    "ActivePlan",
    "Counters",
    "InvalidParameter",
    "LimitsExceeded",
    "Match",
    "NonexistentItem",
    "PatternCache",
    "Plan",
    "ProcessCounters",
    "RequestView",
    "ResourceKind",
    "Resources",
    "Token",
    "Verdict",
    "WebAclError",
    "compile_acl",
    "evaluate",
    "read_acl_file",
    "rules_capacity",
]
