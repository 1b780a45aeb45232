"""Every text transformation against AWS's description of it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemate.engines.web.transformations import TRANSFORMATIONS, apply

CASES: list[tuple[str, bytes, bytes]] = [
    ("NONE", b" A%20\0", b" A%20\0"),
    ("COMPRESS_WHITE_SPACE", b"a \t\n\r\f\v\xa0 b  c", b"a b c"),
    ("HTML_ENTITY_DECODE", b"&quot;&nbsp;&lt;&gt;&#x41;&#66;&LT", b'"\xa0<>AB<'),
    ("HTML_ENTITY_DECODE", b"&#x20AC;&unknown;", "€&unknown;".encode()),
    ("LOWERCASE", b"SeLeCT \xc3\x84", b"select \xc3\x84"),
    ("UPPERCASE", b"SeLeCT", b"SELECT"),
    ("CMD_LINE", b"C^Md.eXe   /c  \"dir\";'x',y (z)", b"cmd.exe/c dir x y(z)"),
    ("CMD_LINE_WIN", b"c^md /c \\win'", b"cmd/c \\win'"),
    ("CMD_LINE_UNIX", b'/bin/c\\a""t ^', b"/bin/cat ^"),
    ("URL_DECODE", b"a%20b+c%zz%4", b"a b c%zz%4"),
    ("URL_DECODE_UNI", b"%u003cscript%u003e%uFF1C%41+", b"<script><A "),
    ("BASE64_DECODE", b"c2VsZWN0", b"select"),
    ("BASE64_DECODE", b"c2VsZWN0IQ==", b"select!"),
    ("BASE64_DECODE", b"c2Vs!ZWN0", b"sel"),
    ("BASE64_DECODE_EXT", b"c2Vs!Z W N0", b"select"),
    ("HEX_DECODE", b"414243", b"ABC"),
    ("HEX_DECODE", b"41424g", b"41424g"),
    ("SQL_HEX_DECODE", b"select 0x414243, 0X44", b"select ABC, D"),
    ("MD5", b"a", hashlib.md5(b"a").digest()),
    ("SHA256", b"a", hashlib.sha256(b"a").digest()),
    ("REPLACE_COMMENTS", b"a/*x*/b/**//**/c", b"a b  c"),
    ("REPLACE_COMMENTS", b"a/*x*/b/* never closed", b"a b "),
    ("REPLACE_COMMENTS", b"a*/b", b"a*/b"),
    ("REMOVE_COMMENTS_CHAR", b"se/**/lect--x#<!--y-->", b"selectxy"),
    ("ESCAPE_SEQ_DECODE", rb"\a\b\f\n\r\t\v\\\?\'\"\x41\101\q", b"\a\b\f\n\r\t\v\\?'\"AA\\q"),
    ("CSS_DECODE", rb"ja\vascript", b"javascript"),
    ("CSS_DECODE", rb"\6a\000061 v\ff1c", b"jav<"),
    ("JS_DECODE", rb"\u003c\uFF1e\x41\101\n\q", b"<>AA\nq"),
    ("JS_DECODE", rb"\u4141", b"A"),
    ("JS_DECODE_EXT", rb"\u{3c}\u20ac\x41", "<€A".encode()),
    ("NORMALIZE_PATH", b"/a//b/./c/../d", b"/a/b/d"),
    ("NORMALIZE_PATH", b"../../etc/passwd", b"../../etc/passwd"),
    ("NORMALIZE_PATH", b"/a/../../etc/", b"/etc/"),
    ("NORMALIZE_PATH_WIN", b"\\a\\..\\b\\.\\c", b"/b/c"),
    ("REMOVE_NULLS", b"a\0b\0", b"ab"),
    ("REPLACE_NULLS", b"a\0b", b"a b"),
    ("UTF8_TO_UNICODE", "a<é€😀".encode(), b"a<%u00e9%u20ac%ud83d%ude00"),
    ("UTF8_TO_UNICODE", b"a\xff", b"a\xff"),
    ("REMOVE_WHITESPACE", b" a\t\n b\xa0", b"ab"),
    ("TRIM", b" \ta b\n", b"a b"),
    ("TRIM_LEFT", b" a ", b"a "),
    ("TRIM_RIGHT", b" a ", b" a"),
]


@pytest.mark.parametrize(("name", "before", "after"), CASES)
def test_transformation_of_documented_input_gives_documented_output(name: str, before: bytes, after: bytes) -> None:
    assert TRANSFORMATIONS[name](before) == after


def test_all_31_transformations_of_the_model_have_a_case() -> None:
    assert len(TRANSFORMATIONS) == 31
    assert {name for name, _, _ in CASES} == set(TRANSFORMATIONS)


def test_chain_applies_in_order() -> None:
    assert apply(("URL_DECODE", "LOWERCASE", "COMPRESS_WHITE_SPACE"), b"UNION%20%20ALL") == b"union all"
    assert apply(("LOWERCASE", "MD5"), b"A") == hashlib.md5(b"a").digest()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="\\%u&#x;/*-+ 0aAfF{}", max_size=80).map(str.encode))
def test_transformations_of_any_bytes_never_raise(value: bytes) -> None:
    for transformation in TRANSFORMATIONS.values():
        assert isinstance(transformation(value), bytes)


@pytest.mark.parametrize("name", sorted(TRANSFORMATIONS))
@pytest.mark.parametrize("unit", [b"/*", b"*/", b"\\", b"%", b"&#", b" ", b"../", b"0x", b"a/", b"\\u", b"--"])
def test_transformation_of_64_kilobytes_of_its_worst_unit_stays_quick(name: str, unit: bytes) -> None:
    import time

    value = unit * (65_536 // len(unit))
    begin = time.process_time()
    TRANSFORMATIONS[name](value)
    assert time.process_time() - begin < 0.25
