"""One audit record (CloudTrail User Guide, "CloudTrail record contents")."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from casemate.foundation.caller import Caller
from casemate.foundation.clock import iso

EVENT_VERSION = "1.11"
TEXT_LIMIT = 1024
"""Bytes of userAgent, errorCode and errorMessage; longer ones are cut."""
PARAMETERS_LIMIT = 100 * 1024
"""Bytes of requestParameters and responseElements; larger ones are omitted whole."""


def lower_first(members: dict[str, Any]) -> dict[str, Any]:
    """A request's members as CloudTrail spells them: each name's first letter in lower case, nested ones too."""
    return {spelled(name): value if type(value) is str else _lowered(value) for name, value in members.items()}


@lru_cache(4096)  # by content: members' names are those of the models
def spelled(name: str) -> str:
    """A member's name as CloudTrail spells it."""
    return name[:1].lower() + name[1:]


def _lowered(value: Any) -> Any:
    if isinstance(value, list):
        return [lower_first(item) if isinstance(item, dict) else item for item in value]
    return value


def bounded(parameters: bytes, name: str) -> bytes:
    """Encoded parameters, or what says that they were too large."""
    if len(parameters) <= PARAMETERS_LIMIT:
        return parameters
    told = {"omitted": True, "originalSize": len(parameters), "reason": f"{name} too large"}
    return msgspec.json.encode(told)


def identity_of(caller: Caller, *, invoked_by: str | None = None, owner_copy: bool = False) -> msgspec.Raw:
    """The userIdentity element of a caller, encoded.

    `owner_copy` is the form that the owner of a resource sees of a caller from another account.
    """
    return msgspec.Raw(msgspec.json.encode(_identity(caller, invoked_by, owner_copy=owner_copy)))


_TYPES = {
    "root": "Root",
    "user": "IAMUser",
    "role_session": "AssumedRole",
    "federated_user": "FederatedUser",
    "service": "AWSService",
    "anonymous": "AWSAccount",
}


def _identity(caller: Caller, invoked_by: str | None, *, owner_copy: bool) -> dict[str, Any]:
    if caller.kind == "service":
        return {"type": "AWSService", "invokedBy": caller.service}
    if caller.kind == "anonymous":
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    if owner_copy:
        return {"type": "AWSAccount", "principalId": caller.user_id, "accountId": caller.account}
    identity: dict[str, Any] = {
        "type": _TYPES[caller.kind],
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key_id,
    }
    if caller.kind == "user":
        identity["userName"] = caller.name
    if caller.session is not None:
        identity["sessionContext"] = _session_context(caller)
    if invoked_by:
        identity["invokedBy"] = invoked_by
    return identity


def _session_context(caller: Caller) -> dict[str, Any]:
    session = caller.session
    assert session is not None
    context: dict[str, Any] = {}
    if caller.kind in {"role_session", "federated_user"}:
        issuer = {"role_session": "Role"}.get(caller.kind)
        if issuer is None:
            issuer = "Root" if session.issuer_arn.endswith(":root") else "IAMUser"
        context["sessionIssuer"] = {
            "type": issuer,
            "principalId": session.issuer_id,
            "arn": session.issuer_arn,
            "accountId": caller.account,
            "userName": session.issuer_name,
        }
        context["webIdFederationData"] = {}
    context["attributes"] = {
        "creationDate": iso(session.issued),
        "mfaAuthenticated": "true" if session.mfa else "false",
    }
    if session.source_identity:
        context["sourceIdentity"] = session.source_identity
    return context
