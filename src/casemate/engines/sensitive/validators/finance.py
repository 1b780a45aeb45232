"""Cards and accounts."""

from __future__ import annotations

import re
from typing import Final

from casemate.engines.sensitive.validators.checksums import luhn, mod97, weighted

_ISSUERS: Final = re.compile(
    r"3[47]\d{13}"  # American Express
    r"|5019\d{12}"  # Dankort
    r"|3(?:0[0-5]\d|095|6\d\d|[89]\d\d)\d{10}(?:\d\d)?"  # Diner's Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}(?:\d{3})?"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?|(?:2131|1800)\d{11}"  # JCB
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|62\d{14}(?:\d{1,3})?"  # UnionPay
    r"|4\d{12}(?:\d{3}(?:\d{3})?)?"  # Visa, and Electron within it
)
_CIN_ODD: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_RIB_LETTERS: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
_EXPIRATION_YEARS: Final = range(2000, 2060)


def card(value: str) -> bool:
    """A card number: an issuer's prefix and length, and the Luhn digit."""
    return _ISSUERS.fullmatch(value) is not None and luhn(value) and len(set(value)) > 2


def iban(value: str) -> bool:
    """ISO 13616: check digits from 02 to 98, and MOD 97-10."""
    return "02" <= value[2:4] <= "98" and mod97(value)


def bban_france(value: str) -> bool:
    """The RIB key: bank, branch and account, letters as digits, against the last two digits."""
    digits = value.translate(_RIB_LETTERS)
    return int(digits) % 97 == 0 and int(digits) != 0


def bban_spain(value: str) -> bool:
    """The two control digits of a código cuenta cliente."""
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)

    def control(part: str) -> str:
        check = 11 - weighted(part, weights) % 11
        return str({11: 0, 10: 1}.get(check, check))

    return value[8:10] == control("00" + value[:8]) + control(value[10:]) and int(value) != 0


def bban_italy(value: str) -> bool:
    """The CIN: a letter before bank, branch and account that checks them."""
    total = 0
    for place, char in enumerate(value[1:]):
        number = int(char) if char.isdigit() else ord(char) - 65
        total += _CIN_ODD[number] if place % 2 == 0 else number
    return chr(65 + total % 26) == value[0]


def bban_germany(value: str) -> bool:
    """Bankleitzahlen begin with 1 to 8, and no account is all zeroes."""
    return value[0] in "12345678" and int(value[8:]) != 0 and len(set(value)) > 2


def not_uniform(value: str) -> bool:
    """More than one character in it: 000000000 is nobody's account."""
    return len(set(value)) > 1
