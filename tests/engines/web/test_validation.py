"""What AWS refuses is refused, with its field and reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import InvalidParameter, NonexistentItem, Plan, WebAclError
from casemate.engines.web import errors as words
from casemate.engines.web.errors import ExpiredVersion

NONE = [{"Priority": 0, "Type": "NONE"}]
Plans = Callable[..., Plan]
Rule = Callable[..., dict[str, Any]]


def byte_match(**changes: Any) -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "SearchString": b"x",
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": NONE,
            "PositionalConstraint": "EXACTLY",
            **changes,
        }
    }


def regex(text: str) -> dict[str, Any]:
    return {"RegexMatchStatement": {"RegexString": text, "FieldToMatch": {"UriPath": {}}, "TextTransformations": NONE}}


def rate(**changes: Any) -> dict[str, Any]:
    return {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP", **changes}}


def managed(**changes: Any) -> dict[str, Any]:
    return {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet", **changes}}


X = byte_match()
PATTERN: dict[str, Any] = {"All": {}}
FALLBACK = {"FallbackBehavior": "MATCH"}
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no statement", {}, "STATEMENT", words.NOT_EXACTLY_ONE),
    ("two statements", {**X, **regex("a")}, "STATEMENT", words.NOT_EXACTLY_ONE),
    ("unknown statement", {"MagicStatement": {}}, "STATEMENT", words.NOT_VALID),
    ("no field", byte_match(FieldToMatch={}), "FIELD_TO_MATCH", words.NOT_EXACTLY_ONE),
    ("two fields", byte_match(FieldToMatch={"UriPath": {}, "Method": {}}), "FIELD_TO_MATCH", words.NOT_EXACTLY_ONE),
    ("no transformation", byte_match(TextTransformations=[]), "TEXT_TRANSFORMATION", words.BELOW_MINIMUM),
    (
        "unknown transformation",
        byte_match(TextTransformations=[{"Priority": 0, "Type": "ROT13"}]),
        "TEXT_TRANSFORMATION",
        words.NOT_AN_OPTION,
    ),
    ("equal priorities", byte_match(TextTransformations=NONE * 2), "TEXT_TRANSFORMATION", words.DUPLICATE),
    ("long search", byte_match(SearchString=b"x" * 201), "BYTE_MATCH_STATEMENT", words.NOT_VALID),
    ("constraint", byte_match(PositionalConstraint="NEAR"), "BYTE_MATCH_STATEMENT", words.NOT_AN_OPTION),
    (
        "word with a dash",
        byte_match(SearchString=b"a-b", PositionalConstraint="CONTAINS_WORD"),
        "BYTE_MATCH_STATEMENT",
        words.NOT_VALID,
    ),
    (
        "oversize",
        byte_match(FieldToMatch={"Body": {"OversizeHandling": "PERHAPS"}}),
        "OVERSIZE_HANDLING",
        words.NOT_AN_OPTION,
    ),
    (
        "JSON without a pattern",
        byte_match(FieldToMatch={"JsonBody": {"MatchScope": "ALL"}}),
        "JSON_MATCH_PATTERN",
        words.NOT_EXACTLY_ONE,
    ),
    (
        "JSON pointer",
        byte_match(FieldToMatch={"JsonBody": {"MatchPattern": {"IncludedPaths": ["a/b"]}, "MatchScope": "ALL"}}),
        "JSON_MATCH_PATTERN",
        words.NOT_VALID,
    ),
    (
        "JSON scope",
        byte_match(FieldToMatch={"JsonBody": {"MatchPattern": PATTERN, "MatchScope": "SOME"}}),
        "JSON_MATCH_SCOPE",
        words.NOT_AN_OPTION,
    ),
    (
        "header patterns",
        byte_match(FieldToMatch={"Headers": {"MatchPattern": {}, "MatchScope": "ALL", "OversizeHandling": "MATCH"}}),
        "HEADER_MATCH_PATTERN",
        words.NOT_EXACTLY_ONE,
    ),
    (
        "cookie scope",
        byte_match(
            FieldToMatch={"Cookies": {"MatchPattern": PATTERN, "MatchScope": "NONE", "OversizeHandling": "MATCH"}}
        ),
        "MAP_MATCH_SCOPE",
        words.NOT_AN_OPTION,
    ),
    ("JA3 fallback", byte_match(FieldToMatch={"JA3Fingerprint": {}}), "FALLBACK_BEHAVIOR", words.NOT_EXACTLY_ONE),
    (
        "pre-parse of a path",
        byte_match(PreParseTextTransformations=[{"Priority": 0, "Type": "URL_DECODE"}]),
        "PRE_PARSE_TEXT_TRANSFORMATION",
        words.ILLEGAL_COMBINATION,
    ),
    ("and of one", {"AndStatement": {"Statements": [X]}}, "AND_STATEMENT", words.BELOW_MINIMUM),
    ("or of one", {"OrStatement": {"Statements": [X]}}, "OR_STATEMENT", words.BELOW_MINIMUM),
    ("nested rate", {"NotStatement": {"Statement": rate()}}, "STATEMENT", words.NOT_NESTABLE),
    ("nested managed group", {"AndStatement": {"Statements": [X, managed()]}}, "STATEMENT", words.NOT_NESTABLE),
    ("rate limit", rate(Limit=9), "RATE_BASED_STATEMENT", words.BELOW_MINIMUM),
    ("rate limit above", rate(Limit=2_000_000_001), "RATE_BASED_STATEMENT", words.ABOVE_MAXIMUM),
    ("rate window", rate(EvaluationWindowSec=90), "RATE_BASED_STATEMENT", words.NOT_VALID),
    ("constant without scope", rate(AggregateKeyType="CONSTANT"), "SCOPE_DOWN", words.ILLEGAL_COMBINATION),
    ("no custom keys", rate(AggregateKeyType="CUSTOM_KEYS"), "CUSTOM_KEYS", words.ILLEGAL_COMBINATION),
    (
        "an address as the only key",
        rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"IP": {}}]),
        "CUSTOM_KEYS",
        words.ILLEGAL_COMBINATION,
    ),
    (
        "six custom keys",
        rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"HTTPMethod": {}}] * 6),
        "CUSTOM_KEYS",
        words.ABOVE_MAXIMUM,
    ),
    ("no forwarded config", rate(AggregateKeyType="FORWARDED_IP"), "FORWARDED_IP_CONFIG", words.NOT_EXACTLY_ONE),
    ("no country", {"GeoMatchStatement": {"CountryCodes": []}}, "GEO_MATCH_STATEMENT", words.BELOW_MINIMUM),
    ("country", {"GeoMatchStatement": {"CountryCodes": ["usa"]}}, "GEO_MATCH_STATEMENT", words.NOT_AN_OPTION),
    ("no such country", {"GeoMatchStatement": {"CountryCodes": ["ZZ"]}}, "GEO_MATCH_STATEMENT", words.NOT_AN_OPTION),
    (
        "part of a fingerprint",
        byte_match(FieldToMatch={"JA4Fingerprint": FALLBACK}, PositionalConstraint="STARTS_WITH"),
        "BYTE_MATCH_STATEMENT",
        words.ILLEGAL_COMBINATION,
    ),
    (
        "expression in a fingerprint",
        {
            "RegexMatchStatement": {
                "RegexString": "a",
                "FieldToMatch": {"JA3Fingerprint": FALLBACK},
                "TextTransformations": NONE,
            }
        },
        "STATEMENT",
        words.ILLEGAL_COMBINATION,
    ),
    (
        "the same custom key twice",
        rate(
            AggregateKeyType="CUSTOM_KEYS",
            CustomKeys=[{"Header": {"Name": name, "TextTransformations": NONE}} for name in ("Host", "host")],
        ),
        "CUSTOM_KEYS",
        words.DUPLICATE,
    ),
    (
        "namespace without colon",
        {"LabelMatchStatement": {"Scope": "NAMESPACE", "Key": "a"}},
        "LABEL_MATCH_STATEMENT",
        words.NOT_VALID,
    ),
    (
        "label with colon",
        {"LabelMatchStatement": {"Scope": "LABEL", "Key": "a:"}},
        "LABEL_MATCH_STATEMENT",
        words.NOT_VALID,
    ),
    ("no ARN", {"IPSetReferenceStatement": {"ARN": "xxxxxx"}}, "RESOURCE_ARN", words.BAD_ARN),
    (
        "SQL injection in a fingerprint",
        {
            "SqliMatchStatement": {
                "FieldToMatch": {"JA3Fingerprint": {"FallbackBehavior": "MATCH"}},
                "TextTransformations": NONE,
            }
        },
        "SQLI_MATCH_STATEMENT",
        words.ILLEGAL_COMBINATION,
    ),
    (
        "targeted bots",
        managed(
            Name="AWSManagedRulesBotControlRuleSet",
            ManagedRuleGroupConfigs=[{"AWSManagedRulesBotControlRuleSet": {"InspectionLevel": "TARGETED"}}],
        ),
        "MANAGED_RULE_GROUP_CONFIG",
        words.ILLEGAL_COMBINATION,
    ),
]


@pytest.mark.parametrize(("statement", "field", "reason"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_statement_that_aws_refuses_is_refused_in_its_words(
    statement: dict[str, Any], field: str, reason: str, plan_of: Plans, rule: Rule
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan_of([rule("r", statement)])
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert str(refused.value) == f"Error reason: {reason}, field: {field}, parameter: {refused.value.parameter}"
    assert refused.value.path.startswith("Rules[r].Statement")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"(?=a)b", "lookahead"),
        (r"(?!a)b", "lookahead"),
        (r"(?<=a)b", "lookbehind"),
        (r"(?<!a)b", "lookbehind"),
        (r"(a)\1", "back-reference"),
        (r"(?P<n>a)(?P=n)", "back-reference"),
        (r"(a)\g{1}", "reference"),
        (r"(?R)", "recursive"),
        (r"(a)(?1)", "subroutine"),
        (r"(?P<n>a)(?P>n)", "subroutine"),
        (r"(?&n)", "subroutine"),
        (r"(?(1)a|b)", "conditional"),
        (r"(*COMMIT)a", "verb"),
        (r"(*PRUNE)a", "verb"),
        (r"a\Cb", r"\\C"),
        (r"a\Rb", r"\\R"),
        (r"a\Kb", r"\\K"),
        (r"a(?C)b", "callout"),
        (r"(?>a+)b", "atomic"),
        (r"a++", "possessive"),
        (r"a*+", "possessive"),
        (r"a{1,3}+", "possessive"),
        (r"(a", "parenthesis"),
        (r"[a", "class"),
        (r"a**b", ""),
    ],
)
def test_regular_expression_outside_the_dialect_is_refused(text: str, said: str, plan_of: Plans, rule: Rule) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan_of([rule("r", regex(text))])
    assert refused.value.reason == words.NOT_VALID
    assert refused.value.parameter == text
    assert said.replace("\\\\", "\\") in refused.value.detail


@pytest.mark.parametrize(
    "text",
    [
        r"(?i)admin",
        r"(?:a|b)+?c",
        r"(a|b){2,5}",
        r"^/x/[\w\-.~]+$",
        r"[(?=]",
        r"\(\?=",
        r"[\]\\(*+]",
        r"\Q(?=a)\E",
        r"(?P<name>a)",
        r"(?<name>a)",
        r"\bword\b",
        r"\p{L}+",
        r"[[:alpha:]]+",
        r"a+\+",
        r"\x41\n\t\d\s\w",
        r"(?-i)a(?s).b",
    ],
)
def test_regular_expression_of_the_dialect_is_taken(text: str, plan_of: Plans, rule: Rule) -> None:
    assert plan_of([rule("r", regex(text))]).rules


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"Action": None}, "RULE_ACTION", words.NOT_EXACTLY_ONE),
        ({"OverrideAction": {"None": {}}}, "RULE", words.NOT_EXACTLY_ONE),
        ({"Action": {}}, "RULE_ACTION", words.NOT_EXACTLY_ONE),
        ({"Action": {"Allow": {}, "Block": {}}}, "RULE_ACTION", words.NOT_EXACTLY_ONE),
        ({"Name": "with space"}, "RULE", words.NOT_VALID),
        ({"Priority": -1}, "RULE", words.BELOW_MINIMUM),
        ({"RuleLabels": [{"Name": "aws:x"}]}, "RULE", words.NOT_VALID),
        ({"RuleLabels": [{"Name": "a b"}]}, "RULE", words.NOT_VALID),
        ({"Action": {"Block": {"CustomResponse": {"ResponseCode": 199}}}}, "CUSTOM_RESPONSE", words.BELOW_MINIMUM),
        ({"Action": {"Block": {"CustomResponse": {"ResponseCode": 600}}}}, "CUSTOM_RESPONSE", words.ABOVE_MAXIMUM),
        (
            {"Action": {"Block": {"CustomResponse": {"ResponseCode": 200, "CustomResponseBodyKey": "no"}}}},
            "CUSTOM_RESPONSE_BODY",
            words.NOT_VALID,
        ),
        (
            {
                "Action": {
                    "Block": {
                        "CustomResponse": {
                            "ResponseCode": 200,
                            "ResponseHeaders": [{"Name": "Content-Type", "Value": "a/b"}],
                        }
                    }
                }
            },
            "HEADER_NAME",
            words.NOT_VALID,
        ),
        (
            {"Action": {"Allow": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "a", "Value": "b\r\nc: d"}]}}}},
            "CUSTOM_REQUEST_HANDLING",
            words.NOT_VALID,
        ),
    ],
)
def test_rule_that_aws_refuses_is_refused(
    changes: dict[str, Any], field: str, reason: str, plan_of: Plans, rule: Rule
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan_of([{**rule("r", X), **changes}])
    assert (refused.value.field, refused.value.reason) == (field, reason)


def test_two_rules_of_one_name_or_priority_are_refused(plan_of: Plans, rule: Rule) -> None:
    for rules in (
        [rule("a", X), rule("a", X)],
        [rule("a", X, Priority=1), rule("b", X, Priority=1)],
    ):
        with pytest.raises(InvalidParameter, match="duplicate"):
            plan_of(rules)


def test_default_action_is_allow_or_block(plan_of: Plans) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan_of([], DefaultAction={"Count": {}})
    assert refused.value.field == "DEFAULT_ACTION"


def test_reference_that_leads_nowhere_is_refused(plan_of: Plans, rule: Rule) -> None:
    arn = "arn:aws:wafv2:us-east-1:111122223333:regional/x/y/z"
    for statement in (
        {"IPSetReferenceStatement": {"ARN": arn}},
        {"RuleGroupReferenceStatement": {"ARN": arn}},
        {"RegexPatternSetReferenceStatement": {"ARN": arn, "FieldToMatch": {"Body": {}}, "TextTransformations": NONE}},
        managed(Name="AWSManagedRulesNothing"),
        managed(Version="Version_99.0"),
        managed(Name="AWSManagedRulesATPRuleSet"),
    ):
        with pytest.raises((NonexistentItem, ExpiredVersion)):
            plan_of([rule("r", statement)])


def test_depth_of_nesting_is_bounded(plan_of: Plans, rule: Rule) -> None:
    statement = X
    for _ in range(200):
        statement = {"NotStatement": {"Statement": statement}}
    with pytest.raises(InvalidParameter, match="nest"):
        plan_of([rule("r", statement)])


@pytest.mark.parametrize("member", ["Rules", "DefaultAction", "CustomResponseBodies", "TokenDomains"])
@pytest.mark.parametrize("junk", [None, 1, "x", [], [None], {"a": 1}, [{"Name": 1}], [[]]])
def test_members_of_any_other_shape_are_refused(member: str, junk: Any, plan_of: Plans) -> None:
    if junk == [] and member in {"Rules", "TokenDomains"}:
        assert plan_of([], **{member: junk}).rules == ()
        return
    with pytest.raises(WebAclError):
        plan_of([], **{member: junk})


def test_override_of_an_unknown_rule_is_passed_over_in_a_managed_group(plan_of: Plans, rule: Rule) -> None:
    overrides = [{"Name": "NoSuchRule", "ActionToUse": {"Count": {}}}]
    assert plan_of([rule("r", managed(RuleActionOverrides=overrides))]).rules
