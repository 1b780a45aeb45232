"""Patterns of the models have Java's meaning and take no time worth naming."""

from __future__ import annotations

import itertools
import random
import re
import time

import pytest

from casemate.gateway.models import index, load
from casemate.gateway.models.patterns import _LINEAR, _compile, matcher


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("[a-z]+", ["a", "abc"], ["", "A", "a1", "a\n"]),
        ("^[a-z]+$", ["a"], ["a\n", "1a"]),
        (r"[\w+=,.@-]+", ["a_1", "x@y-z"], ["é", "a b"]),
        (r"\d{2}", ["12"], ["١٢", "123"]),
        (".*", ["", "a\x00b"], ["a\nb", "a\rb", "a\u2028b", "a\x85b"]),
        ("(?s).*", ["a\nb"], []),
        ("(?i)all|[0-9]{12}", ["ALL", "123456789012"], ["x"]),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", ["", "aé語 1", "a\u00a0b", "٣"], ["a#", "语!", "a\x00"]),
        (r"[^\p{C}]*", ["a", "é"], ["\x00", "\u200b", "\x85"]),
        (r"[\w-\/.]+", ["a-/."], ["a b"]),
        (r"\p{Print}+", ["a~"], ["é", "\t"]),
        (r"\p{ASCII}+", ["a\t"], ["é"]),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", ["a😀\t"], ["\x00", "\n"]),
        (r"\s", [" ", "\t"], ["\u00a0"]),
        ("[a&&b|~-]+", ["a&&b", "|~-"], ["c"]),
        (r"[ab[c]+", ["[c"], ["d"]),
    ],
)
def test_pattern_matches_whole_values_as_java_does(pattern, matching, other):
    assert [text for text in matching if not matcher(pattern)(text)] == []
    assert [text for text in other if matcher(pattern)(text)] == []


@pytest.mark.parametrize("pattern", _LINEAR)
def test_linear_pattern_matches_what_the_models_pattern_matches(pattern):
    original = re.compile(_compile.__wrapped__(pattern, ascii_only=False).pattern, re.ASCII)
    chance = random.Random(0)
    accepted = 0
    for length in range(12):
        for _ in range(1500):
            text = "".join(chance.choices("aZ0-./*_ \t\n\x85:1~", k=length))
            text = "1" * chance.randrange(8, 14) + text if "{12}" in pattern else text
            accepted += bool(original.fullmatch(text))
            assert bool(original.fullmatch(text)) == bool(matcher(pattern)(text)), text
    assert accepted > 100


def _patterns():
    """Every pattern of every model with the longest text it may be given."""
    found: dict[str, int] = {}
    for service in index().services:
        model = load(service)
        for name in model._shape_entries.naming(b'"pattern"'):
            shape = model.shape(name)
            if shape.trait("pattern"):
                longest = shape.trait("max", 20_000)
                found[shape.trait("pattern")] = max(found.get(shape.trait("pattern"), 0), longest)
    return found


def test_no_pattern_of_any_model_takes_long_on_hostile_text():
    slow = []
    for pattern, longest in _patterns().items():
        matches = matcher(pattern)
        letters = {letter for letter in re.sub(r"\\.", "", pattern) if letter.isprintable()} | set("aA0-/. :_")
        units = [*letters, *("".join(pair) for pair in itertools.product("a0", letters))]
        length = min(longest, 4_000)
        for unit in units:
            text = (unit * (length // len(unit)))[: length - 2] + "!\n"
            began = time.process_time()
            matches(text)
            if time.process_time() - began > 0.05:
                slow.append((pattern, unit))
                break
    assert slow == []
