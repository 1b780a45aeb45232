"""What RAM answers beyond what its model says: the wording of its refusals."""

from __future__ import annotations

from casemate.foundation.errors import ServiceError


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)


def malformed(arn: str) -> ServiceError:
    return ServiceError("MalformedArnException", f"The specified resource ARN {arn} is not valid.")


def unknown_share(arn: str) -> ServiceError:
    return ServiceError("UnknownResourceException", f"ResourceShare {arn} could not be found.")


def unknown(arn: str) -> ServiceError:
    return ServiceError("UnknownResourceException", f"{arn} could not be found.")


def not_permitted(message: str) -> ServiceError:
    return ServiceError("OperationNotPermittedException", message)


def deleted(arn: str) -> ServiceError:
    return ServiceError("InvalidStateTransitionException", f"ResourceShare {arn} is deleted and can't be changed.")


def absent_invitation(arn: str) -> ServiceError:
    return ServiceError(
        "ResourceShareInvitationArnNotFoundException", f"ResourceShareInvitation {arn} could not be found."
    )


def mismatched(token: str) -> ServiceError:
    return ServiceError(
        "IdempotentParameterMismatchException", f"The client token {token} was used with other parameters."
    )
