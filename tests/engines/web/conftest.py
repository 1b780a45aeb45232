"""Requests and ACLs for tests of web inspection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import (
    PatternCache,
    Plan,
    RequestView,
    Resources,
    Verdict,
    compile_acl,
    evaluate,
)

VISIBILITY = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}


@pytest.fixture(scope="session")
def patterns(pytestconfig: pytest.Config) -> PatternCache:
    """Compiled patterns, shared by all tests and kept for the next run: those of the managed groups take seconds."""
    return PatternCache(pytestconfig.cache.mkdir("web-patterns"))


def make_view(target: bytes | str = b"/", **settings: Any) -> RequestView:
    known: dict[str, Any] = {
        "method": b"GET",
        "headers": [(b"Host", b"example.com"), (b"User-Agent", b"Mozilla/5.0 (X11; Linux x86_64)")],
        "client_ip": "203.0.113.9",
    }
    known |= settings
    return RequestView(target=target.encode() if isinstance(target, str) else target, **known)


@pytest.fixture(scope="session")
def view() -> Callable[..., RequestView]:
    return make_view


def make_rule(name: str, statement: dict[str, Any], action: Any = "Count", **more: Any) -> dict[str, Any]:
    rule = {"Name": name, "Statement": statement, "VisibilityConfig": VISIBILITY, **more}
    if any(kind in statement for kind in ("ManagedRuleGroupStatement", "RuleGroupReferenceStatement")):
        rule.setdefault("OverrideAction", {"None": {}})
    else:
        rule["Action"] = {action: {}} if isinstance(action, str) else action
    return rule


@pytest.fixture(scope="session")
def rule() -> Callable[..., dict[str, Any]]:
    return make_rule


def make_acl(rules: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "Name": "test",
        "ARN": "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/test/a1",
        "DefaultAction": {"Allow": {}},
        "Rules": [{"Priority": index, **rule} for index, rule in enumerate(rules)],
        "VisibilityConfig": VISIBILITY,
        **more,
    }


@pytest.fixture(scope="session")
def acl() -> Callable[..., dict[str, Any]]:
    return make_acl


@pytest.fixture
def plan_of(patterns: PatternCache) -> Callable[..., Plan]:
    def make(rules: list[dict[str, Any]], resources: Resources | None = None, **more: Any) -> Plan:
        return compile_acl(make_acl(rules, **more), resources or Resources(), cache=patterns)

    return make


@pytest.fixture
def verdict_of(plan_of: Callable[..., Plan]) -> Callable[..., Verdict]:
    """The verdict about a request of one rule with this statement, in Block."""

    def decide(statement: dict[str, Any], request: RequestView, resources: Resources | None = None) -> Verdict:
        return evaluate(request, plan_of([make_rule("only", statement, "Block")], resources))

    return decide
