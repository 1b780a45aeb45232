from __future__ import annotations

import io

import pytest
from tests.engines.sensitive.formats.samples import unpacked

from casemate.contracts.sensitive import Delimited, JsonLines, Limits, Lines, TextBlock
from casemate.engines.sensitive.formats import Readers


def blocks(data: bytes, name: str) -> list[TextBlock]:
    found = unpacked(data, name)
    assert all(isinstance(unit, TextBlock) for unit in found)
    return [unit for unit in found if isinstance(unit, TextBlock)]


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-8"),
        ("utf-16-le", "utf-8"),
        ("utf-16-be", "utf-8"),
        ("utf-32", "utf-8"),
    ],
)
def test_text_of_each_encoding_reads_the_same(encoding: str, reported: str) -> None:
    text = "Name: Jörg Größe, 12 €\nsecond line\n"
    (block,) = blocks(text.encode(encoding), "a.txt")
    assert block.data.decode(block.encoding) == text
    assert (block.encoding, block.layout, block.first) == (reported, Lines(), True)


def test_ascii_text_passes_as_the_same_bytes_over_several_blocks() -> None:
    data = b"a line of a log, without anything in it\n" * 60_000
    found = blocks(data, "a.log")
    assert b"".join(block.data for block in found) == data
    assert len(found) > 2
    assert [block.first for block in found] == [True] + [False] * (len(found) - 1)


def test_first_byte_beyond_ascii_decides_the_encoding_wherever_it_stands() -> None:
    data = b"x" * 1_000_000 + "ü".encode("cp1252")
    assert blocks(data, "a.log")[-1].encoding == "cp1252"


def test_utf_8_character_cut_by_a_block_stays_utf_8() -> None:
    data = b"x" * (64 * 1024 - 1) + "ü".encode() * 400_000
    assert {block.encoding for block in blocks(data, "a.log")[1:]} == {"utf-8"}


@pytest.mark.parametrize(
    ("data", "name", "layout"),
    [
        (b"id,name\n1,Ann\n", "a.csv", Delimited(",", '"', ("id", "name"))),
        (b"id;name\n1;Ann, Bo\n", "a.csv", Delimited(";", '"', ("id", "name"))),
        (b"id\tname\n1\tAnn\n", "a.tsv", Delimited("\t", '"', ("id", "name"))),
        (b"id|first name\n1|Ann\n2|Bo\n", "unnamed", Lines()),
        (b"id|first|last\n1|Ann|Lee\n2|Bo|Roe\n", "unnamed", Delimited("|", '"', ("id", "first", "last"))),
        (b"1,Ann,a@b.c\n2,Bo,b@b.c\n", "a.csv", Delimited(",", '"')),
        (b"'id','a name'\n'1','Ann, Lee'\n'2','Bo'\n", "a.csv", Delimited(",", "'", ("id", "a name"))),
        (b'"id","note, long"\n1,"x\ny"\n', "a.csv", Delimited(",", '"', ("id", "note, long"))),
        (b"one column\n1\n2\n", "a.csv", Delimited(",", '"', ("one column",))),
        (b"sep=;\nid;name\n1;Ann, Bo, Cy\n", "a.csv", Delimited(";", '"', ("id", "name"), 2)),
        (b"# by us, of late\n#\nid;name\n1;Ann\n", "a.csv", Delimited(";", '"', ("id", "name"), 3)),
        (b"Customer list\n\nid,name\n1,Ann\n", "a.csv", Delimited(",", '"', ("id", "name"), 3)),
        (b"Report,,\nid,name,age\n1,Ann,3\n", "a.csv", Delimited(",", '"', ("id", "name", "age"), 2)),
        (b"#id,name\n1,Ann\n", "a.csv", Delimited(",", '"', ("#id", "name"))),
        (b'"social\nsecurity",name\n1,Ann\n', "a.csv", Delimited(",", '"', ("social security", "name"))),
        (b"1,2\n3,4\nid,name\n", "a.csv", Delimited(",", '"')),
        (b"1 Elm St, Rye, NY 10580\n2 Oak St, Rye, NY 10580\n3 Ash St, Rye, NY 10580\n", "a.txt", Lines()),
        (b"Smith, Ann, Jane\nRoe, Bo, Lee\nDoe, Cy, Max\n", "a.txt", Lines()),
        (b"Smith,Ann,Jane\nRoe,Bo,Lee\nDoe,Cy,Max\n", "a.txt", Lines()),
        (b"id, name, zip\n1, Ann, 10580\n2, Bo, 10580\n", "a.txt", Delimited(",", '"', ("id", " name", " zip"))),
        (b"1,Ann,a@b.c\n2,Bo,b@b.c\n3,Cy,c@b.c\n", "a.txt", Delimited(",", '"')),
        (b"\n", "a.csv", Lines()),
        (b"Dear all,\nthis is, you see, prose,\nnot a table.\n", "letter", Lines()),
        (b"a\tb\n1\t2\n3\t4\n", "a.log", Lines()),
        (b'{"a":1}\n{"a":2}\n', "x", JsonLines()),
    ],
)
def test_layout_follows_rows_and_name(data: bytes, name: str, layout: object) -> None:
    assert blocks(data, name)[0].layout == layout


def test_stream_without_seek_reads_the_same() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self._stream = io.BytesIO(data)

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return self._stream.read(min(size, 1000))

    data = b"id,name\n" + b"1,Ann\n" * 50_000
    found = [unit for unit in Readers().units(Pipe(data), "a.csv", Limits()) if isinstance(unit, TextBlock)]  # type: ignore[arg-type]
    assert b"".join(block.data for block in found) == data
