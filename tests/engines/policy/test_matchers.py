"""Wildcard matching: right, and in bounded time."""

import fnmatch
import itertools
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemate.engines.policy.arns import compile_any_arn, compile_arn
from casemate.engines.policy.automata import MAX_LETTERS, run_together
from casemate.engines.policy.globs import literal_of, normalised, tokens_of
from casemate.engines.policy.matchers import MAX_ALONE, compile_any, compile_glob


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


@given(st.lists(st.text("ab*?", max_size=8), max_size=20), st.text("ab", max_size=12))
def test_many_patterns_together_match_as_each_alone(patterns, value):
    together = any(matcher(value) for matcher in compile_any([tokens_of(pattern) for pattern in patterns]))
    assert together == any(expected(pattern, value) for pattern in patterns)
    assert run_together([tokens_of(pattern) for pattern in patterns])(value) == together


@given(st.lists(st.text("a:*?", max_size=14), min_size=MAX_ALONE + 1, max_size=12), st.text("a:", max_size=14))
def test_many_arn_patterns_together_match_as_each_alone(patterns, value):
    tokens = [tokens_of(pattern) for pattern in patterns]
    alone = [matcher for pattern in tokens if (matcher := compile_arn(pattern)) is not None]
    assert any(matcher(value) for matcher in compile_any_arn(tokens)) == any(matcher(value) for matcher in alone)


def test_a_pattern_of_many_letters_is_matched_with_few_masks():
    letters = "".join(chr(0x100 + n) for n in range(MAX_LETTERS * 5))
    matcher = compile_glob(tokens_of(letters + "?*"))
    assert matcher(letters + "x")
    assert not matcher(letters[::-1] + "x")


def test_no_pattern_matches_nothing():
    assert not run_together([])("")
    assert compile_any([]) == ()
