"""Heads on their way through: what an application is told, and what of its answer goes on (RFC 9110 7.6)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from itertools import count
from typing import Final

from casemate.edge.proxy.known import KnownRequest
from casemate.foundation.http import Request

Pairs = list[tuple[bytes, bytes]]

_HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding "
    b"upgrade http2-settings".split()
)
# Written anew for the application, or answered here.
_DROPPED: Final = _HOP_BY_HOP | {
    b"expect",
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-port",
    b"x-amzn-trace-id",
    b"content-length",
}
_NOT_RELAYED: Final = _HOP_BY_HOP | {b"content-length", b"date"}
# Naming these in Connection must not take them away (RFC 9110 7.6.1 allows it for hop-by-hop ones alone).
_END_TO_END: Final = frozenset(b"host content-length content-type authorization cookie user-agent".split())
_INSERTED: Final = b"x-amzn-waf-"


class Trusted:
    """Whose X-Forwarded-… is believed."""

    def __init__(self, networks: Sequence[str]) -> None:
        """Raises ValueError for what is no network."""
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(text) for text in networks]

    def __bool__(self) -> bool:
        return bool(self._networks)

    def holds(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def client(self, peer: str, forwarded: bytes | None) -> str:
        """The client's address: the last in X-Forwarded-For that no trusted proxy has, when the peer is trusted."""
        if forwarded is None or not self.holds(peer):
            return peer
        for entry in reversed(forwarded.split(b",")):
            text = entry.strip().decode("latin-1")
            try:
                found = str(ip_address(text))
            except ValueError:
                return peer  # what a proxy passed on without understanding says nothing
            peer = found
            if not self.holds(found):
                break
        return peer


class TraceIds:
    """X-Amzn-Trace-Id: unique, not secret. One random prefix a process and a number."""

    def __init__(self) -> None:
        self._prefix = os.urandom(8).hex()
        self._numbers = count(int.from_bytes(os.urandom(3), "big"))
        self._second = 0
        self._start = ""

    def next(self, now: float, given: bytes | None) -> bytes:
        """A root of ours, or a self beside the root that the client gave (as ALB does)."""
        if now >= self._second + 1 or now < self._second:
            self._second = int(now)
            self._start = f"=1-{self._second:08x}-{self._prefix}"
        fresh = f"{self._start}{next(self._numbers) & 0xFFFFFFFF:08x}".encode()
        if given is None:
            return b"Root" + fresh
        return b"Self" + fresh + b";" + given[:512]


def nominated(connection: bytes) -> frozenset[bytes]:
    """The headers that a Connection header takes away."""
    names = frozenset(name.strip().lower() for name in connection.split(b","))
    return names - _END_TO_END


def upgrades(request: Request) -> bool:
    """Whether a request asks for a WebSocket (RFC 6455 4.1)."""
    fields = request.fields
    return (
        fields.get(b"upgrade", b"").lower() == b"websocket"
        and request.method == b"GET"
        and b"upgrade" in {name.strip().lower() for name in fields.get(b"connection", b"").split(b",")}
    )


def origin_form(target: bytes) -> bytes:
    """Path and query of a target in absolute form."""
    if target[:1] == b"/" or target == b"*":
        return target
    _, _, rest = target.partition(b"://")
    cut = min((at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0), default=len(rest))
    path = rest[cut:]
    return path if path[:1] == b"/" else b"/" + path


def request_head(
    request: Request,
    target: bytes,
    added: bytes,
    inserted: Iterable[tuple[str, str]],
    host: bytes,
) -> bytes:
    """The head for the application, without the empty line at its end and what says the body's length.

    `added` are lines that replace what the client sent of the same names; `inserted` come from rules; `host` is for
    HTTP/1.0 alone.
    """
    known = request.known if isinstance(request, KnownRequest) else None
    lines = known.lines if known is not None else None
    if lines is None:
        lines = _kept(request)
        if known is not None:
            known.lines = lines
    if b"host" not in request.fields:
        lines += b"\r\nhost: " + host
    head = b"".join((request.method, b" ", target, b" HTTP/1.1", lines, b"\r\n", added))
    for name, value in inserted:
        head += b"\r\n" + name.lower().encode() + b": " + value.encode()
    return head


def _kept(request: Request) -> bytes:
    """The client's headers that go on, each after a line end."""
    dropped: frozenset[bytes] = _DROPPED
    connection = request.fields.get(b"connection")
    if connection is not None and connection not in {b"keep-alive", b"close"}:
        dropped |= nominated(connection)
    lines = [b""]
    for pair in request.headers:
        if pair[0] not in dropped:
            lines.append(b": ".join(pair))  # noqa: PERF401 - a comprehension costs a call in Python 3.11
    kept = b"\r\n".join(lines)
    if _INSERTED in kept:  # only rules may say these
        kept = b"\r\n".join([line for line in lines if not line.startswith(_INSERTED)])
    return kept


def relayed(headers: Pairs, connection: bytes | None, *, head: bool) -> Pairs:
    """An application's headers for the client; `head` keeps the length that HEAD was told."""
    dropped: frozenset[bytes] = _NOT_RELAYED
    if connection is not None and connection.lower() not in {b"keep-alive", b"close"}:
        dropped |= nominated(connection)
    if head:
        dropped -= {b"content-length"}
    return [pair for pair in headers if pair[0] not in dropped]
