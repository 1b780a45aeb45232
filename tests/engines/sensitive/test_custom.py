"""Custom identifiers and allow lists: the API's limits, and how they match."""

import pytest

from casemate.engines.sensitive.allow import Allowed, AllowList
from casemate.engines.sensitive.custom import CustomIdentifier, CustomMatcher, SeverityLevel, check
from casemate.engines.sensitive.errors import InvalidAllowList, InvalidIdentifier


def found(identifier: CustomIdentifier, text: str, *, named: bool = False) -> list[str]:
    return [text[start:end] for start, end in CustomMatcher(identifier).find(text, named=named)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 129}, "name"),
        ({"regex": ""}, "regex"),
        ({"regex": "a" * 513}, "513"),
        ({"regex": "a("}, "regex"),
        ({"regex": r"(a)\1"}, "backreferences"),
        ({"regex": "a(?=b)"}, "look-ahead"),
        ({"regex": "(?<!a)b"}, "look-behind"),
        ({"regex": "a*"}, "empty"),
        ({"keywords": ("ab",)}, "3 to 90"),
        ({"keywords": ("a" * 91,)}, "91"),
        ({"keywords": tuple(f"word{n}" for n in range(51))}, "50"),
        ({"ignore_words": ("abc",)}, "4 to 90"),
        ({"ignore_words": tuple(f"word{n}" for n in range(11))}, "10"),
        ({"maximum_match_distance": 0}, "1 to 300"),
        ({"maximum_match_distance": 301}, "301"),
        ({"severity_levels": (SeverityLevel(5, "HIGH"), SeverityLevel(9, "LOW"))}, "ascend"),
        ({"severity_levels": (SeverityLevel(9, "LOW"), SeverityLevel(5, "HIGH"))}, "ascend"),
        ({"severity_levels": (SeverityLevel(0, "LOW"),)}, "ascend"),
    ],
)
def test_what_breaks_a_limit_is_refused_with_its_reason(change: dict, says: str) -> None:
    given = {"name": "x", "regex": "E-[0-9]+"} | change
    with pytest.raises(InvalidIdentifier, match=says):
        check(CustomIdentifier(**given))


def test_keyword_must_precede_and_the_distance_is_to_the_end_of_the_match() -> None:
    identifier = CustomIdentifier("x", "E-[0-9]{4}", keywords=("Employee",), maximum_match_distance=10)
    check(identifier)
    assert found(identifier, "EMPLOYEE 123 E-1234") == []
    assert found(identifier, "EMPLOYEE: : E-1234") == ["E-1234"]
    assert found(identifier, "E-1234 employee") == []
    assert found(identifier, "E-1234", named=True) == ["E-1234"]


def test_ignore_words_are_case_sensitive_parts_of_the_match() -> None:
    identifier = CustomIdentifier("x", "ID-[A-Za-z]+", ignore_words=("Test",))
    assert found(identifier, "ID-aTesta ID-atesta") == ["ID-atesta"]


def test_severity_follows_thresholds_and_is_none_below_the_lowest() -> None:
    levels = (SeverityLevel(2, "LOW"), SeverityLevel(10, "HIGH"))
    identifier = CustomIdentifier("x", "a", severity_levels=levels)
    assert [identifier.severity(count) for count in (1, 2, 9, 10)] == [None, "Low", "Low", "High"]
    assert CustomIdentifier("x", "a").severity(1) == "Medium"


def test_pattern_that_would_explode_elsewhere_ends_at_once() -> None:
    assert found(CustomIdentifier("x", "(a+)+b"), "a" * 50_000) == []


def test_allow_list_takes_whole_entries_in_any_case() -> None:
    allowed = Allowed([AllowList.of_words([" Anna Berger ", "", "555"]), AllowList.of_regex("x[0-9]+")])
    assert [allowed(text) for text in ("ANNA BERGER", "Anna", "555", "x12", "x12y")] == [True, False, True, True, False]


@pytest.mark.parametrize("lines", [[], ["", "  "], ["y" * 91]])
def test_wrong_list_of_words_is_refused(lines: list[str]) -> None:
    with pytest.raises(InvalidAllowList):
        AllowList.of_words(lines)


def test_list_of_more_than_a_hundred_thousand_words_is_refused() -> None:
    with pytest.raises(InvalidAllowList, match="100000"):
        AllowList.of_words(str(number) for number in range(100_001))


@pytest.mark.parametrize("regex", ["", "a" * 513, "[", "(?=x)"])
def test_wrong_pattern_of_an_allow_list_is_refused(regex: str) -> None:
    with pytest.raises(InvalidAllowList):
        AllowList.of_regex(regex)
