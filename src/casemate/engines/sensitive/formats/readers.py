"""Every format behind one door: which reader a file gets, what is packed in it, and what went wrong, said as units."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from casemate.contracts.sensitive import (
    Delimited,
    JsonLines,
    Layout,
    Limits,
    Lines,
    Members,
    Opened,
    Problem,
    Prose,
    TextBlock,
    Unit,
)
from casemate.engines.sensitive.formats import mail, office, tar
from casemate.engines.sensitive.formats import zip as zip_archives
from casemate.engines.sensitive.formats.compressed import Decompressed, inner_name
from casemate.engines.sensitive.formats.delimited import sniff
from casemate.engines.sensitive.formats.detection import PLAIN, detect, extension_of, wide_encoding
from casemate.engines.sensitive.formats.json_documents import JsonDocument, MalformedJson
from casemate.engines.sensitive.formats.kinds import ARCHIVES, COLUMNAR, COMPRESSED, NATIVE, OFFICE, Format
from casemate.engines.sensitive.formats.native import NativeReader, Packed
from casemate.engines.sensitive.formats.native_readers import read_here
from casemate.engines.sensitive.formats.problems import (
    ARCHIVE_BYTES,
    ARCHIVE_TOO_DEEP,
    ARCHIVE_TOO_LARGE,
    ARCHIVE_UNPROCESSED,
    MALFORMED,
    OFFICE_RATIO,
    TOO_LARGE,
    UNSUPPORTED,
    BudgetSpent,
    Unreadable,
)
from casemate.engines.sensitive.formats.sources import Bounded, Budget, Extracted, Readable, Source
from casemate.engines.sensitive.formats.text import byte_encoding, chunks_of, text_blocks

MOST_PROBLEMS: Final = 1_000
"""Files of one archive whose problems are told one by one; of the rest only the number is."""

OLE_TYPES: Final = {
    "doc": "application/msword",
    "dot": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}

NO_RATIO: Final = 1 << 62
"""Of what is packed without being compressed."""

DAMAGE: Final = (ValueError, LookupError, TypeError, OSError, EOFError, ArithmeticError, RecursionError, MemoryError)
"""What the standard library's and other people's readers raise about bytes that they did not expect."""


class Readers:
    """Readers of every format (`casemate.contracts.sensitive.Parsers`).

    `native` runs those that rest on native parsers; where it is left out they run in this process, which is right for
    files that are trusted only: see `casemate.runtime.limited_parsers`.
    """

    def __init__(self, *, native: NativeReader = read_here, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._native = native
        self._monotonic = monotonic

    def units(self, stream: BinaryIO, name: str, limits: Limits) -> Iterator[Unit]:
        """The units of one file, in its order. Never raises about what is in the file: that is a `Problem`."""
        budget = Budget(limits, self._monotonic)
        reading = _Reading(self._native, budget)
        try:
            yield from reading.file(stream, name, ())
        except BudgetSpent as spent:
            yield Problem("PARTIAL" if reading.read_any else "SKIPPED", spent.reason, spent.detail)
        if reading.unprocessed:
            detail = (
                f"{reading.unprocessed} of {budget.documents} files in the archive were not read, or not to their end"
            )
            yield Problem("PARTIAL", ARCHIVE_UNPROCESSED, detail)


class _Reading:
    """The reading of one outermost file."""

    def __init__(self, native: NativeReader, budget: Budget) -> None:
        self._native = native
        self._budget = budget
        self.unprocessed = 0
        self.read_any = False

    def file(self, stream: Readable, name: str, members: Members) -> Iterator[Unit]:
        """A file of any format. Only BudgetSpent passes: all else is told."""
        some = False
        problem: Problem
        try:
            source = Source(stream, name, members)
            try:
                for unit in self._recognised(source):
                    some = some or not isinstance(unit, Opened | Problem)
                    self.read_any = self.read_any or some
                    yield unit
            finally:
                source.close()
        except BudgetSpent:
            raise
        except Unreadable as error:
            problem = Problem("PARTIAL" if some else "SKIPPED", error.reason, error.detail, members)
        except DAMAGE as error:
            detail = f"the file is damaged: {type(error).__name__}: {error}"[:400]
            problem = Problem("PARTIAL" if some else "SKIPPED", MALFORMED, detail, members)
        else:
            return
        self.unprocessed += bool(members)
        if self.unprocessed <= MOST_PROBLEMS or not members:
            yield problem

    def _recognised(self, source: Source) -> Iterator[Unit]:
        if not source.members:
            self._budget.outer_bytes = source.size()
        kind = detect(source.head, source.name)
        layout: Layout = Lines()
        if kind is Format.TEXT or kind is Format.CSV or kind is Format.TSV:
            kind, layout = _table_or_text(source, kind)
        elif kind is Format.JSON_LINES:
            layout = JsonLines()
        elif kind is Format.ZIP:
            kind = office.kind_of(source.seekable(self._limit(Format.ZIP)))
        elif kind is Format.BINARY:
            raise Unreadable(UNSUPPORTED, "the file is binary and of no format that is read")
        self._check_size(source, kind)
        yield Opened(_mime_type(source, kind), source.members)
        if kind is Format.SEVEN_ZIP:
            yield from self._seven_zip(source)
        elif kind in ARCHIVES:
            yield from self._archive(source, kind)
        elif kind in NATIVE:
            yield from self._apart(source, kind)
        elif kind in OFFICE:
            yield from self._office(source, kind)
        elif kind is Format.MAIL:
            yield from self._mail(source)
        elif kind is Format.JSON:
            yield from self._json(source)
        else:
            yield from text_blocks(source, layout, self._budget)

    def _apart(self, source: Source, kind: Format) -> Iterator[Unit]:
        """A file of a native format; its units learn here what they are packed in."""
        file = source.seekable(self._limit(kind))
        for unit in self._native(kind, file, self._budget.remaining()):
            self._budget.check_time()
            if not isinstance(unit, Packed):
                yield replace(unit, members=source.members) if source.members else unit

    def _seven_zip(self, source: Source) -> Iterator[Unit]:
        self._check_depth(source)
        pieces = self._native(
            Format.SEVEN_ZIP, source.seekable(self._limit(Format.SEVEN_ZIP)), self._budget.remaining()
        )
        for name, member in _Pieces(pieces, self._budget):
            yield from self._member(member, name, source.members)

    def _office(self, source: Source, kind: Format) -> Iterator[Unit]:
        file = source.seekable(self._limit(kind))
        embedded: list[zip_archives.Entry] = []
        for entry in zip_archives.entries(file):
            if office.is_embedded(entry.name) and len(embedded) < MOST_PROBLEMS:
                embedded.append(entry)
            elif office.is_text_part(kind, entry.name):
                part = _ZipMember(file, entry, self._budget, OFFICE_RATIO)
                for text in office.text_of(part, entry.name):
                    yield Prose(text, source.members)
        for entry in embedded:
            self._check_depth(source)
            yield from self._member(_ZipMember(file, entry, self._budget), entry.name, source.members)

    def _mail(self, source: Source) -> Iterator[Unit]:
        file = source.seekable(self._limit(Format.MAIL))
        first = True
        for data in mail.text_of(file):
            self._budget.check_time()
            yield TextBlock(data, Lines(), "utf-8", source.members, first)
            first = False
        for name, attachment in mail.Attachments(file):
            self._check_depth(source)
            yield from self._member(attachment, name, source.members)

    def _limit(self, kind: Format) -> int:
        limits = self._budget.limits
        if kind is Format.PDF:
            return limits.pdf_bytes
        if kind in OFFICE:
            return limits.office_bytes
        if kind in COLUMNAR or (kind in ARCHIVES and kind is not Format.TAR):
            return limits.columnar_bytes
        return limits.text_bytes

    def _check_size(self, source: Source, kind: Format) -> None:
        size, limit = source.size(), self._limit(kind)
        if size is not None and size > limit:
            reason = ARCHIVE_TOO_LARGE if kind in ARCHIVES else TOO_LARGE
            raise Unreadable(reason, f"the file has {size} bytes; the limit for {kind.mime_type} is {limit}")

    def _json(self, source: Source) -> Iterator[Unit]:
        encoding = "utf-8" if wide_encoding(source.head) else byte_encoding(source.head)
        document = JsonDocument(chunks_of(source, self._budget), encoding, self._budget.limits.json_depth)
        try:
            yield from document.leaves(source.members)
        except MalformedJson:
            # Macie reads a malformed file as plain text, and so do we: nothing is lost but the paths.
            first = True
            for data in document.rest():
                if data:
                    yield TextBlock(data, Lines(), "utf-8", source.members, first)
                    first = False

    def _check_depth(self, source: Source) -> None:
        depth = self._budget.limits.archive_depth
        if len(source.members) >= depth:
            raise Unreadable(ARCHIVE_TOO_DEEP, f"archives are nested over {depth} levels deep")

    def _archive(self, source: Source, kind: Format) -> Iterator[Unit]:
        self._check_depth(source)
        if kind in COMPRESSED:
            yield from self._compressed(source, kind)
        elif kind is Format.TAR:
            yield from self._tar(Extracted(source, self._budget, lambda: NO_RATIO), source.members)
        else:
            yield from self._zip(source)

    def _compressed(self, source: Source, kind: Format) -> Iterator[Unit]:
        packed = Decompressed(source, kind)
        stream = Extracted(packed, self._budget, lambda: packed.consumed)
        name = inner_name(source.name)
        inner = Peeked(stream)
        if tar.starts(inner.head):
            yield from self._tar(inner, source.members)  # a compressed tar is one archive, not two
        else:
            yield from self._member(inner, name, source.members)

    def _member(self, stream: Readable, name: str, members: Members) -> Iterator[Unit]:
        """A file that is packed in another."""
        self._budget.document()
        yield from self.file(Bounded(stream, self._budget.limits.member_bytes), name, (*members, name))

    def _tar(self, stream: Readable, members: Members) -> Iterator[Unit]:
        for entry in tar.entries(stream):
            yield from self._member(entry.data, entry.name, members)

    def _zip(self, source: Source) -> Iterator[Unit]:
        file = source.seekable(self._limit(Format.ZIP))
        for entry in zip_archives.entries(file):
            if not entry.is_folder:
                yield from self._member(_ZipMember(file, entry, self._budget), entry.name, source.members)


class Peeked:
    """A stream whose first tar block is known before it is read."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        parts = [stream.read(tar.BLOCK)]
        while parts[-1] and sum(map(len, parts)) < tar.BLOCK:
            parts.append(stream.read(tar.BLOCK))
        self.head = b"".join(parts)
        self._pending = self.head

    def read(self, size: int, /) -> bytes:
        if self._pending:
            data, self._pending = self._pending[:size], self._pending[size:]
            return data
        return self._stream.read(size)


