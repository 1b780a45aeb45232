"""Rate-based rules whose keys need data, and what logs say of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from casemate.engines.web import Plan, ProcessCounters, RequestView, Resources, evaluate
from casemate.engines.web.data import DataFiles, load

Plans = Callable[..., Plan]
Rule = Callable[..., dict[str, Any]]
Views = Callable[..., RequestView]
BY_NETWORK = {
    "RateBasedStatement": {
        "Limit": 10,
        "AggregateKeyType": "CUSTOM_KEYS",
        "CustomKeys": [{"ASN": {}}],
    }
}


def test_without_a_file_of_networks_nobody_is_counted(plan_of: Plans, rule: Rule, view: Views) -> None:
    plan = plan_of([rule("r", BY_NETWORK, "Block")])
    counters = ProcessCounters()
    assert not any(evaluate(view(client_ip=f"198.51.100.{i}"), plan, counters).blocked for i in range(30))
    assert any("counts nothing" in note for note in plan.notes)


def test_with_a_file_of_networks_each_is_counted(tmp_path: Path, plan_of: Plans, rule: Rule, view: Views) -> None:
    (tmp_path / "asn.csv").write_text("198.51.100.0/24,64500\n")
    data = load(DataFiles(asn="asn.csv"), tmp_path)
    plan = plan_of([rule("r", BY_NETWORK, "Block")], Resources(data=data))
    counters = ProcessCounters()
    verdicts = [evaluate(view(client_ip=f"198.51.100.{i}"), plan, counters) for i in range(11)]
    assert [verdict.blocked for verdict in verdicts] == [False] * 10 + [True]


def keyed(*keys: dict[str, Any]) -> dict[str, Any]:
    return {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": list(keys)}}


def logged(plan: Plan, request: RequestView) -> dict[str, Any]:
    counters = ProcessCounters()
    for _ in range(10):
        evaluate(request, plan, counters)
    (match,) = evaluate(request, plan, counters).matches
    assert match.rate is not None
    return match.rate


def test_logs_say_the_address_that_was_counted(plan_of: Plans, rule: Rule, view: Views) -> None:
    by_address = {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP", "EvaluationWindowSec": 120}}
    assert logged(plan_of([rule("r", by_address, "Block")]), view()) == {
        "limitKey": "IP",
        "limitValue": "203.0.113.9",
        "maxRateAllowed": 10,
        "evaluationWindowSec": "120",
    }


def test_logs_say_the_custom_keys_that_were_counted(plan_of: Plans, rule: Rule, view: Views) -> None:
    header = {"Header": {"Name": "Host", "TextTransformations": [{"Priority": 0, "Type": "UPPERCASE"}]}}
    rate = logged(plan_of([rule("r", keyed(header, {"IP": {}}), "Block")]), view(client_ip="2001:db8::1"))
    assert rate["limitKey"] == "CUSTOMKEYS"
    assert rate["customValues"] == [
        {"key": "HEADER", "name": "Host", "value": "EXAMPLE.COM"},
        {"key": "IP", "value": "2001:db8::1"},
    ]
    assert logged(plan_of([rule("r", keyed(header), "Block")]), view())["limitKey"] == "CUSTOMKEYS"
