"""Hostile requests cost a bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casemate.engines.web import PatternCache, Plan, RequestView, compile_acl, evaluate, read_acl_file

LIMIT = 0.020  # seconds of processor time a request
CORE = Path(__file__).parents[3] / "examples" / "waf" / "core-block.json"


@pytest.fixture(scope="module", params=["Block", "Count"])
def core(request: pytest.FixtureRequest, patterns: PatternCache) -> Plan:
    """The seven groups in Block, and counting only, so that nothing ends the evaluation early."""
    acl, resources = read_acl_file(CORE)
    for rule in acl["Rules"]:
        if request.param == "Count":
            rule["OverrideAction"] = {"Count": {}}
    return compile_acl(acl, resources, cache=patterns)


JSON = [(b"Content-Type", b"application/json"), (b"User-Agent", b"Mozilla/5.0")]
FORM = [(b"Content-Type", b"application/x-www-form-urlencoded"), (b"User-Agent", b"Mozilla/5.0")]
HOSTILE: dict[str, dict[str, Any]] = {
    "deep JSON": {"body": b'{"a":' * 10_000, "headers": JSON},
    "deep arrays": {"body": b"[" * 60_000, "headers": JSON},
    "JSON of many leaves": {"body": b"[" + b'"a",' * 16_000 + b"1]", "headers": JSON},
    "JSON of many keys": {"body": b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(5_000)) + b"}", "headers": JSON},
    "10,000 parameters": {"target": b"/?" + b"&".join(b"p%d=v%d" % (n, n) for n in range(10_000))},
    "10,000 form fields": {"body": b"&".join(b"p%d=v%d" % (n, n) for n in range(6_000)), "headers": FORM},
    "8 MB of body": {"body": b"a=" + b"x" * (8 << 20), "headers": FORM},
    "header flood": {"headers": [(b"X-H%d" % n, b"v%d" % n) for n in range(1_000)]},
    "long header": {"headers": [(b"User-Agent", b"Mozilla " * 8_000)]},
    "cookie flood": {"headers": [(b"Cookie", b"; ".join(b"c%d=v%d" % (n, n) for n in range(1_500)))]},
    "percent signs": {"target": b"/?a=" + b"%25" * 20_000},
    "quotes": {"target": b"/?a=" + b"'" * 60_000},
    "words of SQL": {"body": b"a=" + b"select+union+" * 5_000, "headers": FORM},
    "angle brackets": {"body": b"a=" + b"<" * 60_000, "headers": FORM},
    "parts": {
        "body": b"--b\r\n\r\n" * 7_000,
        "headers": [(b"Content-Type", b"multipart/form-data; boundary=b"), (b"User-Agent", b"Mozilla/5.0")],
    },
    "elements": {"body": b"<a>b</a>" * 8_000, "headers": [(b"Content-Type", b"text/xml")]},
    "open elements": {"body": b"<a " * 20_000, "headers": [(b"Content-Type", b"text/xml")]},
    "dots": {"target": b"/" + b"../" * 20_000},
    "slashes": {"target": b"/" * 60_000},
    "Base64": {"target": b"/?a=" + b"QUFBQUFBQUE=" * 5_000},
    "nulls": {"body": b"\0" * 65_536},
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_request_costs_at_most_20_ms(name: str, core: Plan, view: Callable[..., RequestView]) -> None:
    settings = {"method": b"POST", **HOSTILE[name]}
    request = view(settings.pop("target", b"/")[:8_192], **settings)
    evaluate(view(), core)
    took = []
    for _ in range(5):
        begin = time.process_time()
        evaluate(request, core)
        took.append(time.process_time() - begin)
    assert min(took) < LIMIT


@pytest.mark.parametrize(
    "text", [r"(a+)+$", r"(a|aa)+$", r"(.*a){12}", r"([a-z]+)*@", r"(x+x+)+y", r"^(\w+\s?)*$", r"(?:a?){40}a{40}"]
)
def test_worst_cases_of_backtracking_engines_cost_linear_time(
    text: str, plan_of: Callable[..., Plan], rule: Callable[..., dict[str, Any]], view: Callable[..., RequestView]
) -> None:
    statement = {
        "RegexMatchStatement": {
            "RegexString": text,
            "FieldToMatch": {"Body": {}},
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        }
    }
    plan = plan_of([rule("r", statement)])
    request = view(body=b"a" * 8_191 + b"!")
    begin = time.process_time()
    evaluate(request, plan)
    assert time.process_time() - begin < LIMIT
