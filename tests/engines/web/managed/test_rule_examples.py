"""Every managed rule matches its positive examples and none of its negative ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from casemate.engines.web.compiler import Resources, compile_acl
from casemate.engines.web.evaluate import evaluate
from casemate.engines.web.managed import Example, ManagedRule, catalogue
from casemate.engines.web.patterns import PatternCache
from casemate.engines.web.plan import Plan
from casemate.engines.web.view import RequestView

AGENT = b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
GROUPS = [group for group in catalogue().groups.values() if group.rules]
RULES = [rule for group in GROUPS for rule in group.rules]
LISTED = [rule for rule in RULES if all(inspect.addresses for inspect in rule.inspect)]
# Escaped in a target as a client would escape them, so that the value arrives as the example says.
ESCAPED = str.maketrans({" ": "%20", "&": "%26", "#": "%23", "\n": "%0A", "+": "%2B"})


@pytest.fixture(scope="module")
def plans(patterns: PatternCache) -> dict[str, Plan]:
    return {
        group.name: compile_acl(_counting(group.name, group.rules), Resources(), cache=patterns) for group in GROUPS
    }


def _counting(name: str, rules: tuple[ManagedRule, ...]) -> dict[str, Any]:
    """A web ACL with one group, whose rules all count, so that each is looked at."""
    visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "examples"}
    statement = {
        "VendorName": "AWS",
        "Name": name,
        "RuleActionOverrides": [{"Name": rule.name, "ActionToUse": {"Count": {}}} for rule in rules],
    }
    rule = {"Name": "group", "Priority": 0, "Statement": {"ManagedRuleGroupStatement": statement}}
    arn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/examples/1"
    return {
        "Name": "examples",
        "Id": "1",
        "ARN": arn,
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": visible,
        "Rules": [{**rule, "OverrideAction": {"None": {}}, "VisibilityConfig": visible}],
    }


def _view(example: Example) -> RequestView:
    method, target, headers, body = _parsed(example.request) if example.request else _placed(example)
    if not example.bare:
        names = {name.lower() for name, _ in headers}
        headers += [(b"Host", b"example.com")] * (b"host" not in names)
        headers += [(b"User-Agent", AGENT)] * (b"user-agent" not in names)
    return RequestView(
        method=method.encode(),
        target=target.encode(),
        headers=headers,
        client_ip="192.0.2.1",
        body=body,
        body_size=len(body),
    )


def _parsed(request: str) -> tuple[str, str, list[tuple[bytes, bytes]], bytes]:
    head, _, body = request.partition("\n\n")
    line, *lines = head.split("\n")
    method, rest = line.split(" ", 1)
    headers = [(name.encode(), value.strip().encode()) for name, _, value in (text.partition(":") for text in lines)]
    return method, rest.rsplit(" ", 1)[0], headers, body.encode()


def _placed(example: Example) -> tuple[str, str, list[tuple[bytes, bytes]], bytes]:
    value, wire = example.value, example.value.translate(ESCAPED)
    match example.field:
        case "query_arguments":
            return "GET", f"/?q={wire}", [], b""
        case "query_argument_names":
            return "GET", f"/?{wire.replace('=', '%3D')}=1", [], b""
        case "query_string":
            return "GET", f"/?{wire}", [], b""
        case "uri_path":
            return "GET", wire.replace("%26", "&").replace("%2B", "+").replace("?", "%3F"), [], b""
        case "cookies":
            return "GET", "/", [(b"Cookie", b"a=" + value.replace(";", "%3B").encode())], b""
        case "body":
            return "POST", "/", [], value.encode()
        case "body_values":
            return "POST", "/", [(b"Content-Type", b"application/json")], json.dumps({"a": value}).encode()
        case "body_names":
            return "POST", "/", [(b"Content-Type", b"application/json")], json.dumps({value: 1}).encode()
    raise AssertionError(example.field)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.group}/{rule.name}")
def test_rule_matches_its_positive_examples_and_no_negative_one(rule: ManagedRule, plans: dict[str, Plan]) -> None:
    for wanted, examples in ((True, rule.positive), (False, rule.negative)):
        for example in examples:
            verdict = evaluate(_view(example), plans[rule.group])
            matched = {match.rule_within_group for match in verdict.matches}
            assert (rule.name in matched) is wanted, example


@pytest.mark.parametrize("rule", [r for r in RULES if r not in LISTED], ids=lambda rule: f"{rule.group}/{rule.name}")
def test_rule_that_needs_no_list_of_the_operator_has_three_examples_of_each_kind(rule: ManagedRule) -> None:
    assert len(rule.positive) >= 3
    assert len(rule.negative) >= 3


def test_every_group_that_is_built_has_a_file_for_each_rule_that_is_documented() -> None:
    assert {group.name: group.missing for group in GROUPS if group.missing} == {}
