"""Timestamps: seconds since the epoch on the inside, three forms on the wire (Smithy, "timestampFormat trait")."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

# From year 1 to 9999: what every client's date type can hold.
_EARLIEST: Final = -62135596800.0
_LATEST: Final = 253402300799.999
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_ISO8601: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d{0,9})?(?:[Zz]|([+-])(\d\d):?(\d\d))", re.ASCII
)
_ISO8601_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_RFC822: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? GMT", re.ASCII
)
_MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}


def parse_epoch(text: str) -> float:
    """Seconds since the epoch from digits with or without a fraction; ValueError."""
    if not re.fullmatch(r"-?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?", text, re.ASCII):
        raise ValueError(f"no epoch seconds: {text[:64]!r}")
    return in_range(float(text))


def in_range(seconds: float) -> float:
    """The same seconds, if they name a moment in the years 1 to 9999; ValueError."""
    if not _EARLIEST <= seconds <= _LATEST:
        raise ValueError("a timestamp out of range")
    return float(seconds)


def parse_iso8601(text: str) -> float:
    """Seconds since the epoch from RFC 3339 (a date alone is its midnight, UTC); ValueError."""
    match = _ISO8601.fullmatch(text)
    if match is None:
        date = _ISO8601_DATE.fullmatch(text)
        if date is None:
            raise ValueError(f"no RFC 3339 timestamp: {text[:64]!r}")
        return _seconds(datetime(*map(int, date.groups()), tzinfo=UTC))  # type: ignore[arg-type,misc] # three numbers
    whole = _moment(*map(int, match.groups()[:6]))
    offset = 0
    if match[8] is not None:
        hours, minutes = int(match[9]), int(match[10])
        if hours > 23 or minutes > 59:
            raise ValueError(f"no offset of a time zone: {text[:64]!r}")
        offset = (hours * 60 + minutes) * (-60 if match[8] == "-" else 60)
    return in_range(whole - offset + _fraction(match[7]))


def parse_rfc822(text: str) -> float:
    """Seconds since the epoch from an IMF-fixdate (RFC 9110, 5.6.7), a fraction allowed; ValueError."""
    match = _RFC822.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        raise ValueError(f"no HTTP date: {text[:64]!r}")
    whole = _moment(int(match[3]), _MONTHS[match[2]], *map(int, (match[1], match[4], match[5], match[6])))
    return in_range(whole + _fraction(match[7]))


def _fraction(digits: str | None) -> float:
    return 0.0 if digits is None else int(digits) / 10 ** len(digits)


def _moment(*parts: int) -> float:
    """Seconds since the epoch from year, month, day, hour, minute and second."""
    *most, second = parts
    leap = second == 60  # a leap second is the second after the 59th
    return _seconds(datetime(*most, 59 if leap else second, tzinfo=UTC)) + leap  # type: ignore[arg-type,misc] # six


def _seconds(moment: datetime) -> float:
    return (moment - _EPOCH).total_seconds()


@lru_cache(maxsize=4096)
def format_iso8601(seconds: float) -> str:
    """RFC 3339 in UTC: whole seconds as `2025-03-06T12:24:58Z`, else with milliseconds."""
    milliseconds = round(seconds * 1000)
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    text = f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0")
    rest = milliseconds % 1000
    return f"{text}.{rest:03d}Z" if rest else f"{text}Z"


@lru_cache(maxsize=4096)
def format_rfc822(seconds: float) -> str:
    """An IMF-fixdate; a fraction of a second is cut off."""
    moment = _EPOCH + timedelta(seconds=int(seconds // 1))
    return format_datetime(moment, usegmt=True)


def format_epoch(seconds: float) -> int | float:
    """A number for JSON: whole seconds as an integer, else with milliseconds."""
    rounded = round(seconds, 3)
    return int(rounded) if rounded == int(rounded) else rounded
