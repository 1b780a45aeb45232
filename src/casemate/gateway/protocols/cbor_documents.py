"""CBOR as RPCv2 requests use it (RFC 8949; Smithy, "Smithy RPC v2 CBOR protocol").

A decoder of our own, because a general one decodes far more than a request may hold: regular expressions, decimals of
any size, references that make cycles. This one knows numbers, text, bytes, arrays, maps with distinct text keys, the
simple values, and timestamps (tag 1); anything else is refused. It never allocates what a length merely claims.
"""

from __future__ import annotations

import struct
from typing import Any, Final, NamedTuple

from casemate.gateway.protocols.errors import MalformedRequest

MAX_DEPTH: Final = 64
_INDEFINITE: Final = 31
_BREAK: Final = object()
_TIMESTAMP_TAG: Final = 1
_LENGTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE: Final[dict[int, Any]] = {20: False, 21: True, 22: None, 23: None}


class Timestamp(NamedTuple):
    """What tag 1 holds: seconds since the epoch."""

    seconds: Any


def decode_cbor(body: bytes) -> Any:
    """The one data item that the body is; MalformedRequest where it is none, too deep, or says a key twice."""
    decoder = _Decoder(body)
    try:
        document = decoder.item(0)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise MalformedRequest("The request body is not a CBOR document.") from error
    if document is _BREAK or decoder.position != len(body):
        raise MalformedRequest("The request body is not one CBOR document.")
    return document


class _Decoder:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self.position = 0

    def item(self, depth: int) -> Any:
        initial = self._body[self.position]
        self.position += 1
        major, info = initial >> 5, initial & 31
        match major:
            case 0:
                return self._argument(info)
            case 1:
                return -1 - self._argument(info)
            case 2:
                return self._string(info, major)
            case 3:
                return self._string(info, major).decode()
            case 7:
                return self._simple(info)
        if depth == MAX_DEPTH:
            raise MalformedRequest(f"The request body is nested deeper than {MAX_DEPTH} levels.")
        match major:
            case 4:
                return self._array(info, depth + 1)
            case 5:
                return self._map(info, depth + 1)
            case _:
                return self._tag(info, depth + 1)

    def _argument(self, info: int) -> int:
        if info < 24:
            return info
        return int.from_bytes(self._take(_LENGTHS.get(info, -1)))

    def _take(self, length: int) -> bytes:
        end = self.position + length
        if length < 0 or end > len(self._body):
            raise IndexError(end)
        taken = self._body[self.position : end]
        self.position = end
        return taken

    def _string(self, info: int, major: int) -> bytes:
        if info != _INDEFINITE:
            return self._take(self._argument(info))
        chunks = []
        while (initial := self._take(1)[0]) != 0xFF:
            if initial >> 5 != major or initial & 31 == _INDEFINITE:
                raise IndexError(self.position)
            chunk = self._take(self._argument(initial & 31))
            if major == 3:
                chunk.decode()  # every chunk of a text is a text
            chunks.append(chunk)
        return b"".join(chunks)

    def _array(self, info: int, depth: int) -> list[Any]:
        items: list[Any] = []
        remaining = -1 if info == _INDEFINITE else self._argument(info)
        while remaining != len(items):
            item = self.item(depth)
            if item is _BREAK:
                if remaining >= 0:
                    raise IndexError(self.position)
                break
            items.append(item)
        return items

    def _map(self, info: int, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        remaining = -1 if info == _INDEFINITE else self._argument(info)
        while remaining != len(members):
            key = self.item(depth)
            if key is _BREAK and remaining < 0:
                break
            if type(key) is not str:
                raise MalformedRequest("The request body has a map with a key that is no text.")
            if key in members:
                raise MalformedRequest("The request body has a map that says a key twice.")
            value = self.item(depth)
            if value is _BREAK:
                raise IndexError(self.position)
            members[key] = value
        return members

    def _tag(self, info: int, depth: int) -> Timestamp:
        if self._argument(info) != _TIMESTAMP_TAG:
            raise MalformedRequest("The request body has a tag other than that of timestamps.")
        value = self.item(depth)
        if type(value) not in {int, float}:
            raise MalformedRequest("A timestamp is not a number.")
        return Timestamp(value)

    def _simple(self, info: int) -> Any:
        if info in _SIMPLE:
            return _SIMPLE[info]
        if info in _FLOATS:
            return struct.unpack(_FLOATS[info], self._take(_LENGTHS[info]))[0]
        if info == _INDEFINITE:
            return _BREAK
        raise IndexError(self.position)
