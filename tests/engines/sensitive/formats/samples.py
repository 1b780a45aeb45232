"""Small files of each format, made in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from casemate.contracts.sensitive import Limits, Unit
from casemate.engines.sensitive.formats import Readers

TABLE = b"id,name\n1,Ann Lee\n"


def units(data: bytes, name: str, limits: Limits | None = None, **options: Any) -> list[Unit]:
    """All units of a file."""
    return list(Readers(**options).units(io.BytesIO(data), name, limits or Limits()))


def unpacked(data: bytes, name: str, **options: Any) -> list[Unit]:
    """All units but those that say that a file was opened."""
    return [unit for unit in units(data, name, **options) if type(unit).__name__ != "Opened"]


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


def tarred(files: Mapping[str, bytes], mode: Any = "w", **options: Any) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode, **options) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return sink.getvalue()


def docx() -> bytes:
    body = (
        '<?xml version="1.0"?><w:document><w:body><w:p><w:r><w:t>Ann </w:t></w:r><w:r><w:t xml:space="preserve">Lee '
        "&amp; Co</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body>"
        "</w:document>"
    )
    return zipped(
        {
            "[Content_Types].xml": b"<Types/>",
            "word/document.xml": body.encode(),
            "word/styles.xml": b"<w:styles><w:t>style</w:t></w:styles>",
            "docProps/core.xml": b"<cp><dc:creator>Bo Roe</dc:creator></cp>",
            "word/embeddings/inner.csv": TABLE,
        }
    )


def pptx() -> bytes:
    slide = b"<p:sld><a:p><a:r><a:t>Slide text</a:t></a:r></a:p></p:sld>"
    return zipped({"ppt/presentation.xml": b"<p/>", "ppt/slides/slide1.xml": slide})


def odt() -> bytes:
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": "<office:text><text:p>Größe <text:s/>42</text:p></office:text>".encode(),
        }
    )


def xlsx(rows: list[list[str | float]], *, first: str = "A1") -> bytes:
    """A workbook of one sheet, People, whose data begins at a cell of column A to Y."""
    column, row = ord(first[0]), int(first[1:])
    body = ""
    for y, cells in enumerate(rows):
        body += f'<row r="{row + y}">'
        for x, value in enumerate(cells):
            place = f"{chr(column + x)}{row + y}"
            if isinstance(value, str):
                body += f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
            else:
                body += f'<c r="{place}"><v>{value}</v></c>'
        body += "</row>"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return zipped(
        {
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>'.encode(),
            "xl/workbook.xml": f'<workbook {main} xmlns:r="{relations}"><sheets><sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'.encode(),
            "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>".encode(),
        }
    )


def pdf(pages: list[str]) -> bytes:
    """A document with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for i, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {5 + 2 * i} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out = b"%PDF-1.4\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{text}endobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    return out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF".encode()


