"""What AWS bounds around statements: IP sets, immunity times, capacities, token domains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from casemate.engines.web import InvalidParameter, Plan, Resources
from casemate.engines.web import errors as words

Plans = Callable[..., Plan]
Rule = Callable[..., dict[str, Any]]
X: dict[str, Any] = {
    "ByteMatchStatement": {
        "SearchString": b"x",
        "FieldToMatch": {"UriPath": {}},
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        "PositionalConstraint": "EXACTLY",
    }
}


@pytest.mark.parametrize(
    ("version", "address", "taken"),
    [
        ("IPV4", "192.0.2.0/24", True),
        ("IPV6", "2001:db8::/32", True),
        ("IPV4", "2001:db8::/32", False),
        ("IPV6", "192.0.2.0/24", False),
        ("IPV4", "0.0.0.0/0", False),
        ("IPV6", "::/0", False),
    ],
)
def test_ip_set_holds_one_version_and_no_range_of_everything(
    version: str, address: str, taken: bool, plan_of: Plans, rule: Rule
) -> None:
    arn = "arn:aws:wafv2:us-east-1:111122223333:regional/ipset/mine/c1"
    resources = Resources(ip_sets={arn: {"ARN": arn, "IPAddressVersion": version, "Addresses": [address]}})
    rules = [rule("r", {"IPSetReferenceStatement": {"ARN": arn}})]
    if taken:
        assert plan_of(rules, resources).rules
        return
    with pytest.raises(InvalidParameter, match="field: IP_ADDRESS"):
        plan_of(rules, resources)


def test_challenge_holds_at_least_five_minutes_and_captcha_one(plan_of: Plans, rule: Rule) -> None:
    for seconds, taken in ((299, False), (300, True)):
        config = {"ChallengeConfig": {"ImmunityTimeProperty": {"ImmunityTime": seconds}}}
        for rules, more in (([], config), ([rule("r", X, **config)], {})):
            if taken:
                assert plan_of(rules, **more)
                continue
            with pytest.raises(InvalidParameter) as refused:
                plan_of(rules, **more)
            assert refused.value.reason == words.BELOW_MINIMUM
    assert plan_of([], CaptchaConfig={"ImmunityTimeProperty": {"ImmunityTime": 60}})


def test_rules_of_a_group_fit_into_its_capacity(plan_of: Plans, rule: Rule) -> None:
    arn = "arn:aws:wafv2:us-east-1:111122223333:regional/rulegroup/mine/b1"
    for capacity, taken in ((1, False), (2, True)):
        group = {"ARN": arn, "Name": "mine", "Capacity": capacity, "Rules": [{**rule("a", X), "Priority": 0}]}
        rules = [rule("r", {"RuleGroupReferenceStatement": {"ARN": arn}})]
        if taken:
            assert plan_of(rules, Resources(rule_groups={arn: group})).rules
            continue
        with pytest.raises(InvalidParameter) as refused:
            plan_of(rules, Resources(rule_groups={arn: group}))
        assert (refused.value.field, refused.value.reason) == ("RULE_GROUP", words.BELOW_MINIMUM)


@pytest.mark.parametrize(("domain", "taken"), [("example.com", True), ("a b.com", False), ("*.com", False)])
def test_token_domains_are_names(domain: str, taken: bool, plan_of: Plans) -> None:
    if taken:
        assert plan_of([], TokenDomains=[domain]).token_domains == (domain,)
        return
    with pytest.raises(InvalidParameter, match="TOKEN_DOMAIN"):
        plan_of([], TokenDomains=[domain])
