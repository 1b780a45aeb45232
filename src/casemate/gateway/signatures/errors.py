"""Why a signature is refused: one class, the codes that `protocols.common_errors` renders, AWS's own texts."""

from __future__ import annotations

from typing import Literal

from casemate.foundation.errors import ServiceError

Kind = Literal[
    "MissingAuthenticationToken",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "ExpiredToken",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "ContentSha256Mismatch",
]

MISSING = "Request is missing Authentication Token"
INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message
EXPIRED_TOKEN = "The security token included in the request is expired"  # noqa: S105 - a message
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


class SignatureError(ServiceError):
    """The request is not signed as it must be; `code` is its kind, and every protocol has its own word for that."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(kind, message)


def missing() -> SignatureError:
    """No signature where one is needed."""
    return SignatureError("MissingAuthenticationToken", MISSING)


def invalid_token() -> SignatureError:
    """An access key that is unknown, inactive or deleted; a session token that is forged, missing or another's."""
    return SignatureError("InvalidClientTokenId", INVALID_TOKEN)


def expired_token() -> SignatureError:
    """Temporary credentials whose time is over."""
    return SignatureError("ExpiredToken", EXPIRED_TOKEN)
