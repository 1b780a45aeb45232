"""Web ACL capacity units.

Source: AWS WAF Developer Guide, "Web ACL capacity units (WCUs) in AWS WAF" and the listing of each statement. A
text transformation costs 10 for each component that it is applied to, once in a web ACL or rule group however many
statements use it; NONE costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from casemate.engines.web.compiler.fields import chain_of, component_of
from casemate.engines.web.compiler.members import check, shapes
from casemate.engines.web.compiler.resources import Resources
from casemate.engines.web.compiler.shapes import one_of, option
from casemate.engines.web.components.fields import JsonBody, QueryArguments
from casemate.engines.web.errors import NOT_VALID, InvalidParameter
from casemate.engines.web.managed import catalogue

TRANSFORMATION: Final = 10
ALL_ARGUMENTS: Final = 10
CUSTOM_KEY: Final = 30
RATE: Final = 2
DEEPEST: Final = 20
"""Levels of statements within statements, as the compiler allows."""
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
    """What CheckCapacity answers for rules.

    Raises WebAclError for what the service's model doesn't know or requires and isn't there, as compiling does, and for
    what can't be counted.
    """
    known = list(rules)
    check(known, "Rules", "RULE", "Rules")
    resources.check()
    return _capacity(known, resources)


def acl_capacity(acl: Mapping[str, Any], resources: Resources) -> int:
    """The WCU of a web ACL that was held against the model, those of Firewall Manager's rule groups included."""
    managed = [
        {"Statement": rule.get("FirewallManagerStatement")}
        for member in ("PreProcessFirewallManagerRuleGroups", "PostProcessFirewallManagerRuleGroups")
        for rule in acl.get(member) or ()
    ]
    return _capacity([*(acl.get("Rules") or ()), *managed], resources)


def _capacity(rules: Iterable[Mapping[str, Any]], resources: Resources) -> int:
    pairs: Pairs = set()
    total = sum(_statement(rule.get("Statement"), resources, pairs, 0) for rule in rules)
    return total + TRANSFORMATION * len(pairs)


def _statement(statement: Any, resources: Resources, pairs: Pairs, depth: int) -> int:
    name, member = one_of(statement, shapes()["Statement"].members, "STATEMENT", "Statement", "Statement")
    if depth > DEEPEST:
        raise InvalidParameter("STATEMENT", name, NOT_VALID, detail=f"statements nest at most {DEEPEST} deep")
    if name in _FLAT:
        return _FLAT[name]
    if name in {"AndStatement", "OrStatement"}:
        return sum(_statement(nested, resources, pairs, depth + 1) for nested in member.get("Statements") or ())
    if name == "NotStatement":
        return _statement(member.get("Statement"), resources, pairs, depth + 1)
    if name == "IPSetReferenceStatement":
        return 5 if (member.get("IPSetForwardedIPConfig") or {}).get("Position") == "ANY" else 1
    if name == "RateBasedStatement":
        return _rate(member, resources, pairs, depth)
    if name == "RuleGroupReferenceStatement":
        return _group(member, resources)
    if name == "ManagedRuleGroupStatement":
        scope_down = member.get("ScopeDownStatement")
        within = _statement(scope_down, resources, pairs, depth + 1) if scope_down is not None else 0
        group = catalogue().find(str(member.get("VendorName")), str(member.get("Name")), member.get("Version"))
        return group.capacity + within
    return _match(name, member, pairs)


def _rate(member: Mapping[str, Any], resources: Resources, pairs: Pairs, depth: int) -> int:
    scope_down = member.get("ScopeDownStatement")
    keys = member.get("CustomKeys") or ()
    for key in keys:
        for kind, settings in key.items():
            if isinstance(settings, Mapping) and settings.get("TextTransformations"):
                part = (kind, str(settings.get("Name", "")).lower())
                pairs.update((part, step) for step in chain_of(settings["TextTransformations"], "CustomKeys"))
    within = _statement(scope_down, resources, pairs, depth + 1) if scope_down is not None else 0
    return RATE + CUSTOM_KEY * len(keys) + within


def _group(member: Mapping[str, Any], resources: Resources) -> int:
    group = resources.find(resources.rule_groups, member.get("ARN"), "RuleGroupReferenceStatement", "rule group")
    declared = group.get("Capacity")
    return declared if isinstance(declared, int) else _capacity(group.get("Rules") or (), resources)


def _match(name: str, member: Mapping[str, Any], pairs: Pairs) -> int:
    component = component_of(member, name)
    chain = chain_of(member.get("TextTransformations"), name)
    if name == "ByteMatchStatement":
        constraint = member.get("PositionalConstraint")
        base = _POSITION[option(constraint, _POSITION, "BYTE_MATCH_STATEMENT", "PositionalConstraint", name)]
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
