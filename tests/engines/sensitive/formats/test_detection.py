from __future__ import annotations

import pytest
from tests.engines.sensitive.formats import samples

from casemate.engines.sensitive.formats import Format, detect
from casemate.engines.sensitive.formats.detection import wide_encoding

EXPECTED = {
    "a.txt": Format.TEXT,
    "a.csv": Format.CSV,
    "a.json": Format.JSON,
    "a.jsonl": Format.JSON_LINES,
    "a.xml": Format.XML,
    "a.html": Format.HTML,
    "a.eml": Format.MAIL,
    "a.csv.gz": Format.GZIP,
    "a.csv.bz2": Format.BZIP2,
    "a.csv.xz": Format.XZ,
    "a.csv.zst": Format.ZSTD,
    "a.tar": Format.TAR,
    "a.tgz": Format.GZIP,
    "a.7z": Format.SEVEN_ZIP,
    "a.pdf": Format.PDF,
    "a.doc": Format.OLE,
    "a.parquet": Format.PARQUET,
    "a.orc": Format.ORC,
    "a.avro": Format.AVRO,
}
BY_NAME_ONLY = {"a.csv"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_format_known_by_content_whatever_the_name(name: str) -> None:
    data = dict(samples.every_format())[name]
    assert detect(data, name) is EXPECTED[name]
    if name not in BY_NAME_ONLY:
        assert detect(data, "unnamed") is EXPECTED[name]


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"", "a.csv", Format.EMPTY),
        (b"hello", "picture.png", Format.TEXT),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "a.txt", Format.BINARY),
        (bytes(range(256)) * 8, "a.csv", Format.BINARY),
        (b"just prose", "a.json", Format.TEXT),
        (b"- item\n- item\n", "a.md", Format.MARKDOWN),
        (b"a: 1\nb: [1, 2]\n", "a.yaml", Format.YAML),
        (b"[section]\nkey = value\n", "a.ini", Format.TEXT),
        (b"[2024-01-01 10:00:00] started\n[2024-01-01 10:00:01] done\n", "app", Format.TEXT),
        (b'[{"a": 1}]', "a", Format.JSON),
        (b'{"a": 1}\n{"b": 2}\n', "a.json", Format.JSON_LINES),
        (b"From: a\nnot a header\n", "a", Format.TEXT),
        ('{"a": "ä"}'.encode("utf-16"), "a", Format.JSON),
    ],
)
def test_content_decides_and_the_name_where_it_leaves_a_choice(data: bytes, name: str, kind: Format) -> None:
    assert detect(data, name) is kind


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_byte_order_mark_known_by_its_zero_bytes(encoding: str) -> None:
    assert wide_encoding("Name: Müller, born today".encode(encoding)) == encoding


def test_text_with_a_stray_zero_byte_is_text() -> None:
    assert detect(b"a line of a log\n" * 50 + b"\0", "app.log") is Format.TEXT
