"""Typed condition values: numbers, dates and addresses, from the text that policies and requests carry.

Every reader answers None for text that is no such value, and bounds the length that it looks at.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

MAX_TEXT: Final = 64
"""No number, date or address is longer; what is longer would only cost time."""

MAX_EPOCH: Final = 2**63 - 1
MAX_YEAR: Final = 292_000_000
"""The range of the 64-bit milliseconds that AWS counts in."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(
    r"(?P<year>[+-]?\d{4,9})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,18}))?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?)?)?",
    re.ASCII,
)
_NANOSECONDS: Final = 10**9

Network = tuple[int, int, int]
"""IP version, network address and mask."""


@lru_cache(maxsize=1024)
def number(text: str) -> Decimal | None:
    """An integer or decimal number."""
    if len(text) > MAX_TEXT or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text)


@lru_cache(maxsize=1024)
def moment(text: str) -> int | None:
    """A point in time as nanoseconds since 1970: a W3C profile of ISO 8601 ("2026-11-24T18:00:00Z"), or epoch seconds.

    Four digits alone are a year. A time without a zone is UTC.
    """
    if len(text) > MAX_TEXT:
        return None
    date = _DATE.fullmatch(text)
    if date and (len(text) == 4 or date["month"]):
        return _date_moment(date)
    seconds = number(text)
    if seconds is None or not 0 <= seconds <= MAX_EPOCH:
        return None
    return int(seconds * _NANOSECONDS)


def _date_moment(date: re.Match[str]) -> int | None:
    year, month, day = int(date["year"]), int(date["month"] or 1), int(date["day"] or 1)
    hour, minute, second = int(date["hour"] or 0), int(date["minute"] or 0), int(date["second"] or 0)
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour <= 24 and minute <= 59 and second <= 60):
        return None
    if abs(year) > MAX_YEAR:
        return None
    seconds = _days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - _offset(date["zone"])
    return seconds * _NANOSECONDS + int((date["fraction"] or "0").ljust(9, "0")[:9])


def _days_since_1970(year: int, month: int, day: int) -> int:
    """Days of the proleptic Gregorian calendar, for years that datetime does not reach (counted from 1 March)."""
    if month <= 2:
        year, month = year - 1, month + 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469


def _offset(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


@lru_cache(maxsize=1024)
def address(text: str) -> tuple[int, int] | None:
    """An IPv4 or IPv6 address as (version, number)."""
    if len(text) > MAX_TEXT or "%" in text:
        return None
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    return parsed.version, int(parsed)


def network(text: str) -> Network | None:
    """A CIDR range; an address alone is the range of itself. Bits behind the prefix are ignored."""
    if len(text) > MAX_TEXT or "%" in text:
        return None
    try:
        parsed = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return parsed.version, int(parsed.network_address), int(parsed.netmask)


def octets(text: str) -> bytes | None:
    """Base64 text as bytes."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
