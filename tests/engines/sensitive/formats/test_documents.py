from __future__ import annotations

import pytest
from tests.engines.sensitive.formats import samples
from tests.engines.sensitive.formats.samples import TABLE, units, unpacked

from casemate.contracts.sensitive import (
    Leaf,
    Leaves,
    Opened,
    PageText,
    Problem,
    Prose,
    RecordBatch,
    TableBatch,
    TextBlock,
)


def prose(data: bytes, name: str) -> str:
    return "".join(unit.text for unit in units(data, name) if isinstance(unit, Prose))


def test_word_document_gives_text_properties_and_what_is_embedded() -> None:
    found = units(samples.docx(), "a.docx")
    assert prose(samples.docx(), "a.docx").split() == ["Ann", "Lee", "&", "Co", "cell", "Bo", "Roe"]
    assert isinstance(found[-1], TextBlock)
    assert (found[-1].data, found[-1].members) == (TABLE, ("word/embeddings/inner.csv",))


@pytest.mark.parametrize(("name", "text"), [("a.pptx", "Slide text"), ("a.odt", "Größe"), ("a.doc", "Ann Lee\nwrote")])
def test_office_documents_give_their_text(name: str, text: str) -> None:
    assert text in prose(dict(samples.every_format())[name], "unnamed")


def test_office_file_is_told_by_its_parts_not_by_its_name() -> None:
    found = units(samples.docx(), "picture.zip")
    assert isinstance(found[0], Opened)
    assert found[0].mime_type.endswith("wordprocessingml.document")


def test_powerpoint_97_text_atoms_are_read() -> None:
    atom = (0).to_bytes(2, "little") + (0x0FA0).to_bytes(2, "little")
    text = "Ann Lee".encode("utf-16-le")
    data = samples.ole({"PowerPoint Document": atom + len(text).to_bytes(4, "little") + text})
    assert prose(data, "a.ppt").strip("\0\n") == "Ann Lee"


def test_outlook_message_gives_its_strings() -> None:
    data = samples.ole({"__substg1.0_1000001F": "Dear Ann Lee".encode("utf-16-le")})
    assert "Dear Ann Lee" in prose(data, "a.msg")


def test_workbook_gives_a_table_with_numbers_as_people_see_them() -> None:
    header, table = unpacked(samples.xlsx([["id", "name"], [1, "Ann Lee"], [2.5, "Bo"]]), "a.xlsx")
    assert header == TableBatch((None, None), [["id"], ["name"]], first_row=1, sheet="People")
    assert table == TableBatch(("id", "name"), [["1", "2.5"], ["Ann Lee", "Bo"]], first_row=2, sheet="People")


def test_workbook_without_a_header_has_nameless_columns() -> None:
    (table,) = unpacked(samples.xlsx([[7, "Ann Lee"], [8, "Bo"]]), "a.xlsx")
    assert table == TableBatch((None, None), [["7", "8"], ["Ann Lee", "Bo"]], first_row=1, sheet="People")


def test_header_of_a_sheet_may_stand_below_a_title() -> None:
    above, table = unpacked(samples.xlsx([["Our people", ""], ["id", "name"], [1, "Ann Lee"], [2, "Bo"]]), "a.xlsx")
    assert isinstance(above, TableBatch)
    assert above.columns == (None, None)
    assert table == TableBatch(("id", "name"), [["1", "2"], ["Ann Lee", "Bo"]], first_row=3, sheet="People")


def test_rows_of_a_large_sheet_keep_their_numbers() -> None:
    rows: list[list[str | float]] = [["id", "name"], *[[i, f"n{i}"] for i in range(3_000)]]
    tables = [unit for unit in unpacked(samples.xlsx(rows), "a.xlsx") if isinstance(unit, TableBatch)]
    numbered = [(table.first_row + y, value) for table in tables for y, value in enumerate(table.values[0])]
    assert numbered == [(1, "id"), *[(i + 2, str(i)) for i in range(3_000)]]


def test_open_document_sheet_is_read_as_a_table() -> None:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{v}</text:p></table:table-cell>' for v in ("id", "x")
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="T"><table:table-row>{cells}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    data = samples.zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<manifest/>",
            "content.xml": content.encode(),
        }
    )
    (table,) = unpacked(data, "a.ods")
    assert isinstance(table, TableBatch)
    assert (table.sheet, list(map(list, table.values))) == ("T", [["id"], ["x"]])


@pytest.mark.parametrize(("name", "mime"), [("a.doc", "application/msword"), ("a", "application/x-ole-storage")])
def test_old_office_file_is_typed_by_its_name(name: str, mime: str) -> None:
    (first, *_) = units(samples.doc("text"), name)
    assert first == Opened(mime)


@pytest.mark.parametrize("first", ["A1", "A4", "C1", "D7"])
def test_cell_keeps_its_place_wherever_the_data_begins(first: str) -> None:
    batches = units(samples.xlsx([["id", "name"], [1, "Ann Lee"]], first=first), "a.xlsx")
    tables = [unit for unit in batches if isinstance(unit, TableBatch)]
    places = [
        (table.first_row + y, x)
        for table in tables
        for x, column in enumerate(table.values)
        for y, value in enumerate(column)
        if value == "Ann Lee"
    ]
    assert places == [(int(first[1:]) + 1, ord(first[0]) - ord("A") + 1)]


