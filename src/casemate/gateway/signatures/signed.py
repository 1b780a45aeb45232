"""What a request says about its own signature, in a header or in the query string.

Nothing here is verified; all of it is well-formed. Sources: IAM User Guide, "Elements of an AWS API request signature";
S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec

from casemate.gateway.protocols.request import Request
from casemate.gateway.signatures.dates import format_basic, parse_basic, parse_http
from casemate.gateway.signatures.errors import SignatureError

ALGORITHM: Final = b"AWS4-HMAC-SHA256"
_HEADER_NAMES: Final = re.compile(rb"[a-z0-9!#$%&'*+.^_`|~-]+(?:;[a-z0-9!#$%&'*+.^_`|~-]+)*")
_SHA256: Final = re.compile(rb"[0-9a-f]{64}")
# The form in which most SDKs write it; others are taken apart piece by piece.
_USUAL: Final = (b"AWS4-HMAC-SHA256 Credential=", b"SignedHeaders=", b"Signature=")
# Longer is no credential of ours; it bounds what errors repeat.
_LONGEST_HEADER: Final = 8192
_LONGEST_CREDENTIAL: Final = 256
_LONGEST_KEPT: Final = 1024
_Parts = tuple[bytes | None, bytes | None, bytes | None]
"""Credential, SignedHeaders and Signature as they were sent."""
_HEADER_PARTS: Final = frozenset({b"Credential", b"SignedHeaders", b"Signature"})
_MAX_EXPIRES: Final = 604_800
_QUERY_PARTS: Final = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
_TWO_MECHANISMS: Final = (
    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or "
    "the Authorization header should be specified"
)


class Payload(Enum):
    """How the body is bound to the signature (S3 API Reference, values of x-amz-content-sha256)."""

    SHA256 = "sha256"
    UNSIGNED = "UNSIGNED-PAYLOAD"
    SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    UNSIGNED_CHUNKS_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


class SignedHeaders(NamedTuple):
    """The list of signed headers, taken apart once for all requests that have the same."""

    text: bytes
    names: tuple[bytes, ...]
    values_of: Callable[[Mapping[bytes, bytes]], tuple[bytes, ...]]
    """Their values in order, from a request's fields; KeyError."""
    template: bytes
    """The canonical lines, to be filled with the values."""


class Signed(msgspec.Struct, frozen=True, gc=False):
    """A signature and what it claims to be made with."""

    access_key_id: str
    session_token: str | None
    date: str
    """The day in the credential scope, YYYYMMDD."""
    region: str
    service: str
    terminator: str
    timestamp: int
    """When it was signed: seconds since the epoch."""
    amz_date: str
    """The same as it stands in the string to sign."""
    signed_headers: SignedHeaders
    signature: str
    expires: int | None
    """How many seconds a presigned request holds; None for the header form."""


def parse_signature(request: Request) -> Signed | None:
    """The signature that a request carries, None where it carries none; SignatureError where it is not well-formed."""
    authorization = request.header(b"authorization")
    query = request.query
    presigned = bool(query) and (b"X-Amz-Signature=" in query or b"X-Amz-Algorithm=" in query)
    if authorization is None:
        return _parse_query(request) if presigned else None
    if presigned or (request.repeats and len(request.all(b"authorization")) > 1):
        raise SignatureError("IncompleteSignature", _TWO_MECHANISMS)
    return _parse_header(request, authorization)


def _parse_header(request: Request, authorization: bytes) -> Signed:
    if len(authorization) > _LONGEST_HEADER:
        raise SignatureError("IncompleteSignature", "Authorization header is too long.")
    parts = _usual_parts(authorization) or _unusual_parts(authorization)
    date = request.header(b"x-amz-date")
    timestamp = parse_basic(date) if date is not None else parse_http(request.header(b"date") or b"")
    if timestamp is None or not all(parts):
        raise _missing_parts(parts, authorization, dated=timestamp is not None)
    token = request.header(b"x-amz-security-token")
    amz_date = date.decode() if date is not None else format_basic(timestamp)
    return _signed(parts, (timestamp, amz_date), _token(token), None)


def _usual_parts(authorization: bytes) -> _Parts | None:
    pieces = authorization.split(b", ")
    if len(pieces) != 3:
        return None
    credential, signed_headers, signature = pieces
    if credential[:28] != _USUAL[0] or signed_headers[:14] != _USUAL[1] or signature[:10] != _USUAL[2]:
        return None
    return credential[28:], signed_headers[14:], signature[10:]


def _unusual_parts(authorization: bytes) -> _Parts:
    """Credential, SignedHeaders and Signature of an Authorization header, in any order and spacing."""
    algorithm, _, rest = authorization.partition(b" ")
    if algorithm != ALGORITHM:
        raise SignatureError("IncompleteSignature", f"Unsupported AWS 'algorithm': {_shown(algorithm)!r}.")
    parts: dict[bytes, bytes] = {}
    for pair in rest.split(b","):
        name, equals, value = pair.strip().partition(b"=")
        if not equals or name in parts or name not in _HEADER_PARTS:
            raise SignatureError(
                "IncompleteSignature",
                f"{_shown(pair.strip())!r} not a valid key=value pair (missing equal-sign) in Authorization header: "
                f"'{_shown(authorization)}'.",
            )
        parts[name] = value
    return parts.get(b"Credential"), parts.get(b"SignedHeaders"), parts.get(b"Signature")


