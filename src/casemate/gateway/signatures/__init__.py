"""AWS Signature Version 4: who signed a request, and whether every byte of it is what they signed.

signed = parse_signature(request)                          None where a request carries no signature at all
check_scope(signed, now=..., signing_name=..., region_exists=...)
verify(signed, keys.get(signed, secret), request)          raises SignatureError; returns nothing
"""

from __future__ import annotations

from casemate.gateway.signatures.chunks import ChunkedBody, chunked_body
from casemate.gateway.signatures.errors import SignatureError
from casemate.gateway.signatures.keys import SigningKey, SigningKeys
from casemate.gateway.signatures.recurring import SIGNATURE_DIGITS, Recurring, recurring, signed_again
from casemate.gateway.signatures.scope import check_scope
from casemate.gateway.signatures.signed import Payload, Signed, parse_signature
from casemate.gateway.signatures.verification import check_payload, verify

__all__ = [
    "SIGNATURE_DIGITS",
    "ChunkedBody",
    "Payload",
    "Recurring",
    "SignatureError",
    "Signed",
    "SigningKey",
    "SigningKeys",
    "check_payload",
    "check_scope",
    "chunked_body",
    "parse_signature",
    "recurring",
    "signed_again",
    "verify",
]
