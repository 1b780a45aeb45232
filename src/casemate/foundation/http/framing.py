"""What a head must look like before its request is believed (RFC 9110, RFC 9112), beyond what the parser refuses.

llhttp in its strict mode already refuses: bare LF, obs-fold, white space before a colon, control characters, unknown
methods, Content-Length together with Transfer-Encoding, repeated or non-decimal Content-Length, a Transfer-Encoding
that does not end in chunked. Here is what it lets pass. (An OPTIONS that names RTSP as its protocol also passes: it is
framed like HTTP, and answered as HTTP.)
"""

from __future__ import annotations

import re

# Methods that llhttp knows for other protocols, and CONNECT: this server is no forward proxy.
_FOREIGN_METHODS = frozenset(
    b"CONNECT PRI SOURCE DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN "
    b"GET_PARAMETER SET_PARAMETER REDIRECT RECORD FLUSH".split()
)
# Two values of one of these can be read in two ways, and some proxy in front will read the other one.
_SINGLE = frozenset((b"host", b"content-length", b"transfer-encoding", b"authorization", b"content-type", b"expect"))
_HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?").fullmatch
_LONGEST_HOST = 261  # a name of 255 octets, a colon and a port


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
    if len(host) > _LONGEST_HOST or _HOST(host) is None:
        raise Refused(400, "Host is malformed")


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
