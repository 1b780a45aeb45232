"""From an HTTP/2 header block to a request that may be written as HTTP/1.1 (RFC 9113 8.2, 8.3, 10.3)."""

from __future__ import annotations

import re
from typing import Final

from casemate.foundation.http import Request, Tls
from casemate.foundation.http.framing import Refused, check_host, check_length, check_method

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+").fullmatch
_TARGET: Final = re.compile(rb"[\x21\x22\x24-\x7e\x80-\xff]+").fullmatch  # no space, control character or fragment
_VALUE: Final = re.compile(rb"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?").fullmatch
_SINGLE: Final = frozenset((b"content-length", b"authorization", b"content-type", b"expect"))
_METHODS_LONGEST: Final = 32


class Malformed(Exception):
    """A stream error PROTOCOL_ERROR: the request can't be believed."""


def read_head(
    block: list[tuple[bytes, bytes]], *, peer: tuple[str, int], tls: Tls | None, scheme: bytes, largest_target: int
) -> Request:
    """A request of a decoded header block. Raises Malformed, and Refused for what is well-formed but not served."""
    pseudo: dict[bytes, bytes] = {}
    headers: list[tuple[bytes, bytes]] = []
    cookies: list[bytes] = []
    for name, value in block:
        if name[:1] == b":":
            if headers or cookies or name in pseudo:
                raise Malformed("pseudo-headers come first and once")
            pseudo[name] = value
            continue
        if _NAME(name) is None or _VALUE(value) is None:
            raise Malformed("a header holds what no header may")
        if name == b"cookie":
            cookies.append(value)  # crumbs, joined again for one reader (RFC 9113 8.2.3)
        else:
            headers.append((name, value))
    if cookies:
        headers.append((b"cookie", b"; ".join(cookies)))
    method, target = _request_line(pseudo, scheme, largest_target)
    fields = _fields(headers)
    authority = pseudo.get(b":authority")
    host = fields.get(b"host")
    if authority is None and host is None:
        raise Malformed("neither :authority nor host")
    if authority is not None:
        if host is not None and host.lower() != authority.lower():
            raise Malformed(":authority and host differ")
        headers = [(b"host", authority), *(pair for pair in headers if pair[0] != b"host")]
        fields[b"host"] = authority
    check_host(fields[b"host"], "2.0")
    return Request(method, target, headers, fields, "2.0", peer, tls)


def _request_line(pseudo: dict[bytes, bytes], scheme: bytes, largest_target: int) -> tuple[bytes, bytes]:
    method = pseudo.get(b":method", b"")
    if len(method) > _METHODS_LONGEST or _TOKEN(method) is None:
        raise Malformed("no method")
    check_method(method)
    if pseudo.keys() - {b":method", b":scheme", b":path", b":authority"}:
        raise Malformed("a pseudo-header that no request has")
    if pseudo.get(b":scheme", b"").lower() != scheme:
        raise Malformed("another scheme than the connection's")
    target = pseudo.get(b":path", b"")
    if target == b"*" and method == b"OPTIONS":
        return method, target
    if target[:1] != b"/" or _TARGET(target) is None:
        raise Malformed("no path")
    if len(target) > largest_target:
        raise Refused(414, "the request target is too long")
    return method, target


def _fields(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in fields:
            fields[name] = value
        elif name in _SINGLE or name == b"host":
            raise Malformed(f"{name.decode()} may be given once")
        else:
            fields[name] += b"," + value
    length = fields.get(b"content-length")
    if length is not None:
        if not length.isdigit():
            raise Malformed("content-length is no number")
        check_length(length)
    return fields
