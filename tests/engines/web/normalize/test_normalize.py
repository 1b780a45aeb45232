"""Normalisers: what an application may end up with."""

from __future__ import annotations

import base64
import time

import pytest

from casemate.engines.web.normalize import normalizers

SCRIPT = b"<script>alert(1)</script>"


@pytest.mark.parametrize(
    "written",
    [
        b"%3Cscript%3Ealert(1)%3C/script%3E",
        b"%253Cscript%253Ealert(1)%253C%252Fscript%253E",
        b"%u003cscript%u003ealert(1)%u003c/script%u003e",
        b"&lt;script&gt;alert(1)&lt;/script&gt;",
        b"&#60;script&#x3e;alert(1)&#0060;/script&#x0003e;",
        b"\\x3cscript\\x3ealert(1)\\u003c/script\\u{3e}",
        b"%26lt%3Bscript%26gt%3Balert(1)%26lt%3B/script%26gt%3B",
        "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e".encode(),
        b"%c0%bcscript%c0%bealert(1)%c0%bc/script%c0%be",
        b"%ef%bc%9cscript%ef%bc%9ealert(1)%ef%bc%9c/script%ef%bc%9e",
    ],
)
def test_deep_undoes_nested_and_mixed_encodings_in_its_first_view(written: bytes) -> None:
    assert normalizers()["deep"](written)[0] == SCRIPT


@pytest.mark.parametrize("hidden", [base64.b64encode(SCRIPT), base64.urlsafe_b64encode(SCRIPT).rstrip(b"="), SCRIPT.hex().encode(), b"0x" + SCRIPT.hex().encode()])  # fmt: skip
def test_deep_shows_text_hidden_in_base64_or_hexadecimal(hidden: bytes) -> None:
    assert SCRIPT in normalizers()["deep"](b"x=" + hidden)


@pytest.mark.parametrize("plain", [b"hello world", b"O'Brien", b"a@b.example", b"2026-11-24", b"1 < 2", b""])
def test_deep_of_a_plain_value_is_the_value_itself(plain: bytes) -> None:
    assert normalizers()["deep"](plain) == (plain,)


def test_deep_keeps_a_plus_beside_quotes_as_a_view_of_its_own() -> None:
    assert set(normalizers()["deep"](b"'+(select 1)+'")) >= {b"' (select 1) '", b"'+(select 1)+'"}


def test_deep_drops_nuls_in_a_view_of_its_own() -> None:
    assert b"<script>" in normalizers()["deep"](b"<scr%00ipt>")


@pytest.mark.parametrize(
    ("hidden", "read"),
    [
        (b";c'a't /etc/passwd", b";cat /etc/passwd"),
        (b';w"h"oami', b";whoami"),
        (b";c\\at /etc/passwd", b";cat /etc/passwd"),
        (b";cat${IFS}/etc/passwd", b";cat /etc/passwd"),
        (b";cat$IFS$9/etc/passwd", b";cat /etc/passwd"),
        (b";{cat,/etc/passwd}", b";cat /etc/passwd"),
        (b"a=c;b=at;$a$b /x", b"a=c;b=at;cat /x"),
        (b"& w^h^o^a^m^i", b"& whoami"),
        (b";ca$@t /x", b";cat /x"),
    ],
)
def test_deep_reads_words_as_a_shell_does(hidden: bytes, read: bytes) -> None:
    assert read in normalizers()["deep"](hidden)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"/a/..;/b", b"/a/../b"),
        (b"/a//b/./c", b"/a/b/c"),
        (b"/a/..%5c..%5cb", b"/a/../../b"),
        (b"/a+b", b"/a+b"),
        (b"/%2e%2e/%252e%252e/x", b"/../../x"),
    ],
)
def test_path_is_read_as_servers_do(written: bytes, read: bytes) -> None:
    assert normalizers()["path"](written) == (read,)


@pytest.mark.parametrize("name", sorted(normalizers()))
@pytest.mark.parametrize(
    "piece", [b"%25", b"&#", b"\\", b"A", b"'a", b"${", b"{a,", b"a=b;", b"+", b"%u00", b"/?", b"\xc0\xae"]
)
def test_repeated_piece_costs_little_and_gives_few_views(name: str, piece: bytes) -> None:
    value = (piece * 65536)[:65536]
    start = time.process_time()
    views = normalizers()[name](value)
    assert time.process_time() - start < 1.5
    assert len(views) <= 12
