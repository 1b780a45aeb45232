"""Signatures of callers that come again: what the requests of a caller have in common is worked out once.

An SDK's requests of one day, region and service have the same Authorization header up to the signature itself. Once
such a request was verified in full, what follows from that header is kept: the names of the signed headers, the scope,
the lines of the canonical request around what changes. Nothing of a request is kept, and no signature: each request is
hashed and its HMAC compared as ever.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from casemate.gateway.signatures.canonical import folded
from casemate.gateway.signatures.dates import parse_basic
from casemate.gateway.signatures.keys import SigningKey
from casemate.gateway.signatures.scope import OLDEST, earliest
from casemate.gateway.signatures.signed import Signed
from casemate.gateway.signatures.verification import LIKE_S3, unsigned_header

SIGNATURE_DIGITS: Final = 64
_sha256 = hashlib.sha256


class Recurring(msgspec.Struct, frozen=True, gc=False):
    """What requests have in common whose Authorization headers differ in the signature alone."""

    names: tuple[bytes, ...]
    values_of: Callable[[Mapping[bytes, bytes]], tuple[bytes, ...]]
    template: bytes
    after: bytes
    """The canonical request between the headers' lines and the body's hash."""
    day: bytes
    scope: bytes
    """The string to sign between the time and the canonical request's hash."""
    early: int
    """How many seconds a signature may be ahead of our clock."""


def recurring(signed: Signed) -> Recurring | None:
    """What is kept of a signature that was verified; None where its body or form make it a case of its own."""
    if signed.expires is not None or signed.service in LIKE_S3:
        return None
    headers = signed.signed_headers
    return Recurring(
        headers.names,
        headers.values_of,
        headers.template,
        b"\n%b\n" % headers.text,
        signed.date.encode(),
        f"\n{signed.date}/{signed.region}/{signed.service}/aws4_request\n".encode(),
        earliest(signed.service),
    )


def signed_again(known: Recurring, key: SigningKey, fields: Mapping[bytes, bytes], body: bytes, now: float) -> bool:
    """Whether `key` signed this POST to / without a query string, whose header names are all different.

    False is no verdict: `verify` must then look at the request, and finds the words for a refusal. The steps are
    its steps: 1 time, 2 every x-amz- header is signed, 3 canonical request, 4 string to sign, 5 comparison.
    """
    # 1.
    stamp = fields.get(b"x-amz-date")
    if stamp is None or stamp[:8] != known.day:
        return False
    moment = parse_basic(stamp)
    if moment is None or not now - OLDEST <= moment <= now + known.early:
        return False
    # 2.
    if unsigned_header(tuple(fields), known.names) is not None:
        return False
    # 3.
    try:
        values = known.values_of(fields)
    except KeyError:
        return False
    lines = known.template % values
    if b" " in lines or b"\t" in lines:
        lines = known.template % tuple([folded(value) for value in values])
    canonical = b"".join((b"POST\n/\n\n", lines, known.after, _sha256(body).hexdigest().encode()))
    # 4.
    to_sign = b"".join((b"AWS4-HMAC-SHA256\n", stamp, known.scope, _sha256(canonical).hexdigest().encode()))
    # 5.
    signature = fields[b"authorization"][-SIGNATURE_DIGITS:]
    return hmac.compare_digest(key.sign(to_sign).encode(), signature)
