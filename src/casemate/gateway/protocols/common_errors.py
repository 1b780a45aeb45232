"""The refusals that every service has, in the code and status that each protocol has for them.

Sources: the API references' pages "Common Errors", the EC2 reference's "Error codes for the Amazon EC2 API" and S3's
"Error responses"; the HTTP statuses as those services send them.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Rendering(NamedTuple):
    """One refusal in each protocol: code and HTTP status."""

    query: tuple[str, int]
    json: tuple[str, int]
    rest_json: tuple[str, int]
    ec2: tuple[str, int]
    s3: tuple[str, int]
    rest_xml: tuple[str, int]


def _uniform(code: str, status: int) -> Rendering:
    return Rendering(*[(code, status)] * 6)


_AUTH_FAILURE: Final = ("AuthFailure", 401)

RENDERINGS: Final[dict[str, Rendering]] = {
    "MissingAuthenticationToken": Rendering(
        query=("MissingAuthenticationToken", 403),
        json=("MissingAuthenticationTokenException", 400),
        rest_json=("MissingAuthenticationTokenException", 403),
        ec2=("MissingAuthenticationToken", 403),
        s3=("AccessDenied", 403),
        rest_xml=("MissingAuthenticationToken", 403),
    ),
    "IncompleteSignature": Rendering(
        query=("IncompleteSignature", 400),
        json=("IncompleteSignatureException", 400),
        rest_json=("IncompleteSignatureException", 403),
        ec2=("IncompleteSignature", 400),
        s3=("AuthorizationHeaderMalformed", 400),
        rest_xml=("IncompleteSignature", 400),
    ),
    "InvalidClientTokenId": Rendering(
        query=("InvalidClientTokenId", 403),
        json=("UnrecognizedClientException", 400),
        rest_json=("UnrecognizedClientException", 403),
        ec2=_AUTH_FAILURE,
        s3=("InvalidAccessKeyId", 403),
        rest_xml=("InvalidClientTokenId", 403),
    ),
    "ExpiredToken": Rendering(
        query=("ExpiredToken", 403),
        json=("ExpiredTokenException", 400),
        rest_json=("ExpiredTokenException", 403),
        ec2=("RequestExpired", 400),
        s3=("ExpiredToken", 400),
        rest_xml=("ExpiredToken", 403),
    ),
    "SignatureDoesNotMatch": Rendering(
        query=("SignatureDoesNotMatch", 403),
        json=("InvalidSignatureException", 400),
        rest_json=("InvalidSignatureException", 403),
        ec2=_AUTH_FAILURE,
        s3=("SignatureDoesNotMatch", 403),
        rest_xml=("SignatureDoesNotMatch", 403),
    ),
    "RequestTimeTooSkewed": Rendering(
        query=("SignatureDoesNotMatch", 403),
        json=("InvalidSignatureException", 400),
        rest_json=("InvalidSignatureException", 403),
        ec2=("RequestExpired", 400),
        s3=("RequestTimeTooSkewed", 403),
        rest_xml=("SignatureDoesNotMatch", 403),
    ),
    "ContentSha256Mismatch": Rendering(
        query=("SignatureDoesNotMatch", 403),
        json=("InvalidSignatureException", 400),
        rest_json=("InvalidSignatureException", 403),
        ec2=_AUTH_FAILURE,
        s3=("XAmzContentSHA256Mismatch", 400),
        rest_xml=("SignatureDoesNotMatch", 403),
    ),
    "AccessDeniedException": Rendering(
        query=("AccessDenied", 403),
        json=("AccessDeniedException", 400),
        rest_json=("AccessDeniedException", 403),
        ec2=("UnauthorizedOperation", 403),
        s3=("AccessDenied", 403),
        rest_xml=("AccessDenied", 403),
    ),
    "ThrottlingException": Rendering(
        query=("Throttling", 400),
        json=("ThrottlingException", 400),
        rest_json=("ThrottlingException", 429),
        ec2=("RequestLimitExceeded", 503),
        s3=("SlowDown", 503),
        rest_xml=("Throttling", 400),
    ),
    "UnknownOperationException": Rendering(
        query=("InvalidAction", 400),
        json=("UnknownOperationException", 400),
        rest_json=("UnknownOperationException", 404),
        ec2=("InvalidAction", 400),
        s3=("MethodNotAllowed", 405),
        rest_xml=("InvalidAction", 400),
    ),
    "SerializationException": Rendering(
        query=("MalformedInput", 400),
        json=("SerializationException", 400),
        rest_json=("SerializationException", 400),
        ec2=("MalformedInput", 400),
        s3=("MalformedXML", 400),
        rest_xml=("MalformedInput", 400),
    ),
    "ValidationException": Rendering(
        query=("ValidationError", 400),
        json=("ValidationException", 400),
        rest_json=("ValidationException", 400),
        ec2=("InvalidParameterValue", 400),
        s3=("InvalidArgument", 400),
        rest_xml=("ValidationError", 400),
    ),
    "InternalFailure": Rendering(
        query=("InternalFailure", 500),
        json=("InternalFailure", 500),
        rest_json=("InternalFailure", 500),
        ec2=("InternalError", 500),
        s3=("InternalError", 500),
        rest_xml=("InternalFailure", 500),
    ),
    "ServiceUnavailable": _uniform("ServiceUnavailable", 503),
    "NotImplemented": _uniform("NotImplemented", 501),
}
