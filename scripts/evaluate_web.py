# ruff: noqa: E501 - samples of text and expressions are read as one
"""Score the web inspection engine: detection by class, false positives by class, time a request.

    scripts/evaluate_web.py                       our own corpora: attacks never used for tuning, benign requests
    scripts/evaluate_web.py --requests FILE…      your own: JSON lines with method, target, headers ([[name, value], …]),
                                                  body or body_base64, label ("attack" or "benign") and class
    scripts/evaluate_web.py --payloads FILE…      attack payloads one a line (NAME.txt is the class), put in every place
                                                  of a request that applications read

The ACL is CommonRuleSet, KnownBadInputs, SQLi, Linux, Unix, PHP and AdminProtection, all in Block. A request is blocked
when any rule of theirs that blocks matches; benign figures are given with and without the four size restrictions.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from evaluate import web_attacks, web_benign, web_corpus  # noqa: E402 - the path is set first

from casemate.engines.web.compiler import Resources, compile_acl  # noqa: E402
from casemate.engines.web.evaluate import evaluate  # noqa: E402
from casemate.engines.web.patterns import PatternCache  # noqa: E402
from casemate.engines.web.verdicts import Verdict  # noqa: E402
from casemate.engines.web.view import RequestView  # noqa: E402

GROUPS = ("CommonRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet", "LinuxRuleSet", "UnixRuleSet", "PHPRuleSet", "AdminProtectionRuleSet")  # fmt: skip
SIZES = ("SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY", "SizeRestrictions_URIPATH")  # fmt: skip


class Scorer:
    """The seven groups, and beside them the same with the size restrictions counting only."""

    def __init__(self, cache: Path, *, scorer: bool = True) -> None:
        patterns = PatternCache(cache)
        self._scorer = scorer
        self._plan = compile_acl(_acl(sizes=True), Resources(), cache=patterns)
        self.without_sizes = compile_acl(_acl(sizes=False), Resources(), cache=patterns)

    def judge(self, request: dict[str, Any]) -> tuple[Verdict, Verdict]:
        """The verdict, and the one without size restrictions."""
        seen = view(request)
        verdict = evaluate(seen, self._plan, scorer=self._scorer)
        if verdict.rule_within_group in SIZES:
            return verdict, evaluate(seen, self.without_sizes, scorer=self._scorer)
        return verdict, verdict


def _acl(*, sizes: bool) -> dict[str, Any]:
    rules = []
    for number, name in enumerate(GROUPS):
        group: dict[str, Any] = {"VendorName": "AWS", "Name": "AWSManagedRules" + name}
        if name == "CommonRuleSet" and not sizes:
            group["RuleActionOverrides"] = [{"Name": rule, "ActionToUse": {"Count": {}}} for rule in SIZES]
        rules.append({"Name": name, "Priority": number, "Statement": {"ManagedRuleGroupStatement": group}, "OverrideAction": {"None": {}}, "VisibilityConfig": _visible(name)})  # fmt: skip
    return {"Name": "evaluated", "Id": "evaluated", "ARN": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/evaluated/evaluated", "DefaultAction": {"Allow": {}}, "Rules": rules, "VisibilityConfig": _visible("evaluated")}  # fmt: skip


def _visible(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}


def view(request: dict[str, Any]) -> RequestView:
    """A request of a corpus as the engine takes it."""
    body = request.get("body", b"")
    if "body_base64" in request:
        body = base64.b64decode(request["body_base64"])
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogateescape")
    return RequestView(
        method=request.get("method", "GET").encode(),
        target=request.get("target", request.get("url", "/")).encode("utf-8", "surrogateescape"),
        headers=[
            (n.encode("latin-1", "replace"), v.encode("utf-8", "surrogateescape"))
            for n, v in request.get("headers", ())
        ],
        client_ip=request.get("client_ip", "192.0.2.1"),
        body=body,
        body_size=len(body),
    )


def read(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Requests from JSON lines."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield json.loads(line)


def score(scorer: Scorer, requests: Iterable[dict[str, Any]], show: Counter[str]) -> dict[str, Any]:
    """Totals by label and class, and the CPU time of all."""
    classes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    spent = 0
    for request in requests:
        start = time.process_time_ns()
        verdict, rest = scorer.judge(request)
        spent += time.process_time_ns() - start
        key = (request.get("label", "attack"), request.get("class", "unnamed"))
        count = classes[key]
        count["all"] += 1
        count["blocked"] += verdict.blocked
        count["blocked without size rules"] += rest.blocked
        wrong = rest.blocked if key[0] == "benign" else not verdict.blocked
        if wrong and show[str(key)] < show["most"]:
            show[str(key)] += 1
            _show(request, rest)
    return {"classes": classes, "nanoseconds": spent}


def _show(request: dict[str, Any], verdict: Verdict) -> None:
    print(f"  {request.get('class')}: {request.get('payload') or request.get('target', '')[:200]!r}", file=sys.stderr)
    for match in verdict.matches:
        if match.terminating:
            for hit in match.evidence[:1]:
                print(f"      {match.rule_within_group}: {hit.detail}: {hit.matched[:120]!r}", file=sys.stderr)


def report(result: dict[str, Any], *, as_json: bool) -> None:
    """A table, or one JSON object a line."""
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for (label, name), count in sorted(result["classes"].items()):
        totals[label].update(count)
        head = name.split("/")[0]
        if head != name:
            totals[f"{label}: {head}"].update(count)
        _line(label, name, count, as_json=as_json)
    for label, count in totals.items():
        _line(label, "ALL", count, as_json=as_json)
    number = sum(count["all"] for count in result["classes"].values())
    if number and not as_json:
        print(f"{number} requests, {result['nanoseconds'] / number / 1000:.0f} us of CPU each")


def _line(label: str, name: str, count: Counter[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"label": label, "class": name, **count}))
        return
    blocked, rest = count["blocked"] / count["all"], count["blocked without size rules"] / count["all"]
    print(f"{label:28} {name:28} {count['all']:7} {blocked:8.2%} blocked ({rest:.2%} without size rules)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--requests", type=Path, nargs="*", default=[])
    parser.add_argument("--payloads", type=Path, nargs="*", default=[])
    parser.add_argument("--only", choices=("attacks", "benign"))
    parser.add_argument("--part", choices=("training", "held-out"), default="held-out")
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--number", type=int, default=10_000, help="benign requests of each kind, and attacks")
    parser.add_argument("--show", type=int, default=0, help="how many wrongly judged requests of each class to show")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "casemate" / "patterns")
    parser.add_argument("--no-scorer", action="store_true", help="let no evidence be released")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    show = Counter({"most": given.show})
    if given.requests:
        requests: Iterable[dict[str, Any]] = read(given.requests)
    elif given.payloads:
        requests = web_attacks.placed_files(given.payloads, given.seed)
    else:
        requests = _own(given)
    report(score(Scorer(given.cache, scorer=not given.no_scorer), requests, show), as_json=given.json)
    return 0


def _own(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    if given.only != "benign":
        yield from web_attacks.generate(given.seed, given.number, held_out=given.part == "held-out")
    if given.only != "attacks":
        yield from web_corpus.benign()
        yield from web_benign.generate(given.seed, given.number // 2, given.number // 2)


if __name__ == "__main__":
    sys.exit(main())
