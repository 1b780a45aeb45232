"""AssumeRole: from a role to a session of it (IAM User Guide, "Methods to assume a role")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from casemate.foundation.audit import lower_first
from casemate.foundation.caller import Caller, Session
from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import AccessDenied
from casemate.foundation.ids import parse_arn
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.sts import credentials, errors, restrictions, session_policies, session_tags
from casemate.services.sts.conditions import SessionConditions

if TYPE_CHECKING:
    from casemate.contracts.shapes import sts as shapes

ACTION: Final = "sts:AssumeRole"
DEFAULT_SECONDS: Final = 3600
CHAINED_SECONDS: Final = 3600
_UNTOLD: Final = msgspec.Raw(b"null")
"""requestParameters of a refusal: CloudTrail leaves them out."""


def _on_role(context: Context, request: Mapping[str, Any]) -> list[Check]:
    """May the caller assume the role, hand it tags, set a source identity? The role goes on as `context.loaded`.

    An absent role and one that refuses answer alike, so that nobody can probe.
    """
    context.audit_request = _UNTOLD
    arn = _role_arn(request["RoleArn"])
    restrictions.refuse(context.caller, "sts", "AssumeRole")
    if context.caller.kind == "root":
        raise AccessDenied(errors.ROOT)
    role = context.call("iam", "ResolveRole", {"RoleArn": arn})["Role"]
    if role is None:
        raise AccessDenied(errors.denial(context.caller.arn, ACTION, arn))
    context.loaded = role
    context.resources.append(Resource(arn, "AWS::IAM::Role", role["Account"]))
    inherited = session_tags.inherited(context.caller)
    identity = source_identity(context.caller, request)
    keys = SessionConditions(
        request,
        resource_tags=role["Tags"],
        source_identity=identity,
        transitive=(*(key for key, _ in inherited), *(request.get("TransitiveTagKeys") or ())),
    )
    actions = [ACTION]
    if request.get("Tags") or inherited:
        actions.append("sts:TagSession")
    if identity is not None:
        actions.append("sts:SetSourceIdentity")
    return [_check(context, role, action, keys) for action in actions]


def _check(context: Context, role: Mapping[str, Any], action: str, keys: SessionConditions) -> Check:
    return Check(
        action=action,
        resource=role["Arn"],
        owner=role["Account"],
        policy=role["Trust"],
        policy_kind="trust",
        policy_required=True,
        keys=keys,
        denial=errors.denial(context.caller.arn, action, role["Arn"]),
    )


def _role_arn(text: str) -> str:
    """Raises ValidationError for what is no ARN."""
    if parse_arn(text) is None:
        raise errors.validation(f"{text} is invalid")
    return text


def source_identity(caller: Caller, request: Mapping[str, Any]) -> str | None:
    """The source identity of the new session: what a chain began with stays. Raises AccessDenied."""
    asked: str | None = request.get("SourceIdentity")
    session = caller.session
    standing = session.source_identity if session is not None else None
    if standing is not None and asked is not None and asked != standing:
        raise AccessDenied(errors.denial(caller.arn, "sts:SetSourceIdentity", request["RoleArn"]))
    return standing or asked


@operation(
    authorize=_on_role,
    audit=AuditRule(read_only=True, hide=("TokenCode",), response=credentials.recorded),
)
def assume_role(context: Context, request: shapes.AssumeRoleRequest) -> shapes.AssumeRoleResponse:
    context.audit_request = None
    role, caller = context.loaded, context.caller
    credentials.refuse_mfa(request)
    if request.get("ProvidedContexts"):
        raise errors.validation("ProvidedContexts is not supported: this server has no context providers.")
    chained = caller.kind == "role_session"
    seconds = _duration(request, role, chained=chained)
    tags = session_tags.of(caller, request.get("Tags") or (), request.get("TransitiveTagKeys") or ())
    policies = session_policies.of(context, request, role["Account"])
    packed = session_policies.packed_size(policies, tags.all)
    identity = source_identity(caller, request)
    name = request["RoleSessionName"]
    issued = context.host.clock.real()
    session = Session(
        issued=issued,
        expires=issued + seconds,
        issuer_arn=role["Arn"],
        issuer_id=role["Id"],
        issuer_name=role["Name"],
        source_identity=identity,
        tags=tags.all,
        transitive=tags.transitive,
        policies=policies.inline,
        policy_arns=policies.arns,
        chained=chained,
    )
    assumed = session_of(context.partition, role, name, session)
    if tags.inherited:
        incoming = {"incomingTransitiveTags": dict(tags.inherited)}
        context.audit_request = {**lower_first(dict(request)), **incoming}
    answer: Any = {
        **credentials.issued(context, assumed, request),
        "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn},
    }
    if policies.given or tags.all:
        answer["PackedPolicySize"] = packed
    if identity is not None:
        answer["SourceIdentity"] = identity
    return answer  # type: ignore[no-any-return]  # the members are the shape's


def session_of(partition: str, role: Mapping[str, Any], name: str, session: Session) -> Caller:
    """The caller that a session of a role is. Its own ARN says nothing of the role's path."""
    account = role["Account"]
    return Caller(
        kind="role_session",
        account=account,
        arn=f"arn:{partition}:sts::{account}:assumed-role/{role['Name']}/{name}",
        partition=partition,
        user_id=f"{role['Id']}:{name}",
        unique_id=role["Id"],
        name=name,
        role_arn=role["Arn"],
        session=session,
        service_linked=role["Path"].startswith("/aws-service-role/"),
    )


def _duration(request: Mapping[str, Any], role: Mapping[str, Any], *, chained: bool) -> int:
    """Raises ValidationError."""
    seconds: int = request.get("DurationSeconds") or DEFAULT_SECONDS
    if chained and seconds > CHAINED_SECONDS:
        raise errors.validation(errors.OVER_CHAIN)
    if seconds > role["MaxSession"]:
        raise errors.validation(errors.OVER_MAXIMUM)
    return seconds
