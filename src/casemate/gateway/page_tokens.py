"""Page tokens: where a list goes on, under a key of this node, good for one list of one caller."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

import msgspec

from casemate.foundation.errors import PageTokenRefused

_TAG: Final = 16
_LONGEST: Final = 4096


class PageTokens:
    """Issues and reads tokens. A list is (service, operation, account, region)."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, of: tuple[str, ...], filters: tuple[str, ...], position: str) -> str:
        body = position.encode()
        return base64.urlsafe_b64encode(self._tag(of, filters, body) + body).decode()

    def position(self, token: str, of: tuple[str, ...], filters: tuple[str, ...]) -> str:
        """The position in a token. Raises PageTokenRefused."""
        refused = PageTokenRefused("the token is not one that this server made for this list")
        if len(token) > _LONGEST:
            raise refused
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
            body = raw[_TAG:]
            if not hmac.compare_digest(raw[:_TAG], self._tag(of, filters, body)):
                raise refused
            return body.decode()
        except ValueError:
            raise refused from None

    def _tag(self, of: tuple[str, ...], filters: tuple[str, ...], body: bytes) -> bytes:
        return hmac.digest(self._key, msgspec.msgpack.encode((of, filters, body)), hashlib.sha256().name)[:_TAG]
