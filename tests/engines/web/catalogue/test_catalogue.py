"""Managed groups: what AWS documents about them, the format of their files, scanning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import PatternCache, Plan, RequestView, evaluate
from casemate.engines.web.errors import ManagedRuleFormat, NonexistentItem
from casemate.engines.web.inspection import Inspection
from casemate.engines.web.managed import ManagedGroup, catalogue
from casemate.engines.web.managed.scanning import MOST_VALUES, CompiledGroup, compile_groups, scan_units
from casemate.engines.web.managed.schema import decode_rule

DOCUMENTED = {
    "AWSManagedRulesCommonRuleSet": (700, 22, "awswaf:managed:aws:core-rule-set:"),
    "AWSManagedRulesAdminProtectionRuleSet": (100, 1, "awswaf:managed:aws:admin-protection:"),
    "AWSManagedRulesKnownBadInputsRuleSet": (200, 12, "awswaf:managed:aws:known-bad-inputs:"),
    "AWSManagedRulesSQLiRuleSet": (200, 6, "awswaf:managed:aws:sql-database:"),
    "AWSManagedRulesLinuxRuleSet": (200, 3, "awswaf:managed:aws:linux-os:"),
    "AWSManagedRulesUnixRuleSet": (100, 3, "awswaf:managed:aws:posix-os:"),
    "AWSManagedRulesWindowsRuleSet": (200, 6, "awswaf:managed:aws:windows-os:"),
    "AWSManagedRulesPHPRuleSet": (100, 3, "awswaf:managed:aws:php-app:"),
    "AWSManagedRulesWordPressRuleSet": (100, 2, "awswaf:managed:aws:wordpress-app:"),
    "AWSManagedRulesAmazonIpReputationList": (25, 3, "awswaf:managed:aws:amazon-ip-list:"),
    "AWSManagedRulesAnonymousIpList": (50, 2, "awswaf:managed:aws:anonymous-ip-list:"),
    "AWSManagedRulesBotControlRuleSet": (50, 19, "awswaf:managed:aws:bot-control:"),
}


def test_groups_have_the_documented_capacity_rules_and_label_namespace() -> None:
    found = {
        name: (group.capacity, len(group.rules) + len(group.missing), group.label_namespace)
        for name, group in catalogue().groups.items()
    }
    assert found == DOCUMENTED


def test_every_listed_rule_has_its_file_and_labels_of_its_group() -> None:
    for group in catalogue().groups.values():
        assert not group.missing
        for label in group.available_labels:
            assert label.startswith(group.label_namespace), label


@pytest.mark.parametrize(
    ("group", "version"),
    [
        # Versions that Terraform users pin.
        ("AWSManagedRulesKnownBadInputsRuleSet", "Version_1.14"),
        ("AWSManagedRulesSQLiRuleSet", "Version_2.0"),
        ("AWSManagedRulesLinuxRuleSet", "Version_2.0"),
        ("AWSManagedRulesUnixRuleSet", "Version_1.1"),
    ],
)
def test_pinned_version_is_served(group: str, version: str) -> None:
    assert catalogue().find("AWS", group, version).name == group


def test_default_version_is_among_the_versions_and_lists_of_addresses_have_none() -> None:
    for group in catalogue().groups.values():
        assert (group.default_version in group.versions) is bool(group.versions)
    assert not catalogue().groups["AWSManagedRulesAnonymousIpList"].versions


def test_group_that_is_not_built_says_why() -> None:
    with pytest.raises(NonexistentItem, match="isn't built"):
        catalogue().find("AWS", "AWSManagedRulesATPRuleSet")
    with pytest.raises(NonexistentItem, match="vendor AWS"):
        catalogue().find("Other", "AWSManagedRulesSQLiRuleSet")


RULE = """
name = "R"
group = "G"
labels = ["awswaf:managed:aws:g:R"]
action = "BLOCK"
description = "x"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inspect = []", "inspects nothing"),
        ('[[inspect]]\nfields = ["uri_path"]', "either what to match"),
        ('[[inspect]]\nfields = ["uri"]\npatterns = ["a"]', "field 'uri' is unknown"),
        ('[[inspect]]\npatterns = ["a"]', "names no fields"),
        ('[[inspect]]\nfields = ["uri_path"]\npatterns = ["a"]\nflags = ["multiline"]', "flag 'multiline'"),
        ("[[inspect]]\nfields = [\"uri_path\"]\npatterns = ['''\\Aa''']", r"say \^ or"),
        ('[[inspect]]\nfields = ["body"]\n[inspect.size]\ncomparison = "OVER"\nbytes = 1', "comparison 'OVER'"),
        ('[[inspect]]\nfields = ["uri_path"]\npatterns = ["a"]\nsurprise = 1', "surprise"),
        ("[[inspect]", "Expected"),
    ],
)
def test_file_that_breaks_the_format_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ManagedRuleFormat, match=said) as refused:
        decode_rule(RULE + text, group="G", name="R", where="rules/G/R.toml")
    assert "rules/G/R.toml" in str(refused.value)


