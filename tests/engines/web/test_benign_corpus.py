"""The benign corpus: its size, that no two requests are the same, and how few of a slice of it are blocked."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casemate.engines.web import PatternCache, RequestView, compile_acl, evaluate, read_acl_file

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from evaluate import web_corpus  # type: ignore[import-not-found] # noqa: E402 - the path is set first

SIZES = (
    "SizeRestrictions_QUERYSTRING",
    "SizeRestrictions_Cookie_HEADER",
    "SizeRestrictions_BODY",
    "SizeRestrictions_URIPATH",
)
# Of the slice below, by kind of request: what is blocked at most.
MOST = {"browser": 0.005, "ordinary": 0.005, "client": 0.015, "lookalike": 0.08}


@pytest.fixture(scope="module")
def corpus() -> list[dict[str, Any]]:
    return list(web_corpus.benign())


def test_corpus_has_20_000_requests_no_two_the_same(corpus: list[dict[str, Any]]) -> None:
    distinct = {
        hashlib.sha256(repr((request["method"], request["target"], request["body"])).encode()).digest()
        for request in corpus
    }
    assert len(distinct) >= 20_000


def test_corpus_is_the_same_each_time(corpus: list[dict[str, Any]]) -> None:
    made = [request for request in corpus if request["class"].startswith("ordinary/")]
    again = [request for request in web_corpus.benign(share=0.01) if request["class"].startswith("ordinary/")]
    assert again == made[: len(again)]


def test_corpus_is_of_many_kinds(corpus: list[dict[str, Any]]) -> None:
    kinds = Counter(request["class"] for request in corpus)
    assert len(kinds) >= 100
    assert {kind.split("/")[0] for kind in kinds} == {"browser", "look", "ordinary", "lookalike", "client"}


def test_few_requests_of_a_slice_are_blocked(corpus: list[dict[str, Any]], patterns: PatternCache) -> None:
    acl, resources = read_acl_file(ROOT / "examples" / "waf" / "core-block.json")
    for rule in acl["Rules"]:
        group = rule["Statement"]["ManagedRuleGroupStatement"]
        if group["Name"] == "AWSManagedRulesCommonRuleSet":
            group["RuleActionOverrides"] = [{"Name": name, "ActionToUse": {"Count": {}}} for name in SIZES]
    plan = compile_acl(acl, resources, cache=patterns)
    seen, blocked = Counter[str](), Counter[str]()
    for request in corpus[::11]:
        kind = request["class"].split("/")[0]
        seen[kind] += 1
        blocked[kind] += evaluate(_view(request), plan).blocked
    assert {
        kind: round(blocked[kind] / seen[kind], 4) for kind, most in MOST.items() if blocked[kind] > most * seen[kind]
    } == {}


def _view(request: dict[str, Any]) -> RequestView:
    encode: Callable[[str], bytes] = lambda text: text.encode("utf-8", "surrogateescape")  # noqa: E731 - one expression, used thrice
    return RequestView(
        method=request["method"].encode(),
        target=encode(request["target"]),
        headers=[(encode(name), encode(value)) for name, value in request["headers"]],
        client_ip="192.0.2.1",
        body=request["body"],
        body_size=len(request["body"]),
    )
