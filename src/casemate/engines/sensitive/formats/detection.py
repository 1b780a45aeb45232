"""Which format a file has: by its first bytes, then by its name where bytes leave a choice."""

from __future__ import annotations

import re
from typing import Final

from casemate.engines.sensitive.formats.kinds import Format

MAGIC: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"\x1f\x8b\x08", Format.GZIP),
    (b"BZh", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x28\xb5\x2f\xfd", Format.ZSTD),
    (b"7z\xbc\xaf\x27\x1c", Format.SEVEN_ZIP),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"PK\x07\x08", Format.ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.OLE),
    (b"PAR1", Format.PARQUET),
    (b"PARE", Format.PARQUET),
    (b"ORC", Format.ORC),
    (b"Obj\x01", Format.AVRO),
)

BINARY_MAGIC: Final = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"\x7fELF",
    b"MZ",
    b"\xca\xfe\xba\xbe",
    b"RIFF",
    b"OggS",
    b"ID3",
    b"fLaC",
    b"\x1aE\xdf\xa3",
    b"SQLite format 3\x00",
    b"Rar!\x1a\x07",
    b"wOFF",
    b"wOF2",
)

EXTENSIONS: Final = {
    "csv": Format.CSV,
    "tsv": Format.TSV,
    "tab": Format.TSV,
    "json": Format.JSON,
    "jsonl": Format.JSON_LINES,
    "ndjson": Format.JSON_LINES,
    "ldjson": Format.JSON_LINES,
    "xml": Format.XML,
    "htm": Format.HTML,
    "html": Format.HTML,
    "xhtml": Format.HTML,
    "yaml": Format.YAML,
    "yml": Format.YAML,
    "md": Format.MARKDOWN,
    "markdown": Format.MARKDOWN,
    "eml": Format.MAIL,
    "mbox": Format.MAIL,
}

PLAIN: Final = frozenset(
    {"log", "md", "markdown", "yaml", "yml", "py", "js", "ts", "java", "c", "h", "go", "rs", "sql"}
)
"""Extensions whose files are lines whatever their rows look like."""

_CONTROL: Final = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 26, 27})
_MAIL_HEADER: Final = re.compile(
    rb"^(from|to|cc|subject|date|received|return-path|message-id|mime-version|delivered-to|reply-to|"
    rb"content-type|dkim-signature|x-[a-z-]{2,40}|sender)[ \t]*:",
    re.IGNORECASE,
)
_HTML: Final = re.compile(rb"^\s*(<!--.{0,2000}?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML: Final = re.compile(rb"^\s*<(\?xml|!DOCTYPE|!--|[A-Za-z_][\w.:-]*[\s/>])")
_JSON_START: Final = re.compile(rb"^\s*[\[{]")
_JSON_OBJECT: Final = re.compile(rb'^\s*\{\s*("|\}|$)')
_JSON_ARRAY: Final = re.compile(rb'^\s*\[\s*([\[{"\]]|-?\d+(\.\d+)?([eE][+-]?\d+)?\s*[,\]]|true\b|false\b|null\b|$)')


def extension_of(name: str) -> str:
    """The part after the last dot of a file's name, in lower case; empty where there is none."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return base.rsplit(".", 1)[1].lower() if "." in base else ""


def detect(head: bytes, name: str) -> Format:
    """The format of a file that begins with `head` (64 KiB suffice).

    CSV without a telling name, Office files inside zip and old Office files are told apart by their readers: they
    come as TEXT, ZIP and OLE.
    """
    if not head:
        return Format.EMPTY
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if is_tar(head):
        return Format.TAR
    if head.startswith(BINARY_MAGIC) or head[4:8] == b"ftyp":
        return Format.BINARY if is_binary(head) else Format.TEXT
    if b"%PDF-" in head[:1024]:
        return Format.PDF
    if wide_encoding(head) is None and is_binary(head):
        return Format.BINARY
    return _detect_text(head, name)


def _detect_text(head: bytes, name: str) -> Format:
    encoding = wide_encoding(head)
    text = (
        head.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
        if encoding
        else head.removeprefix(b"\xef\xbb\xbf")
    )
    named = EXTENSIONS.get(extension_of(name))
    if _JSON_START.match(text) and named in {None, Format.JSON, Format.JSON_LINES}:
        return _detect_json(text, named)
    if named is Format.MAIL or (named is None and _looks_like_mail(text)):
        return Format.MAIL
    if named is None or named in {Format.XML, Format.HTML}:
        if _HTML.match(text):
            return Format.HTML
        if _XML.match(text):
            return named or Format.XML
    if named in {Format.JSON, Format.JSON_LINES, Format.XML}:
        return Format.TEXT  # what it is called is not what it is
    return named or Format.TEXT


def _detect_json(text: bytes, named: Format | None) -> Format:
    lines = [line for line in text.split(b"\n", 50) if line.strip()]
    whole = lines[:-1] if len(lines) > 1 and len(text) > 1000 else lines
    rows = sum(1 for line in whole if line.lstrip()[:1] in b"{[" and line.rstrip()[-1:] in b"}]")
    if named is Format.JSON_LINES:
        return Format.JSON_LINES
    if len(whole) > 1 and rows == len(whole):
        return Format.JSON_LINES
    if named is Format.JSON or _JSON_OBJECT.match(text) or _JSON_ARRAY.match(text):
        return Format.JSON
    return Format.TEXT


def _looks_like_mail(text: bytes) -> bool:
    if text.startswith(b"From ") and b"\nFrom: " in text[:8192]:
        return True
    found: set[bytes] = set()
    for line in text[:16384].split(b"\n", 60)[:60]:
        if not line.strip():
            break
        if match := _MAIL_HEADER.match(line):
            found.add(match.group(1).lower())
        elif line[:1] not in b" \t" and not re.match(rb"^[!-9;-~]{1,76}:", line):
            return False
    return b"from" in found and len(found & {b"to", b"subject", b"date", b"message-id", b"received"}) >= 2


def wide_encoding(head: bytes) -> str | None:
    """utf-16-le, utf-16-be, utf-32-le or utf-32-be where a byte order mark or the pattern of zero bytes says so."""
    for mark, encoding in (
        (b"\xff\xfe\x00\x00", "utf-32-le"),
        (b"\x00\x00\xfe\xff", "utf-32-be"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if head.startswith(mark):
            return encoding
    sample = head[:4096]
    if len(sample) < 4 or not sample.count(0):
        return None
    even, odd = sample[0::2], sample[1::2]
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return None


def is_binary(head: bytes) -> bool:
    """Whether bytes that are no known format are no text either: too many control characters."""
    sample = head[:16384]
    controls = len(sample) - len(sample.translate(None, _CONTROL))
    return controls > (0.02 if 0 in sample else 0.05) * len(sample)


def is_tar(head: bytes) -> bool:
    """Whether this is a tar header block: its checksum fits (POSIX pax, "ustar Interchange Format")."""
    block = head[:512]
    if len(block) < 512 or not block[0]:
        return False
    try:
        stated = int(block[148:156].strip(b" \x00") or b"0", 8)
    except ValueError:
        return False
    return stated == sum(block) - sum(block[148:156]) + 8 * 32
