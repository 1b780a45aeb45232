"""Keys, tokens and headers. These take the text as it stands, not a compact form."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import msgspec

_HEXADECIMAL: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_LONGEST_TOKEN: Final = 64 * 1024


def aws_secret(value: str) -> bool:
    """Forty characters that look drawn at random: no digest, no path, no word."""
    if _HEXADECIMAL.fullmatch(value) or len(set(value)) < 18 or value.count("/") > 6:
        return False
    return any(c.isdigit() for c in value) and any(c.islower() for c in value) and any(c.isupper() for c in value)


def random_token(value: str) -> bool:
    """A key drawn at random has many different characters."""
    return len(set(value)) >= 10


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def json_web_token(value: str) -> bool:
    """RFC 7519 and 7515: a header that names its algorithm, and a payload that is a JSON object."""
    if len(value) > _LONGEST_TOKEN:
        return False
    try:
        header, payload, signature = value.split(".")
        head = msgspec.json.decode(_decode(header))
        body = msgspec.json.decode(_decode(payload))
    except (ValueError, binascii.Error, msgspec.DecodeError, RecursionError):
        return False
    if not isinstance(head, dict) or not isinstance(body, dict) or not isinstance(head.get("alg"), str):
        return False
    return bool(signature) or head["alg"].lower() == "none"


def basic_authorization(value: str) -> bool:
    """RFC 7617: what is encoded is a user and a password around a colon."""
    token = value.rsplit(None, 1)[-1]
    try:
        decoded = base64.b64decode(token, validate=True)
    except (ValueError, binascii.Error):
        return False
    return b":" in decoded


def armored_key(value: str) -> bool:
    """PEM and its relatives (RFC 7468): there is a body between the lines, and it is no placeholder."""
    body = re.sub(r"-----[^-]+-----|\\[rn]|[\s\"'+]", "", value)
    return len(body) >= 48 and len(set(body)) >= 12