def test_pdf_gives_its_pages_by_number() -> None:
    found = unpacked(samples.pdf(["Ann Lee", "page two"]), "a.pdf")
    assert found == [PageText(1, "Ann Lee"), PageText(2, "page two")]


def test_parquet_gives_flat_columns_and_leaves_of_nested_ones() -> None:
    flat, nested = unpacked(samples.columnar("parquet"), "a.parquet")
    assert isinstance(flat, RecordBatch)
    assert flat.paths == (("id",), ("name",))
    assert list(map(list, flat.values)) == [["1", "2"], ["Ann Lee", None]]
    assert nested == Leaves(
        [
            Leaf(0, ("tags", 0), "a"),
            Leaf(0, ("tags", 1), "b"),
            Leaf(0, ("home", "city"), "Rome"),
            Leaf(0, ("home", "zip", "code"), "184"),
        ]
    )


def test_orc_and_avro_give_records() -> None:
    (orc,) = unpacked(samples.columnar("orc"), "a.orc")
    assert isinstance(orc, RecordBatch)
    assert list(map(list, orc.values)) == [["1", "2"], ["Ann Lee", None]]
    assert unpacked(samples.avro(), "a.avro") == [
        RecordBatch((("name",),), [["Ann Lee"]], 0),
        Leaves([Leaf(0, ("marks", "a"), "7")]),
    ]


def test_mail_gives_text_on_its_lines_and_attachments_as_files() -> None:
    data = samples.mail()
    body, opened, attachment = unpacked_with_opened(data)
    lines = body.data.decode().replace("\r\n", "\n").split("\n")
    assert lines[0] == "From: Jürgen Roe <j@example.org>"
    assert lines[9] == "Grüße an alle"
    assert lines[10] == ""  # the soft line break's own line
    assert lines[11] == "Ende"
    assert opened.members == attachment.members == ("data.csv",)
    assert attachment.data == b"id,name\n1,Ann Lee\n"


def unpacked_with_opened(data: bytes) -> tuple[TextBlock, Opened, TextBlock]:
    _, body, opened, attachment = units(data, "a.eml")
    assert isinstance(body, TextBlock)
    assert isinstance(opened, Opened)
    assert isinstance(attachment, TextBlock)
    return body, opened, attachment


def test_base64_text_of_a_mail_stays_within_its_lines() -> None:
    head = b"From: a@b.c\nTo: a@b.c\nSubject: x\nContent-Transfer-Encoding: base64\nContent-Type: text/plain\n\n"
    (block,) = unpacked(head + b"QW5uIExlZQpzZWNvbmQKdGhpcmQK\n", "a.eml")
    assert isinstance(block, TextBlock)
    assert block.data == head + b"Ann Lee second third\n"


def test_large_encoded_parts_of_a_mail_are_whole_and_bounded() -> None:
    import base64

    payload = b"id,name\n" + b"".join(b"%d,Person %d\n" % (i, i) for i in range(100_000))
    text = b"".join(b"line %d of the text\n" % i for i in range(90_000))
    head = b'From: a@b.c\nTo: a@b.c\nSubject: x\nContent-Type: multipart/mixed; boundary="q"\n\n--q\n'
    part = b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(text)
    attached = (
        b'--q\nContent-Disposition: attachment; filename="a.csv"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(payload)
    )
    found = units(head + part + attached + b"--q--\n", "a.eml")
    own = b"".join(unit.data for unit in found if isinstance(unit, TextBlock) and not unit.members)
    assert own.count(b"of the text") == 90_000
    assert b"line 89999 of the text" in own
    assert own.count(b"\n") == (head + part + attached + b"--q--\n").count(b"\n")
    assert b"".join(unit.data for unit in found if isinstance(unit, TextBlock) and unit.members) == payload


def test_mail_within_a_mail_is_a_file_of_its_own() -> None:
    data = (
        b'From: a@b.c\nTo: a@b.c\nSubject: x\nContent-Type: multipart/mixed; boundary="q"\n\n--q\n'
        b"Content-Type: message/rfc822\n\nFrom: b@b.c\nTo: c@b.c\nSubject: inner\n\ninner text\n--q--\n"
    )
    found = [unit for unit in units(data, "a.eml") if isinstance(unit, TextBlock) and unit.members]
    assert [unit.members for unit in found] == [("message.eml",)]
    assert b"inner text" in found[0].data


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.docx", "MALFORMED_FILE"),
        ("a.xlsx", "MALFORMED"),
        ("a.doc", "MALFORMED_OR_FILE_SIZE_EXCEEDS_LIMIT"),
        ("a.parquet", "UNABLE_TO_PARSE_FILE"),
        ("a.orc", "UNABLE_TO_PARSE_FILE"),
    ],
)
def test_damaged_document_says_why(name: str, reason: str) -> None:
    data = dict(samples.every_format())[name]
    found = unpacked(data[: len(data) // 2], name)
    assert any(isinstance(unit, Problem) and unit.reason.startswith(reason) for unit in found)
