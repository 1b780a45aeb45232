"""What a proxy is told when it starts."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from casemate.foundation.errors import UsageError


class OriginAddress(msgspec.Struct, frozen=True):
    """Where an application listens."""

    host: str
    port: int
    tls: bool

    @property
    def name(self) -> str:
        """`host:port`, as access logs write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: to connect to an origin, for an origin to say something, between requests of a kept connection."""

    connect: float = 5.0
    response: float = 60.0
    idle: float = 50.0


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """A proxy's settings; they travel to its workers as JSON."""

    acl: str
    origins: tuple[OriginAddress, ...]
    host: str
    port: int
    workers: int = 1
    kind: str = "APPLICATION_LOAD_BALANCER"
    certificates: tuple[tuple[str, str], ...] = ()
    """(chain, key) files; the first is the default where no name fits."""
    waf_log: str = ""
    access_log: str = ""
    trusted: tuple[str, ...] = ()
    """Networks of proxies in front whose X-Forwarded-… is believed."""
    origin_ca: str = ""
    health_path: str = ""
    explain: bool = False
    cache: str = ""
    timeouts: Timeouts = Timeouts()

    @property
    def secure(self) -> bool:
        return bool(self.certificates)


def origin_of(url: str) -> OriginAddress:
    """Raises UsageError for what is no http or https URL of a host alone."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--origin {url}: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"--origin {url}: write it like http://127.0.0.1:8080")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise UsageError(f"--origin {url}: an origin is a scheme, a host and a port, nothing more")
    tls = parts.scheme == "https"
    return OriginAddress(parts.hostname, port or (443 if tls else 80), tls)


def address_of(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[IPV6]:PORT`. Raises UsageError."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--listen {text}: write it like 127.0.0.1:8080 or [::1]:8080")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - `:8080` asks for every address
