"""Files of many formats around given values, and the exact place of each.

A place is what a finding would name: ``(line, column)`` of text, ``(row, column)`` of a table, ``(record, path)`` of
records, ``(page,)`` of a PDF and ``()`` where the format has no places (Word).
"""

# ruff: noqa: E501  the XML of packages reads best whole

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from evaluate.sensitive_blind_kinds import Kind

Place = tuple[Any, ...]

FILLER = (
    "the nightly run went through without a warning", "please see the notes of the last meeting",
    "stock was counted again on the second floor", "the pump was replaced and tested for two hours",
    "no further steps are needed at this time", "a copy is kept with the usual papers",
    "traffic was a little lower than in spring", "the text was checked by two readers",
)  # fmt: skip
NEUTRAL = ("", "value", "entry", "see")


class Item(NamedTuple):
    kind: Kind
    value: str


class Planted(NamedTuple):
    """Where a value stands: the file's name, its place, and the identifier (``~name`` for a look-alike)."""

    file: str
    place: Place
    identifier: str
    family: str


def styled(rng: random.Random, words: str) -> str:
    """A name as files write it: snake_case, camelCase, kebab-case, UPPER_CASE, Title Case or as it is."""
    parts = words.split()
    return rng.choice([
        "_".join(parts), parts[0] + "".join(part.capitalize() for part in parts[1:]), "-".join(parts),
        "_".join(parts).upper(), " ".join(part.capitalize() for part in parts), "".join(part.capitalize() for part in parts),
    ])  # fmt: skip


def name_of(rng: random.Random, kind: Kind) -> str:
    return styled(rng, rng.choice(kind.names or ("value", "entry")))


def plain_name(rng: random.Random, kind: Kind) -> str:
    """A name that is a word in XML, YAML and code: letters (of any script), digits and underscores only."""
    return re.sub(r"\W+", "_", name_of(rng, kind)).strip("_")


def label_of(rng: random.Random, kind: Kind) -> str:
    return rng.choice(kind.labels or NEUTRAL)


# --- lines of text: each writer gives the line and everything after is found by search ---------------------------------


def prose(rng: random.Random, item: Item) -> str:
    label = label_of(rng, item.kind)
    return f"{label}{rng.choice([': ', ' ', ' is ', ' - ']) if label else ''}{item.value}{rng.choice(['', '.', ', thank you', ' (checked)'])}"


def log(rng: random.Random, item: Item) -> str:
    stamp = f"2026-03-{rng.randint(1, 28):02d}T10:{rng.randint(10, 59)}:07Z"
    if item.kind.names and rng.random() < 0.5:
        return f"{stamp} INFO [worker-{rng.randint(1, 9)}] stored {plain_name(rng, item.kind)}={item.value}"
    return f"{stamp} WARN form {label_of(rng, item.kind)}: {item.value}"


def chat(rng: random.Random, item: Item) -> str:
    return f"[{rng.randint(8, 20)}:{rng.randint(10, 59)}] user{rng.randint(1, 9)}: {rng.choice(['hi, ', 'here: ', ''])}{label_of(rng, item.kind)} {item.value}"


def markdown(rng: random.Random, item: Item) -> str:
    return rng.choice(
        [f"- **{label_of(rng, item.kind)}**: {item.value}", f"* {label_of(rng, item.kind)}: `{item.value}`"]
    )


def config(rng: random.Random, item: Item) -> str:
    return f"{plain_name(rng, item.kind).upper()}={item.value}"


def yaml(rng: random.Random, item: Item) -> str:
    return f'  {plain_name(rng, item.kind)}: "{item.value}"'


def source(rng: random.Random, item: Item) -> str:
    return f'{plain_name(rng, item.kind)} = "{item.value}"'


def sql(rng: random.Random, item: Item) -> str:
    return f"INSERT INTO t{rng.randint(1, 9)} ({plain_name(rng, item.kind)}) VALUES ('{item.value.replace(chr(39), chr(39) * 2)}');"


