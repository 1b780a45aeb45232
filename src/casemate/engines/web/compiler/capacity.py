"""Web ACL capacity units.

Source: AWS WAF Developer Guide, "Web ACL capacity units (WCUs) in AWS WAF" and the listing of each statement. A
text transformation costs 10 for each component that it is applied to, once in a web ACL or rule group however many
statements use it; NONE costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from casemate.engines.web.compiler.fields import chain_of, component_of
from casemate.engines.web.compiler.resources import Resources
from casemate.engines.web.components.fields import JsonBody, QueryArguments
from casemate.engines.web.managed import catalogue

TRANSFORMATION: Final = 10
ALL_ARGUMENTS: Final = 10
CUSTOM_KEY: Final = 30
RATE: Final = 2
_FLAT: Final = {"GeoMatchStatement": 1, "AsnMatchStatement": 1, "LabelMatchStatement": 1}
_POSITION: Final = {"EXACTLY": 2, "STARTS_WITH": 2, "ENDS_WITH": 2, "CONTAINS": 10, "CONTAINS_WORD": 10}
_FIELDS: Final = {
    "SizeConstraintStatement": 1,
    "RegexMatchStatement": 3,
    "RegexPatternSetReferenceStatement": 25,
    "XssMatchStatement": 40,
}
Pairs = set[tuple[Any, str]]


def rules_capacity(rules: Iterable[Mapping[str, Any]], resources: Resources) -> int:
    """What CheckCapacity answers for rules. Raises WebAclError for what can't be compiled."""
    pairs: Pairs = set()
    total = sum(_statement(rule.get("Statement") or {}, resources, pairs) for rule in rules)
    return total + TRANSFORMATION * len(pairs)


def acl_capacity(acl: Mapping[str, Any], resources: Resources) -> int:
    """The WCU of a web ACL, those of Firewall Manager's rule groups included."""
    managed = [
        {"Statement": rule.get("FirewallManagerStatement")}
        for member in ("PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups")
        for rule in acl.get(member) or ()
    ]
    return rules_capacity([*(acl.get("Rules") or ()), *managed], resources)


def _statement(statement: Mapping[str, Any], resources: Resources, pairs: Pairs) -> int:
    name, member = next(((n, m) for n, m in statement.items() if isinstance(m, Mapping)), ("", {}))
    if name in _FLAT:
        return _FLAT[name]
    if name in {"AndStatement", "OrStatement"}:
        return sum(_statement(nested, resources, pairs) for nested in member.get("Statements") or ())
    if name == "NotStatement":
        return _statement(member.get("Statement") or {}, resources, pairs)
    if name == "IPSetReferenceStatement":
        return 5 if (member.get("IPSetForwardedIPConfig") or {}).get("Position") == "ANY" else 1
    if name == "RateBasedStatement":
        return _rate(member, resources, pairs)
    if name == "RuleGroupReferenceStatement":
        return _group(member, resources)
    if name == "ManagedRuleGroupStatement":
        scope_down = member.get("ScopeDownStatement")
        within = _statement(scope_down, resources, pairs) if scope_down else 0
        group = catalogue().find(str(member.get("VendorName")), str(member.get("Name")), member.get("Version"))
        return group.capacity + within
    return _match(name, member, pairs)


def _rate(member: Mapping[str, Any], resources: Resources, pairs: Pairs) -> int:
    scope_down = member.get("ScopeDownStatement")
    keys = member.get("CustomKeys") or ()
    for key in keys:
        for kind, settings in key.items():
            if isinstance(settings, Mapping) and settings.get("TextTransformations"):
                part = (kind, str(settings.get("Name", "")).lower())
                pairs.update((part, step) for step in chain_of(settings["TextTransformations"], "CustomKeys"))
    return RATE + CUSTOM_KEY * len(keys) + (_statement(scope_down, resources, pairs) if scope_down else 0)


def _group(member: Mapping[str, Any], resources: Resources) -> int:
    group = resources.find(resources.rule_groups, member.get("ARN"), "RuleGroupReferenceStatement", "rule group")
    declared = group.get("Capacity")
    return declared if isinstance(declared, int) else rules_capacity(group.get("Rules") or (), resources)


def _match(name: str, member: Mapping[str, Any], pairs: Pairs) -> int:
    component = component_of(member, name)
    chain = chain_of(member.get("TextTransformations"), name)
    if name == "ByteMatchStatement":
        base = _POSITION[member["PositionalConstraint"]]
    elif name == "SqliMatchStatement":
        base = 30 if member.get("SensitivityLevel") == "HIGH" else 20
    else:
        base = _FIELDS[name]
    if isinstance(component, JsonBody):
        base *= 2
    if isinstance(component, QueryArguments):
        base += ALL_ARGUMENTS if component.argument is None else 0
        pairs.update((component, step) for step in component.pre_parse if step != "NONE")
    pairs.update((component, step) for step in chain)
    return base
