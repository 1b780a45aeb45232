"""URLs of outgoing calls, read one way only."""

from __future__ import annotations

import re
from typing import NamedTuple

from casemate.foundation.outbound.errors import UrlRefusedError

_LONGEST = 8_192
# Scheme, host (a name or a bracketed IPv6 address), port, path and query: no user, no fragment, ASCII without spaces.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:[/?][!-\"$-~]*)?)"
)


class Target(NamedTuple):
    """Where a call goes. `host` is without brackets; `target` is path and query as written, beginning with a slash."""

    secure: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.secure else 80) else f"{name}:{self.port}"


def parse_url(url: str) -> Target:
    """Raises UrlRefusedError. The message does not repeat the URL: it may hold a secret."""
    match = _URL.fullmatch(url) if len(url) <= _LONGEST else None
    if match is None:
        raise UrlRefusedError("not an http or https URL that can be called")
    secure = match["scheme"] == "https"
    port = int(match["port"]) if match["port"] else (443 if secure else 80)
    if not 0 < port < 65_536:
        raise UrlRefusedError("the port is out of range")
    target = match["target"]
    return Target(secure, match["host"].strip("[]"), port, target if target.startswith("/") else f"/{target}")