def _missing_parts(parts: _Parts, authorization: bytes, *, dated: bool) -> SignatureError:
    credential, signed_headers, signature = parts
    named = (("Credential", credential), ("Signature", signature), ("SignedHeaders", signed_headers))
    sentences = [f"Authorization header requires '{name}' parameter." for name, part in named if not part]
    if not dated:
        sentences.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    return SignatureError("IncompleteSignature", " ".join(sentences) + f" Authorization={_shown(authorization)}")


def _parse_query(request: Request) -> Signed:
    parameters: dict[str, bytes] = {}
    for pair in request.query.split(b"&"):
        if pair[:6] == b"X-Amz-":
            name, _, value = pair.partition(b"=")
            text = name.decode("ascii", "replace")
            if text in parameters:
                raise SignatureError("IncompleteSignature", f"The query string has {text[:64]} more than once.")
            parameters[text] = unquote_to_bytes(value.replace(b"+", b" "))
    missing = [name for name in _QUERY_PARTS if not parameters.get(name)]
    if missing:
        sentences = " ".join(f"AWS query-string parameters must include '{name}'." for name in missing)
        raise SignatureError("IncompleteSignature", f"{sentences} Re-examine the query-string parameters.")
    if parameters["X-Amz-Algorithm"] != ALGORITHM:
        shown = _shown(parameters["X-Amz-Algorithm"])
        raise SignatureError("IncompleteSignature", f"Unsupported AWS 'algorithm': {shown!r}.")
    timestamp = parse_basic(parameters["X-Amz-Date"])
    if timestamp is None:
        shown = _shown(parameters["X-Amz-Date"])
        raise SignatureError("IncompleteSignature", f"X-Amz-Date must be in ISO-8601 'basic format'. Got '{shown}'.")
    return _signed(
        (parameters["X-Amz-Credential"], parameters["X-Amz-SignedHeaders"], parameters["X-Amz-Signature"]),
        (timestamp, parameters["X-Amz-Date"].decode()),
        _token(parameters.get("X-Amz-Security-Token")),
        _expires(parameters.get("X-Amz-Expires")),
    )


def _expires(text: bytes | None) -> int:
    if text is None:
        return 900  # what AWS's services assume for presigned requests without it
    if not re.fullmatch(rb"\d{1,7}", text) or not 1 <= int(text) <= _MAX_EXPIRES:
        raise SignatureError(
            "IncompleteSignature", f"X-Amz-Expires must be between 1 and {_MAX_EXPIRES} seconds, not '{_shown(text)}'."
        )
    return int(text)


def _signed(parts: _Parts, moment: tuple[int, str], session_token: str | None, expires: int | None) -> Signed:
    credential, signed_headers, signature = parts
    assert credential is not None
    assert signed_headers is not None
    assert signature is not None
    if len(credential) > _LONGEST_CREDENTIAL:
        raise SignatureError("IncompleteSignature", "Credential is too long.")
    access_key_id, date, region, service, terminator = _credential(credential)
    if len(signature) != 64 or not signature.isalnum():
        raise SignatureError("IncompleteSignature", "Signature must be 64 hexadecimal digits.")
    return Signed(
        access_key_id,
        session_token,
        date,
        region,
        service,
        terminator,
        moment[0],
        moment[1],
        # What is kept of lists that strangers send is bounded in size, not only in number.
        (_header_names if len(signed_headers) <= _LONGEST_KEPT else _header_names.__wrapped__)(signed_headers),
        signature.decode(),
        expires,
    )


@lru_cache(maxsize=4096)
def _credential(text: bytes) -> tuple[str, str, str, str, str]:
    parts = text.decode("ascii", "replace").split("/")
    if len(parts) != 5 or not all(parts):
        raise SignatureError(
            "IncompleteSignature",
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{_shown(text)}'",
        )
    return parts[0], parts[1], parts[2], parts[3], parts[4]


@lru_cache(maxsize=1024)
def _header_names(text: bytes) -> SignedHeaders:
    if not _HEADER_NAMES.fullmatch(text):
        raise SignatureError("IncompleteSignature", f"SignedHeaders is not a list of header names: '{_shown(text)}'.")
    names = tuple(text.split(b";"))
    if b"host" not in names:
        raise SignatureError(
            "SignatureDoesNotMatch", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        )
    if len(set(names)) != len(names):
        raise SignatureError("IncompleteSignature", "SignedHeaders names a header twice.")
    template = b"".join([name.replace(b"%", b"%%") + b":%b\n" for name in names])
    # itemgetter gives no tuple for a single name.
    values_of = itemgetter(*names) if len(names) > 1 else _only(names[0])
    return SignedHeaders(text, names, values_of, template)


def _only(name: bytes) -> Callable[[Mapping[bytes, bytes]], tuple[bytes, ...]]:
    return lambda fields: (fields[name],)


def _token(text: bytes | None) -> str | None:
    return text.decode("ascii", "replace") if text else None


def _shown(text: bytes) -> str:
    return text[:512].decode("ascii", "replace")


def payload_of(request: Request, signed: Signed) -> tuple[Payload, bytes | None]:
    """How the body is bound, and the SHA-256 that the request states (None: it states none)."""
    stated = request.header(b"x-amz-content-sha256")
    if stated is None:
        return (Payload.UNSIGNED if signed.expires is not None else Payload.SHA256), None
    if _SHA256.fullmatch(stated):
        return Payload.SHA256, stated
    try:
        return Payload(stated.decode("ascii", "replace")), stated
    except ValueError:
        raise SignatureError(
            "ContentSha256Mismatch",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, or a valid sha256 "
            "value.",
        ) from None
