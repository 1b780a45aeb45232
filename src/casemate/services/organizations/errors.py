"""What Organizations answers beyond what its model says: wording and reasons of its refusals."""

from __future__ import annotations

from casemate.foundation.errors import AccessDenied, ServiceError

DENIED = "You don't have permissions to access this resource."


def denied() -> AccessDenied:
    """One text for what IAM refuses and for what only the management account may do."""
    return AccessDenied(DENIED)


def not_in_use() -> ServiceError:
    return ServiceError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")


def absent(code: str, noun: str) -> ServiceError:
    return ServiceError(code, f"You specified {noun} that doesn't exist.")


def constraint(reason: str, text: str) -> ServiceError:
    return ServiceError("ConstraintViolationException", text, members={"Reason": reason})


def invalid(reason: str, text: str = "You specified an invalid value.") -> ServiceError:
    return ServiceError("InvalidInputException", text, members={"Reason": reason})


def all_features_needed() -> ServiceError:
    return constraint(
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        "The request failed because the organization does not have all features enabled. Please enable all features "
        "in your organization and then retry.",
    )
