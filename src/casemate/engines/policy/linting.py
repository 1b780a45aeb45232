"""Advice about a policy: what is accepted but probably not meant.

The codes are those of IAM Access Analyzer's policy checks where it has them ("IAM Access Analyzer policy check
reference"); what services publish about themselves comes from `reference`. Advice never refuses: new actions appear in
AWS before they appear in any reference.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from casemate.engines.policy.conditions import FOR_ALL, take_apart
from casemate.engines.policy.globs import tokens_of
from casemate.engines.policy.grammar import ConditionSyntax, PolicyKind, StatementSyntax
from casemate.engines.policy.matchers import compile_glob
from casemate.engines.policy.operators import NULL, OPERATORS
from casemate.engines.policy.policies import VARIABLES_SINCE, compile_policy
from casemate.engines.policy.reference import ActionReference, ServiceReference, lookup_key, service_reference
from casemate.engines.policy.templates import parse_template, variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Level = Literal["error", "security_warning", "warning", "suggestion"]

MAX_FINDINGS: Final = 100
"""Nobody reads more; a hostile document must not cost more."""
MAX_ACTIONS: Final = 500
"""Action patterns of a document that are looked up."""

GLOBAL_KEYS: Final = {
    **dict.fromkeys(
        (
            "aws:CalledViaFirst", "aws:CalledViaLast", "aws:ChatbotSourceArn", "aws:FederatedProvider",
            "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalServiceName",
            "aws:PrincipalTag/${TagKey}", "aws:PrincipalType", "aws:RequestTag/${TagKey}", "aws:RequestedRegion",
            "aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceTag/${TagKey}", "aws:SignInSessionArn",
            "aws:SourceAccount", "aws:SourceIdentity", "aws:SourceOrgID", "aws:SourceVpc", "aws:SourceVpcArn",
            "aws:SourceVpce", "aws:UserAgent", "aws:VpceAccount", "aws:VpceOrgID", "aws:referer", "aws:userid",
            "aws:username", "ec2:RoleDelivery", "identitystore:UserId", "aws:CalledViaAWSMCP",
        ),
        "String",
    ),
    **dict.fromkeys(
        ("aws:SourceArn", "ec2:SourceInstanceArn", "lambda:SourceFunctionArn", "ssm:SourceInstanceArn",
         "aws:Ec2InstanceSourceVpc"), "ARN",
    ),
    **dict.fromkeys(
        ("aws:CalledVia", "aws:PrincipalOrgPaths", "aws:PrincipalServiceNamesList", "aws:ResourceOrgPaths",
         "aws:SourceOrgPaths", "aws:TagKeys", "aws:VpceOrgPaths"), "ArrayOfString",
    ),
    **dict.fromkeys(
        ("aws:AssumedRoot", "aws:IsMcpServiceAction", "aws:MultiFactorAuthPresent", "aws:PrincipalIsAWSService",
         "aws:SecureTransport", "aws:ViaAWSMCPService", "aws:ViaAWSService"), "Bool",
    ),
    **dict.fromkeys(("aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"), "Date"),
    **dict.fromkeys(("aws:Ec2InstanceSourcePrivateIPv4", "aws:SourceIp", "aws:VpcSourceIp"), "IPAddress"),
    "aws:MultiFactorAuthAge": "Numeric",
}  # fmt: skip
"""Global condition keys and their types (IAM User Guide, "AWS global condition context keys")."""

SENSITIVE_KEYS: Final = frozenset(
    {
        "aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:resourceorgid", "aws:sourceaccount",
        "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid",
    }
)  # fmt: skip
"""Keys of a data perimeter: a wildcard in one opens it."""

_FAMILIES: Final = {
    "string": {"string", "arn"},
    "arn": {"arn", "string"},
    "numeric": {"numeric", "long"},
    "date": {"date"},
    "bool": {"bool", "boolean"},
    "binary": {"binary"},
    "address": {"ipaddress"},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of advice: what kind, how serious, in words, and where ("Statement[0].Action")."""

    code: str
    level: Level
    message: str
    path: str


def lint(document: str, kind: PolicyKind) -> list[Finding]:
    """Advice about a document, the most serious first; raises PolicySyntaxError when it is no policy at all."""
    policy = compile_policy(document, kind)
    found: list[Finding] = []
    for finding in _Linter(policy.version, kind).document(policy.syntax.statements):
        found.append(finding)
        if len(found) >= MAX_FINDINGS:
            break
    order: list[Level] = ["error", "security_warning", "warning", "suggestion"]
    return sorted(found, key=lambda finding: order.index(finding.level))


