"""Temporary credentials for users: their own (GetSessionToken), and a federated user's within theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.caller import Caller, Session
from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.sts import credentials, errors, session_policies, session_tags
from casemate.services.sts.conditions import SessionConditions

if TYPE_CHECKING:
    from casemate.contracts.shapes import sts as shapes

DEFAULT_SECONDS: Final = 43200
ROOT_SECONDS: Final = 3600
_AUDIT: Final = AuditRule(read_only=False, hide=("TokenCode",), response=credentials.recorded)


def _refuse_sessions(context: Context, operation_name: str) -> None:
    """Raises AccessDenied: only long-lived credentials, of a user or the root user, may ask."""
    if context.caller.session is not None or context.caller.kind not in {"user", "root"}:
        raise errors.with_session(operation_name)


def _new_session(context: Context, request: Mapping[str, Any]) -> Session:
    """The root user's sessions are cut to an hour without a word."""
    caller = context.caller
    seconds: int = request.get("DurationSeconds") or DEFAULT_SECONDS
    if caller.kind == "root":
        seconds = min(seconds, ROOT_SECONDS)
    issued = context.host.clock.real()
    return Session(
        issued=issued,
        expires=issued + seconds,
        issuer_arn=caller.arn,
        issuer_id=caller.unique_id,
        issuer_name=caller.name,
    )


@operation(authorize=None, audit=_AUDIT)
def get_session_token(context: Context, request: shapes.GetSessionTokenRequest) -> shapes.GetSessionTokenResponse:
    """No permission is needed, and policies on it are without effect (STS API Reference)."""
    _refuse_sessions(context, "GetSessionToken")
    credentials.refuse_mfa(request)
    answer: Any = credentials.issued(context, replace(context.caller, session=_new_session(context, request)), request)
    return answer  # type: ignore[no-any-return]  # the members are the shape's


def _on_federated_user(context: Context, request: Mapping[str, Any]) -> list[Check]:
    _refuse_sessions(context, "GetFederationToken")
    resource = _federated_arn(context, request["Name"])
    context.resources.append(Resource(resource, "AWS::STS::FederatedUser", context.account))
    keys = SessionConditions(request)
    actions = ["sts:GetFederationToken"]
    if request.get("Tags"):
        actions.append("sts:TagSession")
    return [Check(action=action, resource=resource, owner=context.account, keys=keys) for action in actions]


def _federated_arn(context: Context, name: str) -> str:
    return f"arn:{context.partition}:sts::{context.account}:federated-user/{name}"


@operation(authorize=_on_federated_user, audit=_AUDIT)
def get_federation_token(
    context: Context, request: shapes.GetFederationTokenRequest
) -> shapes.GetFederationTokenResponse:
    """Without a session policy the federated user has no rights of its own (STS API Reference)."""
    account, name = context.account, request["Name"]
    tags = session_tags.of(context.caller, request.get("Tags") or ())
    policies = session_policies.of(context, request, account)
    packed = session_policies.packed_size(policies, tags.all)
    session = replace(
        _new_session(context, request), tags=tags.all, policies=policies.inline, policy_arns=policies.arns
    )
    federated = Caller(
        kind="federated_user",
        account=account,
        arn=_federated_arn(context, name),
        partition=context.partition,
        user_id=f"{account}:{name}",
        unique_id=f"{account}:{name}",
        name=name,
        session=session,
    )
    answer: Any = {
        **credentials.issued(context, federated, request),
        "FederatedUser": {"FederatedUserId": federated.user_id, "Arn": federated.arn},
        "PackedPolicySize": packed,
    }
    return answer  # type: ignore[no-any-return]  # the members are the shape's
