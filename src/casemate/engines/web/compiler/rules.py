"""Rules and rule groups, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from casemate.engines.web.compiler.actions import Bodies, action, response_bodies
from casemate.engines.web.compiler.capacity import rules_capacity
from casemate.engines.web.compiler.rates import rate_statement
from casemate.engines.web.compiler.shapes import ENTITY_NAME, items, number, one_of, option, text
from casemate.engines.web.compiler.statements import TOP_LEVEL, StatementCompiler
from casemate.engines.web.errors import (
    BELOW_MINIMUM,
    DUPLICATE,
    ILLEGAL_COMBINATION,
    NOT_EXACTLY_ONE,
    NOT_NESTABLE,
    NOT_VALID,
    InvalidParameter,
)
from casemate.engines.web.managed import ManagedGroup, catalogue
from casemate.engines.web.managed.scanning import CompiledGroup, compile_groups
from casemate.engines.web.plan import Action, PlannedGroup, PlannedManagedGroup, PlannedRule

GROUPS: Final = frozenset({"ManagedRuleGroupStatement", "RuleGroupReferenceStatement"})
MOST_LABELS: Final = 100
IMMUNITY: Final = 300
LEAST_CHALLENGE: Final = 300
Planned = PlannedRule | PlannedGroup | PlannedManagedGroup


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Where rules stand: their label namespace, response bodies and immunity times; `name` begins counters' names."""

    namespace: str
    name: str
    bodies: Bodies
    captcha_immunity: int = IMMUNITY
    challenge_immunity: int = IMMUNITY
    within_group: bool = False


def immunity(value: Any, default: int, path: str, least: int = 60) -> int:
    """The seconds of a CaptchaConfig, or of a ChallengeConfig (LEAST_CHALLENGE). Raises InvalidParameter."""
    if not isinstance(value, Mapping) or not value.get("ImmunityTimeProperty"):
        return default
    time = value["ImmunityTimeProperty"].get("ImmunityTime")
    return number(time, least, 259_200, "CHALLENGE_CONFIG", "ImmunityTime", path)


def compile_rules(c: StatementCompiler, rules: Any, path: str, context: Context) -> list[Planned]:
    """Rules in order of priority. Raises WebAclError."""
    planned: dict[int, Planned] = {}
    names: set[str] = set()
    for index, rule in enumerate(items(rules or [], 0, 1000, "RULE", "Rules", path)):
        where = f"{path}[{index}]"
        if not isinstance(rule, Mapping):
            raise InvalidParameter("RULE", str(rule)[:80], NOT_VALID, path=where)
        name = rule.get("Name")
        if not isinstance(name, str) or not ENTITY_NAME.fullmatch(name):
            raise InvalidParameter("RULE", str(name), NOT_VALID, path=where, detail="Name: letters, digits, - and _")
        priority = number(rule.get("Priority"), 0, 2**31 - 1, "RULE", "Priority", where)
        if name in names or priority in planned:
            raise InvalidParameter("RULE", name if name in names else str(priority), DUPLICATE, path=where)
        names.add(name)
        planned[priority] = _rule(c, rule, name, f"Rules[{name}]" if path == "Rules" else f"{path}[{name}]", context)
    return [planned[priority] for priority in sorted(planned)]


def _rule(c: StatementCompiler, rule: Mapping[str, Any], name: str, path: str, context: Context) -> Planned:
    statement = rule.get("Statement")
    kind = next((kind for kind in TOP_LEVEL if isinstance(statement, Mapping) and statement.get(kind) is not None), "")
    given = rule.get("Action")
    override = rule.get("OverrideAction")
    if (kind in GROUPS) != (override is not None) or (kind in GROUPS) == (given is not None):
        detail = "a rule group's reference takes OverrideAction, every other rule Action"
        raise InvalidParameter("RULE", "Rule", NOT_EXACTLY_ONE, path=path, detail=detail)
    settings = msgspec.structs.replace(
        context,
        captcha_immunity=immunity(rule.get("CaptchaConfig"), context.captcha_immunity, path),
        challenge_immunity=immunity(rule.get("ChallengeConfig"), context.challenge_immunity, path, LEAST_CHALLENGE),
    )
    if kind in GROUPS:
        return _group(c, rule, name, kind, path, settings)
    rate = None
    if kind == "RateBasedStatement":
        _, member = one_of(statement, [kind], "STATEMENT", "Statement", path)
        rate = rate_statement(c, member, f"{path}.Statement.{kind}", context.namespace, f"{context.name}/{name}")
    return PlannedRule(
        name=name,
        statement=rate or c.compile(statement, f"{path}.Statement", context.namespace),
        action=action(given, context.bodies, f"{path}.Action"),
        labels=_labels(rule.get("RuleLabels"), path, context.namespace),
        captcha_immunity=settings.captcha_immunity,
        challenge_immunity=settings.challenge_immunity,
        rate=rate,
    )


