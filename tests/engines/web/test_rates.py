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
