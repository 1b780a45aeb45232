"""WCU as AWS documents them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import InvalidParameter, LimitsExceeded, Plan, Resources, WebAclError, rules_capacity

NONE = [{"Priority": 0, "Type": "NONE"}]
LOWER = [{"Priority": 0, "Type": "LOWERCASE"}]
TWO = [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "LOWERCASE"}]
QUERY = {"QueryString": {}}
ARGUMENTS = {"AllQueryArguments": {}}
JSON_BODY = {"JsonBody": {"MatchPattern": {"All": {}}, "MatchScope": "ALL"}}


def byte_match(constraint: str, field: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "SearchString": b"x",
            "FieldToMatch": field,
            "TextTransformations": steps,
            "PositionalConstraint": constraint,
        }
    }


def match(kind: str, field: dict[str, Any], steps: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {kind: {"FieldToMatch": field, "TextTransformations": steps, **more}}


IP_SET = "arn:aws:wafv2:us-east-1:1:regional/ipset/a/1"
REGEX_SET = "arn:aws:wafv2:us-east-1:1:regional/regexpatternset/a/1"
GROUP = "arn:aws:wafv2:us-east-1:1:regional/rulegroup/a/1"
RESOURCES = Resources(
    ip_sets={IP_SET: {"Addresses": []}},
    regex_pattern_sets={REGEX_SET: {"RegularExpressionList": [{"RegexString": "a"}]}},
    rule_groups={GROUP: {"Name": "a", "Capacity": 321, "Rules": []}},
)
FORWARDED = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"}


def forwarded_set(position: str) -> dict[str, Any]:
    return {"IPSetReferenceStatement": {"ARN": IP_SET, "IPSetForwardedIPConfig": {**FORWARDED, "Position": position}}}


def managed(name: str) -> dict[str, Any]:
    return {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}


def rate(**more: Any) -> dict[str, Any]:
    return {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP", **more}}


def named(statement: Any, **more: Any) -> dict[str, Any]:
    return {"Name": "r", "Priority": 0, "Statement": statement, **more}


SIZE = {"ComparisonOperator": "GT", "Size": 1}
CASES: list[tuple[str, dict[str, Any], int]] = [
    ("geo", {"GeoMatchStatement": {"CountryCodes": ["DE"]}}, 1),
    ("asn", {"AsnMatchStatement": {"AsnList": [64496]}}, 1),
    ("label", {"LabelMatchStatement": {"Scope": "LABEL", "Key": "a"}}, 1),
    ("IP set", {"IPSetReferenceStatement": {"ARN": IP_SET}}, 1),
    ("IP set, first forwarded", forwarded_set("FIRST"), 1),
    ("IP set, any forwarded", forwarded_set("ANY"), 5),
    ("size", match("SizeConstraintStatement", QUERY, NONE, **SIZE), 1),
    ("byte exactly", byte_match("EXACTLY", QUERY, NONE), 2),
    ("byte starts", byte_match("STARTS_WITH", QUERY, NONE), 2),
    ("byte ends", byte_match("ENDS_WITH", QUERY, NONE), 2),
    ("byte contains", byte_match("CONTAINS", QUERY, NONE), 10),
    ("byte word", byte_match("CONTAINS_WORD", QUERY, NONE), 10),
    ("regex", match("RegexMatchStatement", QUERY, NONE, RegexString="a"), 3),
    ("regex set", match("RegexPatternSetReferenceStatement", QUERY, NONE, ARN=REGEX_SET), 25),
    ("SQL injection", match("SqliMatchStatement", QUERY, NONE), 20),
    ("SQL injection low", match("SqliMatchStatement", QUERY, NONE, SensitivityLevel="LOW"), 20),
    ("SQL injection high", match("SqliMatchStatement", QUERY, NONE, SensitivityLevel="HIGH"), 30),
    ("XSS", match("XssMatchStatement", QUERY, NONE), 40),
    # "Choosing All query parameters adds 10 WCUs to the base cost."
    ("all arguments", byte_match("EXACTLY", ARGUMENTS, NONE), 12),
    ("XSS in all arguments", match("XssMatchStatement", ARGUMENTS, NONE), 50),
    # "if the match statement base cost is 5 WCUs without JSON parsing, using JSON parsing doubles the cost to 10 WCUs"
    ("JSON", byte_match("CONTAINS", JSON_BODY, NONE), 20),
    ("JSON, SQL injection high", match("SqliMatchStatement", JSON_BODY, NONE, SensitivityLevel="HIGH"), 60),
    ("JSON with a transformation", byte_match("CONTAINS", JSON_BODY, LOWER), 30),
    # "Each text transformation is 10 WCUs."
    ("one transformation", byte_match("EXACTLY", QUERY, LOWER), 12),
    ("two transformations", byte_match("EXACTLY", QUERY, TWO), 22),
    ("managed group", managed("AWSManagedRulesCommonRuleSet"), 700),
    ("rule group", {"RuleGroupReferenceStatement": {"ARN": GROUP}}, 321),
    ("rate", rate(), 2),
    ("rate, scoped down", rate(ScopeDownStatement=byte_match("EXACTLY", QUERY, LOWER)), 14),
    (
        "rate by two custom keys",
        rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"IP": {}}, {"HTTPMethod": {}}]),
        62,
    ),
    ("not", {"NotStatement": {"Statement": byte_match("EXACTLY", QUERY, NONE)}}, 2),
    (
        "and: the same component and transformation once",
        {"AndStatement": {"Statements": [byte_match("EXACTLY", QUERY, LOWER), byte_match("ENDS_WITH", QUERY, LOWER)]}},
        14,
    ),
    (
        "or: another component pays for itself",
        {
            "OrStatement": {
                "Statements": [byte_match("EXACTLY", QUERY, LOWER), byte_match("EXACTLY", {"UriPath": {}}, LOWER)]
            }
        },
        24,
    ),
]


@pytest.mark.parametrize(("statement", "units"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_capacity_of_a_statement_is_as_documented(statement: dict[str, Any], units: int) -> None:
    assert rules_capacity([named(statement)], RESOURCES) == units


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("AWSManagedRulesCommonRuleSet", 700),
        ("AWSManagedRulesAdminProtectionRuleSet", 100),
        ("AWSManagedRulesKnownBadInputsRuleSet", 200),
        ("AWSManagedRulesSQLiRuleSet", 200),
        ("AWSManagedRulesLinuxRuleSet", 200),
        ("AWSManagedRulesUnixRuleSet", 100),
        ("AWSManagedRulesWindowsRuleSet", 200),
        ("AWSManagedRulesPHPRuleSet", 100),
        ("AWSManagedRulesWordPressRuleSet", 100),
        ("AWSManagedRulesAmazonIpReputationList", 25),
        ("AWSManagedRulesAnonymousIpList", 50),
        ("AWSManagedRulesBotControlRuleSet", 50),
    ],
)
def test_capacity_of_a_managed_group_is_as_documented(name: str, units: int) -> None:
    assert rules_capacity([named(managed(name))], RESOURCES) == units


def test_transformation_of_a_component_is_charged_once_across_the_rules_of_an_acl(
    plan_of: Callable[..., Plan], rule: Callable[..., dict[str, Any]]
) -> None:
    rules = [rule(f"r{number}", byte_match("EXACTLY", QUERY, LOWER)) for number in range(3)]
    assert plan_of(rules).capacity == 3 * 2 + 10
    assert sum(rules_capacity([{**one, "Priority": 0}], RESOURCES) for one in rules) == 3 * 12


def test_acl_above_5000_is_refused(plan_of: Callable[..., Plan], rule: Callable[..., dict[str, Any]]) -> None:
    statement = match("SqliMatchStatement", JSON_BODY, NONE, SensitivityLevel="HIGH")
    rules = [rule(f"r{number}", statement) for number in range(84)]
    assert plan_of(rules[:83]).capacity == 83 * 60
    with pytest.raises(LimitsExceeded, match="5040 WCU"):
        plan_of(rules)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (named({"GeoMatchStatement": {"CountryCode": ["DE"]}}), "did you mean 'CountryCodes'"),
        (named({"GeoMatchStatment": {"CountryCodes": ["DE"]}}), "did you mean 'GeoMatchStatement'"),
        (named({"GeoMatchStatement": {"CountryCodes": ["DE"]}}, Acton={"Block": {}}), "did you mean 'Action'"),
        (named(rate(ScopeDownStatment=managed("AWSManagedRulesLinuxRuleSet"))), "did you mean 'ScopeDownStatement'"),
        (named({"NotStatement": {"Statement": {"GeoMatchStatement": {"Codes": []}}}}), "did you mean 'CountryCodes'"),
        (named(match("XssMatchStatement", QUERY, [{"Priority": 0, "Typ": "NONE"}])), "did you mean 'Type'"),
        ({"Name": "r", "Statement": managed("AWSManagedRulesLinuxRuleSet")}, "Priority is missing"),
        (named(byte_match("EQUALS", QUERY, NONE)), "PositionalConstraint is one of EXACTLY"),
        (named({}), "exactly one of"),
        (
            named({**managed("AWSManagedRulesLinuxRuleSet"), "GeoMatchStatement": {"CountryCodes": ["DE"]}}),
            "exactly one",
        ),
    ],
)
def test_rule_that_compiling_would_refuse_has_no_capacity(rule: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        rules_capacity([rule], RESOURCES)
    assert told in refused.value.explained()


def test_misspelt_member_of_a_rule_group_that_is_counted_is_refused() -> None:
    group = {"Name": "a", "Ruels": [], "Rules": []}
    with pytest.raises(InvalidParameter, match="Ruels"):
        rules_capacity([named({"RuleGroupReferenceStatement": {"ARN": GROUP}})], Resources(rule_groups={GROUP: group}))


def test_statements_nested_without_end_are_refused() -> None:
    statement: dict[str, Any] = byte_match("EXACTLY", QUERY, NONE)
    for _ in range(20):
        statement = {"NotStatement": {"Statement": statement}}
    assert rules_capacity([named(statement)], RESOURCES) == 2
    for _ in range(5_000):
        statement = {"NotStatement": {"Statement": statement}}
    with pytest.raises(WebAclError, match="NotStatement"):
        rules_capacity([named(statement)], RESOURCES)
