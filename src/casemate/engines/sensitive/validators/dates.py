"""Dates of birth and of expiry, in the notations of several countries."""

from __future__ import annotations

import calendar
import re
from typing import Final

from casemate.engines.sensitive.validators.checksums import luhn

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier januar enero ene gennaio gen janeiro",
            "feb february février fevrier februar febrero febbraio fevereiro fev",
            "mar march mars märz maerz marzo março marco",
            "apr april avril abril abr aprile avr",
            "may mai mayo maggio maio mag",
            "jun june juin juni junio giugno junho giu",
            "jul july juillet juli julio luglio julho lug",
            "aug august août aout agosto ago",
            "sep sept september septembre septiembre settembre setembro set",
            "oct october octobre oktober okt octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december décembre decembre dezember dez diciembre dic dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
_PARTS: Final = re.compile(r"\d+|[^\W\d_]+")
_TIME: Final = re.compile(r"[T ]\d\d:\d\d.*")
_YEARS: Final = (1875, 2060)


def _is_date(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(2000, month)[1] and _YEARS[0] <= year <= _YEARS[1]


def _year(text: str) -> int:
    number = int(text)
    return number if len(text) == 4 else (1900 + number if number > 30 else 2000 + number)


def date(value: str) -> bool:
    """A day of the calendar: year, month and day in any usual order, the month as number or name."""
    parts = _PARTS.findall(_TIME.sub("", value))
    if len(parts) == 1 and len(parts[0]) == 8:
        only = parts[0]
        return _is_date(int(only[:4]), int(only[4:6]), int(only[6:])) or any(
            _is_date(int(only[4:]), int(month), int(day))
            for month, day in ((only[:2], only[2:4]), (only[2:4], only[:2]))
        )
    words = [part for part in parts if not part.isdigit()]
    months = [_MONTHS[word.lower()] for word in words if word.lower() in _MONTHS]
    numbers = [part for part in parts if part.isdigit()]
    if len(months) == 1 and len(numbers) == 2:
        first, last = numbers
        day, year = (last, first) if len(first) == 4 else (first, last)
        return len(day) <= 2 and _is_date(_year(year), months[0], int(day))
    if len(numbers) != 3 or months:
        return False
    if len(numbers[0]) == 4:
        return _is_date(int(numbers[0]), int(numbers[1]), int(numbers[2]))
    year, one, two = _year(numbers[2]), int(numbers[0]), int(numbers[1])
    return _is_date(year, one, two) or _is_date(year, two, one)


def expiration(value: str) -> bool:
    """A month and a year that a card can carry."""
    parts = _PARTS.findall(value)
    numbers = [part for part in parts if part.isdigit()]
    months = [_MONTHS[part.lower()] for part in parts if part.lower() in _MONTHS]
    if months and len(numbers) == 1:
        return 2000 <= (int(numbers[0]) if len(numbers[0]) == 4 else 2000 + int(numbers[0])) <= _YEARS[1]
    if len(numbers) != 2:
        return False
    first, second = numbers
    month, year = (second, first) if len(first) == 4 else (first, second)
    return 1 <= int(month) <= 12 and 2000 <= (int(year) if len(year) == 4 else 2000 + int(year)) <= _YEARS[1]


_FINNISH: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def day_first(value: str) -> bool:
    """A personal number that begins with day, month and year (Finland)."""
    return 1 <= int(value[:2]) <= 31 and 1 <= int(value[2:4]) <= 12


def year_first(value: str) -> bool:
    """A personal number that begins with year, month and day (Sweden); the century may stand before them."""
    value = value[-10:]
    return 1 <= int(value[2:4]) <= 12 and 1 <= int(value[4:6]) <= 31


def finnish_personal_number(value: str) -> bool:
    """The last character is the rest of the nine digits divided by 31."""
    digits = value[:6] + value[-4:-1]
    return day_first(value) and _FINNISH[int(digits) % 31] == value[-1]


def swedish_personal_number(value: str) -> bool:
    """The last digit is that of Luhn over the ten."""
    return year_first(value) and luhn(value[-10:])
