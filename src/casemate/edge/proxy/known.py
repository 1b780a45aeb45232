"""Heads that a client repeats: read and believed once, then taken as they are.

A GET or HEAD that comes in one piece, and whose head is byte by byte that of one before but for its target, needs no
parser: what the parser and foundation/http said of its headers they would say again.
"""

from __future__ import annotations

import re
from typing import Final

from casemate.foundation.http import Request, Tls

BODILESS: Final = frozenset((b"GET", b"HEAD"))
LONGEST: Final = 4_096
"""Bytes of a head that is kept with a connection; what browsers send is about 1 KB."""
# What decides about a body, or about the connection.
_DECIDING: Final = frozenset((b"content-length", b"transfer-encoding", b"connection", b"upgrade", b"expect"))
# A path and query of the characters that the parser takes, without a fragment.
_LINE: Final = re.compile(rb"(GET|HEAD) (/[!\"$-~]*) HTTP/1\.1").fullmatch


class Known:
    """A head: all of it after its request line, and what it says. `lines` is what an application is told of it."""

    __slots__ = ("_rest", "fields", "headers", "lines")

    def __init__(self, rest: bytes, headers: list[tuple[bytes, bytes]], fields: dict[bytes, bytes]) -> None:
        self._rest = rest
        self.headers = headers
        self.fields = fields
        self.lines: bytes | None = None

    def repeated(self, data: bytes, longest_target: int) -> tuple[bytes, bytes] | None:
        """Method and target of a whole request that has this head; None for any other."""
        rest = self._rest
        if not data.endswith(rest):
            return None
        line = _LINE(data, 0, len(data) - len(rest))
        if line is None or line.end(2) - line.start(2) > longest_target:
            return None
        return line[1], line[2]


class KnownRequest(Request, eq=False):
    """A request whose head is known. Its headers are shared with others: they may not be changed."""

    known: Known | None = None


def known_of(request: Request, piece: bytes, line: bytes) -> Known | None:
    """What to keep of a request that was read from a piece; `line` is its method, its target and `HTTP/1.`.

    None unless the head is all of the piece, and neither a body nor the connection's end is decided in it.
    """
    if (
        request.http_version == "1.1"
        and request.target[:1] == b"/"
        and piece.startswith(line)
        and piece.find(b"\r\n\r\n") == len(piece) - 4
        and _DECIDING.isdisjoint(request.fields)
    ):
        return Known(piece[len(line) + 1 :], request.headers, request.fields)
    return None


def again(known: Known, found: tuple[bytes, bytes], peer: tuple[str, int], tls: Tls | None) -> KnownRequest:
    """The request with a known head."""
    return KnownRequest(found[0], found[1], known.headers, known.fields, "1.1", peer, tls, b"", known)