def test_file_in_the_wrong_place_is_refused() -> None:
    with pytest.raises(ManagedRuleFormat, match="stands at G/S"):
        decode_rule(RULE + '[[inspect]]\nfields = ["uri_path"]\npatterns = ["a"]', group="G", name="S", where="x")


def group_of(text: str) -> CompiledGroup:
    rule = decode_rule(RULE + text, group="G", name="R", where="x")
    group = ManagedGroup(
        vendor="AWS",
        name="G",
        description="",
        capacity=1,
        label_namespace="awswaf:managed:aws:g:",
        versions=(),
        default_version="",
        rules=(rule,),
        missing=(),
        verified_list="",
        verified_label="",
    )
    return compile_groups([group], PatternCache())["G"]


def hit(group: CompiledGroup, view: RequestView) -> tuple[str, str, bytes] | None:
    """(field, location, what matched) of the only rule."""
    request = Inspection(view, 8192, None)
    found = {**scan_units(group.units, request).get("G", {}), **group.direct_matches(request, {})}.get("R")
    return None if found is None else (found.evidence.field, found.evidence.location, found.evidence.matched)


Views = Callable[..., RequestView]


def test_pattern_is_found_in_the_value_that_has_it_and_named(view: Views) -> None:
    group = group_of(
        "[[inspect]]\nfields = ['query_arguments', 'cookies']\nnormalize = ['url']\npatterns = ['''evil\\d''']"
    )
    assert hit(group, view("/?a=1&b=%65VIL7x&c=3")) == ("query_arguments", "b", b"eVIL7")
    assert hit(group, view(headers=[(b"Cookie", b"x=1; y=evil3")])) == ("cookies", "y", b"evil3")
    assert hit(group, view("/?a=evil&b=7")) is None


def test_all_of_unless_and_literals_hold_within_one_view(view: Views) -> None:
    group = group_of(
        "[[inspect]]\nfields = ['query_arguments']\nliterals = ['a.b']\nall_of = ['''x''', '''y''']\nunless = ['''^safe''']"
    )
    assert hit(group, view("/?q=xya.b")) is not None
    assert hit(group, view("/?q=xyaxb")) is None
    assert hit(group, view("/?q=xa.b&r=y")) is None
    assert hit(group, view("/?q=safe-xya.b")) is None
    assert hit(group, view("/?q=safe&r=xya.b")) is not None


def test_anchors_hold_at_the_ends_of_each_value(view: Views) -> None:
    group = group_of("[[inspect]]\nfields = ['query_arguments']\npatterns = ['''^admin$''']")
    assert hit(group, view("/?a=1&b=admin&c=2")) is not None
    assert hit(group, view("/?a=xadmin&b=adminx")) is None


def test_size_and_absent_header_need_no_scan(view: Views) -> None:
    size = group_of("[[inspect]]\nfields = ['query_string']\n[inspect.size]\ncomparison = 'GT'\nbytes = 5")
    assert hit(size, view("/?12345")) is None
    assert hit(size, view("/?123456")) == ("query_string", "", b"")
    absent = group_of("[[inspect]]\n[inspect.absent]\nheader = 'User-Agent'\nempty = true")
    assert hit(absent, view()) is None
    assert hit(absent, view(headers=[])) is not None
    assert hit(absent, view(headers=[(b"user-agent", b" ")])) is not None


