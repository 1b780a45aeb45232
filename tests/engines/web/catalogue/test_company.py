"""An attack is found among ordinary values as it is found alone: what is scanned together hides nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from casemate.engines.web import Plan, RequestView, evaluate
from casemate.engines.web.managed import catalogue

ORDINARY = ["blue shoes", "42", "Jane Miller", "2026-11-24", "https://example.com/a?b=c", "en-US,en;q=0.5"]
PLACES: dict[str, Callable[[str, Callable[..., RequestView]], tuple[RequestView, RequestView]]] = {
    "query_arguments": lambda value, view: (
        view("/?q=" + quote(value, safe="")),
        view("/?" + "&".join(f"p{n}={quote(text)}" for n, text in enumerate([*ORDINARY, value, "last"]))),
    ),
    "body_values": lambda value, view: (
        view(body=json.dumps({"q": value}).encode(), headers=JSON),
        view(
            body=json.dumps({f"p{n}": text for n, text in enumerate([*ORDINARY, value, "last"])}).encode(), headers=JSON
        ),
    ),
}
JSON = [(b"Content-Type", b"application/json"), (b"User-Agent", b"Mozilla/5.0")]


def test_attack_among_ordinary_values_is_found_as_it_is_alone(
    plan_of: Callable[..., Plan], rule: Callable[..., dict[str, Any]], view: Callable[..., RequestView]
) -> None:
    groups = catalogue().groups
    plan = plan_of(
        [
            rule(name, {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}, OverrideAction={"Count": {}})
            for name in groups
        ]
    )
    tried = 0
    for group in groups.values():
        for one in group.rules:
            for example in one.positive:
                if example.field not in PLACES:
                    continue
                alone, among = PLACES[example.field](example.value, view)
                matched = {match.rule for match in evaluate(alone, plan).matches}
                assert matched <= {match.rule for match in evaluate(among, plan).matches}, example.value
                tried += group.name in matched
    assert tried > 20
