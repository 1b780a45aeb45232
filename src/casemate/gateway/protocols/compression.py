"""Compressed requests (Smithy, "requestCompression trait"): gzip, for the operations that allow it."""

from __future__ import annotations

import zlib
from typing import Final

from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.request import Request

# More than any request of such an operation may be; a small body can't grow without bound.
MOST_BYTES: Final = 8 * 1024 * 1024
_GZIP: Final = 16 + zlib.MAX_WBITS


def decompressed(request: Request) -> Request:
    """The request with its body as it was before gzip was applied last; the same where it was not."""
    encoding = request.header(b"content-encoding")
    if encoding is None:
        return request
    others, _, last = encoding.rpartition(b",")
    if last.strip().lower() != b"gzip":
        return request
    decoder = zlib.decompressobj(_GZIP)
    try:
        body = decoder.decompress(request.body, MOST_BYTES)
    except zlib.error as error:
        raise MalformedRequest("The request body is not gzip.") from error
    if not decoder.eof or decoder.unused_data:
        raise MalformedRequest("The request body is not one whole gzip stream, or holds too much.")
    headers = [each for each in request.headers if each[0] != b"content-encoding"]
    if others:
        headers.append((b"content-encoding", others.strip()))
    return Request(request.method, request.target, headers, body)
