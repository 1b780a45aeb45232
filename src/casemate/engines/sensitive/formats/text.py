"""Text: encodings, and blocks of bytes passed on as they stand."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from casemate.contracts.sensitive import Encoding, Layout, TextBlock, Unit
from casemate.engines.sensitive.formats.detection import wide_encoding
from casemate.engines.sensitive.formats.sources import BLOCK, Budget, Source


def text_blocks(source: Source, layout: Layout, budget: Budget) -> Iterator[Unit]:
    """The text of a source as UTF-8 or cp1252 bytes, without its byte order mark."""
    chunks = chunks_of(source, budget)
    encoding: Encoding | None = None
    first = True
    for data in chunks:
        if encoding is None and not data.isascii():
            encoding = byte_encoding(data)
        yield TextBlock(data, layout, encoding or "utf-8", source.members, first)
        first = False


def chunks_of(source: Source, budget: Budget) -> Iterator[bytes]:
    """The bytes of a text: as they stand, or UTF-8 where they are UTF-16 or UTF-32."""
    wide = wide_encoding(source.head)
    decoder = codecs.getincrementaldecoder(wide)("replace") if wide else None
    start = True
    while data := source.read(BLOCK):
        budget.check_time()
        if decoder is not None:
            text = decoder.decode(data)
            data = (text.removeprefix("\ufeff") if start else text).encode("utf-8", "replace")
        elif start:
            data = data.removeprefix(b"\xef\xbb\xbf")
        start = False
        if data:
            yield data
    if decoder is not None and (rest := decoder.decode(b"", final=True)):
        yield rest.encode("utf-8", "replace")


def byte_encoding(data: bytes) -> Encoding:
    """Strict UTF-8 where the bytes allow it, else cp1252: a character cut at either end counts as whole."""
    start = 0
    while start < min(3, len(data)) and data[start] & 0xC0 == 0x80:
        start += 1
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(data[start:])
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
