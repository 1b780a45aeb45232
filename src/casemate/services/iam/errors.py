"""What IAM answers beyond what its model says: the wording of its refusals."""

from __future__ import annotations

from casemate.foundation.errors import AccessDenied, ServiceError


def absent(text: str) -> ServiceError:
    return ServiceError("NoSuchEntity", text)


def absent_named(noun: str, name: str) -> ServiceError:
    """`noun` is user, group or role."""
    return absent(f"The {noun} with name {name} cannot be found.")


def absent_inline(noun: str, name: str) -> ServiceError:
    return absent(f"The {noun} policy with name {name} cannot be found.")


def absent_policy(arn: str) -> ServiceError:
    return absent(f"Policy {arn} was not found.")


def absent_key(access_key_id: str) -> ServiceError:
    return absent(f"The Access Key with id {access_key_id} cannot be found.")


def not_attachable(arn: str) -> ServiceError:
    return absent(f"Policy {arn} does not exist or is not attachable.")


def no_boundary(arn: str) -> ServiceError:
    return absent(f"Scope ARN: {arn} does not exist or is not attachable.")


def service_policy() -> ServiceError:
    return ServiceError("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.")


def aws_policy() -> ServiceError:
    return AccessDenied("Policy is outside your own account.")


def exists(text: str) -> ServiceError:
    return ServiceError("EntityAlreadyExists", text)


def in_use(reason: str) -> ServiceError:
    """`reason` continues the sentence: `must detach all policies first`."""
    return conflict(f"Cannot delete entity, {reason}.")


def conflict(text: str) -> ServiceError:
    return ServiceError("DeleteConflict", text)


def over_quota(name: str, quota: int) -> ServiceError:
    return limit(f"Cannot exceed quota for {name}: {quota}")


def limit(text: str) -> ServiceError:
    return ServiceError("LimitExceeded", text)


def protected(role: str) -> ServiceError:
    return ServiceError(
        "UnmodifiableEntity",
        f"Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS",
    )


def malformed(text: str) -> ServiceError:
    return ServiceError("MalformedPolicyDocument", text)


def invalid_principal(value: str) -> ServiceError:
    return malformed(f'Invalid principal in policy: "AWS":"{value}"')


def invalid_input(text: str) -> ServiceError:
    return ServiceError("InvalidInput", text)


def validation(text: str) -> ServiceError:
    return ServiceError("ValidationException", text)


def not_a_user() -> ServiceError:
    return validation("Must specify userName when calling with non-User credentials")
