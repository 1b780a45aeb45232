"""From the parser's callbacks to a request whose head can be believed."""

from __future__ import annotations

import httptools

from casemate.foundation.http.framing import (
    Refused,
    Trailers,
    check_expect,
    check_host,
    check_length,
    check_method,
    check_transfer_encoding,
    check_unusual_target,
    merge_repeated,
)
from casemate.foundation.http.limits import Limits
from casemate.foundation.http.message import Request, Tls

_NO_BODY = frozenset((None, b"0"))
# Headers that change how a body comes; a request without them takes the short way.
_UNUSUAL = frozenset((b"transfer-encoding", b"upgrade", b"expect"))


class HeadReader:
    """Collects a head; `on_headers_complete` checks it and hands the request to `_begin`, or raises Refused."""

    __slots__ = (
        "_checked_host",
        "_chunked",
        "_fed",
        "_headers",
        "_parser",
        "_peer",
        "_streams",
        "_target",
        "_tls",
        "limits",
    )

    def __init__(self, limits: Limits, *, streams: bool) -> None:
        self.limits = limits
        self._streams = streams
        self._parser = httptools.HttpRequestParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._target = b""
        self._fed = 0  # bytes since the last head or message was complete, for the size of a head that never is
        self._checked_host: bytes | None = None
        self._chunked = False
        self._peer: tuple[str, int] = ("", 0)
        self._tls: Tls | None = None

    def _begin(self, request: Request, keep: bool, expects: bool) -> None:
        raise NotImplementedError

    def on_url(self, url: bytes) -> None:
        target = self._target + url if self._target else url
        if len(target) > self.limits.target_bytes:
            raise Refused(414, "the request target is too long")
        self._target = target

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        parser, headers, target, limits = self._parser, self._headers, self._target, self.limits
        self._headers = []  # whatever comes as a header from here on belongs to the next message, or is a trailer
        self._target = b""
        fed, self._fed = self._fed, 0
        index = dict(headers)
        if fed > limits.header_bytes or len(headers) > limits.header_count:
            self._measure(headers)
        if len(index) != len(headers):
            index = merge_repeated(headers)
        keep = parser.should_keep_alive()
        version = "1.1"
        # Only HTTP/1.1 is kept alive without a Connection header: no need to ask for the version, which is dear.
        if not keep or b"connection" in index:
            version = parser.get_http_version()
            if version not in {"1.1", "1.0"}:
                raise Refused(505, "only HTTP/1.1 and HTTP/1.0 are served")
        method = parser.get_method()
        check_method(method)
        host = index.get(b"host")
        if host is None or host != self._checked_host:
            check_host(host, version)
            self._checked_host = host
        if target[:1] != b"/":
            check_unusual_target(method, target, host)
        if b"#" in target:
            raise Refused(400, "a request target has no fragment")
        length = index.get(b"content-length")
        if length is not None:
            check_length(length)
            if not self._streams and int(length) > limits.body_bytes:
                raise Refused(413, "the body is too large")
        self._chunked = expects = False
        if not _UNUSUAL.isdisjoint(index):
            expects = self._check_body(version, index)
        self._begin(Request(method, target, headers, index, version, self._peer, self._tls), keep, expects)

    def _check_body(self, version: str, index: dict[bytes, bytes]) -> bool:
        """Refuse what a body's framing forbids; whether the client waits for 100 Continue."""
        length, coding = index.get(b"content-length"), index.get(b"transfer-encoding")
        self._chunked = coding is not None
        if coding is not None:
            check_transfer_encoding(coding, version)
            self._headers = Trailers(self.limits.header_count)
        bodiless = coding is None and length in _NO_BODY
        if b"upgrade" in index and not bodiless and self._parser.should_upgrade():
            raise Refused(400, "an Upgrade can't carry a body")  # the parser would take the body for the next request
        expect = index.get(b"expect")
        if expect is None:
            return False
        check_expect(expect)
        return version == "1.1" and not bodiless

    def _measure(self, headers: list[tuple[bytes, bytes]]) -> None:
        size = sum(len(name) + len(value) + 4 for name, value in headers)
        if size > self.limits.header_bytes or len(headers) > self.limits.header_count:
            raise Refused(431, "the request's head is too large")