class _Pieces:
    """Files that come out of an archive piece by piece, one after another."""

    def __init__(self, pieces: Iterator[Unit | Packed], budget: Budget) -> None:
        self._pieces = (piece for piece in pieces if isinstance(piece, Packed))
        self._budget = budget
        self._next: Packed | None = None
        self._over = True

    def __iter__(self) -> Iterator[tuple[str, _Pieces]]:
        while True:
            while not self._over and self.read(0):
                pass
            piece = next(self._pieces, None)
            if piece is None:
                return
            self._next, self._over = piece, False
            yield piece.name, self

    def read(self, _size: int, /) -> bytes:
        """The next bytes of the file; empty at its end."""
        while not self._over:
            piece, self._next = self._next or next(self._pieces, None), None
            self._over = piece is None or piece.last
            if piece is not None and piece.data:
                self._budget.extract(len(piece.data))
                return piece.data
        return b""


class _ZipMember:
    """A file of a zip archive, opened at its first read: what is wrong with it is then told as its own."""

    def __init__(
        self, file: BinaryIO, entry: zip_archives.Entry, budget: Budget, ratio_reason: str = ARCHIVE_BYTES
    ) -> None:
        self._file = file
        self._entry = entry
        self._budget = budget
        self._ratio_reason = ratio_reason
        self._stream: Extracted | None = None

    def read(self, size: int, /) -> bytes:
        if self._stream is None:
            member = zip_archives.open_entry(self._file, self._entry)
            consumed = lambda: member.consumed  # noqa: E731  a name for what is counted
            self._stream = Extracted(member, self._budget, consumed, ratio_reason=self._ratio_reason)
        return self._stream.read(size)


def _mime_type(source: Source, kind: Format) -> str:
    """A format's type; of old Office files, which are all compound files, by their names."""
    if kind is Format.OLE:
        return OLE_TYPES.get(extension_of(source.name), kind.mime_type)
    return kind.mime_type


def _table_or_text(source: Source, kind: Format) -> tuple[Format, Layout]:
    """Whether text is a table: by its name, or by its rows where the name leaves it open."""
    if kind is Format.TEXT and extension_of(source.name) in PLAIN:
        return kind, Lines()
    layout: Delimited | None = sniff(source.head, named=kind is not Format.TEXT, tabs=kind is Format.TSV)
    if layout is None:
        return Format.TEXT, Lines()
    return (Format.TSV if layout.delimiter == "\t" else Format.CSV), layout