def _labels(value: Any, path: str, namespace: str) -> tuple[str, ...]:
    found: list[str] = []
    for entry in items(value or [], 0, MOST_LABELS, "RULE", "RuleLabels", path):
        label = text(entry.get("Name") if isinstance(entry, Mapping) else None, "RULE", "Label", path)
        reserved = {"awswaf", "aws", "waf", "rulegroup", "webacl", "regexpatternset", "ipset", "managed"}
        if not all(part and part.replace("-", "").replace("_", "").isalnum() for part in label.split(":")):
            raise InvalidParameter("RULE", label, NOT_VALID, path=path, detail="letters, digits, -, _ between colons")
        if reserved & set(label.split(":")):
            raise InvalidParameter("RULE", label, NOT_VALID, path=path, detail="the label has a reserved word")
        found.append(namespace + label)
    return tuple(found)


def _group(  # noqa: PLR0917 - the parts of one rule
    c: StatementCompiler, rule: Mapping[str, Any], name: str, kind: str, path: str, context: Context
) -> PlannedGroup | PlannedManagedGroup:
    if context.within_group:
        raise InvalidParameter("STATEMENT", kind, NOT_NESTABLE, path=path, detail="a rule group can't hold rule groups")
    override, _ = one_of(rule.get("OverrideAction"), ("None", "Count"), "OVERRIDE_ACTION", "OverrideAction", path)
    if rule.get("RuleLabels"):
        detail = "a reference to a rule group takes no labels"
        raise InvalidParameter("RULE", "RuleLabels", ILLEGAL_COMBINATION, path=path, detail=detail)
    _, member = one_of(rule.get("Statement"), [kind], "STATEMENT", "Statement", path)
    where = f"{path}.Statement.{kind}"
    if kind == "ManagedRuleGroupStatement":
        return _managed(c, member, name, where, context, count_only=override == "Count")
    return _referenced(c, member, name, where, context, count_only=override == "Count")


def _overrides(member: Mapping[str, Any], bodies: Bodies, path: str) -> dict[str, Action]:
    """Actions by rule, of RuleActionOverrides and of ExcludedRules, which count. Raises InvalidParameter."""
    found: dict[str, Action] = {}
    for entry in items(member.get("ExcludedRules") or [], 0, 100, "EXCLUDED_RULE", "ExcludedRules", path):
        name = text(entry.get("Name") if isinstance(entry, Mapping) else None, "EXCLUDED_RULE", "Name", path, most=128)
        found[name] = Action("COUNT")
    for entry in items(member.get("RuleActionOverrides") or [], 0, 100, "RULE_ACTION", "RuleActionOverrides", path):
        name = text(entry.get("Name") if isinstance(entry, Mapping) else None, "RULE_ACTION", "Name", path, most=128)
        if name in found:
            raise InvalidParameter("RULE_ACTION", name, DUPLICATE, path=path)
        found[name] = action(entry.get("ActionToUse"), bodies, f"{path}.RuleActionOverrides[{name}]")
    return found


def _referenced(
    c: StatementCompiler, member: Mapping[str, Any], name: str, path: str, context: Context, *, count_only: bool
) -> PlannedGroup:
    arn = member.get("ARN")
    group = c.resources.find(c.resources.rule_groups, arn, path, "rule group")
    assert isinstance(arn, str)
    overrides = _overrides(member, context.bodies, path)
    own = str(group.get("Name") or arn)
    inner = msgspec.structs.replace(
        context,
        namespace=str(group.get("LabelNamespace") or f"awswaf:{_account(arn)}:rulegroup:{own}:"),
        name=f"{context.name}/{name}/{own}",
        bodies=response_bodies(group.get("CustomResponseBodies"), f"RuleGroups[{own}].CustomResponseBodies"),
        within_group=True,
    )
    rules = []
    for rule in compile_rules(c, group.get("Rules"), f"RuleGroups[{own}].Rules", inner):
        assert isinstance(rule, PlannedRule)
        changed = overrides.pop(rule.name, None)
        if changed is not None:
            rule = msgspec.structs.replace(rule, action=changed, overridden=rule.action.kind)  # noqa: PLW2901 - this rule, with its override
        rules.append(rule)
    _fits(c, group, own, path)
    if overrides:
        strange = next(iter(overrides))
        detail = f"the rule group has no rule '{strange}'"
        raise InvalidParameter("EXCLUDED_RULE", strange, NOT_VALID, path=path, detail=detail)
    return PlannedGroup(name=name, group=arn, rules=tuple(rules), count_only=count_only)


