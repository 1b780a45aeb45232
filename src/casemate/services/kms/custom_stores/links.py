"""How this machine reaches the proxies and tokens of custom key stores: what the operator says in `key_stores.toml`.

The file is in the data directory and is read again when it changes:

    [xks."proxy.example.com"]            # a host of an XksProxyUriEndpoint; others are reached by DNS, on port 443
    address = "10.1.2.3:8443"
    roots = "/etc/casemate/xks-ca.pem"   # else the system's
    certificate = "/etc/casemate/client.pem"
    key = "/etc/casemate/client.key"

    [hsm.cluster-1a23b4cdefg]            # a CloudHsmClusterId
    module = "/usr/lib/softhsm/libsofthsm2.so"
    token = "casemate"
    trust_anchor = "/etc/casemate/customerCA.crt"   # checked against TrustAnchorCertificate where it is given
"""

from __future__ import annotations

import contextlib
import ipaddress
import ssl
import tomllib
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from casemate.foundation.clock import Clock
from casemate.foundation.errors import CasemateError
from casemate.foundation.outbound import Outbound, OutboundPolicy, client_context
from casemate.foundation.pkcs11 import Pkcs11Error, Token, TokenName

FILE: Final = "key_stores.toml"
_CONNECT_SECONDS: Final = 0.25


class LinkError(CasemateError):
    """`key_stores.toml` can't be used; the text says why."""


class XksLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one host of proxies is reached."""

    address: str = ""
    roots: str = ""
    certificate: str = ""
    key: str = ""


class HsmLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which token one cluster is."""

    module: str
    token: str
    trust_anchor: str = ""


class _Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    xks: dict[str, XksLink] = {}
    hsm: dict[str, HsmLink] = {}


class Way(NamedTuple):
    """A client for one host, the base of its URLs, and the TLS context."""

    outbound: Outbound
    base: str
    tls: ssl.SSLContext | None


class Links:
    """The links of one process. Its methods block: they are for threads."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._path = data / FILE
        self._clock = clock
        self._stamp: tuple[int, int] | None = None
        self._configuration = _Configuration()
        self._ways: dict[str, Way] = {}
        self._tokens: dict[tuple[str, str], Token] = {}

    def way_to(self, endpoint: str) -> Way:
        """The way to a proxy's endpoint (`https://host`). Raises LinkError."""
        self._refresh()
        way = self._ways.get(endpoint)
        if way is None:
            way = self._ways[endpoint] = self._make(endpoint)
        return way

    def cluster(self, cluster_id: str) -> HsmLink | None:
        """The token that stands for a cluster. Raises LinkError."""
        self._refresh()
        return self._configuration.hsm.get(cluster_id)

    def is_anchor(self, link: HsmLink, certificate: str) -> bool:
        """Whether a certificate is the trust anchor that the file names; true where it names none. Raises LinkError."""
        if not link.trust_anchor:
            return True
        try:
            return Path(link.trust_anchor).read_text("ascii").split() == certificate.split()
        except (OSError, ValueError) as error:
            raise LinkError(f"{FILE}: a trust anchor can't be read: {_told(error)}") from None

    def token(self, cluster_id: str, pin: str) -> Token:
        """The open token of a cluster. Raises LinkError, Pkcs11Error."""
        link = self.cluster(cluster_id)
        if link is None:
            raise LinkError(f"{FILE} names no token for {cluster_id}")
        token = self._tokens.get((cluster_id, pin))
        if token is None:
            token = self._tokens[cluster_id, pin] = Token(
                TokenName(Path(link.module), link.token), pin, turn=self._path
            )
        return token

    def forget_token(self, cluster_id: str) -> None:
        """Let go of a cluster's token: the next call opens it anew."""
        for place in [place for place in self._tokens if place[0] == cluster_id]:
            _close(self._tokens.pop(place, None))

    def _make(self, endpoint: str) -> Way:
        host = endpoint.removeprefix("https://")
        link = self._configuration.xks.get(host, XksLink())
        try:
            tls = None
            if link.roots or link.certificate:
                roots = Path(link.roots).read_text("ascii") if link.roots else None
                certificate = Path(link.certificate) if link.certificate else None
                tls = client_context(roots, certificate, Path(link.key) if link.key else None)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise LinkError(f"{FILE}: the files of {host} can't be used: {_told(error)}") from None
        if not link.address:
            policy = OutboundPolicy(connect_timeout=_CONNECT_SECONDS)
            return Way(Outbound(policy, clock=self._clock), endpoint, tls)
        address, _, port = link.address.rpartition(":")
        try:
            number = ipaddress.ip_address(address.strip("[]"))
        except ValueError:
            raise LinkError(f"{FILE}: the address of {host} is not IP:PORT: '{link.address}'") from None
        policy = OutboundPolicy(allowed=(ipaddress.ip_network(number),), connect_timeout=_CONNECT_SECONDS)
        outbound = Outbound(policy, clock=self._clock, resolve=lambda _host, _port: [str(number)])
        return Way(outbound, f"{endpoint}:{port}", tls)

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            stamp = None
        else:
            stamp = status.st_mtime_ns, status.st_size
        if stamp == self._stamp:
            return
        self._configuration = self._read() if stamp is not None else _Configuration()
        self._stamp = stamp
        self._ways.clear()
        for cluster_id, _ in list(self._tokens):
            self.forget_token(cluster_id)

    def _read(self) -> _Configuration:
        try:
            return msgspec.convert(tomllib.loads(self._path.read_text("utf-8")), _Configuration)
        except (OSError, ValueError, msgspec.ValidationError) as error:
            raise LinkError(f"{FILE} can't be read: {_told(error)}") from None


def _told(error: Exception) -> str:
    """What was wrong, without a path of this machine: callers of the API read it."""
    return (error.strerror or "an error of the system") if isinstance(error, OSError) else str(error)


def _close(token: Token | None) -> None:
    """Close a session, so that the next one may log in: a token that is gone has none to close."""
    if token is not None:
        with contextlib.suppress(Pkcs11Error):
            token.close()
