"""What some temporary credentials may not call, whatever the policies say.

IAM User Guide, "Compare AWS STS credentials": sessions of GetSessionToken call IAM only with MFA, and of STS only
AssumeRole and GetCallerIdentity; federated users call no IAM, and of STS only GetCallerIdentity. Sessions of roles are
bound by policies alone.
"""

from __future__ import annotations

from typing import Final

from casemate.foundation.caller import Caller
from casemate.foundation.errors import AccessDenied, ServiceError
from casemate.services.sts import errors

_OF_STS: Final = {
    "root": frozenset({"AssumeRole", "GetCallerIdentity"}),
    "user": frozenset({"AssumeRole", "GetCallerIdentity"}),
    "federated_user": frozenset({"GetCallerIdentity"}),
}
_LONG_LIVED_ONLY: Final = frozenset({"GetFederationToken", "GetSessionToken"})


def allowed(caller: Caller, service: str, operation: str) -> bool:
    """Whether the kind of the caller's credentials is good for an operation at all."""
    session = caller.session
    if session is None:
        return True
    if caller.kind == "role_session":
        return service != "sts" or operation not in _LONG_LIVED_ONLY
    if service == "iam":
        return session.mfa and caller.kind != "federated_user"
    return service != "sts" or operation in _OF_STS.get(caller.kind, _OF_STS["federated_user"])


def refuse(caller: Caller, service: str, operation: str) -> None:
    """Raises InvalidClientTokenId for IAM, AccessDenied for STS, where `allowed` says no."""
    if allowed(caller, service, operation):
        return
    if service == "iam":
        raise ServiceError("InvalidClientTokenId", "The security token included in the request is invalid")
    if operation in _LONG_LIVED_ONLY:
        raise errors.with_session(operation)
    raise AccessDenied(f"User: {caller.arn} is not authorized to perform: sts:{operation}")
