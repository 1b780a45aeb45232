"""A web ACL, compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from casemate.engines.web.compiler.actions import action, response_bodies
from casemate.engines.web.compiler.capacity import acl_capacity
from casemate.engines.web.compiler.log_policy import log_policy
from casemate.engines.web.compiler.members import check, shapes
from casemate.engines.web.compiler.resources import Resources
from casemate.engines.web.compiler.rules import IMMUNITY, LEAST_CHALLENGE, Context, Planned, compile_rules, immunity
from casemate.engines.web.compiler.shapes import items, option
from casemate.engines.web.compiler.statements import StatementCompiler
from casemate.engines.web.errors import ABOVE_MAXIMUM, NOT_VALID, InvalidParameter, LimitsExceeded
from casemate.engines.web.managed.scanning import ScanUnit
from casemate.engines.web.patterns import PatternCache
from casemate.engines.web.plan import Plan, PlannedGroup, PlannedManagedGroup, PlannedRule
from casemate.engines.web.view import KILOBYTE, ResourceKind

MOST_CAPACITY: Final = 5_000
"""WCU of a web ACL or rule group; AWS WAF quotas."""

_DEFAULT_LIMITS: Final[Mapping[ResourceKind, int]] = {
    kind: (8 if kind in {ResourceKind.APPLICATION_LOAD_BALANCER, ResourceKind.APPSYNC} else 16) * KILOBYTE
    for kind in ResourceKind
}
_SIZES: Final = {f"KB_{size}": size * KILOBYTE for size in (8, 16, 32, 48, 64)}


def compile_acl(acl: Mapping[str, Any], resources: Resources, *, cache: PatternCache) -> Plan:
    """A web ACL in the API's shape, as a plan.

    Raises InvalidParameter for what AWS would refuse, NonexistentItem for a reference that leads nowhere,
    LimitsExceeded above 5,000 WCU. Takes as long as its new patterns take to compile: call it off the path of requests.
    """
    check(acl, "WebACL", "WEB_ACL")
    resources.check()
    log_policy(acl, resources.logging)
    name = str(acl.get("Name") or "acl")
    arn = str(acl.get("ARN") or "")
    account = arn.split(":")[4] if arn.count(":") >= 5 else "000000000000"
    compiler = StatementCompiler(resources, cache)
    context = Context(
        namespace=str(acl.get("LabelNamespace") or f"awswaf:{account}:webacl:{name}:"),
        name=arn or name,
        bodies=response_bodies(acl.get("CustomResponseBodies"), "CustomResponseBodies"),
        captcha_immunity=immunity(acl.get("CaptchaConfig"), IMMUNITY, "CaptchaConfig"),
        challenge_immunity=immunity(acl.get("ChallengeConfig"), IMMUNITY, "ChallengeConfig", LEAST_CHALLENGE),
    )
    rules = [
        *_firewall_manager(compiler, acl, "PreProcessFirewallManagerRuleGroups", context),
        *compile_rules(compiler, acl.get("Rules"), "Rules", context),
        *_firewall_manager(compiler, acl, "PostProcessFirewallManagerRuleGroups", context),
    ]
    default = action(acl.get("DefaultAction"), context.bodies, "DefaultAction", field="DEFAULT_ACTION", default=True)
    compiler.seal()
    capacity = acl_capacity(acl, resources)
    if capacity > MOST_CAPACITY:
        raise LimitsExceeded(f"The web ACL needs {capacity} WCU, and at most {MOST_CAPACITY} are allowed.")
    return Plan(
        name=name,
        arn=arn,
        default=default,
        rules=tuple(rules),
        body_limits=_body_limits(acl.get("AssociationConfig")),
        capacity=capacity,
        data=resources.data,
        token_domains=_token_domains(acl.get("TokenDomains")),
        rate_rules=frozenset(_rate_rules(rules)),
        managed_units=_managed_units(rules),
        notes=tuple(dict.fromkeys(compiler.notes)),
        scorer=not resources.strict,
    )


def _firewall_manager(c: StatementCompiler, acl: Mapping[str, Any], member: str, context: Context) -> list[Planned]:
    rules = [
        {
            **{key: value for key, value in rule.items() if key != "FirewallManagerStatement"},
            "Statement": rule.get("FirewallManagerStatement"),
        }
        for rule in items(acl.get(member) or [], 0, 50, "FIREWALL_MANAGER_STATEMENT", member, member)
        if isinstance(rule, Mapping)
    ]
    return compile_rules(c, rules, member, context)


def _rate_rules(rules: list[Planned]) -> list[str]:
    found = []
    for rule in rules:
        within = rule.rules if isinstance(rule, PlannedGroup) else (rule,) if isinstance(rule, PlannedRule) else ()
        found += [one.rate.counter for one in within if one.rate is not None]
    return found


def _managed_units(rules: list[Planned]) -> tuple[ScanUnit, ...]:
    groups = [rule.compiled for rule in rules if isinstance(rule, PlannedManagedGroup)]
    return tuple(dict.fromkeys(unit for group in groups for unit in group.units))


def _body_limits(association: Any) -> dict[ResourceKind, int]:
    limits = dict(_DEFAULT_LIMITS)
    bodies = association.get("RequestBody") if isinstance(association, Mapping) else None
    for kind, config in (bodies or {}).items():
        path = f"AssociationConfig.RequestBody.{kind}"
        named = option(
            kind, [k for k in ResourceKind if k not in {"APPSYNC", "AMPLIFY"}], "ASSOCIATED_RESOURCE_TYPE", "type", path
        )
        size = config.get("DefaultSizeInspectionLimit") if isinstance(config, Mapping) else None
        size = option(size, _SIZES, "ASSOCIATED_RESOURCE_TYPE", "DefaultSizeInspectionLimit", path)
        if size == "KB_8" and named != "APPLICATION_LOAD_BALANCER":
            raise InvalidParameter(
                "ASSOCIATED_RESOURCE_TYPE", size, NOT_VALID, path=path, detail="for load balancers only"
            )
        limits[ResourceKind(named)] = _SIZES[size]
    limits[ResourceKind.AMPLIFY] = limits[ResourceKind.CLOUDFRONT]
    return limits


def _token_domains(value: Any) -> tuple[str, ...]:
    domains = items(value or [], 0, 10, "TOKEN_DOMAIN", "TokenDomains", "TokenDomains")
    pattern = re.compile(shapes()["TokenDomain"].pattern, re.ASCII)
    for domain in domains:
        if not isinstance(domain, str) or not 0 < len(domain) <= 253:
            raise InvalidParameter("TOKEN_DOMAIN", str(domain), ABOVE_MAXIMUM, path="TokenDomains")
        if not pattern.fullmatch(domain):
            detail = "letters, digits, _, ., - and /"
            raise InvalidParameter("TOKEN_DOMAIN", domain, NOT_VALID, path="TokenDomains", detail=detail)
    return tuple(domain.lower() for domain in domains)