class _Linter:
    def __init__(self, version: str | None, kind: PolicyKind) -> None:
        self._version = version
        self._kind = kind
        self._looked_up = 0

    def document(self, statements: tuple[StatementSyntax, ...]) -> Iterator[Finding]:
        if self._version is None:
            yield Finding("MISSING_VERSION", "warning", "Without a Version the rules of 2008 apply.", "Version")
        elif self._version != VARIABLES_SINCE:
            yield Finding("OLD_VERSION", "suggestion", "The current Version is 2012-10-17.", "Version")
        for statement in statements:
            yield from self._elements(statement)
            yield from self._actions(statement)
            for condition in statement.conditions:
                yield from self._condition(condition, statement)

    def _elements(self, statement: StatementSyntax) -> Iterator[Finding]:
        path = statement.path
        if statement.allows and statement.not_actions:
            text = "NotAction with Allow grants every action that is not listed, future ones too."
            yield Finding("ALLOW_WITH_NOT_ACTION", "warning", text, path)
        if statement.allows and statement.not_resources:
            text = "NotResource with Allow grants every resource that is not listed."
            yield Finding("ALLOW_WITH_NOT_RESOURCE", "warning", text, path)
        if statement.not_principals:
            text = "NotPrincipal denies sessions and accounts that are not listed one by one; use aws:PrincipalArn."
            yield Finding("DENY_WITH_NOT_PRINCIPAL", "warning", text, path)
        if statement.allows and self._passes_every_role(statement):
            text = "iam:PassRole on every role lets the holder give any role to a service."
            yield Finding("PASS_ROLE_WITH_STAR_IN_RESOURCE", "security_warning", text, path)
        for resource in statement.resources or ():
            yield from self._variables(resource, f"{path}.Resource")
        seen: dict[tuple[str, str], str] = {}
        for condition in statement.conditions:
            other = seen.setdefault((condition.operator, condition.key.lower()), condition.key)
            if other != condition.key:
                text = f"{other} and {condition.key} are the same key."
                yield Finding("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", "error", text, condition.path)

    @staticmethod
    def _passes_every_role(statement: StatementSyntax) -> bool:
        return (
            not statement.not_actions
            and "*" in (statement.resources or ())
            and any(action.lower() in {"iam:passrole", "iam:pass*"} for action in statement.actions)
        )

    def _actions(self, statement: StatementSyntax) -> Iterator[Finding]:
        path = f"{statement.path}.{'NotAction' if statement.not_actions else 'Action'}"
        for text in statement.actions:
            prefix, colon, name = text.partition(":")
            if not colon or self._looked_up >= MAX_ACTIONS:
                continue
            self._looked_up += 1
            service = service_reference(prefix.lower())
            if service is None:
                yield Finding("INVALID_SERVICE_IN_ACTION", "error", f"No service has the prefix {prefix}.", path)
                continue
            actions = service.matching(name)
            if not actions:
                yield Finding("INVALID_ACTION", "error", f"{service.name} has no action {name}.", path)
            elif not statement.not_actions and not statement.not_resources and statement.resources:
                yield from _resource_fit(service, actions, statement)

    def _condition(self, condition: ConditionSyntax, statement: StatementSyntax) -> Iterator[Finding]:
        name = take_apart(condition.operator)
        if name is None:
            return
        path = condition.path
        for value in condition.values:
            yield from self._variables(value, path)
        yield from _values(condition, name.base)
        if condition.mixed:
            text = f"The values of {condition.key} are of different JSON types."
            yield Finding("MIXED_VALUE_TYPES", "warning", text, path)
        kind = _key_type(condition.key, statement)
        if kind is None:
            text = f"No action of this statement has the condition key {condition.key}."
            yield Finding("INVALID_CONDITION_KEY", "warning", text, path)
            return
        is_array = kind.lower().startswith("arrayof")
        if is_array and not name.qualifier and name.base != NULL:
            text = f"{condition.key} has several values: it needs ForAllValues or ForAnyValue."
            yield Finding("MISSING_QUALIFIER", "error", text, path)
        if not is_array and name.qualifier:
            text = f"{condition.key} has a single value: a set operator may not do what it seems to."
            yield Finding("QUALIFIER_WITH_SINGLE_VALUED_KEY", "security_warning", text, path)
        if name.qualifier == FOR_ALL and statement.allows and not _asks_for(condition.key, statement):
            text = f'ForAllValues is true when {condition.key} is absent: add "Null" with "false" beside it.'
            yield Finding("FOR_ALL_VALUES_ALLOWS_ABSENT_KEY", "security_warning", text, path)
        yield from _type_fit(condition, name.base, kind)

    def _variables(self, text: str, path: str) -> Iterator[Finding]:
        if "${" not in text:
            return
        if self._version != VARIABLES_SINCE:
            if variables_of(parse_template(text, variables=True, wildcards=False)):
                message = "Policy variables need Version 2012-10-17; here they are plain text."
                yield Finding("VARIABLE_IN_OLD_VERSION", "error", message, path)
            return
        if text.rfind("${") > text.rfind("}"):
            yield Finding("MISSING_BRACE", "error", f"A variable of {text[:64]!r} is not closed.", path)
        for variable in variables_of(parse_template(text, variables=True, wildcards=False)):
            if variable.key:
                continue
            code = "EMPTY_VARIABLE" if variable.text.strip("${} ") == "" else "INVALID_VARIABLE"
            yield Finding(code, "error", f"{variable.text[:64]} never has a value.", path)


