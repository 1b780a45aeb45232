"""Dates of signatures: `20150830T123600Z`, or an HTTP date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

_BASIC: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_BASIC_LENGTH: Final = len("20150830T123600Z")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_DATE: Final = 40
_HTTP_FORMS: Final = ("%a, %d %b %Y %H:%M:%S GMT", "%a, %d %b %Y %H:%M:%S +0000", "%Y-%m-%dT%H:%M:%SZ")


def parse_basic(text: bytes) -> int | None:
    """Seconds since the epoch from ISO 8601's basic form in UTC; None where it is something else."""
    return _parse_basic(text) if len(text) == _BASIC_LENGTH else None


@lru_cache(maxsize=1024)
def _parse_basic(text: bytes) -> int | None:
    match = _BASIC.fullmatch(text)
    if match is None:
        return None
    try:
        moment = datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc] # six numbers
    except ValueError:
        return None
    return int((moment - _EPOCH).total_seconds())


def parse_http(text: bytes) -> int | None:
    """Seconds since the epoch from a Date header, which may also hold the basic form."""
    basic = parse_basic(text)
    if basic is not None or len(text) > _LONGEST_DATE:
        return basic
    for form in _HTTP_FORMS:
        try:
            moment = datetime.strptime(text.decode("ascii"), form).replace(tzinfo=UTC)
        except ValueError:  # UnicodeDecodeError is one
            continue
        return int((moment - _EPOCH).total_seconds())
    return None


@lru_cache(maxsize=1024)
def format_basic(seconds: int) -> str:
    """ISO 8601's basic form in UTC."""
    return f"{_EPOCH + timedelta(seconds=seconds):%Y%m%dT%H%M%SZ}"
