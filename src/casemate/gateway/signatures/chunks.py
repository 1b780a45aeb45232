r"""aws-chunked bodies: chunks with a signature each, trailers with checksums.

    10000;chunk-signature=ad80c7...\r\n  (64 KiB of content)  \r\n
    0;chunk-signature=b6c6ea...\r\n
    x-amz-checksum-crc32c:sOO8/Q==\r\n
    x-amz-trailer-signature:d81f82...\r\n
    \r\n

Sources: S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
Chunks" and "...Including Trailing Headers"; for unsigned chunks "Trailing checksums" in the S3 User Guide.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from enum import Enum, auto
from typing import Final

from casemate.foundation.errors import ServiceError
from casemate.gateway.protocols.request import Request
from casemate.gateway.signatures.checksums import Checksum, check, checksum_of, is_checksum
from casemate.gateway.signatures.errors import MISMATCH, SignatureError
from casemate.gateway.signatures.keys import SigningKey
from casemate.gateway.signatures.signed import Payload, Signed, payload_of

_EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()
_SIGNED_HEAD: Final = re.compile(rb"([0-9a-fA-F]{1,8});chunk-signature=([0-9a-f]{64})")
_UNSIGNED_HEAD: Final = re.compile(rb"([0-9a-fA-F]{1,8})")
_TRAILER_LINE: Final = re.compile(rb"([A-Za-z0-9-]{1,64})[ \t]*:[ \t]*([\x21-\x7e]{1,256})[ \t]*\n?")
_TRAILER_SIGNATURE: Final = "x-amz-trailer-signature"
# A chunk's first line is at most 90 bytes long, all trailers together some hundred.
_LONGEST_LINE: Final = 512
_MOST_TRAILERS: Final = 8
_SIGNED: Final = frozenset({Payload.SIGNED_CHUNKS, Payload.SIGNED_CHUNKS_TRAILER})
_TRAILED: Final = frozenset({Payload.SIGNED_CHUNKS_TRAILER, Payload.UNSIGNED_CHUNKS_TRAILER})


class _State(Enum):
    HEAD = auto()
    CONTENT = auto()
    END_OF_CONTENT = auto()
    TRAILER = auto()
    DONE = auto()


def _malformed() -> ServiceError:
    return ServiceError("IncompleteBody", "The request body is not well-formed aws-chunked content.", status=400)


def _malformed_trailer() -> ServiceError:
    return ServiceError(
        "MalformedTrailerError",
        "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        status=400,
    )


class _ChunkSigner:
    """The chain of chunk signatures, which begins with the request's."""

    def __init__(self, signed: Signed, key: SigningKey) -> None:
        self._key = key
        self._scope = f"{signed.amz_date}\n{signed.date}/{signed.region}/{signed.service}/aws4_request"
        self._previous = signed.signature

    def check_chunk(self, stated: str, content_hash: str) -> None:
        self._check("AWS4-HMAC-SHA256-PAYLOAD", f"{_EMPTY_SHA256}\n{content_hash}", stated)
        self._previous = stated

    def check_trailers(self, stated: str, trailers: dict[str, str]) -> None:
        lines = "".join(f"{name}:{value}\n" for name, value in trailers.items())
        self._check("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(lines.encode()).hexdigest(), stated)

    def _check(self, kind: str, rest: str, stated: str) -> None:
        made = self._key.sign(f"{kind}\n{self._scope}\n{self._previous}\n{rest}".encode())
        if not hmac.compare_digest(made, stated):
            raise SignatureError("SignatureDoesNotMatch", MISMATCH)


class ChunkedBody:
    """An aws-chunked body as it comes in: fed pieces of any size, it gives back content, and holds next to nothing.

    What `feed` gives has not been verified before `finish` returned: a caller may store it, and must throw it away when
    either raises. Both raise SignatureError where a signature is wrong, ServiceError where form, length or a checksum
    is.
    """

    def __init__(
        self, payload: Payload, *, decoded_length: int, trailer: str | None, signed: Signed, key: SigningKey
    ) -> None:
        self._signer = _ChunkSigner(signed, key) if payload in _SIGNED else None
        self._has_trailers = payload in _TRAILED
        self._expected = decoded_length
        self._announced = trailer
        self._checksum: Checksum | None = None if trailer is None else checksum_of(trailer)
        self._state = _State.HEAD
        self._buffer = b""
        self._at = 0
        self._remaining = 0
        self._length = 0
        self._hash = hashlib.sha256()
        self._stated = ""
        self._trailers: dict[str, str] = {}

    def feed(self, data: bytes) -> bytes:
        """The content in the next piece of the body."""
        self._buffer += data
        content: list[bytes] = []
        while self._step(content):
            pass
        # What was used is dropped once a piece, not once a chunk: tiny chunks in a large piece would be copied over
        # and over.
        self._buffer, self._at = self._buffer[self._at :], 0
        return b"".join(content)

    def finish(self) -> dict[str, str]:
        """The trailers, once the body has come to its end and everything in it holds."""
        if self._state is not _State.DONE or self._buffer or self._length != self._expected:
            raise _malformed()
        if self._announced is not None and self._checksum is not None:
            stated = self._trailers.get(self._announced)
            if stated is None:
                raise _malformed_trailer()
            check(self._checksum, stated, self._announced)
        return self._trailers

    def _step(self, content: list[bytes]) -> bool:
        """One step of the machine; false where it needs more bytes."""
        match self._state:
            case _State.HEAD:
                line = self._line()
                return line is not None and self._begin_chunk(line)
            case _State.CONTENT:
                return self._take_content(content)
            case _State.END_OF_CONTENT:
                return self._end_chunk()
            case _State.TRAILER:
                line = self._line()
                return line is not None and self._take_trailer(line)
            case _:
                if self._at < len(self._buffer):
                    raise _malformed()
                return False

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", self._at, self._at + _LONGEST_LINE)
        if end < 0:
            if len(self._buffer) - self._at >= _LONGEST_LINE:
                raise _malformed()
            return None
        line = self._buffer[self._at : end]
        self._at = end + 2
        return line

    def _begin_chunk(self, line: bytes) -> bool:
        head = (_SIGNED_HEAD if self._signer is not None else _UNSIGNED_HEAD).fullmatch(line)
        if head is None:
            raise _malformed()
        self._remaining = int(head[1], 16)
        self._length += self._remaining
        if self._length > self._expected:
            raise _malformed()
        if self._signer is not None:
            self._stated = head[2].decode()
            self._hash = hashlib.sha256()
        if self._remaining:
            self._state = _State.CONTENT
        else:
            self._check_chunk()
            self._state = _State.TRAILER
        return True

    def _take_content(self, content: list[bytes]) -> bool:
        piece = self._buffer[self._at : self._at + self._remaining]
        if not piece:
            return False
        self._at += len(piece)
        self._remaining -= len(piece)
        if self._signer is not None:
            self._hash.update(piece)
        if self._checksum is not None:
            self._checksum.update(piece)
        content.append(piece)
        if not self._remaining:
            self._state = _State.END_OF_CONTENT
        return True

    def _end_chunk(self) -> bool:
        if len(self._buffer) < self._at + 2:
            return False
        if not self._buffer.startswith(b"\r\n", self._at):
            raise _malformed()
        self._at += 2
        self._check_chunk()
        self._state = _State.HEAD
        return True

    def _check_chunk(self) -> None:
        if self._signer is not None:
            self._signer.check_chunk(self._stated, self._hash.hexdigest())

    def _take_trailer(self, line: bytes) -> bool:
        if not line:
            self._check_trailers()
            self._state = _State.DONE
            return True
        found = _TRAILER_LINE.fullmatch(line)
        if not self._has_trailers or found is None:
            raise _malformed_trailer()
        name = found[1].decode().lower()
        allowed = name in {self._announced, _TRAILER_SIGNATURE}
        if not allowed or name in self._trailers or len(self._trailers) == _MOST_TRAILERS:
            raise _malformed_trailer()
        self._trailers[name] = found[2].decode()
        return True

    def _check_trailers(self) -> None:
        stated = self._trailers.pop(_TRAILER_SIGNATURE, None)
        if self._signer is not None and self._has_trailers:
            if stated is None:
                raise _malformed_trailer()
            self._signer.check_trailers(stated, self._trailers)


def chunked_body(request: Request, signed: Signed, key: SigningKey) -> ChunkedBody | None:
    """The decoder of a request's body; None where it is not aws-chunked. The request itself is verified already."""
    payload, _ = payload_of(request, signed)
    if payload not in _SIGNED | _TRAILED:
        return None
    length = request.header(b"x-amz-decoded-content-length")
    if length is None or not re.fullmatch(rb"\d{1,15}", length):
        raise ServiceError(
            "MissingContentLength", "You must provide the x-amz-decoded-content-length header.", status=411
        )
    trailer = request.header(b"x-amz-trailer")
    name = None if trailer is None else trailer.decode("ascii", "replace").strip().lower()
    if (name is not None and not is_checksum(name)) or (name is None) == (payload in _TRAILED):
        raise ServiceError(
            "InvalidRequest", "The value specified in the x-amz-trailer header is not supported", status=400
        )
    return ChunkedBody(payload, decoded_length=int(length), trailer=name, signed=signed, key=key)