def web(rng: random.Random, item: Item) -> str:
    return f"<tr><td>{html.escape(label_of(rng, item.kind))}</td><td>{item.value}</td></tr>"


def xml(rng: random.Random, item: Item) -> str:
    name = plain_name(rng, item.kind)
    name = name if name[0].isalpha() else f"x{name}"
    return f"<{name}>{item.value}</{name}>"


class Lines(NamedTuple):
    suffix: str
    write: Callable[[random.Random, Item], str]
    head: str = ""
    tail: str = ""
    filler: str = "{}"
    multiline: bool = False
    apostrophes: bool = True


LINE_FORMATS = (
    Lines("txt", prose, multiline=True),
    Lines("log", log, filler="2026-03-01T09:00:00Z INFO [main] {}"),
    Lines("chat.txt", chat, filler="[12:01] user3: {}"),
    Lines("md", markdown, head="# Notes", multiline=True),
    Lines("env", config, filler="# {}"),
    Lines("yaml", yaml, head="settings:", filler="  # {}"),
    Lines("py", source, filler="# {}"),
    Lines("sql", sql, head="BEGIN;", tail="COMMIT;", filler="-- {}", apostrophes=False),
    Lines("html", web, head="<html><body><table>", tail="</table></body></html>", filler="<!-- {} -->"),
    Lines("xml", xml, head="<records>", tail="</records>", filler="<note>{}</note>"),
)


def write_lines(rng: random.Random, form: Lines, file: str, items: Sequence[Item]) -> tuple[bytes, list[Planted]]:
    lines, planted = [form.head] if form.head else [], []
    for item in items:
        if (item.kind.multiline and not form.multiline) or ("'" in item.value and not form.apostrophes):
            continue
        lines.append(form.filler.format(rng.choice(FILLER)))
        written = f"key:\n{item.value}" if item.kind.multiline else form.write(rng, item)
        before = written[: written.rindex(item.value)]
        at = sum(line.count("\n") + 1 for line in lines) + before.count("\n") + 1
        planted.append(Planted(file, (at, len(before.rpartition("\n")[2]) + 1), item.kind.identifier, item.kind.family))
        lines.append(written)
    lines.append(form.tail or form.filler.format(rng.choice(FILLER)))
    return ("\n".join(lines) + "\n").encode(), planted


def write_mail(rng: random.Random, file: str, items: Sequence[Item]) -> tuple[bytes, list[Planted]]:
    """A message without transfer encoding: lines of the file are lines of the mail."""
    head = "From: office@unit.example\nTo: desk@unit.example\nSubject: papers\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return write_lines(rng, Lines("eml", prose, head=head, multiline=True), file, items)


# --- tables --------------------------------------------------------------------------------------------------------


def table(
    rng: random.Random, kinds: Sequence[Kind], rows: int
) -> tuple[list[str], list[list[str]], dict[tuple[int, int], Kind]]:
    """Header, rows and what stands where (data row from 0, column from 0), with columns of no interest between."""
    header, columns, placed = ["id"], [[str(1000 + row) for row in range(rows)]], {}
    for kind in kinds:
        placed.update({(row, len(header)): kind for row in range(rows)})
        name = name_of(rng, kind)
        header.append(f"{name}{len(header)}" if name in header else name)
        columns.append([kind.make(rng) for _ in range(rows)])
        header.append(f"{rng.choice(['status', 'remark', 'stage'])}{len(header)}")
        columns.append([rng.choice(["open", "done", "late"]) for _ in range(rows)])
    return header, [[column[row] for column in columns] for row in range(rows)], placed


def delimited(header: Sequence[str], rows: Sequence[Sequence[str]], separator: str, *, quote: bool) -> bytes:
    def cell(text: str) -> str:
        needs = quote or separator in text or '"' in text
        return '"' + text.replace('"', '""') + '"' if needs else text

    return "".join(separator.join(cell(text) for text in row) + "\r\n" for row in [header, *rows]).encode()


