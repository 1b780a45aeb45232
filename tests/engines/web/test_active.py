"""The plan in force: updates under load, failures that replace nothing, no plan that blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import ActivePlan, PatternCache, RequestView, Resources, WebAclError

NONE = [{"Priority": 0, "Type": "NONE"}]
Acl = Callable[..., dict[str, Any]]
Rule = Callable[..., dict[str, Any]]
Views = Callable[..., RequestView]


def regex(text: str) -> dict[str, Any]:
    return {"RegexMatchStatement": {"RegexString": text, "FieldToMatch": {"UriPath": {}}, "TextTransformations": NONE}}


def generation(number: int, acl: Acl, rule: Rule) -> dict[str, Any]:
    """An ACL whose two rules agree about its number: a verdict of two plans at once would show."""
    response = {"ResponseCode": 200 + number % 400}
    rules = [
        rule("mark", regex("^/" if number % 50 else f"^/(?:{number})?"), RuleLabels=[{"Name": f"g:{number}"}]),
        rule("end", regex("^/"), {"Block": {"CustomResponse": response}}),
    ]
    return acl(rules)


def test_thousand_updates_under_load_drop_no_request_and_mix_no_verdict(
    patterns: PatternCache, acl: Acl, rule: Rule, view: Views
) -> None:
    active = ActivePlan(patterns)
    active.replace(generation(0, acl, rule), Resources())
    wrong: list[str] = []
    answered = 0
    done = threading.Event()

    def load() -> None:
        nonlocal answered
        while not done.is_set():
            verdict = active.evaluate(view("/"))
            answered += 1
            number = int(verdict.labels[0].rpartition(":")[2])
            if verdict.response is None or verdict.response.status != 200 + number % 400:
                wrong.append(str(verdict))

    thread = threading.Thread(target=load)
    thread.start()
    for number in range(1, 1001):
        active.replace(generation(number, acl, rule), Resources())
    done.set()
    thread.join()
    assert not wrong
    assert answered > 0
    assert active.evaluate(view("/")).labels[0].endswith(":g:1000")
    assert len(patterns._sets) <= 512


@pytest.mark.parametrize(
    "broken",
    [{"Rules": [{}]}, {"DefaultAction": {}}, {"Rules": [{"Name": "r", "Priority": 0, "Statement": regex("(")}]}],
)
def test_acl_that_can_not_be_compiled_replaces_nothing(
    broken: dict[str, Any], patterns: PatternCache, acl: Acl, rule: Rule, view: Views
) -> None:
    active = ActivePlan(patterns)
    active.replace(generation(7, acl, rule), Resources())
    with pytest.raises(WebAclError):
        active.replace(acl([], **broken), Resources())
    assert active.evaluate(view("/")).labels[0].endswith(":g:7")


def test_without_a_plan_every_request_is_blocked(patterns: PatternCache, view: Views) -> None:
    verdict = ActivePlan(patterns).evaluate(view("/"))
    assert (verdict.action, verdict.terminating_rule) == ("BLOCK", "No_Plan")
    assert verdict.response is not None
    assert verdict.response.status == 503


def test_counters_of_a_rate_rule_go_on_over_an_update_and_end_when_it_changes(
    patterns: PatternCache, acl: Acl, rule: Rule, view: Views
) -> None:
    def rated(limit: int, extra: str) -> dict[str, Any]:
        rate = {"RateBasedStatement": {"Limit": limit, "AggregateKeyType": "IP"}}
        return acl([rule("r", rate, "Block"), rule("x", regex(extra))])

    active = ActivePlan(patterns)
    active.replace(rated(10, "a"), Resources())
    assert not any(active.evaluate(view()).blocked for _ in range(10))
    active.replace(rated(10, "b"), Resources())
    assert active.evaluate(view()).blocked
    active.replace(rated(11, "b"), Resources())
    assert not active.evaluate(view()).blocked
