"""Session tokens: temporary credentials that carry everything about themselves, sealed.

Nothing is stored for a session. A token is AES-256-GCM over the access key id, the secret access key and the caller,
under a key of this node; what it says is checked against IAM (the role still exists) at each use.
"""

from __future__ import annotations

import base64
import os
from typing import Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemate.contracts.identity import Credential, CredentialRefused
from casemate.foundation.caller import Caller
from casemate.foundation.ids import new_access_key_id, new_secret_access_key
from casemate.foundation.seal import Seal

PREFIX: Final = "IQoJb3JpZ2luX2Vj"
"""How AWS's own version 2 tokens begin; some clients look at it."""
PURPOSE: Final = "sts.session-tokens"
_NONCE: Final = 12
_TAG: Final = 16
_SHORT: Final = 255
_LONGEST: Final = 32 * 1024
MOST_BYTES: Final = 4096
"""What AWS lets a token have; sizes are told as a share of it."""


class _Claims(msgspec.Struct, array_like=True):
    secret: str
    caller: Caller
    padding: bytes = b""


class Minted(NamedTuple):
    """Temporary credentials."""

    access_key_id: str
    secret_key: str
    token: str
    expires: float


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Claims).decode


def mint(seal: Seal, caller: Caller, *, least_bytes: int = 0) -> Minted:
    """Temporary credentials for a caller that has a session; its access key id is made here.

    The token is filled up to `least_bytes`.
    """
    assert caller.session is not None
    access_key_id = new_access_key_id("ASIA", caller.account)
    secret = new_secret_access_key()
    claims = _Claims(secret, msgspec.structs.replace(caller, access_key_id=access_key_id))
    plain = _encode(claims)
    missing = _plain_bytes(least_bytes) - len(plain)
    if missing > 0:
        # MessagePack spends one byte more on the length of what is longer than 255.
        claims.padding = bytes(missing if missing <= _SHORT else max(missing - 1, _SHORT + 1))
        plain = _encode(claims)
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(seal.derive(PURPOSE)).encrypt(nonce, plain, access_key_id.encode())
    token = PREFIX + base64.b64encode(nonce + sealed).decode()
    return Minted(access_key_id, secret, token, caller.session.expires)


def _plain_bytes(token_bytes: int) -> int:
    """How many bytes to seal for a token of at least that size: base64 makes four of three."""
    return -(-(token_bytes - len(PREFIX)) // 4) * 3 - _NONCE - _TAG


def opened(seal: Seal, access_key_id: str, token: str) -> Credential:
    """The credential in a token. Raises CredentialRefused; whether it is over is the caller's to check."""
    invalid = CredentialRefused("unknown", "The security token included in the request is invalid.")
    if not token.startswith(PREFIX) or len(token) > _LONGEST:
        raise invalid
    try:
        raw = base64.b64decode(token[len(PREFIX) :], validate=True)
        plain = AESGCM(seal.derive(PURPOSE)).decrypt(raw[:_NONCE], raw[_NONCE:], access_key_id.encode())
        claims = _decode(plain)
    except (ValueError, InvalidTag, msgspec.DecodeError):
        raise invalid from None
    return Credential(claims.caller, claims.secret)
