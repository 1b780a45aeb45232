"""Access logs as an Application Load Balancer writes them ("Access log entries", AWS)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from casemate.edge.proxy.sessions import ClientTls

if TYPE_CHECKING:
    from casemate.edge.proxy.exchange import Exchange

BALANCER: Final = "app/casemate/edge"
_ACTIONS: Final = {"CAPTCHA": "waf-captcha", "CHALLENGE": "waf-challenge"}
_ODD: Final = re.compile(r'[^ -~]|["\\]')


def _quoted(value: bytes) -> str:
    """Text within quotes: what could end them, or a line, is written in hexadecimal."""
    text = value.decode("latin-1")
    return _ODD.sub(lambda found: f"\\x{ord(found[0]):02x}", text) if _ODD.search(text) else text


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value >= 0 else "-1"


def _times(exchange: Exchange) -> tuple[float, float, float]:
    """Until it was sent on, until the application's answer began, until it was passed on; -1 where it wasn't."""
    began, sent, heard, ended = exchange.since, exchange.sent_at, exchange.heard_at, exchange.ended_at
    if not sent:
        return -1.0, -1.0, -1.0
    if not heard:
        return sent - began, -1.0, -1.0
    return sent - began, heard - sent, ended - heard


def entry(exchange: Exchange, *, scheme: str, port: int) -> bytes:
    """The line of one request."""
    request, verdict = exchange.request, exchange.verdict
    fields, tls = request.fields, request.tls
    kind = "h2" if request.http_version == "2.0" else scheme
    if exchange.status == 101:
        kind = "wss" if scheme == "https" else "ws"
    host = fields.get(b"host", b"-")
    authority = host if b":" in host.rpartition(b"]")[2] else host + b":%d" % port
    line = b"%b %b://%b%b HTTP/%b" % (
        request.method,
        scheme.encode(),
        authority,
        request.target,
        request.http_version.encode(),
    )
    acted = verdict.action if verdict is not None else ""
    actions = "waf,forward" if acted == "ALLOW" else "waf" if acted == "BLOCK" else f"waf,{_ACTIONS.get(acted, '-')}"
    target = exchange.origin.address.name if exchange.origin is not None else "-"
    target_status = str(exchange.origin_status or "-")
    name = tls.name if isinstance(tls, ClientTls) and tls.name else "-"
    client = f"[{request.peer[0]}]" if ":" in request.peer[0] else request.peer[0]
    words = (
        kind,
        _moment(exchange.ended_real),
        BALANCER,
        f"{client}:{request.peer[1]}",
        target,
        *map(_seconds, _times(exchange)),
        str(exchange.status),
        target_status,
        str(_head_size(exchange) + exchange.received),
        str(exchange.answered_bytes),
        f'"{_quoted(line)}"',
        f'"{_quoted(fields.get(b"user-agent", b"-"))}"',
        tls.cipher if tls is not None else "-",
        tls.version if tls is not None else "-",
        "-",
        f'"{_quoted(exchange.trace or b"-")}"',
        f'"{_quoted(name.encode())}"',
        '"-"',
        "0",
        _moment(exchange.began),
        f'"{actions}"',
        '"-"',
        '"-"',
        f'"{target}"',
        f'"{target_status}"',
        '"-"',
        '"-"',
        "-",
    )
    return " ".join(words).encode()


def _head_size(exchange: Exchange) -> int:
    request = exchange.request
    return len(request.method) + len(request.target) + 14 + sum(len(n) + len(v) + 4 for n, v in request.headers)
