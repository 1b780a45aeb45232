"""Check digits that several documents share. All take a compact value: no separators, upper case."""

from __future__ import annotations

from typing import Final

_DOUBLED: Final = bytes.maketrans(b"0123456789", b"0246813579")
_VERHOEFF_MULTIPLY: Final = tuple(
    tuple(int(digit) for digit in row)
    for row in (
        "0123456789",
        "1234067895",
        "2340178956",
        "3401289567",
        "4012395678",
        "5987604321",
        "6598710432",
        "7659821043",
        "8765932104",
        "9876543210",
    )
)
_VERHOEFF_PERMUTE: Final = tuple(
    tuple(int(digit) for digit in row)
    for row in (
        "0123456789",
        "1576283094",
        "5803796142",
        "8916043527",
        "9453126870",
        "4286573901",
        "2793806415",
        "7046913258",
    )
)
_LETTERS_AS_NUMBERS: Final = {ord(letter): str(ord(letter) - 55) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def luhn(value: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, digits summed, a multiple of ten."""
    digits = value.encode("ascii")
    return (sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED)) - 48 * len(digits)) % 10 == 0


def mod97(value: str) -> bool:
    """ISO 7064 MOD 97-10 over the value with its first four characters moved behind (ISO 13616)."""
    return int((value[4:] + value[:4]).translate(_LETTERS_AS_NUMBERS)) % 97 == 1


def verhoeff(value: str) -> bool:
    """The dihedral check of J. Verhoeff, 1969; Aadhaar numbers carry it."""
    check = 0
    for place, digit in enumerate(reversed(value)):
        check = _VERHOEFF_MULTIPLY[check][_VERHOEFF_PERMUTE[place % 8][int(digit)]]
    return check == 0


def weighted(value: str, weights: tuple[int, ...]) -> int:
    """The sum of the digits, each times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(value, weights, strict=False))


def machine_readable_digits(value: str) -> bool:
    """As `machine_readable`, and not one digit over and over."""
    return len(set(value)) > 1 and machine_readable(value)


def machine_readable(value: str) -> bool:
    """The last digit checks the others by the weights 7, 3, 1 (ICAO Doc 9303, part 3)."""
    total = sum((int(char, 36)) * (7, 3, 1)[place % 3] for place, char in enumerate(value[:-1]))
    return total % 10 == int(value[-1], 36)
