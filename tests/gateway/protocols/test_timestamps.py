from __future__ import annotations

import pytest

from casemate.gateway.protocols import timestamps


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("2015-01-25T08:00:00Z", 1422172800.0),
        ("2015-01-25t08:00:00z", 1422172800.0),
        ("2015-01-25T08:00:00.123456789Z", 1422172800.123456789),
        ("2019-12-16T22:48:18-01:00", 1576540098.0),
        ("2019-12-17T00:48:18+0100", 1576540098.0),
        ("2015-01-25", 1422144000.0),
        ("2016-12-31T23:59:60Z", 1483228800.0),
        ("0001-01-01T00:00:00Z", -62135596800.0),
    ],
)
def test_rfc_3339_is_read(text, seconds):
    assert timestamps.parse_iso8601(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "2015", "2015-13-01T00:00:00Z", "2015-02-30T00:00:00Z", "2015-01-25T24:00:00Z", "2015-01-25T08:00:00", "2015-01-25 08:00:00Z",
     "2015-01-25T08:00:00+25:00", "2015-01-25T08:00:61Z", "٢٠١٥-01-25T08:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "2015-01-25T08:00:00Z\n"],
)  # fmt: skip
def test_anything_else_is_no_rfc_3339(text):
    with pytest.raises(ValueError):
        timestamps.parse_iso8601(text)


def test_http_dates_are_read_and_written():
    assert timestamps.parse_rfc822("Mon, 16 Dec 2019 23:48:18 GMT") == 1576540098.0
    assert timestamps.parse_rfc822("Mon, 16 Dec 2019 23:48:18.5 GMT") == 1576540098.5
    assert timestamps.format_rfc822(1576540098.9) == "Mon, 16 Dec 2019 23:48:18 GMT"
    for text in ("", "Mon, 16 Foo 2019 23:48:18 GMT", "Mon, 16 Dec 2019 23:48:18", "Xyz, 16 Dec 2019 23:48:18 GMT"):
        with pytest.raises(ValueError):
            timestamps.parse_rfc822(text)


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("-1", -1.0), ("1.5", 1.5), ("1.566E9", 1.566e9)])
def test_epoch_seconds_are_read(text, seconds):
    assert timestamps.parse_epoch(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "1e99", "NaN", "Infinity", "9" * 21, "1_0", "253402300800"])
def test_anything_else_is_no_epoch_seconds(text):
    with pytest.raises(ValueError):
        timestamps.parse_epoch(text)


def test_times_are_written_to_the_millisecond():
    assert timestamps.format_iso8601(1741263898.0) == "2025-03-06T12:24:58Z"
    assert timestamps.format_iso8601(1741263898.12345) == "2025-03-06T12:24:58.123Z"
    assert timestamps.format_iso8601(-62135596800.0) == "0001-01-01T00:00:00Z"
    assert timestamps.format_epoch(1741263898.0) == 1741263898
    assert timestamps.format_epoch(1741263898.12345) == 1741263898.123
