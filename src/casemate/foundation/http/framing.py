"""What a head must look like before its request is believed (RFC 9110, RFC 9112), beyond what the parser refuses.

llhttp in its strict mode already refuses: bare LF, obs-fold, white space before a colon, control characters, unknown
methods, Content-Length together with Transfer-Encoding, repeated or non-decimal Content-Length, a Transfer-Encoding
that does not end in chunked. Here is what it lets pass. Two things stay: spaces between the words of a request line
may be several, and RTSP or ICE may be named as the protocol; both are framed like HTTP, and answered as HTTP.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

# Methods that llhttp knows for other protocols, and CONNECT: this server is no forward proxy.
_FOREIGN_METHODS = frozenset(
    b"CONNECT PRI SOURCE DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN "
    b"GET_PARAMETER SET_PARAMETER REDIRECT RECORD FLUSH".split()
)
# Two values of one of these can be read in two ways, and some proxy in front will read the other one.
_SINGLE = frozenset((b"host", b"content-length", b"transfer-encoding", b"authorization", b"content-type", b"expect"))
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{0,5}))?").fullmatch
_LONGEST_HOST = 261  # a name of 255 octets, a colon and a port
_LARGEST_PORT = 65_535
_LONGEST_LENGTH = 18  # digits of a Content-Length that fits into 63 bits whatever they are
_LARGEST_LENGTH = 2**63 - 1  # an application that counts in signed numbers would take a larger one for a negative
# RFC 9110 6.5.1: what frames, routes, authenticates or modifies a request decides before the body, or never.
_NOT_IN_TRAILERS = frozenset(
    b"transfer-encoding content-length host connection keep-alive proxy-connection upgrade te trailer expect "
    b"authorization proxy-authorization cookie set-cookie content-type content-encoding content-range range "
    b"cache-control max-forwards pragma if-match if-none-match if-modified-since if-unmodified-since if-range "
    b"forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port".split()
)


class Refused(Exception):
    """A request that gets an error answer from the server itself. Arguments: HTTP status, reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def merge_repeated(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Values by name, repeated ones joined by a comma. Raises Refused where a second one is not allowed."""
    index: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in index:
            if name in _SINGLE:
                raise Refused(400, f"{name.decode()} may be given once")
            index[name] = index[name] + b"," + value
        else:
            index[name] = value
    return index


def check_host(host: bytes | None, http_version: str) -> None:
    """RFC 9112 3.2: one Host, in HTTP/1.1 always. Raises Refused."""
    if host is None:
        if http_version == "1.1":
            raise Refused(400, "Host is missing")
        return
    found = _HOST(host) if len(host) <= _LONGEST_HOST else None
    if found is None or int(found[2] or 0) > _LARGEST_PORT:
        raise Refused(400, "Host is malformed")
    if found[1] is not None:
        try:
            IPv6Address(found[1].decode())
        except AddressValueError:
            raise Refused(400, "Host is malformed") from None


def check_length(length: bytes) -> None:
    """A Content-Length, which the parser knows to be of digits, fits into 63 bits. Raises Refused."""
    if len(length) > _LONGEST_LENGTH and (len(length) > _LONGEST_LENGTH + 1 or int(length) > _LARGEST_LENGTH):
        raise Refused(400, "Content-Length is too large")


class Trailers(list[tuple[bytes, bytes]]):
    """Takes the fields after a chunked body: refuses those that may not stand there, and keeps none."""

    __slots__ = ("_count", "_most")

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._count = 0

    def append(self, field: tuple[bytes, bytes], /) -> None:
        """Raises Refused."""
        self._count += 1
        if self._count > self._most:
            raise Refused(431, "there are too many trailers")
        if field[0] in _NOT_IN_TRAILERS:
            raise Refused(400, f"{field[0].decode()} may not come after the body")


def check_unusual_target(method: bytes, target: bytes, host: bytes | None) -> None:
    """For a target that is no path: the absolute form must name the same host, `*` is for OPTIONS. Raises Refused."""
    if target == b"*":
        if method != b"OPTIONS":
            raise Refused(400, "the target * is for OPTIONS")
        return
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in {b"http", b"https"}:
        raise Refused(400, "the request target is malformed")
    authority = re.split(rb"[/?#]", rest, maxsplit=1)[0]
    if host is not None and authority.lower() != host.lower():
        raise Refused(400, "the request target and Host name different hosts")


def check_method(method: bytes) -> None:
    """Raises Refused for methods of other protocols and for CONNECT."""
    if method in _FOREIGN_METHODS:
        raise Refused(501, "this method is not served")


def check_transfer_encoding(value: bytes, http_version: str) -> None:
    """Only `chunked`, only in HTTP/1.1 (RFC 9112 6.1). Raises Refused."""
    if http_version != "1.1":
        raise Refused(400, "Transfer-Encoding needs HTTP/1.1")
    if value.lower() != b"chunked":
        raise Refused(400, "the only Transfer-Encoding served is chunked")


def check_expect(value: bytes) -> None:
    """RFC 9110 10.1.1: the only expectation there is. Raises Refused."""
    if value.lower() != b"100-continue":
        raise Refused(417, "the only expectation served is 100-continue")
