"""Access logs as an Application Load Balancer writes them ("Access log entries", AWS)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from casemate.edge.proxy.sessions import ClientTls
from casemate.foundation.http import Request, Tls

if TYPE_CHECKING:
    from casemate.edge.proxy.exchange import Exchange

BALANCER: Final = "app/casemate/edge"
_ACTIONS: Final = {"CAPTCHA": "waf-captcha", "CHALLENGE": "waf-challenge"}
_ODD: Final = re.compile(r'[^ -~]|["\\]')


class Refusal(NamedTuple):
    """A request that was answered, or dropped, before it was judged. Sizes are bytes.

    `status` is what it was answered with, or would have been; 460 where the client went away first. `request` is None
    where no head could be read.
    """

    status: int
    peer: tuple[str, int]
    tls: Tls | None
    http_version: str
    received: int
    sent: int = 0
    request: Request | None = None


def _quoted(value: bytes) -> str:
    """Text within quotes: what could end them, or a line, is written in hexadecimal."""
    text = value.decode("latin-1")
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return _ODD.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


@lru_cache(8)  # by content: lines are written in the order of their seconds
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.")


def _moment(seconds: float) -> str:
    whole = int(seconds)
    return f"{_second(whole)}{int((seconds - whole) * 1e6):06d}Z"


def _times(exchange: Exchange) -> tuple[str, str, str]:
    """Until it was sent on, until the application's answer began, until it was passed on; -1 where it wasn't."""
    began, sent, heard, ended = exchange.since, exchange.sent_at, exchange.heard_at, exchange.ended_at
    if not sent:
        return "-1", "-1", "-1"
    if not heard:
        return f"{sent - began:.3f}", "-1", "-1"
    return f"{sent - began:.3f}", f"{heard - sent:.3f}", f"{ended - heard:.3f}"


def entry(exchange: Exchange, *, scheme: str, port: int) -> bytes:
    """The line of one request."""
    request, verdict = exchange.request, exchange.verdict
    kind = "h2" if request.http_version == "2.0" else scheme
    if exchange.status == 101:
        kind = "wss" if scheme == "https" else "ws"
    acted = verdict.action if verdict is not None else ""
    actions = "waf,forward" if acted == "ALLOW" else "waf" if acted == "BLOCK" else f"waf,{_ACTIONS.get(acted, '-')}"
    target = exchange.origin.address.name if exchange.origin is not None else "-"
    target_status = str(exchange.origin_status or "-")
    began, sent, heard = _times(exchange)
    tls = request.tls
    cipher, version = _session(tls)
    size = _head_size(request) + exchange.received
    return (
        f"{kind} {_moment(exchange.ended_real)} {BALANCER} {_client(request.peer)} {target} {began} {sent} {heard} "
        f"{exchange.status} {target_status} {size} {exchange.answered_bytes} "
        f'"{_quoted(_line(request, scheme, port))}" "{_quoted(request.fields.get(b"user-agent", b"-"))}" '
        f'{cipher} {version} - "{_quoted(exchange.trace or b"-")}" "{_quoted(_name(tls))}" "-" 0 '
        f'{_moment(exchange.began)} "{actions}" "-" "-" "{target}" "{target_status}" "-" "-" -'
    ).encode()


def refusal(refused: Refusal, *, now: float, scheme: str, port: int) -> bytes:
    """The line of a request that was never judged: nothing went to a target, no rule and no action."""
    request = refused.request
    agent, line, size = b"-", b"- %b://-:%d- -" % (scheme.encode(), port), refused.received
    if request is not None:
        agent, line = request.fields.get(b"user-agent", b"-"), _line(request, scheme, port)
        size += _head_size(request)
    words = (
        "h2" if refused.http_version == "2.0" else scheme,
        _moment(now),
        BALANCER,
        _client(refused.peer),
        "- -1 -1 -1",
        str(refused.status),
        "-",
        str(size),
        str(refused.sent),
        f'"{_quoted(line)}"',
        f'"{_quoted(agent)}"',
        *_session(refused.tls),
        '- "-"',
        f'"{_quoted(_name(refused.tls))}"',
        '"-" -',
        _moment(now),
        '"-" "-" "-" "-" "-" "-" "-" -',
    )
    return " ".join(words).encode()


def _line(request: Request, scheme: str, port: int) -> bytes:
    """Method, URL and version, as a load balancer writes them."""
    host = request.fields.get(b"host", b"-")
    authority = host if b":" in host.rpartition(b"]")[2] else host + b":%d" % port
    version = request.http_version.encode()
    return b"%b %b://%b%b HTTP/%b" % (request.method, scheme.encode(), authority, request.target, version)


def _client(peer: tuple[str, int]) -> str:
    return f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"


def _session(tls: Tls | None) -> tuple[str, str]:
    return (tls.cipher, tls.version) if tls is not None else ("-", "-")


def _name(tls: Tls | None) -> bytes:
    return tls.name.encode() if isinstance(tls, ClientTls) and tls.name else b"-"


def _head_size(request: Request) -> int:
    size = len(request.method) + len(request.target) + 14 + 4 * len(request.headers)
    for name, value in request.headers:
        size += len(name) + len(value)
    return size
