"""Wildcard matching: right, and in bounded time."""

import fnmatch
import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemate.engines.policy.globs import compile_glob, literal_of, normalised, tokens_of


def matches(pattern: str, value: str) -> bool:
    return compile_glob(tokens_of(pattern))(value)


def expected(pattern: str, value: str) -> bool:
    regex = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.fullmatch(regex, value, re.DOTALL) is not None


@pytest.mark.parametrize(
    "pattern", ["", "*", "?", "a", "a*", "*a", "a*b", "*a*", "a?b", "a*b*c", "?*", "*?a", "**", "a**b", "a*?*b"]
)
def test_every_short_value_matches_as_the_regular_expression_does(pattern):
    for length in range(5):
        for letters in itertools.product("abc", repeat=length):
            value = "".join(letters)
            assert matches(pattern, value) == expected(pattern, value), value


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=20))
def test_random_patterns_match_as_the_regular_expression_does(pattern, value):
    assert matches(pattern, value) == expected(pattern, value)


def test_prefix_and_suffix_may_not_overlap():
    assert not matches("ab*ba", "aba")
    assert matches("ab*ba", "abba")


def test_brackets_are_literal_unlike_in_shell_patterns():
    assert not matches("[ab]", "a")
    assert matches("[ab]", "[ab]")
    assert fnmatch.fnmatchcase("a", "[ab]")


def test_newlines_are_ordinary_characters():
    assert matches("a*b", "a\nb")


def test_a_literal_star_from_a_variable_is_no_wildcard():
    assert literal_of(normalised(["a", "*", "b"])) == "a*b"
    assert not compile_glob(normalised(["a", "*", "b"]))("axb")


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("*a" * 60 + "b", "a" * 2000),
        ("*" + "a?" * 500 + "b", "a" * 4000),
        ("?*" * 1000 + "b", "a" * 4000),
        ("a*" * 1000 + "b", "a" * 4000),
        ("*" + "a" * 2000 + "b", "a" * 4000),
    ],
)
def test_worst_patterns_against_long_values_end_at_once(pattern, value):
    matcher = compile_glob(tokens_of(pattern))
    started = time.perf_counter()
    assert not matcher(value)
    assert time.perf_counter() - started < 0.5
