"""What a writer of a policy is held to: the checks that AWS makes when a document is stored, in AWS's words.

Sources: IAM User Guide, "IAM JSON policy elements reference", "Create a role for OpenID Connect federation";
AWS Organizations User Guide, "SCP syntax" and "RCP syntax"; AWS KMS Developer Guide, "Creating a key policy".
Quotas on size are not checked here: they are the storing service's own errors (see `Policy.size`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from casemate.engines.policy.errors import LEGACY, MALFORMED, SYNTAX, VALIDATION, PolicySyntaxError
from casemate.engines.policy.grammar import MAX_CHARACTERS, PolicyKind, StatementSyntax, fail
from casemate.engines.policy.policies import Policy, compile_policy
from casemate.engines.policy.principals import invalid_principals
from casemate.engines.policy.trust import check_trust

Profile = Literal["iam", "kms", "organizations", "secretsmanager", "s3", "generic"]

CURRENT_VERSION: Final = "2012-10-17"
NEEDS_CURRENT_VERSION: Final[frozenset[str]] = frozenset({"identity", "boundary", "session", "scp", "rcp"})

VERSION: Final = "Policy document must be version 2012-10-17 or greater."
SID_TWICE: Final = "Statement IDs (SID) in a single policy must be unique."
SID_CHARACTERS: Final = (
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
)
NO_VENDOR: Final = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
TWO_COLONS: Final = "Actions/Condition can contain only one colon."
WILD_VENDOR: Final = "Resource vendor must be fully qualified and cannot contain regexes."
IAM_PATHS: Final = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
PARTITIONS: Final = frozenset(
    {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}
)
KMS_PRINCIPALS: Final = "Policy contains a statement with one or more invalid principals."
ORGANIZATIONS: Final = "The provided policy document does not meet the requirements of the specified policy type."

_CHARACTERS = re.compile(r"[\t\n\r -\u00ff]+")
_SID = re.compile(r"[0-9A-Za-z]*")
_VENDOR = re.compile(r"[A-Za-z0-9-]+")
_ACTION_NAME = re.compile(r"[A-Za-z0-9*?_.:-]+")


@dataclass(frozen=True, slots=True)
class _Rules:
    """How a storing service differs: the code of its refusal, one text for all of them, what it does not ask."""

    code: str
    text: str | None = None
    principal_text: str | None = None
    strict_sids: bool = True
    strict_resources: bool = True
    limits_characters: bool = True


_RULES: Final[dict[Profile, _Rules]] = {
    "iam": _Rules(MALFORMED),
    "kms": _Rules(
        "MalformedPolicyDocumentException", principal_text=KMS_PRINCIPALS, strict_sids=False, strict_resources=False
    ),
    "organizations": _Rules("MalformedPolicyDocumentException", text=ORGANIZATIONS),
    "secretsmanager": _Rules(
        "MalformedPolicyDocumentException", strict_sids=False, strict_resources=False, limits_characters=False
    ),
    "s3": _Rules(
        "MalformedPolicy",
        principal_text="Invalid principal in policy",
        strict_sids=False,
        strict_resources=False,
        limits_characters=False,
    ),
    "generic": _Rules(MALFORMED, strict_sids=False, strict_resources=False, limits_characters=False),
}


def validate(document: str, kind: PolicyKind, *, profile: Profile = "iam") -> Policy:
    """Check a document that is about to be stored and compile it.

    Raises PolicySyntaxError whose `message` is the storing service's text and whose `code_hint` is its error code.
    Principals are checked for their form only; whether they exist is for the service to find out
    (`Policy.principals`).
    """
    rules = _RULES[profile]
    try:
        if rules.limits_characters:
            _check_characters(document)
        policy = compile_policy(document, kind)
        _check(policy, rules)
    except PolicySyntaxError as error:
        if error.code_hint == MALFORMED:
            error.code_hint = rules.code
            error.message = rules.text or error.message
            error.args = (error.message,)
        raise
    return policy


def _check_characters(document: str) -> None:
    if 1 <= len(document) <= MAX_CHARACTERS and _CHARACTERS.fullmatch(document):
        return
    raise PolicySyntaxError(
        "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"
        if document and len(document) <= MAX_CHARACTERS
        else "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: "
        f"Member must have length between 1 and {MAX_CHARACTERS}",
        code_hint=VALIDATION,
    )


def _check(policy: Policy, rules: _Rules) -> None:
    kind = policy.kind
    if kind in NEEDS_CURRENT_VERSION and policy.version != CURRENT_VERSION:
        fail(VERSION, detail="Version is not 2012-10-17", path="Version")
    statements = policy.syntax.statements
    _check_sids(statements, strict=rules.strict_sids)
    for statement in statements:
        for action in statement.actions:
            _check_action(action, statement.path)
        for condition in statement.conditions:
            if ":" not in condition.key:
                fail(NO_VENDOR, detail=f"condition key {condition.key[:64]!r}", path=condition.path)
        if rules.strict_resources:
            for resource in statement.resources or ():
                _check_resource(resource, statement.path)
        _check_principals(statement, kind, rules)
        if kind == "rcp":
            _check_resource_control(statement)
    if kind == "trust":
        check_trust(statements)


def _check_sids(statements: tuple[StatementSyntax, ...], *, strict: bool) -> None:
    seen: set[str] = set()
    for statement in statements:
        sid = statement.sid
        if not sid:
            continue
        if strict and not _SID.fullmatch(sid):
            fail(SID_CHARACTERS, detail=f"Sid {sid[:64]!r}", path=f"{statement.path}.Sid")
        if sid in seen and strict:
            fail(SID_TWICE, detail=f"Sid {sid[:64]!r} comes twice", path=f"{statement.path}.Sid")
        seen.add(sid)


def _check_action(action: str, path: str) -> None:
    if action == "*":
        return
    vendor, colon, name = action.partition(":")
    where = f"{path}.Action"
    if not colon:
        fail(NO_VENDOR, detail=f"action {action[:64]!r}", path=where)
    if ":" in name:
        fail(TWO_COLONS, detail=f"action {action[:64]!r}", path=where)
    if not _VENDOR.fullmatch(vendor):
        fail(f"Vendor {vendor} is not valid", detail=f"action {action[:64]!r}", path=where)
    if not _ACTION_NAME.fullmatch(name):
        fail(detail=f"action {action[:64]!r}", path=where)


def _check_resource(resource: str, path: str) -> None:
    """One Resource or NotResource entry, as IAM and AWS Organizations look at it."""
    if resource.strip("*") == "" and resource:
        return
    parts = resource.split(":", 5)
    if parts[0] != "arn" or len(parts) < 3:
        _refuse_resource(f'Resource {resource} must be in ARN format or "*".', resource, path)
    partition, service = parts[1], parts[2]
    if partition not in PARTITIONS and not _has_wildcard(partition):
        _refuse_resource(f'Partition "{partition}" is not valid for resource "{_six(parts)}".', resource, path)
    if _has_wildcard(service) or not service:
        _refuse_resource(WILD_VENDOR, resource, path)
    if len(parts) < 6:
        _refuse_resource(LEGACY, resource, path)
    region, account, rest = parts[3:]
    if service == "iam":
        _check_iam_resource(resource, region, rest, path)
    if service == "s3" and region and not account:
        _refuse_resource(f"Resource {resource} can not contain region information.", resource, path)


def _check_iam_resource(resource: str, region: str, rest: str, path: str) -> None:
    if region:
        _refuse_resource(f"IAM resource {resource} cannot contain region information.", resource, path)
    if rest != "*" and not rest.startswith(IAM_PATHS):
        listed = ", ".join(IAM_PATHS)
        _refuse_resource(f'IAM resource path must either be "*" or start with {listed}.', resource, path)


def _six(parts: list[str]) -> str:
    """An ARN as IAM shows it in this refusal: parts that are missing are stars."""
    return ":".join(parts + ["*"] * (6 - len(parts)))


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def _refuse_resource(message: str, resource: str, path: str) -> NoReturn:
    fail(message, detail=f"resource {resource[:128]!r}", path=f"{path}.Resource")


def _check_principals(statement: StatementSyntax, kind: PolicyKind, rules: _Rules) -> None:
    for principal_type, value in invalid_principals(statement.principals or (), kind):
        fail(
            rules.principal_text or f'Invalid principal in policy: "{principal_type}":"{value}"',
            detail="no form that a principal can have",
            path=f"{statement.path}.Principal",
        )


def _check_resource_control(statement: StatementSyntax) -> None:
    """A resource control policy only denies, and names the services that it is about."""
    if statement.allows:
        fail(SYNTAX, detail="a resource control policy only denies", path=f"{statement.path}.Effect")
    if statement.not_actions:
        fail(SYNTAX, detail="no NotAction in a resource control policy", path=f"{statement.path}.NotAction")
    if "*" in statement.actions:
        fail(SYNTAX, detail="an action needs its service", path=f"{statement.path}.Action")
