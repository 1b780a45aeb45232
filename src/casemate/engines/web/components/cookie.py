"""One cookie, which rate-based rules can count by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from casemate.engines.web.inspection import Inspection, Values


class SingleCookie(msgspec.Struct, frozen=True, tag=True):
    """The values of the cookie with this name, which is compared exactly."""

    cookie: bytes
    name = "SINGLE_COOKIE"

    def extract(self, request: Inspection) -> Values:
        return tuple(value for name, value in request.cookies if name == self.cookie)

    def location(self, _request: Inspection, _index: int) -> str:
        return self.cookie.decode("utf-8", "replace")
