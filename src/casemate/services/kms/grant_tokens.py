"""Grant tokens: sealed names of grants. Nothing is kept of them, and all tokens of a grant are interchangeable.

A grant works everywhere at once here, so a token gives nothing that its grant does not; it retires one, and one that
was not made here for the key in question is refused.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.seal import Place, SealError
from casemate.services.kms import errors
from casemate.services.kms.records import Grant, Key

_LONGEST: Final = 1024


class Token(msgspec.Struct, frozen=True, array_like=True):
    """What a token names."""

    account: str
    key_id: str
    grant_id: str
    created: float


def issue(context: Context, grant: Grant) -> str:
    """A fresh token of a grant."""
    body = msgspec.msgpack.encode(Token(grant.account, grant.key_id, grant.id, grant.created))
    return base64.urlsafe_b64encode(context.host.seal.wrap(body, _place(context))).decode()


def read(context: Context, text: str) -> Token:
    """What a token names. Raises InvalidGrantTokenException."""
    if len(text) > _LONGEST:
        raise errors.bad_grant_token()
    try:
        sealed = base64.b64decode(text, altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(context.host.seal.open(sealed, _place(context)), type=Token)
    except (ValueError, SealError, msgspec.MsgspecError):
        raise errors.bad_grant_token() from None


def check(context: Context, texts: Sequence[str], *keys: Key) -> None:
    """Every token must be one of ours, for one of the keys. Raises InvalidGrantTokenException."""
    named = {(key.account, key.id) for key in keys}
    for text in texts:
        token = read(context, text)
        if (token.account, token.key_id) not in named:
            raise errors.bad_grant_token()


def _place(context: Context) -> Place:
    return Place("kms.grant_tokens", "", context.region, "token")
