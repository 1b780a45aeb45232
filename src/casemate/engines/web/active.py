"""The plan in force, replaced as a whole.

An update is compiled beside the plan that runs and takes its place in one assignment, so that a request sees one plan
from its first rule to its last. What can't be compiled replaces nothing. Without any plan every request is blocked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from casemate.engines.web.compiler import Resources, compile_acl
from casemate.engines.web.counters import Counters, ProcessCounters
from casemate.engines.web.evaluate import evaluate
from casemate.engines.web.patterns import PatternCache
from casemate.engines.web.plan import Plan
from casemate.engines.web.verdicts import CustomResponse, Verdict
from casemate.engines.web.view import RequestView

NO_PLAN: Final = "No_Plan"
_CLOSED: Final = Verdict(action="BLOCK", terminating_rule=NO_PLAN, response=CustomResponse(503))


class ActivePlan:
    """Holds the plan that requests are evaluated against.

    `plan` is None until a first one was compiled: then `evaluate` answers BLOCK with 503 by the rule No_Plan.
    `scorer` is that of `casemate.engines.web.evaluate`.
    """

    def __init__(self, cache: PatternCache, counters: Counters | None = None, *, scorer: bool = True) -> None:
        self._cache = cache
        self.counters: Counters = counters if counters is not None else ProcessCounters()
        self.plan: Plan | None = None
        self.scorer = scorer

    def compile(self, acl: Mapping[str, Any], resources: Resources) -> Plan:
        """Compile an ACL beside the plan in force. Raises WebAclError.

        May run in another thread: while patterns compile, requests go on being evaluated.
        """
        return compile_acl(acl, resources, cache=self._cache)

    def publish(self, plan: Plan) -> None:
        """Put a plan in force; requests that began keep theirs."""
        self.plan = plan
        if isinstance(self.counters, ProcessCounters):
            self.counters.forget(plan.rate_rules)

    def replace(self, acl: Mapping[str, Any], resources: Resources) -> Plan:
        """Compile and put in force. Raises WebAclError; then the plan in force stays."""
        plan = self.compile(acl, resources)
        self.publish(plan)
        return plan

    def evaluate(self, view: RequestView) -> Verdict:
        """The verdict of the plan in force."""
        plan = self.plan
        return _CLOSED if plan is None else evaluate(view, plan, self.counters, scorer=self.scorer)
