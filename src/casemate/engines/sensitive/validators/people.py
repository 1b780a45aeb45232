"""Numbers that states give to people, where python-stdnum has no rule or a slow one."""

from __future__ import annotations

import re
from typing import Final

from casemate.engines.sensitive.validators.checksums import luhn, machine_readable, verhoeff, weighted

_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
SSN_NEVER: Final = frozenset({"078051120", "457555462", "219099999"})
_NINO_PREFIXES_NEVER: Final = frozenset({"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"})
_VIN_VALUES: Final = {
    char: value
    for chars, value in (
        ("AJ1", 1),
        ("BKS2", 2),
        ("CLT3", 3),
        ("DMU4", 4),
        ("ENV5", 5),
        ("FW6", 6),
        ("GPX7", 7),
        ("HY8", 8),
        ("RZ9", 9),
        ("0", 0),
    )
    for char in chars
}
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_NIR_DEPARTMENTS: Final = {"2A": "19", "2B": "18"}


def us_ssn(value: str) -> bool:
    """Areas, groups and serials that the Social Security Administration gives out."""
    return (
        value[:3] not in {"000", "666"}
        and value[0] != "9"
        and value[3:5] != "00"
        and value[5:] != "0000"
        and value not in SSN_NEVER
        and len(set(value)) > 1
    )


def us_itin(value: str) -> bool:
    """IRS: 9, and a fourth and fifth digit within the ranges in use."""
    group = int(value[3:5])
    return value[0] == "9" and (50 <= group <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99)


def ca_sin(value: str) -> bool:
    """Service Canada: Luhn, and no number begins with 8 or is 0 throughout."""
    return value[0] != "8" and int(value) != 0 and luhn(value)


def uk_nino(value: str) -> bool:
    """HMRC manual NIM39110: prefixes that are not used."""
    return value[:2] not in _NINO_PREFIXES_NEVER


def spain_dni(value: str) -> bool:
    """The letter is the number modulo 23."""
    return _DNI_LETTERS[int(value[:8]) % 23] == value[8] and int(value[:8]) not in {0, 99999999}


def spain_nie(value: str) -> bool:
    """As a DNI, with X, Y and Z as 0, 1 and 2."""
    return _DNI_LETTERS[int(str("XYZ".index(value[0])) + value[1:8]) % 23] == value[8]


def spain_ssn(value: str) -> bool:
    """Province, number and two control digits: the rest modulo 97."""
    province, number, control = value[:2], int(value[2:10]), int(value[10:])
    whole = int(province) * 10**7 + number if number < 10**7 else int(province + value[2:10])
    return 1 <= int(province) <= 66 and whole % 97 == control and number != 0


def germany_identity_card(value: str) -> bool:
    """Nine characters, or ten of which the last checks the others (ICAO 9303)."""
    return any(char.isdigit() for char in value[1:]) and (len(value) == 9 or machine_readable(value))


def india_aadhaar(value: str) -> bool:
    """UIDAI: twelve digits, none begins with 0 or 1, Verhoeff; no palindrome is given out."""
    return value[0] not in "01" and value != value[::-1] and verhoeff(value)


def france_nir(value: str) -> bool:
    """INSEE: sex, year, month, place of birth, order and a key of 97 minus the rest."""
    place = _NIR_DEPARTMENTS.get(value[5:7])
    body = value[:13] if place is None else value[:5] + place + value[7:13]
    month = int(value[3:5])
    in_use = 1 <= month <= 12 or 20 <= month <= 42 or 50 <= month <= 99
    return body.isdigit() and in_use and 97 - int(body) % 97 == int(value[13:])


def canada_health(value: str) -> bool:
    """British Columbia's check (a 9 first, modulus 11), or the Luhn digit that Ontario uses."""
    if not value.isdigit():
        return True
    if value[0] == "9":
        check = 11 - weighted(value[1:9], (2, 4, 8, 5, 10, 9, 7, 3)) % 11
        return check == int(value[9])
    return value[0] != "0" and luhn(value)


def us_dea(value: str) -> bool:
    """21 CFR 1301: the last digit is that of (1st + 3rd + 5th) + twice (2nd + 4th + 6th)."""
    digits = [int(char) for char in value[2:]]
    return (sum(digits[0:5:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def us_npi(value: str) -> bool:
    """45 CFR 162.406: Luhn with the prefix 80840."""
    return luhn("80840" + value)


def vehicle(value: str) -> bool:
    """ISO 3779; in North America the ninth character checks the others (49 CFR 565)."""
    if not re.search(r"\d", value) or not re.search(r"[A-Z]", value) or len(set(value)) < 6:
        return False
    if value[0] not in "12345":
        return value[-3:].isdigit()
    total = sum(_VIN_VALUES[char] * weight for char, weight in zip(value, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == value[8]


def brazil_rg(value: str) -> bool:
    """Not all alike. States compute their digit differently, and some not at all."""
    return len(set(value[:-1])) > 1


def health_claim(value: str) -> bool:
    """The number of a social security account, with a letter for the kind of claim."""
    digits = re.sub(r"[A-Z]", "", value)
    return len(digits) != 9 or us_ssn(digits[:9])


def sube(value: str) -> bool:
    """6061 and a Luhn digit."""
    return value.startswith("6061") and luhn(value)


def indian_licence(value: str) -> bool:
    """A year of issue between the office and the number."""
    year = re.search(r"^[A-Z]{2}\d{2}(?:[A-Z])?((?:19|20)\d{2})\d{7}$", value)
    return year is not None and 1950 <= int(year[1]) <= 2060


def uk_licence(value: str) -> bool:
    """DVLA: decade, month (50 more for women), day and year of birth stand in the middle."""
    month = int(value[6:8])
    return (1 <= month <= 12 or 51 <= month <= 62) and 1 <= int(value[8:10]) <= 31
