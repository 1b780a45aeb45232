"""What the service's model doesn't know is refused, wherever it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casemate.engines.web import (
    InvalidParameter,
    PatternCache,
    Plan,
    Resources,
    WebAclError,
    compile_acl,
    read_acl_file,
)

NONE = [{"Priority": 0, "Type": "NONE"}]
ARN = "arn:aws:wafv2:us-east-1:111122223333:regional/x/y/z"
Plans = Callable[..., Plan]
Rule = Callable[..., dict[str, Any]]


def match(field: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "SearchString": "eA==",
            "FieldToMatch": field or {"UriPath": {}},
            "TextTransformations": NONE,
            "PositionalConstraint": "EXACTLY",
            **more,
        }
    }


def managed(**more: Any) -> dict[str, Any]:
    return {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet", **more}}


UNKNOWN: list[tuple[dict[str, Any], str, str, str]] = [
    (match({"QueryString": {"x": 1}}), "x", "FieldToMatch.QueryString", "nothing goes here"),
    (match({"Body": {"Oversize": "MATCH"}}), "Oversize", "FieldToMatch.Body", "'OversizeHandling'"),
    (match({"UriPaht": {}}), "UriPaht", "FieldToMatch", "'UriPath'"),
    (match(Fieldtomatch={}), "Fieldtomatch", "ByteMatchStatement", "'FieldToMatch'"),
    (match(TextTransformations=[{"Priority": 0, "Type": "NONE", "type": "MD5"}]), "type", "Transformations[0]", "Type"),
    ({"NotStatement": {"Statement": match(X=1)}}, "X", "NotStatement.Statement.ByteMatchStatement", "known are"),
    (managed(ExcludeRules=[]), "ExcludeRules", "ManagedRuleGroupStatement", "'ExcludedRules'"),
    (
        managed(RuleActionOverrides=[{"Name": "a", "ActionToUse": {"Block": {}}, "Action": {}}]),
        "Action",
        "RuleActionOverrides[0]",
        "'ActionToUse'",
    ),
    (
        {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP", "ScopedownStatement": match()}},
        "ScopedownStatement",
        "RateBasedStatement",
        "'ScopeDownStatement'",
    ),
]


@pytest.mark.parametrize(("statement", "member", "path", "said"), UNKNOWN, ids=[case[1] for case in UNKNOWN])
def test_unknown_member_of_a_statement_is_refused(  # noqa: PLR0917 - a case and two fixtures
    statement: dict[str, Any], member: str, path: str, said: str, plan_of: Plans, rule: Rule
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan_of([rule("r", statement)])
    assert refused.value.parameter == member
    assert refused.value.path.startswith("Rules[r].Statement")
    assert refused.value.path.endswith(path)
    assert said in refused.value.detail


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"Ruels": []}, ""),
        ({"VisibilityConfig": {"MetricsName": "a"}}, "VisibilityConfig"),
        ({"DefaultAction": {"Allow": {"CustomResponse": {}}}}, "DefaultAction.Allow"),
        ({"CustomResponseBodies": {"a": {"Body": "x"}}}, "CustomResponseBodies.a"),
        ({"AssociationConfig": {"RequestBody": {"ALB": {}}}}, "AssociationConfig.RequestBody"),
        ({"CaptchaConfig": {"ImmunityTime": 60}}, "CaptchaConfig"),
    ],
)
def test_unknown_member_of_an_acl_is_refused(more: dict[str, Any], path: str, plan_of: Plans) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan_of([], **more)
    assert refused.value.path == path
    assert "is unknown" in refused.value.detail


@pytest.mark.parametrize("changes", [{"Lables": []}, {"RuleLabels": [{"Nmae": "a"}]}, {"Action": {"Blok": {}}}])
def test_unknown_member_of_a_rule_is_refused(changes: dict[str, Any], plan_of: Plans, rule: Rule) -> None:
    with pytest.raises(InvalidParameter, match="field: RULE") as refused:
        plan_of([{**rule("r", match()), **changes}])
    assert "did you mean" in refused.value.detail


@pytest.mark.parametrize(
    "changes",
    [
        {"Rules": None},
        {"Rules": {}},
        {"Rules": "x"},
        {"DefaultAction": None},
        {"TokenDomains": "example.com"},
        {"Rules": [{"Name": "a", "Priority": "0", "Action": {"Block": {}}, "Statement": match()}]},
        {"Rules": [{"Name": "a", "Priority": True, "Action": {"Block": {}}, "Statement": match()}]},
        {"Rules": [{"Name": "a", "Priority": 0, "Action": {"Block": []}, "Statement": match()}]},
        {"Rules": [{"Name": "a", "Priority": 0, "Action": {"Block": {}}}]},
    ],
)
def test_wrong_types_and_missing_members_are_refused(changes: dict[str, Any], plan_of: Plans) -> None:
    with pytest.raises(InvalidParameter):
        plan_of([], **changes)


def test_acl_without_a_default_action_is_refused(patterns: PatternCache) -> None:
    with pytest.raises(InvalidParameter) as refused:
        compile_acl({"Name": "a", "Rules": []}, Resources(), cache=patterns)
    assert (refused.value.field, refused.value.parameter) == ("DEFAULT_ACTION", "DefaultAction")


@pytest.mark.parametrize("name", ["Headers", "Cookies", "HeaderOrder"])
def test_oversize_handling_is_required(name: str, plan_of: Plans, rule: Rule) -> None:
    field = {} if name == "HeaderOrder" else {"MatchPattern": {"All": {}}, "MatchScope": "ALL"}
    with pytest.raises(InvalidParameter) as refused:
        plan_of([rule("r", match({name: field}))])
    assert refused.value.field == "OVERSIZE_HANDLING"
    assert plan_of([rule("r", match({name: {**field, "OversizeHandling": "MATCH"}}))]).rules


@pytest.mark.parametrize(
    ("resources", "path"),
    [
        (Resources(rule_groups={ARN: {"ARN": ARN, "Name": "g", "Rule": []}}), "RuleGroups[g]"),
        (Resources(ip_sets={ARN: {"ARN": ARN, "Adresses": []}}), f"IPSets[{ARN}]"),
        (
            Resources(regex_pattern_sets={ARN: {"ARN": ARN, "RegularExpressionList": [{"Regex": "a"}]}}),
            f"RegexPatternSets[{ARN}].RegularExpressionList[0]",
        ),
    ],
)
def test_unknown_member_of_a_resource_is_refused(resources: Resources, path: str, plan_of: Plans) -> None:
    with pytest.raises(InvalidParameter) as refused:
        plan_of([], resources)
    assert refused.value.path == path


@pytest.mark.parametrize("around", [{}, {"LockToken": "t", "ApplicationIntegrationURL": "https://a"}])
def test_what_the_service_answers_around_an_acl_is_known(
    around: dict[str, Any], tmp_path: Path, patterns: PatternCache
) -> None:
    path = tmp_path / "acl.json"
    acl = {
        "Name": "a",
        "Id": "i",
        "ARN": ARN,
        "DefaultAction": {"Allow": {}},
        "Rules": [],
        "Capacity": 0,
        "LabelNamespace": "awswaf:1:webacl:a:",
        "ManagedByFirewallManager": False,
        "RetrofittedByFirewallManager": False,
        "PreProcessFirewallManagerRuleGroups": [],
        "PostProcessFirewallManagerRuleGroups": [],
    }
    for document in ({"WebACL": acl, **around}, {**acl, **around, "IPSets": []}):
        path.write_text(json.dumps(document))
        found, resources = read_acl_file(path)
        assert compile_acl(found, resources, cache=patterns).name == "a"


@pytest.mark.parametrize(
    "document",
    [
        {"WebACL": {"DefaultAction": {"Allow": {}}}, "IPSet": []},
        {"WebACL": {"DefaultAction": {"Allow": {}}}, "Rules": []},
        {"WebACL": {"DefaultAction": {"Allow": {}}}, "IPSets": None},
        {"DefaultAction": {"Allow": {}}, "Ruels": []},
    ],
)
def test_unknown_member_of_a_file_is_refused(document: dict[str, Any], tmp_path: Path, patterns: PatternCache) -> None:
    path = tmp_path / "acl.json"
    path.write_text(json.dumps(document))
    with pytest.raises(WebAclError):
        compile_acl(*read_acl_file(path), cache=patterns)
