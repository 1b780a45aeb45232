"""What STS answers beyond what its model says: the wording of its refusals."""

from __future__ import annotations

from casemate.foundation.errors import AccessDenied, ServiceError

DUPLICATE_TAGS = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
FOREIGN_TRANSITIVE = "The specified transitive tag key must be included in the requested tags."
INHERITED_TRANSITIVE = (
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
    "calling session."
)
OVER_MAXIMUM = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
OVER_CHAIN = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
ROOT = "Roles may not be assumed by root accounts."
NO_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and "
    "associated with this user."
)


def validation(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)


def parameter(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", text, status=400)


def malformed(text: str) -> ServiceError:
    return ServiceError("MalformedPolicyDocument", text)


def tags_too_large(percent: int) -> ServiceError:
    return ServiceError("PackedPolicyTooLarge", f"Packed size of session tags consumes {percent}% of allotted space.")


def policy_too_large(percent: int) -> ServiceError:
    return ServiceError(
        "PackedPolicyTooLarge", f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
    )


def denial(caller_arn: str, action: str, resource: str) -> str:
    """The text of a refusal, which is the same whether a role is absent or does not trust the caller."""
    return f"User: {caller_arn} is not authorized to perform: {action} on resource: {resource}"


def no_device() -> AccessDenied:
    return AccessDenied(NO_DEVICE)


def with_session(operation: str) -> AccessDenied:
    return AccessDenied(f"Cannot call {operation} with session credentials")
