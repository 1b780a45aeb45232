"""What of an Authorization header an application reads: names, not signatures, nor passwords of any characters."""

from __future__ import annotations

import binascii
import re
from typing import Final

_BASIC: Final = re.compile(rb"[Bb]asic +([A-Za-z0-9+/]{2,4096}={0,2})\Z")
# AWS Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
_SIGNED: Final = re.compile(
    rb"AWS4-[A-Z0-9-]{8,24} Credential=[\w/+=@.-]{8,400}, ?"
    rb"SignedHeaders=[a-z0-9;_-]{1,1000}, ?Signature=[0-9a-f]{64,160}\Z"
)
# A password is compared by its hash; one made at random has white space and words as seldom as an attack lacks both.
_SAYS_SOMETHING: Final = re.compile(rb"\s|[A-Za-z]{5}|\$\{|\.\.[/\\]")


def readable(value: bytes) -> list[bytes]:
    """The values in one Authorization header; the header itself when it is of no scheme known here."""
    if _SIGNED.match(value):
        return []
    basic = _BASIC.match(value)
    if basic is None:
        return [value]
    try:
        user, colon, password = binascii.a2b_base64(basic.group(1)).partition(b":")
    except binascii.Error:
        return [value]
    if not colon:
        return [value]
    found = [user] if user else []
    if _SAYS_SOMETHING.search(password):
        found.append(password)
    return found
