"""Numbers, dates and addresses as text."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemate.engines.policy.values import address, moment, network, number, octets

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "1"), ("-1.5", "-1.5"), ("+2", "2"), (".5", "0.5"), ("1.", "1"), ("007", "7"), ("1e3", "1000")],
)
def test_numbers_are_read(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "a", "1 ", "0x1", "1,5", "NaN", "Infinity", "\u0661", "1" * 65, "1e9999"])
def test_other_text_is_no_number(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970", 0),
        ("1970-01-01", 0),
        ("1970-01-02T00:00:00Z", 86400),
        ("2020-01-01T00:00:01Z", 1577836801),
        ("2020-01-01T01:00:01+01:00", 1577836801),
        ("2019-12-31T16:00:01-0800", 1577836801),
        ("2020-01-01T00:00Z", 1577836800),
        ("2020-01-01T00:00:01", 1577836801),
        ("1577836801", 1577836801),
        ("0", 0),
        ("0000-03-01", -62162035200),
        ("-0001-03-01", -62193657600),
    ],
)
def test_moments_are_read(text, seconds):
    assert moment(text) == seconds * SECOND


def test_years_reach_as_far_as_milliseconds_in_64_bits():
    assert moment("-292000000-01-01T00:00:00Z") is not None
    assert moment("292000000-12-31T23:59:59Z") is not None
    assert moment("292000001-01-01T00:00:00Z") is None


def test_a_fraction_of_a_second_counts():
    assert moment("1970-01-01T00:00:00.25Z") == SECOND // 4
    assert moment("0.25") == SECOND // 4


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)))  # noqa: DTZ001 - a bound
def test_every_date_of_the_calendar_is_its_epoch_second(date):
    whole = date.replace(microsecond=0, tzinfo=UTC)
    assert moment(whole.strftime(f"{whole.year:04d}-%m-%dT%H:%M:%SZ")) == int(whole.timestamp()) * SECOND


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "2020-13-01",
        "2020-00-01",
        "2020-01-32",
        "2020-01-01T25:00:00Z",
        "2020-01-01 00:00:00",
        "-5",
        "20-01-01",
        "9223372036854775808",
        "292000001-01-01",
        "2020-01-01T00:00:00z",
        "2020-01-01T00",
    ],
)
def test_other_text_is_no_moment(text):
    assert moment(text) is None


def test_addresses_have_a_version_and_a_number():
    assert address("1.2.3.4") == (4, 0x01020304)
    assert address("::1") == (6, 1)
    for text in ("1.2.3", "fe80::1%eth0", "01.2.3.4", "", "1.2.3.4/32"):
        assert address(text) is None


def test_networks_ignore_bits_behind_the_prefix():
    assert network("203.0.113.77/24") == network("203.0.113.0/24")
    assert network("203.0.113.77") == network("203.0.113.77/32")
    assert network("2001:db8::1") == network("2001:db8::1/128")
    for text in ("10.0.0.0/33", "10.0.0.0/-1", "x", "10.0.0.0/"):
        assert network(text) is None


def test_octets_are_strict_base64():
    assert octets("QmluYXJ5VmFsdWVJbkJhc2U2NA==") == b"BinaryValueInBase64"
    assert octets("Qml*") is None
    assert octets("é") is None
