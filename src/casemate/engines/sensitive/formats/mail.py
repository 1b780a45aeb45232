"""E-mail (RFC 5322, MIME: RFC 2045 to 2047, 2183): its text with the lines of the file, and what is attached.

A message is read twice, line by line: once for its text, where what is attached leaves empty lines, and once for the
attachments. Transfer encodings are undone, and lines stay where they are: what a quoted-printable paragraph or a base64
part holds stands on the line where it begins.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import BinaryIO, Final, Literal

from casemate.contracts.sensitive import KIBIBYTE, MEBIBYTE

LONGEST_LINE: Final = 64 * KIBIBYTE
LONGEST_HEADER: Final = 256 * KIBIBYTE
DEEPEST: Final = 50
BLOCK: Final = 256 * KIBIBYTE
MOST_HELD: Final = MEBIBYTE
"""Bytes of an encoded text that are joined before they are decoded."""

_ENCODED_WORD: Final = re.compile(rb"=\?[\w.+-]+\?[bBqQ]\?[^?\s]*\?=(?:\s+(?==\?))?")
_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/=]")


@dataclass
class _Part:
    """What the headers of a part say of its body."""

    kind: str = "text/plain"
    charset: str = "utf-8"
    encoding: str = ""
    name: str = ""
    boundary: bytes = b""
    attached: bool = False
    headers: list[bytes] = field(default_factory=list)


Event = tuple[Literal["text", "open", "data"], bytes | str]
"""Text with its line's end; an attachment's name; some of an attachment's bytes."""


def text_of(file: BinaryIO) -> Iterator[bytes]:
    """The text of a message as UTF-8, in blocks of whole lines."""
    block: list[bytes] = []
    size = 0
    for kind, data in _events(file):
        if kind != "text" or isinstance(data, str):
            continue
        block.append(data)
        size += len(data)
        if size >= BLOCK:
            yield b"".join(block)
            block, size = [], 0
    if block:
        yield b"".join(block)


class Attachments:
    """The attachments of a message, one after another; each is to be read before the next is asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._events = _events(file)
        self._next: Event | None = None
        self._rest = b""

    def __iter__(self) -> Iterator[tuple[str, Attachments]]:
        number = 0
        while (event := self._take()) is not None:
            if event[0] == "open":
                number += 1
                self._rest = b""
                yield str(event[1]) or f"attachment-{number}", self

    def read(self, size: int, /) -> bytes:
        """The next bytes of the attachment; empty at its end."""
        pieces: list[bytes] = []
        length = 0
        while length < size and (event := self._take()) is not None:
            if event[0] == "open":
                self._next = event
                break
            if event[0] == "data" and isinstance(event[1], bytes):
                pieces.append(event[1])
                length += len(event[1])
        data = self._rest + b"".join(pieces)
        self._rest = data[size:]
        return data[:size]

    def _take(self) -> Event | None:
        event, self._next = self._next, None
        return event or next(self._events, None)


def _events(file: BinaryIO) -> Iterator[Event]:
    """The message from front to end."""
    file.seek(0)
    part = _Part()
    in_headers = True
    boundaries: list[bytes] = []
    body: _Body | None = None
    mailbox = file.readline(LONGEST_LINE).startswith(b"From ")
    file.seek(0)
    blank = True
    while line := file.readline(LONGEST_LINE):
        if mailbox and blank and line.startswith(b"From "):
            if body:
                yield from body.end()
            part, in_headers, boundaries, body = _Part(), True, [], None
        blank = not line.strip()
        level = _boundary(line, boundaries)
        if level is not None:
            if body:
                yield from body.end()
            closing = line.rstrip().endswith(b"--") and line.rstrip() != b"--" + boundaries[level]
            boundaries = boundaries[: level + (not closing)]
            part, in_headers, body = _Part(), not closing, None if not closing else _Body(_Part())
            yield "text", line
        elif in_headers:
            yield "text", _decoded_words(line)
            if blank:
                in_headers = False
                _understand(part)
                if part.boundary and len(boundaries) < DEEPEST:
                    boundaries.append(part.boundary)
                body = _Body(part)
                if part.attached:
                    yield "open", part.name
            elif sum(map(len, part.headers)) < LONGEST_HEADER:
                part.headers.append(line)
        elif body is not None:
            yield from body.line(line)
    if body:
        yield from body.end()


def _boundary(line: bytes, boundaries: list[bytes]) -> int | None:
    """Which open part a line ends, if it does."""
    if not line.startswith(b"--") or not boundaries:
        return None
    text = line[2:].rstrip()
    for level in range(len(boundaries) - 1, -1, -1):
        if text in {boundaries[level], boundaries[level] + b"--"}:
            return level
    return None


class _Body:
    """The lines of one part's body."""

    def __init__(self, part: _Part) -> None:
        self._part = part
        self._held: list[bytes] = []
        self._size = 0
        self._left = b""

    def line(self, line: bytes) -> Iterator[Event]:
        part = self._part
        if part.attached:
            yield "text", b"\n"
            yield "data", self._unpacked(line)
        elif part.encoding in {"base64", "quoted-printable"}:
            self._held.append(line)
            self._size += len(line)
            soft = part.encoding == "base64" or line.rstrip(b"\r\n").endswith(b"=")
            if not soft or self._size > MOST_HELD:
                yield from self._shown(last=False)
        else:
            yield "text", _utf8(line, part.charset)

    def end(self) -> Iterator[Event]:
        """What was held back, and the last bytes of an attachment."""
        if self._part.attached:
            yield "data", _base64(self._left)
        elif self._held or self._left:
            yield from self._shown(last=True)

    def _shown(self, *, last: bool) -> Iterator[Event]:
        """What was held back, on as many lines as it came from."""
        lines = sum(line.endswith(b"\n") for line in self._held)
        data = b"".join(self._held)
        self._held, self._size = [], 0
        if self._part.encoding == "base64":
            text = self._whole(data) + (_base64(self._left) if last else b"")
            text = text.replace(b"\r\n", b"\n")
        else:
            text = quopri.decodestring(data.replace(b"\r\n", b"\n"))
        text = _utf8(text, self._part.charset)
        surplus = text.count(b"\n") - lines
        if surplus > 0:  # more lines than they came from: the last ones share one
            *kept, rest = text.split(b"\n", max(lines - 1, 0))
            text = b"\n".join([*kept, rest.rstrip(b"\n").replace(b"\n", b" ")]) + b"\n" * min(lines, 1)
        yield "text", text + b"\n" * max(0, -surplus)

    def _unpacked(self, line: bytes) -> bytes:
        if self._part.encoding == "base64":
            return self._whole(line)
        return quopri.decodestring(line) if self._part.encoding == "quoted-printable" else line

    def _whole(self, line: bytes) -> bytes:
        """Base64 decoded up to its last whole group; the rest waits for the next line."""
        data = self._left + _BASE64.sub(b"", line)
        whole = len(data) // 4 * 4
        self._left = data[whole:]
        return _base64(data[:whole])


