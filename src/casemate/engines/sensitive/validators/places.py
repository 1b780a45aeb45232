"""Coordinates, telephone numbers, devices and headers: these take the text as it stands."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"[+-]?\d+\.\d+")
_AREAS_NEVER: Final = frozenset({"000", "911", "211", "311", "411", "511", "611", "711", "811"})
_GS1: Final = re.compile(r"\(?01\)?(\d{14})")


def coordinates(value: str) -> bool:
    """A latitude and a longitude in decimal degrees."""
    latitude, longitude = (float(number) for number in _NUMBER.findall(value))
    return -90 <= latitude <= 90 and -180 <= longitude <= 180 and (latitude, longitude) != (0.0, 0.0)


def _national(value: str, country: str) -> str:
    """The significant digits of a number, without country code and trunk prefix."""
    digits = re.sub(r"\(0\)|\D", "", value.split("x", maxsplit=1)[0].split("ext", maxsplit=1)[0])
    if value.lstrip("( ").startswith("+"):
        return digits.removeprefix(country).removeprefix("0" if country != "39" else "")
    if digits.startswith("00" + country):
        return digits.removeprefix("00" + country)
    return digits.removeprefix("0") if country not in {"1", "39"} else digits


def phone_nanp(value: str) -> bool:
    """North American Numbering Plan: area and exchange begin with 2 to 9, and neither is a service code."""
    digits = re.sub(r"\D", "", re.split(r"x|ext", value.lower())[0])
    digits = digits.removeprefix("001") if digits.startswith("001") else digits
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if len(digits) != 10 or digits[0] in "01" or digits[3] in "01" or len(set(digits)) < 3:
        return False
    return digits[:3] not in _AREAS_NEVER and digits[1] != "9" and digits[4:6] != "11"


def phone_france(value: str) -> bool:
    """Nine significant digits, the first from 1 to 9."""
    return re.fullmatch(r"[1-9]\d{8}", _national(value, "33")) is not None


def phone_germany(value: str) -> bool:
    """Area codes of two to five digits and a subscriber's number: 7 to 11 digits after the trunk zero."""
    return re.fullmatch(r"[1-9]\d{6,10}", _national(value, "49")) is not None


def phone_italy(value: str) -> bool:
    """Landlines keep their zero; mobiles begin with 3 and have nine or ten digits."""
    return re.fullmatch(r"0\d{6,10}|3\d{8,9}|80[03]\d{6}", _national(value, "39")) is not None


def phone_spain(value: str) -> bool:
    """Nine digits that begin with 6, 7, 8 or 9."""
    return re.fullmatch(r"[6-9]\d{8}", _national(value, "34")) is not None


def phone_uk(value: str) -> bool:
    """Ofcom: nine or ten significant digits; 4 and 6 are not in use as first digits."""
    return re.fullmatch(r"[1235789]\d{8,9}", _national(value, "44")) is not None


def phone_brazil(value: str) -> bool:
    """Anatel: an area code without zeroes, then eight digits, or nine that begin with 9."""
    return re.fullmatch(r"[1-9][1-9](?:9\d{8}|[2-5]\d{7})", _national(value, "55")) is not None


def device(value: str) -> bool:
    """GS1 device identifiers carry a GTIN with its check digit; the other agencies' formats are told by their marks."""
    gtin = _GS1.match(value)
    if gtin is None:
        return True
    digits = gtin[1]
    odd, even = sum(map(int, digits[0:13:2])), sum(map(int, digits[1:13:2]))
    return (10 - (odd * 3 + even) % 10) % 10 == int(digits[13])


def cookie(value: str) -> bool:
    """RFC 6265: at least one pair that has a value."""
    return re.search(r"=\S", value) is not None


def in_numbering_plan(value: str, region: str) -> bool:
    """Whether a country has given out numbers like this one. Takes tens of microseconds."""
    import phonenumbers  # noqa: PLC0415 - heavy: only where several countries claim a number

    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_valid_number_for_region(number, region))