def _fits(c: StatementCompiler, group: Mapping[str, Any], own: str, path: str) -> None:
    declared = group.get("Capacity")
    needed = rules_capacity(group.get("Rules") or (), c.resources)
    if declared is not None and needed > declared:
        detail = f"the rules of '{own}' need {needed} WCU, and its Capacity is {declared}"
        raise InvalidParameter("RULE_GROUP", "Capacity", BELOW_MINIMUM, path=path, detail=detail)


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def _managed(
    c: StatementCompiler, member: Mapping[str, Any], name: str, path: str, context: Context, *, count_only: bool
) -> PlannedManagedGroup:
    vendor = text(member.get("VendorName"), "MANAGED_RULE_SET_STATEMENT", "VendorName", path, most=128)
    wanted = text(member.get("Name"), "MANAGED_RULE_SET_STATEMENT", "Name", path, most=128)
    group = catalogue().find(vendor, wanted, member.get("Version"))
    _configs(group, member.get("ManagedRuleGroupConfigs"), path)
    overrides = _overrides(member, context.bodies, path)
    compiled = compiled_groups(c)[group.name]
    scope_down = member.get("ScopeDownStatement")
    _note_missing(c, group, path)
    return PlannedManagedGroup(
        name=name,
        group=f"{vendor}#{wanted}" + (f"#{member['Version']}" if member.get("Version") else ""),
        compiled=compiled,
        # Overrides that name no rule are passed over silently, as AWS does for managed rule groups.
        actions={rule.name: overrides.get(rule.name) or Action(rule.action) for rule in group.rules},
        scope_down=None
        if scope_down is None
        else c.compile(scope_down, f"{path}.ScopeDownStatement", context.namespace),
        count_only=count_only,
        captcha_immunity=context.captcha_immunity,
        challenge_immunity=context.challenge_immunity,
    )


def _note_missing(c: StatementCompiler, group: ManagedGroup, path: str) -> None:
    if group.missing:
        c.notes.append(f"{path}: {group.name} has no {', '.join(group.missing)} here; those rules match nothing")
    for rule in group.rules:
        for inspect in rule.inspect:
            if inspect.addresses is not None and inspect.addresses.list not in c.resources.data.lists:
                wanted = inspect.addresses.list
                c.notes.append(f"{path}: no list '{wanted}' was supplied (Data.lists); {rule.name} matches nothing")
    if group.verified_list and group.verified_list not in c.resources.data.lists:
        c.notes.append(f"{path}: no list '{group.verified_list}' was supplied (Data.lists); no bot counts as verified")


def _configs(group: ManagedGroup, configs: Any, path: str) -> None:
    field = "MANAGED_RULE_GROUP_CONFIG"
    for config in items(configs or [], 0, 10, field, "ManagedRuleGroupConfigs", path):
        bots = config.get("AWSManagedRulesBotControlRuleSet") if isinstance(config, Mapping) else None
        if bots is None or group.name != "AWSManagedRulesBotControlRuleSet":
            raise InvalidParameter(field, "ManagedRuleGroupConfigs", ILLEGAL_COMBINATION, path=path)
        level = option(bots.get("InspectionLevel"), ("COMMON", "TARGETED"), field, "InspectionLevel", path)
        if level == "TARGETED":
            detail = "the targeted level of Bot Control isn't built"
            raise InvalidParameter(field, level, ILLEGAL_COMBINATION, path=path, detail=detail)


def compiled_groups(c: StatementCompiler) -> dict[str, CompiledGroup]:
    """Every managed group, compiled once for a cache: an update of an ACL never compiles them again."""
    kept = c.cache.kept
    found = kept.get("managed")
    if not isinstance(found, dict):
        found = kept["managed"] = compile_groups(tuple(catalogue().groups.values()), c.cache)
    return found