def ole(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (MS-CFB) with streams in its root; each is filled up to 4,096 bytes."""
    sectors: list[bytes] = []
    fat: list[int] = []
    starts = []
    for data in streams.values():
        filled = data.ljust(4096, b"\0")
        count = -(-len(filled) // 512)
        starts.append((len(fat), len(filled)))
        fat += [*range(len(fat) + 1, len(fat) + count), 0xFFFFFFFE]
        sectors += [filled[i * 512 : (i + 1) * 512].ljust(512, b"\0") for i in range(count)]
    entries = [_entry("Root Entry", 5, 1 if streams else 0xFFFFFFFF, 0xFFFFFFFE, 0)]
    for i, (name, (start, size)) in enumerate(zip(streams, starts, strict=True)):
        entries.append(_entry(name, 2, i + 2 if i + 1 < len(streams) else 0xFFFFFFFF, start, size, sibling=True))
    directory = b"".join(entries)
    directory += b"\0" * (-len(directory) % 512)
    first_directory = len(fat)
    count = len(directory) // 512
    fat += [*range(len(fat) + 1, len(fat) + count), 0xFFFFFFFE]
    sectors += [directory[i * 512 : (i + 1) * 512] for i in range(count)]
    fat_sector = len(fat)
    fat.append(0xFFFFFFFD)
    assert len(fat) <= 128
    sectors.append(struct.pack("<128L", *fat, *[0xFFFFFFFF] * (128 - len(fat))))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xLLLLLLLLL", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, first_directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    )
    header += struct.pack("<109L", fat_sector, *[0xFFFFFFFF] * 108)
    return header + b"".join(sectors)


def _entry(name: str, kind: int, link: int, start: int, size: int, *, sibling: bool = False) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    right, child = (link, 0xFFFFFFFF) if sibling else (0xFFFFFFFF, link)
    fields = struct.pack("<HBBLLL", len(encoded), kind, 1, 0xFFFFFFFF, right, child)
    return encoded.ljust(64, b"\0") + fields + bytes(36) + struct.pack("<LQ", start, size)


def doc(text: str) -> bytes:
    """A Word 97 document of one piece of cp1252 text."""
    encoded = text.encode("cp1252")
    pieces = struct.pack("<LL", 0, len(encoded)) + struct.pack("<HLH", 0, (1024 * 2) | 0x40000000, 0)
    clx = b"\x02" + struct.pack("<L", len(pieces)) + pieces
    head = bytearray(1024)
    struct.pack_into("<H", head, 0, 0xA5EC)
    struct.pack_into("<LL", head, 0x01A2, 0, len(clx))
    return ole({"WordDocument": bytes(head) + encoded, "0Table": clx})


def columnar(kind: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import orc

    table = pa.table(
        {
            "id": [1, 2],
            "name": ["Ann Lee", None],
            "tags": [["a", "b"], []],
            "home": [{"city": "Rome", "zip": {"code": 184}}, None],
            "ok": [True, False],
        }
    )
    sink = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, sink)
    else:
        orc.write_table(table.select(["id", "name"]), sink)
    return sink.getvalue()


def avro() -> bytes:
    import fastavro

    fields = [{"name": "name", "type": "string"}, {"name": "marks", "type": {"type": "map", "values": "int"}}]
    sink = io.BytesIO()
    fastavro.writer(sink, {"type": "record", "name": "r", "fields": fields}, [{"name": "Ann Lee", "marks": {"a": 7}}])
    return sink.getvalue()


def seven_zip(files: Mapping[str, bytes]) -> bytes:
    import py7zr

    sink = io.BytesIO()
    with py7zr.SevenZipFile(sink, "w") as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return sink.getvalue()


def every_format() -> Iterator[tuple[str, bytes]]:
    """A name and a good file of each format."""
    import zstandard

    yield "a.txt", b"Ann Lee, 12 Main Street\n"
    yield "a.csv", TABLE
    yield "a.json", b'{"name": "Ann Lee", "list": [1, 2.5, {"x": "y"}]}'
    yield "a.jsonl", b'{"a": 1}\n{"a": 2}\n'
    yield "a.xml", b"<?xml version='1.0'?><a><b>Ann</b></a>"
    yield "a.html", b"<!doctype html><p>Ann Lee</p>"
    yield "a.eml", mail()
    yield "a.csv.gz", gzip.compress(TABLE)
    yield "a.csv.bz2", bz2.compress(TABLE)
    yield "a.csv.xz", lzma.compress(TABLE)
    yield "a.csv.zst", zstandard.compress(TABLE)
    yield "a.tar", tarred({"a.csv": TABLE, "b.txt": b"text"})
    yield "a.tgz", tarred({"a.csv": TABLE}, "w:gz")
    yield "a.zip", zipped({"a.csv": TABLE, "b.txt": b"text"})
    yield "a.7z", seven_zip({"a.csv": TABLE})
    yield "a.docx", docx()
    yield "a.pptx", pptx()
    yield "a.odt", odt()
    yield "a.xlsx", xlsx([["id", "name"], [1, "Ann Lee"]])
    yield "a.pdf", pdf(["Ann Lee"])
    yield "a.doc", doc("Ann Lee\rwrote")
    yield "a.parquet", columnar("parquet")
    yield "a.orc", columnar("orc")
    yield "a.avro", avro()


def mail() -> bytes:
    return (
        b"From: =?utf-8?q?J=C3=BCrgen_Roe?= <j@example.org>\r\nTo: a@example.org\r\nSubject: hello\r\n"
        b'Content-Type: multipart/mixed; boundary="cut"\r\n\r\n--cut\r\nContent-Type: text/plain; charset=utf-8\r\n'
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe an=\r\n alle\r\nEnde\r\n--cut\r\n"
        b"Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="data.csv"\r\n\r\naWQsbmFtZQoxLEFubiBMZWUK\r\n--cut--\r\n'
    )
