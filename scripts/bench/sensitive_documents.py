"""Documents, mails and archives of a given text or table, for measuring how fast they are read."""

# ruff: noqa: E501  the XML of packages reads best whole

from __future__ import annotations

import base64
import gzip
import html
import io
import struct
import tarfile
import zipfile
from collections.abc import Iterable

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def zipped(parts: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return sink.getvalue()


def docx(text: str) -> bytes:
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{html.escape(line)}</w:t></w:r></w:p>" for line in text.splitlines())
    document = f'<?xml version="1.0"?><w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": document.encode()})


def pptx(text: str) -> bytes:
    name = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    lines = text.splitlines()
    parts = {"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": f"<p:presentation {name}/>".encode()}
    for number, at in enumerate(range(0, len(lines), 20), 1):
        body = "".join(f"<a:p><a:r><a:t>{html.escape(line)}</a:t></a:r></a:p>" for line in lines[at : at + 20])
        slide = f'<?xml version="1.0"?><p:sld {name}><p:cSld><p:spTree><p:sp><p:txBody>{body}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>'
        parts[f"ppt/slides/slide{number}.xml"] = slide.encode()
    return zipped(parts)


def odt(text: str) -> bytes:
    name = "urn:oasis:names:tc:opendocument:xmlns:"
    body = "".join(f"<text:p>{html.escape(line)}</text:p>" for line in text.splitlines())
    content = f'<?xml version="1.0"?><office:document-content xmlns:office="{name}office:1.0" xmlns:text="{name}text:1.0"><office:body><office:text>{body}</office:text></office:body></office:document-content>'
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def xlsx(rows: Iterable[list[str]]) -> bytes:
    cells = "".join(
        f'<row r="{at}">'
        + "".join(f'<c t="inlineStr"><is><t>{html.escape(cell)}</t></is></c>' for cell in row)
        + "</row>"
        for at, row in enumerate(rows, 1)
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>",
    }
    return zipped({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode() for name, text in parts.items()})


def xls(rows: list[list[str]]) -> bytes:
    """BIFF8 with one LABEL record a cell: at most 65,536 rows."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<2H", kind, len(data)) + data

    def begin(of: int) -> bytes:
        return record(0x0809, struct.pack("<4H2L", 0x0600, of, 0, 0, 0, 6))

    cells = [
        record(0x0204, struct.pack("<4HB", at, column, 0, len(cell), 0) + cell.encode("latin-1", "replace"))
        for at, row in enumerate(rows[:65_536])
        for column, cell in enumerate(row)
    ]
    name = b"Data"
    size = len(begin(5)) + 4 + 6 + 2 + len(name) + 4
    sheet = record(0x0085, struct.pack("<L4B", size, 0, 0, len(name), 0) + name)
    return ole(
        {"Workbook": begin(5) + sheet + record(0x000A, b"") + begin(0x10) + b"".join(cells) + record(0x000A, b"")}
    )


def doc(text: str) -> bytes:
    """A Word 97 document: its text in one piece of eight-bit characters."""
    data = text.replace("\n", "\r").encode("cp1252", "replace")
    begins = 2048
    pieces = struct.pack("<2L", 0, len(data)) + struct.pack("<HLH", 0, begins * 2 | 0x40000000, 0)
    table = b"\x02" + struct.pack("<L", len(pieces)) + pieces
    head = bytearray(begins)
    struct.pack_into("<2H", head, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", head, 10, 0x0200)
    struct.pack_into("<H", head, 32, 14)
    struct.pack_into("<H", head, 62, 22)
    struct.pack_into("<L", head, 76, len(data))
    struct.pack_into("<H", head, 152, 93)
    struct.pack_into("<2L", head, 154 + 33 * 8, 0, len(table))
    return ole({"WordDocument": bytes(head) + data, "1Table": table.ljust(4096, b"\0")})


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file of streams of at least 4,096 bytes each."""
    sizes = {name: -(-len(data) // _SECTOR) for name, data in streams.items()}
    fats = 1
    while fats * (_SECTOR // 4) < fats + 1 + sum(sizes.values()):
        fats += 1
    chain = [_FAT] * fats + [_END]
    begins = {}
    for name, count in sizes.items():
        begins[name] = len(chain)
        chain += [*range(len(chain) + 1, len(chain) + count), _END]
    chain += [_FREE] * (fats * (_SECTOR // 4) - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x9L", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, fats, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109L", *range(fats), *[_FREE] * (109 - fats))
    names = list(streams)
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    entries += [
        _entry(name, 2, begins[name], len(streams[name]), right=at + 2 if at + 1 < len(names) else _FREE)
        for at, name in enumerate(names)
    ]
    directory = b"".join(entries).ljust(_SECTOR, b"\0")
    body = b"".join(data.ljust(sizes[name] * _SECTOR, b"\0") for name, data in streams.items())
    return header + struct.pack(f"<{len(chain)}L", *chain) + directory + body


def _entry(name: str, kind: int, begin: int, size: int, *, right: int = _FREE, child: int = _FREE) -> bytes:
    written = name.encode("utf-16-le")
    head = written.ljust(64, b"\0") + struct.pack("<H2B3L", len(written) + 2, kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<LQ", begin, size)


def mail(text: str, table: bytes) -> bytes:
    """A message with a text and a table attached."""
    attached = base64.encodebytes(table).decode()
    head = 'From: a@example.test\nTo: b@example.test\nSubject: figures\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n'
    parts = f'--x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--x\nContent-Type: text/csv; name="a.csv"\nContent-Disposition: attachment; filename="a.csv"\nContent-Transfer-Encoding: base64\n\n{attached}\n--x--\n'
    return (head + parts).encode()


def tgz(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz", compresslevel=6) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return sink.getvalue()


def gz(data: bytes) -> bytes:
    return gzip.compress(data, 6)


def pdf(text: str) -> bytes:
    """Pages of fifty lines each, in a standard font."""
    lines = text.splitlines()
    pages = [lines[at : at + 50] for at in range(0, len(lines), 50)]
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for page in pages:
        shown = " ".join(f"({_escaped(line)}) Tj T*" for line in page)
        stream = f"BT /F1 8 Tf 12 TL 40 780 Td {shown} ET".encode("latin-1", "replace")
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
            % len(objects)
        )
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, each)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
