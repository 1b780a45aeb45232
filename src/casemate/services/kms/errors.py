"""What KMS answers beyond what its model says: the wording of its refusals."""

from __future__ import annotations

from casemate.foundation.errors import ServiceError


def invalid_key_id(text: str) -> ServiceError:
    return ServiceError("NotFoundException", f"Invalid keyId '{text}'")


def absent_key(arn: str) -> ServiceError:
    return ServiceError("NotFoundException", f"Key '{arn}' does not exist")


def absent_alias(arn: str) -> ServiceError:
    return ServiceError("NotFoundException", f"Alias {arn} is not found.")


def foreign_region(region: str) -> ServiceError:
    return ServiceError("NotFoundException", f"Invalid arn {region}")


def no_alias_here() -> ServiceError:
    return ServiceError("InvalidArnException", "Key Aliases are not supported for this operation.")


def disabled(arn: str) -> ServiceError:
    return ServiceError("DisabledException", f"{arn} is disabled.")


def wrong_state(arn: str, what: str) -> ServiceError:
    """`what` continues the sentence: `is pending deletion`."""
    return ServiceError("KMSInvalidStateException", f"{arn} {what}.")


def wrong_usage(arn: str, usage: str, operation: str) -> ServiceError:
    return ServiceError("InvalidKeyUsageException", f"{arn} key usage is {usage} which is not valid for {operation}.")


def wrong_key() -> ServiceError:
    return ServiceError(
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )


def bad_ciphertext() -> ServiceError:
    return ServiceError("InvalidCiphertextException")


def validation(message: str | None) -> ServiceError:
    return ServiceError("ValidationException", message)


def unsupported(message: str | None = None) -> ServiceError:
    return ServiceError("UnsupportedOperationException", message)


def malformed_policy(message: str) -> ServiceError:
    return ServiceError("MalformedPolicyDocumentException", message)


def limit_exceeded(message: str) -> ServiceError:
    return ServiceError("LimitExceededException", message)


def already_exists(message: str) -> ServiceError:
    return ServiceError("AlreadyExistsException", message)


def absent_grant(grant_id: str) -> ServiceError:
    return ServiceError("NotFoundException", f"Grant ID {grant_id} not found")


def bad_grant_token() -> ServiceError:
    return ServiceError("InvalidGrantTokenException", "The grant token is not valid.")


def bad_arn(arn: str) -> ServiceError:
    return ServiceError("InvalidArnException", f"ARN {arn} does not refer to a valid principal")


def not_primary(arn: str) -> ServiceError:
    return ServiceError("UnsupportedOperationException", f"{arn} is not a multi-region primary key.")


def wrong_origin(arn: str, origin: str) -> ServiceError:
    return unsupported(f"{arn} origin is {origin} which is not valid for this operation.")


def dry_run() -> ServiceError:
    return ServiceError(
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
        status=400,
    )


def invalid_usage(message: str) -> ServiceError:
    return ServiceError("InvalidKeyUsageException", message)
