"""The scorer: what is in doubt, what it says, that it can be switched off, and what it costs the memory of clean values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import PatternCache, Plan, RequestView, compile_acl, evaluate
from casemate.engines.web.active import ActivePlan
from casemate.engines.web.compiler import Resources
from casemate.engines.web.scorer import RELEASE, in_doubt, score, weights
from casemate.engines.web.scorer.features import features

SHOWN = b"The command `rm -rf node_modules && npm install` fixed it for me, as the answer above said it would."
MEANT = b"anna'; drop table users; select pg_sleep(10) --"
Views = Callable[..., RequestView]


@pytest.fixture
def acl(acl: Callable[..., dict[str, Any]], rule: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    names = ("CommonRuleSet", "SQLiRuleSet", "UnixRuleSet", "PHPRuleSet", "KnownBadInputsRuleSet")
    return acl([
        rule(name, {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRules" + name}}) for name in names
    ])  # fmt: skip


@pytest.fixture
def plan(acl: dict[str, Any], patterns: PatternCache) -> Plan:
    return compile_acl(acl, Resources(), cache=patterns)


def posted(view: Views, text: str) -> RequestView:
    headers = [(b"Host", b"a"), (b"User-Agent", b"Mozilla/5.0"), (b"Content-Type", b"text/plain")]
    return view(method=b"POST", headers=headers, body=text.encode())


def test_only_evidence_in_a_text_is_in_doubt() -> None:
    assert in_doubt("unix_text", "command after a separator", SHOWN)
    assert not in_doubt("sqli_low", "tautology", b"1' or '1'='1")
    assert not in_doubt("unix_text", "command after a separator", b"x" * 100)
    assert not in_doubt("unix_text", "command after a separator", b"; " + SHOWN)


@pytest.mark.parametrize(
    ("detector", "reason"),
    [
        ("xss", "tag"),
        ("xss", "script"),
        ("template", "arithmetic"),
        ("log4j", "lookup"),
        ("php", "open tag"),
        ("lines", "mail header"),
    ],
)
def test_what_works_wherever_it_stands_is_never_in_doubt(detector: str, reason: str) -> None:
    assert not in_doubt(detector, reason, SHOWN)


def test_script_in_a_sentence_is_blocked(plan: Plan, view: Views) -> None:
    assert evaluate(posted(view, f"How do I show <script>alert(1)</script> as text? {SHOWN.decode()}"), plan).blocked


def test_features_are_bounded_and_named() -> None:
    found = features("sqli_low", "tautology", SHOWN * 100, b"rm -rf", "body_values")
    assert found["detector sqli_low"] == found["reason tautology"] == found["field body_values"] == 1.0
    assert all(0 < amount < 2 for amount in found.values())


def test_excerpt_that_is_not_in_the_value_is_taken_for_its_begin() -> None:
    assert features("d", "r", b"some text that says so", b"nowhere", "body")["at the begin"] == 1.0


def test_empty_value_has_features() -> None:
    assert features("d", "r", b"", b"", "body")["bias"] == 1.0


def test_attack_scores_above_what_shows_one_and_says_why() -> None:
    meant = score("sqli_low", "stacked", MEANT, b"; drop table", "body_values")
    assert meant.value > RELEASE
    assert not meant.released
    assert len(meant.strongest) == 3
    assert set(meant.strongest) <= weights().keys()
    assert str(meant).startswith("scorer +")


RELEASED = (
    "What does echo $PATH print in your shell, and how do I change it for good? The answer above did not help me."
)


def test_what_is_shown_is_released_unless_the_scorer_is_off(plan: Plan, view: Views) -> None:
    assert not evaluate(posted(view, RELEASED), plan).blocked
    assert evaluate(posted(view, RELEASED), plan, scorer=False).blocked


def test_evaluation_without_scorer_after_one_with_it_still_blocks(
    acl: dict[str, Any], patterns: PatternCache, view: Views
) -> None:
    active = ActivePlan(patterns)
    active.replace(acl, Resources())
    assert not active.evaluate(posted(view, RELEASED)).blocked
    active.scorer = False
    assert active.evaluate(posted(view, RELEASED)).blocked


def test_evidence_in_a_text_names_the_score_and_the_strongest_features(plan: Plan, view: Views) -> None:
    verdict = evaluate(posted(view, MEANT.decode()), plan)
    (match,) = [match for match in verdict.matches if match.terminating]
    assert "; scorer +" in match.evidence[0].detail


def test_short_attack_is_never_scored(plan: Plan, view: Views) -> None:
    verdict = evaluate(view("/?id=1'%20or%20'1'='1"), plan)
    assert verdict.blocked
    assert all("scorer" not in evidence.detail for match in verdict.matches for evidence in match.evidence)