def test_value_found_clean_is_remembered_and_an_attack_never_is(view: Views) -> None:
    group = group_of("[[inspect]]\nfields = ['header:x']\npatterns = ['''evil''']")
    (unit,) = group.units
    for _ in range(2):
        assert hit(group, view(headers=[(b"X", b"good")])) is None
        assert hit(group, view(headers=[(b"X", b"evil")])) is not None
        assert hit(group, view(headers=[(b"X", b"good"), (b"X", b"evil")])) is not None
    assert unit.clean == {b"good"}


def test_what_is_remembered_is_bounded(view: Views) -> None:
    group = group_of("[[inspect]]\nfields = ['query_string']\npatterns = ['''evil''']")
    for number in range(10_000):
        hit(group, view(f"/?{number}"))
    assert len(group.units[0].clean) <= 1_024


def test_values_beyond_the_bound_are_still_looked_at(view: Views) -> None:
    group = group_of("[[inspect]]\nfields = ['query_arguments']\npatterns = ['''evil''']")
    many = "&".join(f"a{number}={number}" for number in range(MOST_VALUES + 200))
    assert hit(group, view(f"/?{many}&z=evil")) is not None
    assert hit(group, view(f"/?{many}")) is None


def test_managed_rule_labels_block_and_are_overridden(
    plan_of: Callable[..., Plan], rule: Callable[..., dict[str, Any]], view: Views
) -> None:
    def managed(**settings: Any) -> Plan:
        statement = {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet", **settings}
        return plan_of([rule("sqli", {"ManagedRuleGroupStatement": statement})])

    attack = view("/?id=1%27%20or%20%271%27=%271")
    verdict = evaluate(attack, managed())
    assert (verdict.action, verdict.rule_within_group) == ("BLOCK", "SQLi_QUERYARGUMENTS")
    assert verdict.labels == ("awswaf:managed:aws:sql-database:SQLi_QueryArguments",)
    assert verdict.group == "AWS#AWSManagedRulesSQLiRuleSet"
    counted = managed(RuleActionOverrides=[{"Name": "SQLi_QUERYARGUMENTS", "ActionToUse": {"Count": {}}}])
    assert evaluate(attack, counted).labels[:1] == verdict.labels
    assert evaluate(attack, counted).matches[0].overridden == "BLOCK"
    scope = {
        "ByteMatchStatement": {
            "SearchString": b"/api",
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            "PositionalConstraint": "STARTS_WITH",
        }
    }
    assert not evaluate(attack, managed(ScopeDownStatement=scope)).blocked


def test_verified_bot_is_labelled_and_let_through(
    plan_of: Callable[..., Plan], rule: Callable[..., dict[str, Any]], view: Views
) -> None:
    from casemate.engines.web import Resources
    from casemate.engines.web.data import AddressData, AddressSet, parse_networks

    lists = {"verified_bots": AddressSet(parse_networks(["198.51.100.0/24"], "x"))}
    statement = {"VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet"}
    plan = plan_of([rule("bots", {"ManagedRuleGroupStatement": statement})], Resources(data=AddressData(lists=lists)))
    agent = [
        (b"Host", b"h"),
        (b"User-Agent", b"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    ]
    known = evaluate(view(headers=agent, client_ip="198.51.100.9"), plan)
    other = evaluate(view(headers=agent, client_ip="203.0.113.9"), plan)
    assert not known.blocked
    assert "awswaf:managed:aws:bot-control:bot:verified" in known.labels
    assert "awswaf:managed:aws:bot-control:bot:category:search_engine" in known.labels
    assert other.rule_within_group == "CategorySearchEngine"
    assert "awswaf:managed:token:absent" in other.labels
    assert "awswaf:managed:aws:bot-control:bot:verified" not in other.labels
