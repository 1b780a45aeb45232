"""The reference evaluator: slow, and meant to be seen to be right.

It reads parsed JSON documents for one request and shares nothing with `casemate.engines.policy`. Each rule stands
where the documentation has it, with its sentence beside it. Source: IAM user guide, "Policy evaluation logic".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.engines.policy_reference.texts import Keys, match_action, match_condition, match_resource

Document = dict[str, Any]
Statement = dict[str, Any]

ALLOW, EXPLICIT_DENY, IMPLICIT_DENY = "allow", "explicit_deny", "implicit_deny"


@dataclass(frozen=True)
class Caller:
    """Who asks.

    `kind` is root, user, role_session, federated_user, service, identity_provider or anonymous. `arn` is the user's ARN,
    the session's ARN or the root ARN. `parent_arn` is the role of a session, or the user who federated. `unique_id`
    is that of the user (AIDA..) or of the role (AROA..). `name` is the service principal or the identity provider;
    `canonical` the account's canonical user id.
    """

    kind: str
    account: str = ""
    arn: str = ""
    parent_arn: str = ""
    unique_id: str = ""
    name: str = ""
    service_linked: bool = False
    canonical: str = ""


@dataclass(frozen=True)
class Request:
    """Everything that one decision depends on; documents are parsed JSON.

    `session` is None when no session policy was passed. `scps` and `rcps` have one list of documents a level.
    `trust`: `policy` is a role's trust policy. `needs_resource_policy`: an Allow of the resource's policy is needed even inside the account (KMS keys, role
    trust policies). `granted`: an allowance (a KMS grant) names the caller for this very request;
    `granted_across_accounts`: one that needs no Allow of the caller's account.
    """

    caller: Caller
    action: str
    resource: str
    owner: str
    keys: Keys
    identity: list[Document] = field(default_factory=list)
    boundary: Document | None = None
    session: list[Document] | None = None
    scps: list[list[Document]] = field(default_factory=list)
    rcps: list[list[Document]] = field(default_factory=list)
    endpoint: Document | None = None
    policy: Document | None = None
    trust: bool = False
    needs_resource_policy: bool = False
    granted: bool = False
    granted_across_accounts: bool = False


def as_list(value: Any) -> list[Any]:
    """A one-element array may be written as the bare value, everywhere."""
    return value if isinstance(value, list) else [value]


def as_text(value: Any) -> str:
    """Condition values are strings, numbers or Booleans; quotes optional for the last two."""
    return str(value).lower() if isinstance(value, bool) else str(value)


# What a principal element names ------------------------------------------------------------------------------------

EVERYBODY, ACCOUNT, PARENT, USER, ITSELF = "everybody", "account", "parent", "user", "itself"


def names(kind: str, value: str, caller: Caller) -> str | None:
    """What one principal of a policy has to do with the caller: one of the words above, or None."""
    if kind == "Service":
        return ITSELF if caller.kind == "service" and value == caller.name else None
    if kind == "Federated":
        return ITSELF if caller.kind == "identity_provider" and value == caller.name else None
    if kind == "CanonicalUser":
        return ACCOUNT if value == caller.canonical else None  # '{"CanonicalUser": id}: S3', an account's other name
    assert kind == "AWS"
    if value == "*":
        return EVERYBODY  # '"*" = {"AWS":"*"}: everybody, anonymous too'
    if caller.kind in {"service", "identity_provider", "anonymous"}:
        return None
    if value in {caller.account, f"arn:aws:iam::{caller.account}:root"}:
        return ACCOUNT  # '{"AWS":"123456789012"} = the root ARN: the account'
    if caller.kind == "user" and value in {caller.arn, caller.unique_id}:
        return USER
    if caller.kind in {"role_session", "federated_user"}:
        if value == caller.arn:
            return ITSELF
        # "Matching set of a role session: its session ARN, its role ARN, its account, `*`." "user ARN, caller =
        # federated session of that user."
        if value in {caller.parent_arn, caller.unique_id} - {""}:
            return PARENT
    return None


def is_of_root(caller: Caller) -> bool:
    """The root user, or a session that it made with GetFederationToken."""
    return f"arn:aws:iam::{caller.account}:root" in {caller.arn, caller.parent_arn}


def principals(element: Any) -> list[tuple[str, str]]:
    if element == "*":
        return [("AWS", "*")]
    return [(kind, value) for kind, values in element.items() for value in as_list(values)]


def named(element: Any, caller: Caller) -> set[str]:
    return {name for kind, value in principals(element) if (name := names(kind, value, caller)) is not None}


def excepted(element: Any, caller: Caller, *, bounded: bool) -> bool:
    """NotPrincipal: is the caller among those whom the statement leaves alone?

    "List the account too, and for a session the role too, else the account-level check denies; always denies a
    principal that has a permissions boundary, whatever it lists." The user behind a federated session counts as the
    role behind a role session does.
    """
    if bounded:
        return False
    found = named(element, caller)
    if EVERYBODY in found:
        return True
    needed = {
        "root": {ACCOUNT},
        "user": {ACCOUNT, USER},
        "role_session": {ACCOUNT, PARENT, ITSELF},
        "federated_user": {ACCOUNT, ITSELF} if is_of_root(caller) else {ACCOUNT, PARENT, ITSELF},
        "service": {ITSELF},
        "identity_provider": {ITSELF},
    }
    return caller.kind in needed and needed[caller.kind] <= found


# One statement -----------------------------------------------------------------------------------------------------


def statements(document: Document) -> list[tuple[Statement, bool]]:
    """Every statement, and whether variables are variables: "absent = 2008 rules: `${...}` is literal text"."""
    variables = document.get("Version") == "2012-10-17"
    return [(statement, variables) for statement in as_list(document["Statement"])]


def covers(statement: Statement, request: Request, *, variables: bool) -> bool:
    """Do action, resource and conditions of the statement meet the request? (Who asks is another question.)"""
    return (
        covers_action(statement, request)
        and covers_resource(statement, request, variables=variables)
        and conditions_hold(statement, request, variables=variables)
    )


def covers_action(statement: Statement, request: Request) -> bool:
    if "Action" in statement:
        return any(match_action(pattern, request.action) for pattern in as_list(statement["Action"]))
    # "NotAction = every action of every service that is not listed."
    return not any(match_action(pattern, request.action) for pattern in as_list(statement["NotAction"]))


def covers_resource(statement: Statement, request: Request, *, variables: bool) -> bool:
    def match(patterns: Any) -> bool:
        return any(
            match_resource(pattern, request.resource, request.keys, variables=variables)
            for pattern in as_list(patterns)
        )

    if "Resource" in statement:
        return match(statement["Resource"])
    if "NotResource" in statement:
        return not match(statement["NotResource"])
    # "Resource optional: absent = the attached resource; KMS: statement without it is accepted without effect".
    return not request.action.lower().startswith("kms:")


def conditions_hold(statement: Statement, request: Request, *, variables: bool) -> bool:
    """Several operators, several keys: AND."""
    return all(
        match_condition(operator, key, [as_text(v) for v in as_list(values)], request.keys, variables=variables)
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    )


def meets_caller(statement: Statement, request: Request) -> bool:
    """A statement without principal (identity, boundary, session, SCP) is about whomever it is attached to."""
    if "Principal" in statement:
        return bool(named(statement["Principal"], request.caller))
    if "NotPrincipal" in statement:
        return not excepted(statement["NotPrincipal"], request.caller, bounded=has_boundary(request))
    return True


def says(effect: str, documents: list[Document], request: Request) -> bool:
    """Statements of a policy and policies of one type are OR-ed."""
    return any(
        statement["Effect"] == effect
        and meets_caller(statement, request)
        and covers(statement, request, variables=variables)
        for document in documents
        for statement, variables in statements(document)
    )


# Which policies apply ----------------------------------------------------------------------------------------------


def has_policies_of_its_own(caller: Caller) -> bool:
    """Root: "no identity policies, boundary or need for Allow"; services and strangers have none either."""
    return caller.kind in {"user", "role_session", "federated_user"} and not is_of_root(caller)


def has_boundary(request: Request) -> bool:
    return request.boundary is not None and has_policies_of_its_own(request.caller)


def identity_documents(request: Request) -> list[Document]:
    return request.identity if has_policies_of_its_own(request.caller) else []


def boundary_documents(request: Request) -> list[Document]:
    return [request.boundary] if request.boundary is not None and has_boundary(request) else []


def session_documents(request: Request) -> list[Document]:
    """Session policies: AssumeRole* and GetFederationToken only."""
    return (request.session or []) if request.caller.kind in {"role_session", "federated_user"} else []


def scp_levels(request: Request) -> list[list[Document]]:
    """SCP: "principals of member accounts, root user included; never service-linked roles"; a service principal
    and an anonymous caller belong to no account.
    """
    caller = request.caller
    if caller.service_linked or caller.kind in {"service", "identity_provider", "anonymous"}:
        return []
    return request.scps


def rcp_levels(request: Request) -> list[list[Document]]:
    """RCP: "whoever calls, every level; not calls by service-linked roles, not kms:RetireGrant"; "no iam"."""
    action = request.action.lower()
    if request.caller.service_linked or action == "kms:retiregrant" or action.startswith("iam:"):
        return []
    return request.rcps


def documents_of_every_type(request: Request) -> list[Document]:
    levels = [*scp_levels(request), *rcp_levels(request)]
    return [
        *[document for level in levels for document in level],
        *([request.endpoint] if request.endpoint is not None else []),
        *([request.policy] if request.policy is not None else []),
        *identity_documents(request),
        *boundary_documents(request),
        *session_documents(request),
    ]


# The evaluation ----------------------------------------------------------------------------------------------------


def evaluate(request: Request) -> str:
    """ALLOW, EXPLICIT_DENY or IMPLICIT_DENY."""
    # 1. "Any matching Deny in any applicable policy -> explicit deny."
    if says("Deny", documents_of_every_type(request), request):
        return EXPLICIT_DENY
    # 2. "RCP allows?" 3. "SCP allows?" "Every level (root, each OU, account) needs its own Allow."
    for level in [*rcp_levels(request), *scp_levels(request)]:
        if not says("Allow", level, request):
            return IMPLICIT_DENY
    # 4. "Endpoint policy allows?" "Only for requests through that endpoint; neither replaces nor grants."
    if request.endpoint is not None and not says("Allow", [request.endpoint], request):
        return IMPLICIT_DENY
    # 5. to 8. The resource's side and the caller's side.
    return ALLOW if resource_and_caller_allow(request) else IMPLICIT_DENY


def resource_and_caller_allow(request: Request) -> bool:
    names_found = allowed_names(request)
    caller = request.caller
    if caller.kind in {"service", "identity_provider", "anonymous"}:
        # "Anonymous: resource policy (+ RCP, endpoint) alone."
        return bool(names_found)
    if caller.account != request.owner:
        if crosses_partitions(request):
            return False  # "partition boundaries cannot be crossed"
        # "Cross account: identity side (identity, boundary, session, SCP) and resource side (resource policy, RCP)
        # each say Allow." "Cross-account nothing bypasses." A grant stands for the key policy.
        return (caller_allows(request) and (bool(names_found) or request.granted)) or (
            request.granted_across_accounts and boundary_allows(request) and session_allows(request)
        )
    # "Same account: identity or resource policy."
    if any(resource_allow_suffices(name, request) for name in names_found) or grant_suffices(request):
        return True
    if request.needs_resource_policy:
        # "KMS keys and role trust policies need an Allow naming the principal or its account even inside the account."
        return bool(names_found) and caller_allows(request)
    return caller_allows(request)


def crosses_partitions(request: Request) -> bool:
    if request.resource == "*":
        return False
    return request.resource.split(":")[1] != request.caller.arn.split(":")[1]


def allowed_names(request: Request) -> set[str]:
    """By which of its names the caller is allowed by the resource's policy."""
    if request.policy is None:
        return set()
    return {
        name
        for statement, variables in statements(request.policy)
        if statement["Effect"] == "Allow" and covers(statement, request, variables=variables)
        for name in named(statement["Principal"], request.caller)
    }


