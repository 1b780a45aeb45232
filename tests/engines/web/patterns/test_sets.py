"""Pattern sets: one pass, the same answers with every engine, kept by content."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemate.engines.web.patterns import Pattern, PatternCache, PatternSet, PatternSyntaxError

EXPRESSIONS = [r"union\s+select", r"^/admin", r"\.php$", r"a.c", r"[0-9]{3,}", r"(foo|bar)+", r"\bword\b", r"^$"]


def scanned(patterns: PatternSet, value: bytes) -> set[int]:
    return {index for index, _ in patterns.scan(value)}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="uniosect /admn.ph123fobarwd\n", max_size=40).map(str.encode))
def test_scan_agrees_with_the_standard_library(value: bytes) -> None:
    cache = PatternCache()
    compiled = cache.compiled([Pattern(text, caseless=True) for text in EXPRESSIONS])
    expected = {number for number, text in enumerate(EXPRESSIONS) if re.search(text.encode(), value, re.IGNORECASE)}
    assert scanned(compiled, value) == expected


def test_joined_scan_with_multiline_finds_what_a_scan_of_each_value_finds() -> None:
    compiled = PatternCache().compiled([Pattern(text, multiline=True) for text in EXPRESSIONS if text != "^$"])
    values = [b"x/admin", b"/admin", b"index.php", b"abc", b"12", b"3456", b"union select"]
    single = set().union(*(scanned(compiled, value) for value in values))
    assert scanned(compiled, b"\n".join(values)) >= single


def test_without_hyperscan_re2_gives_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = [Pattern(text, caseless=True) for text in EXPRESSIONS]
    native = PatternCache().compiled(patterns)
    values = (b"1 UNION  SELECT 2", b"/admin/x.php", b"fooBAR", b"a word", b"", b"xabcx 1234")
    expected = [scanned(native, value) for value in values]
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    fallback = PatternCache().compiled(patterns)
    assert not fallback.ids
    assert [scanned(fallback, value) for value in values] == expected


def test_pattern_that_hyperscan_refuses_goes_to_re2_and_the_rest_stay() -> None:
    # An anchor in the middle, which Hyperscan refuses and RE2 takes.
    patterns = [Pattern("needle"), Pattern("a(?:^|b)c"), Pattern("hay")]
    compiled = PatternCache().compiled(patterns)
    assert compiled.ids == (0, 2)
    assert scanned(compiled, b"abc hay") == {1, 2}


def test_pattern_that_no_engine_takes_is_named() -> None:
    with pytest.raises(PatternSyntaxError) as refused:
        PatternCache().compiled([Pattern("good"), Pattern("(bad")])
    assert refused.value.index == 1
    assert "parenthesis" in refused.value.reason


def _large() -> list[Pattern]:
    return [Pattern(rf"({number}[a-f]{{2,9}}|x{number}.{{0,40}}y[0-9]+)", caseless=True) for number in range(60)]


def test_large_set_is_compiled_once_reported_and_loaded_from_disk(tmp_path: Path) -> None:
    reports: list[int] = []
    first = PatternCache(tmp_path, report=lambda patterns, _seconds: reports.append(patterns))
    assert scanned(first.compiled(_large()), b"x7...y12") == {7}
    assert reports == [60]
    again = PatternCache(tmp_path, report=lambda patterns, _seconds: reports.append(patterns))
    assert scanned(again.compiled(_large()), b"x7...y12") == {7}
    assert reports == [60]
    assert again.compiled(_large()) is again.compiled(_large())


def test_file_of_the_cache_that_was_damaged_is_passed_over(tmp_path: Path) -> None:
    PatternCache(tmp_path).compiled(_large())
    (file,) = tmp_path.glob("*.hsdb")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert scanned(PatternCache(tmp_path).compiled(_large()), b"x7...y12") == {7}


def test_directory_that_can_not_be_written_costs_only_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert scanned(PatternCache(blocked).compiled(_large()), b"x7...y12") == {7}


def test_files_of_the_cache_are_bounded_and_the_oldest_go(tmp_path: Path) -> None:
    for number in range(130):
        old = tmp_path / f"{number}.hsdb"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    PatternCache(tmp_path).compiled(_large())
    left = {file.name for file in tmp_path.glob("*.hsdb")}
    assert len(left) == 128
    assert not {"0.hsdb", "1.hsdb", "2.hsdb"} & left


def test_cache_is_bounded() -> None:
    cache = PatternCache()
    for number in range(600):
        cache.compiled([Pattern(f"p{number}")])
    assert len(cache._sets) <= 512
