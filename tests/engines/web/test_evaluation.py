"""Actions, labels, groups and their order."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import Plan, RequestView, Resources, Token, Verdict, evaluate

NONE = [{"Priority": 0, "Type": "NONE"}]
Rule = Callable[..., dict[str, Any]]
Plans = Callable[..., Plan]
Views = Callable[..., RequestView]


def path(text: str, constraint: str = "STARTS_WITH") -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "SearchString": text.encode(),
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": NONE,
            "PositionalConstraint": constraint,
        }
    }


def label(key: str, scope: str = "LABEL") -> dict[str, Any]:
    return {"LabelMatchStatement": {"Scope": scope, "Key": key}}


ANY = path("/")
GROUP = "arn:aws:wafv2:us-east-1:111122223333:regional/rulegroup/mine/b1"


def names(verdict: Verdict) -> list[str]:
    return [match.rule_within_group or match.rule for match in verdict.matches]


def test_no_rule_matched_default_action_with_its_handling(plan_of: Plans, view: Views) -> None:
    headers = {"InsertHeaders": [{"Name": "seen", "Value": "yes"}]}
    verdict = evaluate(view(), plan_of([], DefaultAction={"Allow": {"CustomRequestHandling": headers}}))
    assert (verdict.action, verdict.terminating_rule) == ("ALLOW", "Default_Action")
    assert verdict.insert_headers == (("x-amzn-waf-seen", "yes"),)
    assert evaluate(view(), plan_of([], DefaultAction={"Block": {}})).action == "BLOCK"


def test_rules_run_by_priority_and_the_first_that_ends_decides(plan_of: Plans, rule: Rule, view: Views) -> None:
    rules = [
        rule("late", ANY, "Block", Priority=9),
        rule("early", ANY, "Allow", Priority=3),
        rule("c", ANY, Priority=1),
    ]
    verdict = evaluate(view(), plan_of(rules))
    assert (verdict.action, verdict.terminating_rule) == ("ALLOW", "early")
    assert names(verdict) == ["c", "early"]


def test_block_with_custom_response_gives_status_headers_and_body(plan_of: Plans, rule: Rule, view: Views) -> None:
    response = {
        "ResponseCode": 429,
        "CustomResponseBodyKey": "slow",
        "ResponseHeaders": [{"Name": "retry-after", "Value": "60"}],
    }
    bodies = {"slow": {"ContentType": "APPLICATION_JSON", "Content": '{"error":"slow down"}'}}
    plan = plan_of([rule("b", ANY, {"Block": {"CustomResponse": response}})], CustomResponseBodies=bodies)
    answered = evaluate(view(), plan).response
    assert answered is not None
    assert (answered.status, answered.headers) == (429, (("retry-after", "60"),))
    assert (answered.body, answered.content_type) == (b'{"error":"slow down"}', "application/json")


def test_headers_of_count_and_allow_are_inserted_prefixed_and_those_before_a_block_are_not(
    plan_of: Plans, rule: Rule, view: Views
) -> None:
    def counting(name: str) -> dict[str, Any]:
        return {"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": name, "Value": "1"}]}}}

    plan = plan_of([rule("a", ANY, counting("a")), rule("b", path("/x"), "Block"), rule("c", ANY, counting("c"))])
    assert evaluate(view("/y"), plan).insert_headers == (("x-amzn-waf-a", "1"), ("x-amzn-waf-c", "1"))
    assert evaluate(view("/x"), plan).insert_headers == ()


@pytest.mark.parametrize("action", ["Captcha", "Challenge"])
@pytest.mark.parametrize(
    ("token", "config", "ended"),
    [
        (Token(), None, True),
        (Token(status="rejected", captcha_time=990, challenge_time=990), None, True),
        (Token(status="accepted", captcha_time=990, challenge_time=990), None, False),
        (Token(status="accepted", captcha_time=690, challenge_time=690), None, True),
        (Token(status="accepted", captcha_time=690, challenge_time=690), 600, False),
        (Token(status="accepted"), None, True),
    ],
)
def test_captcha_and_challenge_end_unless_the_token_is_fresh_enough(  # noqa: PLR0917 - the columns of a table
    action: str,
    token: Token,
    config: int | None,
    ended: bool,
    plan_of: Plans,
    rule: Rule,
    view: Views,
) -> None:
    more = {f"{action}Config": {"ImmunityTimeProperty": {"ImmunityTime": config}}} if config else {}
    verdict = evaluate(view(token=token, time=1000.0), plan_of([rule("r", ANY, action, **more)]))
    assert verdict.action == (action.upper() if ended else "ALLOW")
    assert names(verdict) == ["r"]


def test_immunity_of_the_acl_holds_where_the_rule_says_none(plan_of: Plans, rule: Rule, view: Views) -> None:
    config = {"ImmunityTimeProperty": {"ImmunityTime": 600}}
    request = view(token=Token(status="accepted", captcha_time=690), time=1000.0)
    assert evaluate(request, plan_of([rule("r", ANY, "Captcha")], CaptchaConfig=config)).action == "ALLOW"


LABELS = "awswaf:111122223333:webacl:test:"


@pytest.mark.parametrize(
    ("given", "key", "scope", "hit"),
    [
        # AWS WAF Developer Guide, "Label match examples".
        ("header:encoding:utf8", "header:encoding:utf8", "LABEL", True),
        ("testNS1:testNS2:header:encoding:utf8", "header:encoding:utf8", "LABEL", True),
        ("header:encoding2:utf8", "header:encoding:utf8", "LABEL", False),
        ("header:encoding:utf8", LABELS + "header:encoding:utf8", "LABEL", True),
        ("a:header:encoding:utf8", LABELS + "header:encoding:utf8", "LABEL", False),
        ("header:encoding:utf8", "header:encoding:", "NAMESPACE", True),
        ("header:encoding:utf8", "encoding:", "NAMESPACE", True),
        ("header:encoding:utf8", "utf8:", "NAMESPACE", False),
        ("header:encoding:utf8", "ncoding:", "NAMESPACE", False),
        ("header:encoding:utf8", LABELS + "header:", "NAMESPACE", True),
        ("query:badstring", LABELS + "header:", "NAMESPACE", False),
        ("header:encoding:utf8", "awswaf:444455556666:webacl:test:header:", "NAMESPACE", False),
        ("xheader:utf8", "header:utf8", "LABEL", False),
    ],
)
def test_label_match_as_documented(  # noqa: PLR0917 - the columns of a table
    given: str, key: str, scope: str, hit: bool, plan_of: Plans, rule: Rule, view: Views
) -> None:
    rules = [rule("add", ANY, RuleLabels=[{"Name": given}]), rule("see", label(key, scope), "Block")]
    verdict = evaluate(view(), plan_of(rules))
    assert verdict.labels[0] == LABELS + given
    assert verdict.blocked is hit


def test_label_is_not_seen_by_the_rule_that_adds_it_nor_by_one_before(plan_of: Plans, rule: Rule, view: Views) -> None:
    rules = [rule("before", label("a"), "Block"), rule("adds", ANY, RuleLabels=[{"Name": "a"}])]
    assert not evaluate(view(), plan_of(rules)).blocked


def _group(rules: list[dict[str, Any]]) -> Resources:
    numbered = [{"Priority": index, **one} for index, one in enumerate(rules)]
    return Resources(rule_groups={GROUP: {"Name": "mine", "ARN": GROUP, "Capacity": 50, "Rules": numbered}})


def test_rule_group_labels_have_its_context_and_local_keys_stay_within_it(
    plan_of: Plans, rule: Rule, view: Views
) -> None:
    resources = _group(
        [rule("inner", ANY, RuleLabels=[{"Name": "seen"}]), rule("see", label("seen"), RuleLabels=[{"Name": "two"}])]
    )
    rules = [
        rule("g", {"RuleGroupReferenceStatement": {"ARN": GROUP}}),
        rule("local", label("seen"), "Block"),
        rule("full", label("awswaf:111122223333:rulegroup:mine:two"), "Block"),
    ]
    verdict = evaluate(view(), plan_of(rules, resources))
    assert verdict.terminating_rule == "full"
    assert verdict.labels == ("awswaf:111122223333:rulegroup:mine:seen", "awswaf:111122223333:rulegroup:mine:two")


def test_rule_group_ends_with_its_first_ending_rule_and_names_it(plan_of: Plans, rule: Rule, view: Views) -> None:
    resources = _group([rule("counts", ANY), rule("blocks", ANY, "Block"), rule("never", ANY, "Allow")])
    verdict = evaluate(view(), plan_of([rule("g", {"RuleGroupReferenceStatement": {"ARN": GROUP}})], resources))
    assert (verdict.action, verdict.terminating_rule, verdict.rule_within_group) == ("BLOCK", "g", "blocks")
    assert (verdict.group, verdict.terminating_rule_type) == (GROUP, "GROUP")
    assert names(verdict) == ["counts", "blocks"]


def test_override_count_of_a_group_stops_the_group_and_goes_on(plan_of: Plans, rule: Rule, view: Views) -> None:
    resources = _group(
        [rule("blocks", ANY, "Block", RuleLabels=[{"Name": "b"}]), rule("never", ANY, RuleLabels=[{"Name": "n"}])]
    )
    reference = rule("g", {"RuleGroupReferenceStatement": {"ARN": GROUP}}, OverrideAction={"Count": {}})
    verdict = evaluate(view(), plan_of([reference, rule("after", ANY)], resources))
    assert verdict.action == "ALLOW"
    assert names(verdict) == ["blocks", "after"]
    assert verdict.labels == ("awswaf:111122223333:rulegroup:mine:b",)


@pytest.mark.parametrize(
    "settings",
    [
        {"ExcludedRules": [{"Name": "blocks"}]},
        {"RuleActionOverrides": [{"Name": "blocks", "ActionToUse": {"Count": {}}}]},
    ],
)
def test_override_of_a_rule_in_a_group_changes_its_action(
    settings: dict[str, Any], plan_of: Plans, rule: Rule, view: Views
) -> None:
    resources = _group([rule("blocks", ANY, "Block"), rule("allows", ANY, "Allow")])
    reference = {"RuleGroupReferenceStatement": {"ARN": GROUP, **settings}}
    verdict = evaluate(view(), plan_of([rule("g", reference)], resources, DefaultAction={"Block": {}}))
    assert (verdict.action, verdict.rule_within_group) == ("ALLOW", "allows")
    assert verdict.matches[0].overridden == "BLOCK"


def test_firewall_manager_groups_run_first_and_last(plan_of: Plans, rule: Rule, view: Views) -> None:
    resources = _group([rule("inner", ANY)])

    def managed(name: str) -> dict[str, Any]:
        return {
            "Name": name,
            "Priority": 0,
            "FirewallManagerStatement": {"RuleGroupReferenceStatement": {"ARN": GROUP}},
            "OverrideAction": {"None": {}},
        }

    plan = plan_of(
        [rule("own", ANY)],
        resources,
        PreProcessFirewallManagerRuleGroups=[managed("first")],
        PostProcessFirewallManagerRuleGroups=[managed("last")],
    )
    assert [match.rule for match in evaluate(view(), plan).matches] == ["first", "own", "last"]
    assert plan.capacity == 102


def test_and_or_not_combine_and_evidence_of_what_failed_is_dropped(plan_of: Plans, rule: Rule, view: Views) -> None:
    both = {"AndStatement": {"Statements": [path("/a"), path("z", "ENDS_WITH")]}}
    either = {"OrStatement": {"Statements": [both, path("/b")]}}
    neither = {"NotStatement": {"Statement": either}}
    plan = plan_of([rule("either", either), rule("neither", neither)])
    found = {target: names(evaluate(view(target), plan)) for target in ("/az", "/ay", "/b", "/c")}
    assert found == {"/az": ["either"], "/ay": ["neither"], "/b": ["either"], "/c": ["neither"]}
    evidence = evaluate(view("/b"), plan).matches[0].evidence
    assert [one.path for one in evidence] == ["Rules[either].Statement.OrStatement.Statements[1].ByteMatchStatement"]


def test_evidence_names_field_argument_and_transformed_bytes(plan_of: Plans, rule: Rule, view: Views) -> None:
    statement = {
        "RegexMatchStatement": {
            "RegexString": "union\\s+select",
            "FieldToMatch": {"AllQueryArguments": {}},
            "TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "LOWERCASE"}],
        }
    }
    verdict = evaluate(view("/?page=1&id=7%20UNION%20%20SELECT"), plan_of([rule("r", statement, "Block")]))
    (evidence,) = verdict.matches[0].evidence
    assert (evidence.field, evidence.location) == ("ALL_QUERY_ARGUMENTS", "id")
    assert evidence.matched == b"7 union  select"


def test_search_string_is_base64_as_json_carries_it_and_plain_text_with_a_note(
    plan_of: Plans, rule: Rule, view: Views
) -> None:
    encoded = path("/")
    encoded["ByteMatchStatement"]["SearchString"] = base64.b64encode(b"/admin").decode()
    assert evaluate(view("/admin/x"), plan_of([rule("r", encoded, "Block")])).blocked
    plain = path("/")
    plain["ByteMatchStatement"]["SearchString"] = "/admin-area"
    plan = plan_of([rule("r", plain, "Block")])
    assert evaluate(view("/admin-area"), plan).blocked
    assert "plain text" in plan.notes[0]


def test_pre_parse_transformations_change_how_arguments_are_split(
    verdict_of: Callable[..., Verdict], view: Views
) -> None:
    def argument(text: str, steps: list[str]) -> dict[str, Any]:
        return {
            "ByteMatchStatement": {
                "SearchString": text.encode(),
                "FieldToMatch": {"SingleQueryArgument": {"Name": "a"}},
                "TextTransformations": NONE,
                "PositionalConstraint": "EXACTLY",
                "PreParseTextTransformations": [{"Priority": i, "Type": step} for i, step in enumerate(steps)],
            }
        }

    assert verdict_of(argument("2", ["REPLACE_SEMICOLONS_WITH_AMPERSANDS"]), view("/?b=1;a=2")).blocked
    assert not verdict_of(argument("2", ["NONE"]), view("/?b=1;a=2")).blocked
    assert verdict_of(argument("2", ["URL_DECODE"]), view("/?b=1%26a=2")).blocked
    assert verdict_of(argument("2", ["URL_DECODE_UNI"]), view("/?b=1%u0026a=2")).blocked
    assert verdict_of(argument("1,2", ["COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA"]), view("/?a=1&b=3&a=2")).blocked
    assert not verdict_of(argument("1,2", ["NONE"]), view("/?a=1&b=3&a=2")).blocked


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("APPLICATION_LOAD_BALANCER", 8192), ("APPSYNC", 8192), ("CLOUDFRONT", 16384), ("API_GATEWAY", 16384)],
)
def test_body_is_inspected_to_the_limit_of_its_kind_of_resource(
    kind: str, limit: int, plan_of: Plans, rule: Rule, view: Views
) -> None:
    statement = path("needle", "CONTAINS")
    statement["ByteMatchStatement"]["FieldToMatch"] = {"Body": {}}
    plan = plan_of([rule("r", statement, "Block")])
    from casemate.engines.web import ResourceKind

    inside, outside = b"x" * (limit - 6) + b"needle", b"x" * (limit - 5) + b"needle"
    assert evaluate(view(body=inside, kind=ResourceKind(kind)), plan).blocked
    assert not evaluate(view(body=outside, kind=ResourceKind(kind)), plan).blocked


def test_association_config_raises_the_limit_of_one_kind(plan_of: Plans, rule: Rule, view: Views) -> None:
    from casemate.engines.web import ResourceKind

    statement = path("needle", "CONTAINS")
    statement["ByteMatchStatement"]["FieldToMatch"] = {"Body": {}}
    config = {"RequestBody": {"CLOUDFRONT": {"DefaultSizeInspectionLimit": "KB_64"}}}
    plan = plan_of([rule("r", statement, "Block")], AssociationConfig=config)
    body = b"x" * 60_000 + b"needle"
    assert evaluate(view(body=body, kind=ResourceKind.CLOUDFRONT), plan).blocked
    assert evaluate(view(body=body, kind=ResourceKind.AMPLIFY), plan).blocked
    assert not evaluate(view(body=body, kind=ResourceKind.API_GATEWAY), plan).blocked


def test_size_of_a_body_beyond_the_limit_is_its_whole_size(plan_of: Plans, rule: Rule, view: Views) -> None:
    size = {
        "SizeConstraintStatement": {
            "FieldToMatch": {"Body": {"OversizeHandling": "CONTINUE"}},
            "ComparisonOperator": "GT",
            "Size": 8192,
            "TextTransformations": NONE,
        }
    }
    plan = plan_of([rule("r", size, "Block")])
    assert not evaluate(view(body=b"x" * 8192), plan).blocked
    assert evaluate(view(body=b"x" * 8193), plan).blocked
    assert evaluate(view(body=b"x" * 8192, body_complete=False), plan).blocked
    assert evaluate(view(body=b"x" * 100, body_size=90_000), plan).blocked


def test_monetize_ends_the_evaluation(plan_of: Plans, rule: Rule, view: Views) -> None:
    verdict = evaluate(view(), plan_of([rule("r", ANY, {"Monetize": {"PriceMultiplier": "2"}})]))
    assert verdict.action == "MONETIZE"