def resource_allow_suffices(name: str, request: Request) -> bool:
    """The table "which Allow of a resource policy is cut by an implicit deny elsewhere", inside one account."""
    if name in {EVERYBODY, ITSELF, USER}:
        # Rows `*`, role session ARN / federated-user ARN, user ARN: allowed, allowed, allowed. "Follow the table, but
        # apply the boundary for sts:AssumeRole."
        return request.action.lower() != "sts:assumerole" or boundary_allows(request)
    if name == PARENT:
        # Rows role ARN, and user ARN when a federated session calls: allowed, denied, denied.
        return boundary_allows(request) and session_allows(request)
    assert name == ACCOUNT
    # Row account: "denied (needs identity Allow), denied, denied"; the root user has no need of one.
    return is_of_root(request.caller) and session_allows(request)


def grant_suffices(request: Request) -> bool:
    """A grant names the grantee as a key policy would; ceilings "must each allow: boundary, session policy"."""
    return request.granted and boundary_allows(request) and session_allows(request)


def caller_allows(request: Request) -> bool:
    """6. "identity Allow" 7. "boundary Allow" 8. "session policy Allow"."""
    if is_of_root(request.caller):
        # "Root user: no identity policies, boundary or need for Allow." Its session: "identity intersect session".
        return session_allows(request)
    return says("Allow", identity_documents(request), request) and boundary_allows(request) and session_allows(request)


def boundary_allows(request: Request) -> bool:
    return not has_boundary(request) or says("Allow", boundary_documents(request), request)


def session_allows(request: Request) -> bool:
    """No session policy: "on a role session = no cut; on a federated-user session = no rights"."""
    if request.caller.kind == "role_session" and request.session is None:
        return True
    if request.caller.kind in {"role_session", "federated_user"}:
        return says("Allow", session_documents(request), request)
    return True