def _resource_fit(
    service: ServiceReference, actions: tuple[ActionReference, ...], statement: StatementSyntax
) -> Iterator[Finding]:
    """An action that can be authorised on none of the statement's resources never happens by it."""
    for action in actions if len(actions) == 1 else ():
        formats = [service.types[kind][0] for kind in action.types if kind in service.types]
        if any(_reaches(resource, formats) for resource in statement.resources or ()):
            continue
        kinds = ", ".join(sorted(kind for kind in action.types if kind)) or 'only "*"'
        text = f"{service.prefix}:{action.name} is authorised on {kinds}: no resource of the statement is one."
        yield Finding("ACTION_WITHOUT_RESOURCE_TYPE", "warning", text, f"{statement.path}.Resource")


def _reaches(resource: str, formats: list[str]) -> bool:
    """Whether a Resource entry can mean something of one of the published formats, part by part of the ARN."""
    if resource.strip("*") == "":
        return True
    parts = resource.split(":", 5)
    return any(
        len(parts) == len(published)
        and all(_meet(part, _open_places(wanted)) for part, wanted in zip(parts, published, strict=True))
        for published in (text.split(":", 5) for text in formats)
    )


def _open_places(text: str) -> str:
    """Text with a star for every variable or placeholder."""
    parts = parse_template(text, variables=True, wildcards=False)
    return "".join(part if isinstance(part, str) else "*" for part in parts)


def _meet(written: str, published: str) -> bool:
    """Whether two patterns have a text in common, as far as filling the stars of one with a letter tells."""
    pattern = _open_places(written)
    return _matches(pattern, published.replace("*", "x")) or _matches(published, pattern.replace("*", "x"))


def _matches(pattern: str, value: str) -> bool:
    return compile_glob(tokens_of(pattern))(value)


def _key_type(key: str, statement: StatementSyntax) -> str | None:
    """The type of a condition key: global, or of a service that the statement is about. "" when nobody can know."""
    kind = lookup_key(GLOBAL_KEYS, key)
    if kind is not None:
        return kind
    prefix = key.partition(":")[0].lower()
    service = service_reference(prefix) if prefix.isascii() and "." not in prefix and "/" not in prefix else None
    if service is None:
        # Keys of identity providers are named after their host ("gitlab.com:sub").
        return "" if "." in prefix or prefix in {"saml", "sts"} else None
    prefixes = {action.partition(":")[0].lower() for action in statement.actions}
    about = statement.not_actions or bool(prefixes & {prefix, "*"})
    return service.key_type(key) if about else None


def _asks_for(key: str, statement: StatementSyntax) -> bool:
    return any(
        condition.operator == NULL and condition.key.lower() == key.lower() and "false" in condition.values
        for condition in statement.conditions
    )


def _type_fit(condition: ConditionSyntax, base: str, kind: str) -> Iterator[Finding]:
    wanted = kind.lower().removeprefix("arrayof")
    if not wanted or base == NULL or wanted in _FAMILIES[OPERATORS[base].family]:
        return
    if condition.key.lower() == "aws:epochtime" and base.startswith("Numeric"):
        return
    text = f"{condition.key} is of type {kind}: {base} is not its operator."
    yield Finding("TYPE_MISMATCH", "warning", text, condition.path)


def _values(condition: ConditionSyntax, base: str) -> Iterator[Finding]:
    key = condition.key.lower()
    if key in SENSITIVE_KEYS and base.endswith("Like"):
        for value in condition.values:
            if "*" in value or "?" in value:
                text = f"A wildcard in {condition.key} opens the perimeter that it is there to close."
                yield Finding("WILDCARD_IN_SENSITIVE_KEY", "security_warning", text, condition.path)
    if key == "aws:sourceip":
        for value in condition.values:
            if _is_private(value):
                text = f"{value[:64]} is private; aws:SourceIp is a public address."
                yield Finding("PRIVATE_IP_ADDRESS", "warning", text, condition.path)


def _is_private(value: str) -> bool:
    try:
        return ipaddress.ip_network(value, strict=False).is_private
    except ValueError:
        return False