def _base64(data: bytes) -> bytes:
    """What base64 stands for; a group that is cut off is filled up, and what is none is left out."""
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except (binascii.Error, ValueError):
        return b""


def _utf8(data: bytes, charset: str) -> bytes:
    if data.isascii():
        return data
    try:
        return data.decode(charset).encode()
    except (UnicodeDecodeError, LookupError, UnicodeEncodeError):
        return data.decode("cp1252", "replace").encode()


def _decoded_words(line: bytes) -> bytes:
    """A header's line with its encoded words as text (RFC 2047)."""
    if b"=?" not in line:
        return line if line.isascii() else _utf8(line, "utf-8")
    return _ENCODED_WORD.sub(lambda match: _word(match.group()), line)


def _word(word: bytes) -> bytes:
    try:
        pieces = decode_header(word.decode("ascii", "replace").strip())
        text = "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "utf-8", "replace")
            for piece, charset in pieces
        )
    except (HeaderParseError, LookupError, ValueError):
        return word
    return " ".join(text.splitlines()).encode("utf-8", "replace")


def _understand(part: _Part) -> None:
    """Reads a part's headers."""
    message = Message()
    for header in b"".join(part.headers).replace(b"\r\n", b"\n").split(b"\n"):
        name, colon, value = header.partition(b":")
        if header[:1] in {b" ", b"\t"} and message.keys():
            last = message.keys()[-1]
            before = message[last]
            del message[last]
            message[last] = f"{before} {header.decode('latin-1').strip()}"
        elif colon and name.lower().startswith(b"content-"):
            message[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
        else:
            continue
    part.kind = message.get_content_type()
    part.encoding = str(message.get("content-transfer-encoding", "")).strip().lower()
    charset = message.get_param("charset", "utf-8")
    part.charset = collapse_rfc2231_value(charset) if charset else "utf-8"
    part.name = (message.get_filename() or "").replace("\0", "")[:255]
    multipart = part.kind.startswith("multipart/")
    if multipart:
        part.boundary = str(message.get_boundary() or "").encode("latin-1", "replace")
    disposition = message.get_content_disposition()
    part.attached = not multipart and (
        disposition == "attachment"
        or bool(part.name)
        or part.kind.split("/")[0] not in {"text", "message", "multipart"}
    )
    if part.kind == "message/rfc822":
        part.attached = True
        part.name = part.name or "message.eml"
