"""Verification of a signature: the request is made canonical, signed again, and compared.

Source: IAM User Guide, "Create a signed AWS API request".
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Final

from casemate.gateway.protocols.request import Request
from casemate.gateway.signatures.canonical import (
    GENERAL,
    S3,
    PathRules,
    canonical_headers,
    canonical_path,
    canonical_query,
)
from casemate.gateway.signatures.errors import MISMATCH, SignatureError
from casemate.gateway.signatures.keys import SigningKey
from casemate.gateway.signatures.signed import Payload, Signed, payload_of

# Signing names whose paths are encoded once and whose bodies may be unsigned or streamed.
LIKE_S3: Final = frozenset({"s3", "s3express", "s3-object-lambda"})
# Signers may add the token after they signed; it is checked by what it is itself.
_MAY_BE_UNSIGNED: Final = b"x-amz-security-token"

_sha256 = hashlib.sha256


def verify(
    signed: Signed,
    key: SigningKey,
    request: Request,
    *,
    streamed: bool = False,
    explain: bool = False,
    rules: PathRules | None = None,
) -> None:
    """Returns only if `key` signed this very request; SignatureError otherwise.

    1. Every x-amz- header that was sent is signed, the session token excepted. (Content-Type need not be: AWS's guide
       says that it must, but its services don't insist, and several SDKs leave it out. The body is bound by its hash.)
    2. The body's hash is the one that was signed: of S3's requests the stated one, of all others the real one.
    3. Path, query string and signed headers are made canonical.
    4. The canonical request's hash, the time and the scope make the string to sign.
    5. Its HMAC is compared with the signature, in constant time.
    6. A presigned request whose token was added after signing is compared without it.

    `streamed` says that the body is still to come: the caller then checks it with `check_payload` or by chunks. With
    `explain` the refusal shows the canonical request, as AWS's JSON services do: it holds nothing but the caller's own.
    """
    like_s3 = signed.service in LIKE_S3
    # 1.
    unsigned = unsigned_header(tuple(request.fields), signed.signed_headers.names)
    if unsigned is not None:
        raise SignatureError(
            "SignatureDoesNotMatch", f"There were headers present in the request which were not signed: {unsigned}"
        )
    # 2.
    if like_s3:
        payload_hash = _stated_hash(request, signed, streamed=streamed)
    else:
        payload_hash = _sha256(request.body).hexdigest().encode()
    # 3.
    headers = canonical_headers(request, signed.signed_headers)
    if headers is None:
        raise SignatureError("SignatureDoesNotMatch", MISMATCH)
    path = canonical_path(request.path, rules or (S3 if like_s3 else GENERAL))
    before = b"%b\n%b\n" % (request.method, path)
    after = b"\n%b\n%b\n%b" % (headers, signed.signed_headers.text, payload_hash)
    canonical = before + canonical_query(request.query) + after
    # 4. and 5.
    if hmac.compare_digest(key.sign(_string_to_sign(signed, canonical)), signed.signature):
        return
    # 6.
    if signed.expires is not None and signed.session_token is not None:
        bare = before + canonical_query(request.query, without_token=True) + after
        if hmac.compare_digest(key.sign(_string_to_sign(signed, bare)), signed.signature):
            return
    raise SignatureError("SignatureDoesNotMatch", MISMATCH + (_explanation(signed, canonical) if explain else ""))


@lru_cache(maxsize=1024)
def unsigned_header(sent: tuple[bytes, ...], signed: tuple[bytes, ...]) -> str | None:
    """The first header that must be signed and is not."""
    for name in sent:
        if name.startswith(b"x-amz-") and name not in signed and name != _MAY_BE_UNSIGNED:
            return name.decode("ascii", "replace")
    return None


def _string_to_sign(signed: Signed, canonical: bytes) -> bytes:
    return (
        f"AWS4-HMAC-SHA256\n{signed.amz_date}\n{signed.date}/{signed.region}/{signed.service}/aws4_request\n"
        f"{_sha256(canonical).hexdigest()}"
    ).encode()


def _stated_hash(request: Request, signed: Signed, *, streamed: bool) -> bytes:
    payload, stated = payload_of(request, signed)
    if stated is None:
        if payload is Payload.UNSIGNED:
            return b"UNSIGNED-PAYLOAD"
        raise SignatureError("ContentSha256Mismatch", "Missing required header for this request: x-amz-content-sha256")
    if payload is Payload.SHA256 and not streamed:
        check_payload(stated, request.body)
    return stated


def check_payload(stated: bytes, body: bytes) -> None:
    """Returns only if the body has the SHA-256 that its request states (in hexadecimal); SignatureError otherwise."""
    if not hmac.compare_digest(_sha256(body).hexdigest().encode(), stated):
        raise SignatureError(
            "ContentSha256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."
        )


def _explanation(signed: Signed, canonical: bytes) -> str:
    to_sign = _string_to_sign(signed, canonical).decode()
    return (
        f"\n\nThe Canonical String for this request should have been\n'{canonical.decode('utf-8', 'replace')}'\n\n"
        f"The String-to-Sign should have been\n'{to_sign}'\n"
    )
