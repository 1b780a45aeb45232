"""Results in Macie's shape, and plans."""

import pickle

import pytest

from casemate.engines.sensitive import (
    Detection,
    FileResult,
    Occurrences,
    Resource,
    UnknownIdentifier,
    compile_plan,
    finding,
    select,
)
from casemate.engines.sensitive.findings import occurrences
from casemate.engines.sensitive.results import json_path

NOW = "2026-11-24T10:00:00Z"


def result(*detections: Detection, members: tuple[str, ...] = ()) -> FileResult:
    return FileResult(members, "text/csv", "COMPLETE", None, None, detections)


def lines(count: int) -> Occurrences:
    found = Occurrences()
    for number in range(count):
        found.add_line((number + 1, number + 1, 3))
    return found


def test_nothing_found_is_no_finding() -> None:
    assert finding(result(), Resource("a.csv", 1, NOW), now=NOW) is None


def test_finding_has_the_type_and_severity_of_what_is_gravest() -> None:
    phone = Detection("PHONE_NUMBER", "PERSONAL_INFORMATION", "Low", lines(1))
    key = Detection("PKCS", "CREDENTIALS", "High", lines(2))
    found = finding(result(phone, key), Resource("d/a.csv", 7, NOW, bucket="b"), now=NOW)
    assert found is not None
    assert (found["type"], found["severity"]) == (
        "SensitiveData:S3Object/Multiple",
        {"description": "High", "score": 3},
    )
    assert (
        found["resourcesAffected"]["s3Object"] | {"size": 7, "extension": "csv", "path": "b/d/a.csv"}
        == (found["resourcesAffected"]["s3Object"])
    )
    only = finding(result(key, members=("in.zip", "x/k.pem")), Resource("a.zip", 7, NOW), now=NOW)
    assert only is not None
    assert only["type"] == "SensitiveData:S3Object/Credentials"
    assert only["resourcesAffected"]["s3Object"]["embeddedFileDetails"]["filePath"] == "in.zip/x/k.pem"


def test_fifteen_places_are_given_unless_all_are_asked_for() -> None:
    detections = [Detection(name, "CREDENTIALS", "High", lines(10)) for name in ("PKCS", "PGP_PRIVATE_KEY")]
    for most, given, more in ((15, [10, 5], True), (None, [10, 10], False)):
        found = finding(result(*detections), Resource("a", 1, NOW), now=NOW, most=most)
        assert found is not None
        described = found["classificationDetails"]["result"]
        items = described["sensitiveData"][0]["detections"]
        assert [len(each["occurrences"]["lineRanges"]) for each in items] == given
        assert (described["additionalOccurrences"], described["sensitiveData"][0]["totalCount"]) == (more, 20)


def test_cells_of_workbooks_have_references() -> None:
    found = Occurrences()
    found.add_cell(5, 28, "n", "Sheet2")
    found.add_page(3)
    found.add_record(2, None)
    assert occurrences(found) == {
        "cells": [{"row": 5, "column": 28, "columnName": "n", "cellReference": "Sheet2!AB5"}],
        "pages": [{"pageNumber": 3}],
        "records": [{"recordIndex": 2}],
    }


def test_long_names_and_long_paths_lose_their_beginnings() -> None:
    assert json_path(("a", 1, "b c", "it's")) == "$.a[1]['b c']['it\\'s']"
    assert json_path(("x" * 300,)) == "$." + "x" * 240
    assert json_path(("a" * 100, "b" * 100, "c" * 100)) == "$." + "b" * 100 + "." + "c" * 100


def test_selectors_choose_as_the_api_says() -> None:
    assert len(select("ALL")) == 166
    assert select("INCLUDE", ["PKCS"]) == ("PKCS",)
    assert len(select("EXCLUDE", ["PKCS"])) == 165
    assert select("NONE") == ()
    with pytest.raises(UnknownIdentifier, match="EMAIL"):
        select("INCLUDE", ["EMAIL"])


def test_equal_plans_are_compiled_once_and_travel_with_their_patterns() -> None:
    plan = compile_plan(["PKCS", "USA_SOCIAL_SECURITY_NUMBER"], engine="hyperscan")
    assert compile_plan(["USA_SOCIAL_SECURITY_NUMBER", "PKCS"], engine="hyperscan") is plan
    other = pickle.loads(pickle.dumps(plan))
    text = b"ssn: 536-22-8741"
    assert [*other.matcher.text(text, other.hits(text))] == [*plan.matcher.text(text, plan.hits(text))] != []


def test_severity_follows_the_number_of_occurrences() -> None:
    plan = compile_plan(["PHONE_NUMBER"], engine="re")
    assert [plan.severity("PHONE_NUMBER", count) for count in (1, 2, 99, 100)] == ["Low", "Medium", "Medium", "High"]
