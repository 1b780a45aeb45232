"""IP sets, countries, networks, forwarded addresses, and rate-based rules by every key."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casemate.engines.web import Plan, ProcessCounters, RequestView, Resources, Verdict, evaluate
from casemate.engines.web.data import AddressData, AddressSet, DataFileError, DataFiles, load, parse_networks

NONE = [{"Priority": 0, "Type": "NONE"}]
ARN = "arn:aws:wafv2:us-east-1:111122223333:regional/ipset/mine/1"
Views = Callable[..., RequestView]
Verdicts = Callable[..., Verdict]
Plans = Callable[..., Plan]
Rule = Callable[..., dict[str, Any]]


@pytest.fixture
def resources(tmp_path: Path) -> Resources:
    (tmp_path / "country.csv").write_text(
        "network,country,region\n198.51.100.0/24,US,US-OR\n2001:db8::/32,DE,BE\n192.0.2.0/24,FR\n"
    )
    (tmp_path / "asn.csv").write_text("network,asn\n198.51.100.0/24,AS64500\n198.51.100.128/25,64501\n")
    data = load(DataFiles(country="country.csv", asn="asn.csv"), tmp_path)
    sets = {ARN: {"Addresses": ["198.51.100.0/24", "2001:db8::/48", "203.0.113.7/32"]}}
    return Resources(ip_sets=sets, data=data)


def xff(value: str | None) -> list[tuple[bytes, bytes]]:
    return [(b"X-Forwarded-For", value.encode())] if value is not None else []


@pytest.mark.parametrize(
    ("address", "hit"),
    [
        ("198.51.100.77", True),
        ("198.51.101.1", False),
        ("203.0.113.7", True),
        ("203.0.113.8", False),
        ("2001:db8:0:1::1", True),
        ("2001:db8:1::1", False),
        ("::ffff:198.51.100.5", True),
        ("nonsense", False),
    ],
)
def test_ip_set_of_the_clients_address(
    address: str, hit: bool, verdict_of: Verdicts, view: Views, resources: Resources
) -> None:
    statement = {"IPSetReferenceStatement": {"ARN": ARN}}
    assert verdict_of(statement, view(client_ip=address), resources).blocked is hit


IN, OUT = "198.51.100.1", "192.0.2.1"


@pytest.mark.parametrize("fallback", ["MATCH", "NO_MATCH"])
@pytest.mark.parametrize(
    ("value", "first", "last", "anywhere"),
    [
        # True and False decide, None leaves it to the fallback.
        (IN, True, True, True),
        (OUT, False, False, False),
        (f"{IN}, {OUT}", True, False, True),
        (f"{OUT},{IN}", False, True, True),
        (f"{OUT}, {IN}, {OUT}", False, False, True),
        (f"{IN}; {OUT}", None, None, None),
        ("unknown", None, None, None),
        (f"{IN}, unknown", True, None, None),
        (None, False, False, False),
        (", ".join([IN] + [OUT] * 10), True, False, False),
    ],
)
def test_ip_set_of_a_forwarded_address_by_position_and_fallback(  # noqa: PLR0917 - the columns of a table
    fallback: str,
    value: str | None,
    first: bool | None,
    last: bool | None,
    anywhere: bool | None,
    verdict_of: Verdicts,
    view: Views,
    resources: Resources,
) -> None:
    for position, expected in (("FIRST", first), ("LAST", last), ("ANY", anywhere)):
        config = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": fallback, "Position": position}
        statement = {"IPSetReferenceStatement": {"ARN": ARN, "IPSetForwardedIPConfig": config}}
        hit = (fallback == "MATCH") if expected is None else expected
        assert verdict_of(statement, view(headers=xff(value)), resources).blocked is hit, position


@pytest.mark.parametrize(
    ("address", "blocked", "labels"),
    [
        ("198.51.100.1", True, ["country:US", "region:US-OR"]),
        ("192.0.2.1", False, ["country:FR", "region:FR-XX"]),
        ("2001:db8::1", False, ["country:DE", "region:DE-BE"]),
        ("203.0.113.1", False, ["country:XX", "region:XX-XX"]),
    ],
)
def test_geo_match_labels_every_request_and_matches_its_countries(  # noqa: PLR0917 - the columns of a table
    address: str, blocked: bool, labels: list[str], verdict_of: Verdicts, view: Views, resources: Resources
) -> None:
    verdict = verdict_of({"GeoMatchStatement": {"CountryCodes": ["US", "CA"]}}, view(client_ip=address), resources)
    assert verdict.blocked is blocked
    assert verdict.labels == tuple(f"awswaf:clientip:geo:{label}" for label in labels)


@pytest.mark.parametrize("fallback", ["MATCH", "NO_MATCH"])
@pytest.mark.parametrize(("value", "hit"), [(IN, True), (OUT, False), (f"{IN}, x", True), ("x", None), (None, False)])
def test_geo_match_of_a_forwarded_address_takes_the_first(  # noqa: PLR0917 - the columns of a table
    fallback: str, value: str | None, hit: bool | None, verdict_of: Verdicts, view: Views, resources: Resources
) -> None:
    config = {"HeaderName": "x-forwarded-for", "FallbackBehavior": fallback}
    statement = {"GeoMatchStatement": {"CountryCodes": ["US"], "ForwardedIPConfig": config}}
    verdict = verdict_of(statement, view(headers=xff(value)), resources)
    assert verdict.blocked is ((fallback == "MATCH") if hit is None else hit)
    if hit:
        assert verdict.labels[0] == "awswaf:forwardedip:geo:country:US"


@pytest.mark.parametrize(
    ("address", "numbers", "hit"),
    [
        ("198.51.100.1", [64500], True),
        ("198.51.100.200", [64500], False),
        ("198.51.100.200", [64501], True),
        ("203.0.113.1", [0], True),
        ("203.0.113.1", [64500], False),
    ],
)
def test_asn_match_takes_the_longest_prefix_and_0_where_nothing_is_known(  # noqa: PLR0917 - the columns of a table
    address: str, numbers: list[int], hit: bool, verdict_of: Verdicts, view: Views, resources: Resources
) -> None:
    statement = {"AsnMatchStatement": {"AsnList": numbers}}
    assert verdict_of(statement, view(client_ip=address), resources).blocked is hit


@pytest.mark.parametrize("fallback", ["MATCH", "NO_MATCH"])
@pytest.mark.parametrize(("value", "hit"), [(IN, True), (OUT, False), ("x", None), (None, False)])
def test_asn_match_of_a_forwarded_address(  # noqa: PLR0917 - the columns of a table
    fallback: str, value: str | None, hit: bool | None, verdict_of: Verdicts, view: Views, resources: Resources
) -> None:
    config = {"HeaderName": "x-forwarded-for", "FallbackBehavior": fallback}
    statement = {"AsnMatchStatement": {"AsnList": [64500], "ForwardedIPConfig": config}}
    blocked = verdict_of(statement, view(headers=xff(value)), resources).blocked
    assert blocked is ((fallback == "MATCH") if hit is None else hit)


def test_statements_without_data_match_nothing_and_the_plan_says_so(plan_of: Plans, rule: Rule, view: Views) -> None:
    plan = plan_of(
        [
            rule("geo", {"GeoMatchStatement": {"CountryCodes": ["US"]}}, "Block"),
            rule("asn", {"AsnMatchStatement": {"AsnList": [64500]}}, "Block"),
            rule(
                "list", {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesAnonymousIpList"}}
            ),
        ]
    )
    assert not evaluate(view(client_ip=IN), plan).blocked
    said = "\n".join(plan.notes)
    assert "Data.country" in said
    assert "Data.asn" in said
    assert "Data.lists" in said


@pytest.mark.parametrize(
    ("group", "name", "within", "blocked"),
    [
        ("AWSManagedRulesAmazonIpReputationList", "reputation", "AWSManagedIPReputationList", True),
        ("AWSManagedRulesAmazonIpReputationList", "reconnaissance", "AWSManagedReconnaissanceList", True),
        ("AWSManagedRulesAmazonIpReputationList", "ddos", "AWSManagedIPDDoSList", False),
        ("AWSManagedRulesAnonymousIpList", "anonymous", "AnonymousIPList", True),
        ("AWSManagedRulesAnonymousIpList", "hosting", "HostingProviderIPList", True),
    ],
)
def test_managed_list_of_addresses_matches_those_that_the_operator_supplied(  # noqa: PLR0917 - a table's columns
    group: str, name: str, within: str, blocked: bool, plan_of: Plans, rule: Rule, view: Views
) -> None:
    lists = {name: AddressSet(parse_networks(["198.51.100.0/24  # bad", "", "2001:db8::1"], "here"))}
    statement = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group}}
    plan = plan_of([rule("g", statement)], Resources(data=AddressData(lists=lists)))
    verdict = evaluate(view(client_ip=IN), plan)
    assert [match.rule_within_group for match in verdict.matches] == [within]
    assert verdict.blocked is blocked
    assert evaluate(view(client_ip="2001:db8::1"), plan).matches
    assert not evaluate(view(client_ip=OUT), plan).matches


@pytest.mark.parametrize(
    ("files", "content", "said"),
    [
        (DataFiles(lists={"reputation": "l.txt"}), {"l.txt": "1.2.3.4\nnot an address\n"}, "line 2"),
        (DataFiles(lists={"reputations": "l.txt"}), {"l.txt": ""}, "none of"),
        (DataFiles(country="c.csv"), {"c.csv": "network,country\n1.2.3.0/24\n"}, "line 2"),
        (DataFiles(asn="missing.csv"), {}, "missing.csv"),
        (DataFiles(asn="broken.mmdb"), {"broken.mmdb": "not a database"}, "broken.mmdb"),
    ],
)
def test_broken_data_file_is_refused_with_its_name(
    files: DataFiles, content: dict[str, str], said: str, tmp_path: Path
) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(DataFileError, match=said):
        load(files, tmp_path)


def test_address_set_agrees_with_the_standard_library() -> None:
    networks = [ipaddress.ip_network(f"{10 + n}.{n * 7 % 256}.0.0/{8 + n}", strict=False) for n in range(20)]
    known = AddressSet(networks)
    for number in range(0, 2**32, 7_654_321):
        address = ipaddress.IPv4Address(number)
        assert (address in known) is any(address in network for network in networks)


# Rate-based rules.


def rate(**settings: Any) -> dict[str, Any]:
    return {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP", **settings}}


def blocked_after(plan: Plan, requests: list[RequestView]) -> list[bool]:
    counters = ProcessCounters()
    return [evaluate(request, plan, counters).blocked for request in requests]


@pytest.mark.parametrize("window", [60, 120, 300, 600])
def test_rate_rule_blocks_above_its_limit_and_lets_go_when_the_window_has_passed(
    window: int, plan_of: Plans, rule: Rule, view: Views
) -> None:
    plan = plan_of([rule("r", rate(EvaluationWindowSec=window), "Block")])
    burst = [view(time=1000.0 + number / 10) for number in range(12)]
    later = [view(time=1000.0 + window - 6), view(time=1000.0 + window + 6)]
    assert blocked_after(plan, burst + later) == [False] * 10 + [True] * 2 + [True, False]


def test_rate_rule_counts_each_address_for_itself(plan_of: Plans, rule: Rule, view: Views) -> None:
    plan = plan_of([rule("r", rate(), "Block")])
    assert not any(blocked_after(plan, [view(client_ip=f"198.51.100.{number}") for number in range(50)]))


def test_rate_rule_counts_and_acts_only_within_its_scope(plan_of: Plans, rule: Rule, view: Views) -> None:
    scope = {
        "ByteMatchStatement": {
            "SearchString": b"/login",
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": NONE,
            "PositionalConstraint": "STARTS_WITH",
        }
    }
    for settings in ({"ScopeDownStatement": scope}, {"ScopeDownStatement": scope, "AggregateKeyType": "CONSTANT"}):
        plan = plan_of([rule("r", rate(**settings), "Block")])
        requests = [view("/home")] * 20 + [view("/login")] * 11 + [view("/home")]
        assert blocked_after(plan, requests) == [False] * 30 + [True, False]


ABOUT = {"TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}]}
KEYS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], bool]] = [
    # A key, two requests that differ in it, and whether a request without it is counted.
    ({"Header": {"Name": "X-Key", **ABOUT}}, {"headers": [(b"x-key", b"a")]}, {"headers": [(b"x-key", b"b")]}, False),
    ({"Cookie": {"Name": "k", **ABOUT}}, {"headers": [(b"Cookie", b"k=a")]}, {"headers": [(b"Cookie", b"k=b")]}, False),
    ({"QueryArgument": {"Name": "K", **ABOUT}}, {"target": "/?k=a"}, {"target": "/?k=b"}, False),
    ({"QueryString": ABOUT}, {"target": "/?a"}, {"target": "/?b"}, False),
    ({"HTTPMethod": {}}, {"method": b"GET"}, {"method": b"POST"}, True),
    ({"UriPath": ABOUT}, {"target": "/a"}, {"target": "/b"}, True),
    ({"JA3Fingerprint": {"FallbackBehavior": "NO_MATCH"}}, {"ja3": "a"}, {"ja3": "b"}, False),
    ({"JA4Fingerprint": {"FallbackBehavior": "NO_MATCH"}}, {"ja4": "a"}, {"ja4": "b"}, False),
    ({"ASN": {}}, {"client_ip": "198.51.100.1"}, {"client_ip": "198.51.100.200"}, True),
]


@pytest.mark.parametrize(("key", "one", "other", "always"), KEYS, ids=[next(iter(case[0])) for case in KEYS])
def test_rate_rule_counts_by_a_custom_key(  # noqa: PLR0917 - the columns of a table
    key: dict[str, Any],
    one: dict[str, Any],
    other: dict[str, Any],
    always: bool,
    plan_of: Plans,
    rule: Rule,
    view: Views,
    resources: Resources,
) -> None:
    statement = rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[key])
    plan = plan_of([rule("r", statement, "Block")], resources)
    counters = ProcessCounters()
    for _ in range(10):
        assert not evaluate(view(**one), plan, counters).blocked
    assert not evaluate(view(**other), plan, counters).blocked
    assert evaluate(view(**one), plan, counters).blocked
    without = [evaluate(view(headers=[], client_ip="203.0.113.99"), plan, ProcessCounters()) for _ in range(1)]
    assert not without[0].blocked
    if not always:
        fresh = ProcessCounters()
        assert not any(evaluate(view(headers=[]), plan, fresh).blocked for _ in range(20))


def test_rate_rule_with_several_keys_counts_each_combination(plan_of: Plans, rule: Rule, view: Views) -> None:
    statement = rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"IP": {}}, {"HTTPMethod": {}}])
    plan = plan_of([rule("r", statement, "Block")])
    mixed = [view(method=method) for _ in range(10) for method in (b"GET", b"PUT")]
    assert blocked_after(plan, [*mixed, view(method=b"GET"), view(method=b"PUT")])[-3:] == [False, True, True]


def test_rate_rule_by_label_namespace_counts_requests_that_have_one(plan_of: Plans, rule: Rule, view: Views) -> None:
    namespace = "awswaf:111122223333:webacl:test:user:"
    marks = {
        "ByteMatchStatement": {
            "SearchString": b"/user",
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": NONE,
            "PositionalConstraint": "STARTS_WITH",
        }
    }
    statement = rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"LabelNamespace": {"Namespace": namespace}}])
    plan = plan_of([rule("m", marks, RuleLabels=[{"Name": "user:a"}]), rule("r", statement, "Block")])
    assert blocked_after(plan, [view("/user")] * 11 + [view("/other")] * 20) == [False] * 10 + [True] + [False] * 20


@pytest.mark.parametrize("fallback", ["MATCH", "NO_MATCH"])
def test_rate_rule_by_forwarded_address_uses_the_first_and_falls_back(
    fallback: str, plan_of: Plans, rule: Rule, view: Views
) -> None:
    config = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": fallback}
    statement = rate(AggregateKeyType="FORWARDED_IP", ForwardedIPConfig=config)
    plan = plan_of([rule("r", statement, "Block")])
    same = [view(headers=xff(f"198.51.100.1, 10.0.0.{number}")) for number in range(11)]
    assert blocked_after(plan, same) == [False] * 10 + [True]
    assert blocked_after(plan, [view(headers=xff("nonsense"))]) == [fallback == "MATCH"]
    assert blocked_after(plan, [view(headers=[])] * 20) == [False] * 20


def test_workers_that_share_deltas_count_together(plan_of: Plans, rule: Rule, view: Views) -> None:
    plan = plan_of([rule("r", rate(), "Block")])
    workers = [ProcessCounters(), ProcessCounters()]
    for worker in workers:
        worker.share()
    for number in range(10):
        assert not evaluate(view(time=1.0), plan, workers[number % 2]).blocked
    first, second = workers[0].deltas(), workers[1].deltas()
    workers[0].absorb(second)
    workers[1].absorb(first)
    assert all(evaluate(view(time=2.0), plan, worker).blocked for worker in workers)
    assert [delta[4] for delta in workers[0].deltas()] == [1]
    (counter,) = plan.rate_rules
    assert workers[0].over(counter, 300, 10, 3.0)


def test_counters_are_bounded_in_keys() -> None:
    counters = ProcessCounters(most_keys=100)
    for number in range(1000):
        counters.add("r", 60, str(number).encode(), 1.0)
    assert len(counters._rules["r"].keys) == 100


def test_without_counters_rate_rules_match_nothing(plan_of: Plans, rule: Rule, view: Views) -> None:
    plan = plan_of([rule("r", rate(), "Block")])
    assert not any(evaluate(view(), plan).blocked for _ in range(20))
