"""Import tokens: the private half of a wrapping key, sealed and given away with its public half.

Nothing is kept of them: what a token opens is in the token, for one key, one algorithm and one day.
"""

from __future__ import annotations

from typing import Final

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.seal import Place, SealError
from casemate.services.kms.records import DAY, Key


class Token(msgspec.Struct, frozen=True, array_like=True):
    """For which key and algorithm, until when, and the wrapping key as PKCS #8."""

    account: str
    key_id: str
    algorithm: str
    spec: str
    expires: float
    private: bytes

    def __repr__(self) -> str:
        return f"<Token for {self.key_id}>"


_VALID: Final = DAY
"""Seconds for which a token may be used (KMS API, GetParametersForImport)."""
_read = msgspec.msgpack.Decoder(Token).decode


def issue(context: Context, key: Key, algorithm: str, spec: str, private: bytes) -> tuple[bytes, float]:
    """A token, and when it ends."""
    expires = context.now + _VALID
    token = Token(key.account, key.id, algorithm, spec, expires, private)
    return context.host.seal.wrap(msgspec.msgpack.encode(token), _place(context)), expires


def read(context: Context, key: Key, sealed: bytes) -> Token:
    """Raises InvalidImportTokenException for what is none of this key, ExpiredImportTokenException for an old one."""
    try:
        token = _read(context.host.seal.open(sealed, _place(context)))
    except (SealError, msgspec.MsgspecError):
        raise ServiceError("InvalidImportTokenException") from None
    if (token.account, token.key_id) != (key.account, key.id):
        raise ServiceError("InvalidImportTokenException")
    if context.now >= token.expires:
        raise ServiceError("ExpiredImportTokenException")
    return token


def _place(context: Context) -> Place:
    return Place("kms.import_tokens", "", context.region, "token")