def column_letter(index: int) -> str:
    return chr(65 + index) if index < 26 else chr(64 + index // 26) + chr(65 + index % 26)


def workbook(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    body = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{column_letter(place)}{at}" t="inlineStr"><is><t>{html.escape(text)}</t></is></c>'
            for place, text in enumerate(row)
        )
        + "</row>"
        for at, row in enumerate([header, *rows], 1)
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{body}</sheetData></worksheet>",
    }
    return packed({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}' for name, text in parts.items()})


def packed(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def parquet(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[place] for row in rows] for place, name in enumerate(header)}), out)
    return out.getvalue()


# --- records -------------------------------------------------------------------------------------------------------


def write_json(rng: random.Random, file: str, items: Sequence[Item]) -> tuple[bytes, list[Planted]]:
    """One document: a list of objects, each value below one or two names."""
    people, planted = [], []
    for at, item in enumerate(items):
        name = name_of(rng, item.kind)
        nested = rng.random() < 0.5
        path = f"records.{at}.{'details.' if nested else ''}{name}"
        people.append(
            {
                "seq": at,
                "note": rng.choice(FILLER),
                **({"details": {name: item.value}} if nested else {name: item.value}),
            }
        )
        planted.append(Planted(file, (0, path), item.kind.identifier, item.kind.family))
    return json.dumps(
        {"records": people}, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 2])
    ).encode(), planted


def write_jsonl(rng: random.Random, file: str, items: Sequence[Item]) -> tuple[bytes, list[Planted]]:
    lines, planted = [], []
    for at, item in enumerate(items):
        name = name_of(rng, item.kind)
        lines.append(
            json.dumps({"seq": at, "note": rng.choice(FILLER), "data": {name: item.value}}, ensure_ascii=False)
        )
        planted.append(Planted(file, (at, f"data.{name}"), item.kind.identifier, item.kind.family))
    return ("\n".join(lines) + "\n").encode(), planted


# --- documents without lines ---------------------------------------------------------------------------------------


def write_docx(rng: random.Random, file: str, items: Sequence[Item]) -> tuple[bytes, list[Planted]]:
    paragraphs, planted = [], []
    for item in items:
        if item.kind.multiline:
            continue
        paragraphs += [rng.choice(FILLER), prose(rng, item)]
        planted.append(Planted(file, (), item.kind.identifier, item.kind.family))
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{html.escape(text)}</w:t></w:r></w:p>' for text in paragraphs)
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>',
    }
    return packed({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}' for name, text in parts.items()}), planted


def write_pdf(rng: random.Random, file: str, items: Sequence[Item]) -> tuple[bytes, list[Planted]]:
    """Two values a page, in Helvetica; what Latin-1 can't write is left out."""
    pages: list[str] = []
    planted = []
    lines: list[str] = []
    for item in items:
        text = prose(rng, item)
        if item.kind.multiline or not all(ord(sign) < 256 for sign in text):
            continue
        planted.append(Planted(file, (len(pages) + 1,), item.kind.identifier, item.kind.family))
        lines += [rng.choice(FILLER), text]
        if len(lines) == 4:
            pages.append(page_stream(lines))
            lines = []
    if lines:
        pages.append(page_stream(lines))
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]  # fmt: skip
    for at, stream in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents {5 + 2 * at} 0 R>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out = b"%PDF-1.4\n"
    offsets = []
    for at, text in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{at} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table_at = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    return out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{table_at}\n%%EOF\n".encode(), planted


def page_stream(lines: Sequence[str]) -> str:
    shown = []
    for text in lines:
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        shown.append(f"({escaped}) Tj 0 -24 Td")
    return f"BT /F1 10 Tf 50 740 Td {' '.join(shown)} ET"
