"""Requests from logs: AWS WAF's, an Application Load Balancer's, and common or combined access logs.

Logs hold no bodies, and access logs few headers: what needs them can't match in a replay.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from casemate.cli.waf.requests import RequestFileError, headers_of, number_of, text_of
from casemate.engines.web import RequestView, ResourceKind

_COMBINED: Final = re.compile(
    r'^(?P<ip>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<target>\S+) (?P<version>HTTP/[\d.]+)" '
    r'(?P<status>\d{3}) \S+(?: "(?P<referer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)")?'
)
_ALB: Final = re.compile(
    r"^(?P<type>\S+) (?P<time>\S+) \S+ (?P<ip>\S+):\d+ \S+ \S+ \S+ \S+ (?P<status>\S+) \S+ \S+ \S+ "
    r'"(?P<method>[A-Z]+) (?P<target>\S+) (?P<version>HTTP/[\d.]+)" "(?P<agent>(?:[^"\\]|\\.)*)" (?P<rest>.*)$'
)
# A request that the load balancer itself could not read: nothing of it is known, and no WAF looked at it.
_UNREAD: Final = re.compile(r'^\S+ \S+ \S+ \S+:\d+ - -1 -1 -1 \S+ - \S+ \S+ "- [^"]*- ?" ')
_ESCAPED: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|(.))")


class Logged(NamedTuple):
    """A logged request; `action` is what the log says WAF decided, None where it doesn't say."""

    source: str
    view: RequestView
    action: str | None
    rule: str


def read_log(name: str, kind: ResourceKind) -> Iterator[Logged]:
    """Every request of a log, but for those that a load balancer could not read.

    Raises RequestFileError for a line that is none of the formats.
    """
    path = Path(name)
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                found = _line(line, f"{path}:{number}", kind) if line.strip() else None
                if found is not None:
                    yield found
    except (OSError, EOFError, zlib.error) as error:
        raise RequestFileError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _line(line: bytes, where: str, kind: ResourceKind) -> Logged | None:
    if line[:1] == b"{":
        try:
            entry = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise RequestFileError(f"{where}: no JSON: {error}") from None
        return _waf(entry, where, kind)
    text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
    for pattern, read in ((_COMBINED, _access), (_ALB, _balancer)):
        found = pattern.match(text)
        if found:
            return read(found, where, kind)
    if _UNREAD.match(text):
        return None
    raise RequestFileError(f"{where}: no WAF log, ALB access log or common access log: '{text[:60]}'")


def _waf(entry: Any, where: str, kind: ResourceKind) -> Logged:
    request = entry.get("httpRequest") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise RequestFileError(f"{where}: no WAF log: httpRequest is missing")
    said = {
        name: text_of(request.get(name), where, name)
        for name in ("args", "uri", "httpMethod", "clientIp", "httpVersion")
    }
    said |= {
        name: text_of(entry.get(name), where, name)
        for name in ("action", "terminatingRuleId", "ja3Fingerprint", "ja4Fingerprint")
    }
    target = (said["uri"] or "/") + (f"?{said['args']}" if said["args"] else "")
    view = RequestView(
        method=(said["httpMethod"] or "GET").encode("utf-8", "surrogateescape"),
        target=target.encode("utf-8", "surrogateescape"),
        headers=headers_of(request.get("headers"), where),
        client_ip=said["clientIp"],
        http_version=said["httpVersion"] or "HTTP/1.1",
        kind=kind,
        time=number_of(entry.get("timestamp") or 0, where, "timestamp") / 1000,
        ja3=said["ja3Fingerprint"] or None,
        ja4=said["ja4Fingerprint"] or None,
    )
    return Logged(where, view, said["action"] or "ALLOW", said["terminatingRuleId"])


def _text(value: str | None) -> bytes:
    """A quoted field of an access log, its escapes undone."""
    undone = _ESCAPED.sub(lambda m: chr(int(m.group(1), 16)) if m.group(1) else m.group(2), value or "")
    return undone.encode("latin-1", "replace") if undone.isascii() else undone.encode("utf-8", "surrogateescape")


def _access(found: re.Match[str], where: str, kind: ResourceKind) -> Logged:
    try:
        time = datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").timestamp()
    except (ValueError, OverflowError):
        time = 0.0
    headers = [(name, _text(found[group])) for name, group in ((b"Referer", "referer"), (b"User-Agent", "agent"))]
    view = RequestView(
        method=found["method"].encode(),
        target=_text(found["target"]),
        headers=[(name, value) for name, value in headers if value not in {b"", b"-"}],
        client_ip=found["ip"],
        http_version=found["version"],
        kind=kind,
        time=time,
    )
    return Logged(where, view, None, "")


def _balancer(found: re.Match[str], where: str, kind: ResourceKind) -> Logged:
    try:
        parts = urlsplit(found["target"])
    except ValueError:
        raise RequestFileError(f"{where}: '{found['target'][:60]}' is no URL") from None
    try:
        time = datetime.fromisoformat(found["time"]).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        time = 0.0
    agent = _text(found["agent"])
    headers = [(b"Host", parts.netloc.encode("utf-8", "surrogateescape"))] + (
        [(b"User-Agent", agent)] if agent != b"-" else []
    )
    view = RequestView(
        method=found["method"].encode(),
        target=_text((parts.path or "/") + (f"?{parts.query}" if parts.query else "")),
        headers=headers,
        client_ip=found["ip"],
        http_version=found["version"],
        kind=kind,
        time=time,
    )
    # actions_executed says whether WAF looked at it, and a 403 beside it that WAF refused it.
    looked = re.search(r'"(?:[a-z-]+,)*waf(?:,[a-z-]+)*"', found["rest"])
    action = ("BLOCK" if found["status"] == "403" else "ALLOW") if looked else None
    return Logged(where, view, action, "")
