"""Forms, check digits, accounts, cards and credentials, made from published standards alone.

Nothing of Casemate is imported: check digits, layouts and labels are written here a second time, from the standards
(ISO 7812, ISO 13616, ISO 7064, GS1, national registers) and from what Macie's user guide says of each identifier. An
engine that is measured on these values can't be measured by its own mistakes.

A *value maker* takes the source of randomness and returns the text as it would be printed in a document of that country.
"""

# ruff: noqa: E501  layouts read best whole

from __future__ import annotations

import base64
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    Maker = Callable[[random.Random], str]

UPPER = string.ascii_uppercase
DIGITS = string.digits
ALNUM = UPPER + DIGITS


def shape(rng: random.Random, form: str) -> str:
    """Fill a form: ``#`` a digit (``9`` too where the form has no ``#``), ``A`` a capital, ``X`` either."""
    pools = {"#": DIGITS} if "#" in form else {"9": DIGITS, "A": UPPER, "X": ALNUM}
    return "".join(rng.choice(pools[sign]) if sign in pools else sign for sign in form)


def shaped(*forms: str) -> Maker:
    """A maker that picks one of several forms."""
    return lambda rng: shape(rng, rng.choice(forms))


def digits(rng: random.Random, count: int, first: str = "123456789") -> str:
    return rng.choice(first) + "".join(rng.choice(DIGITS) for _ in range(count - 1))


def luhn(body: str) -> str:
    """The Luhn check digit (ISO/IEC 7812-1 annex B) of a body."""
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = int(sign) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def weighted(body: str, weights: Sequence[int]) -> int:
    return sum(int(sign) * weight for sign, weight in zip(body, weights, strict=False))


def groups(text: str, sizes: Sequence[int], separator: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return separator.join([*parts, text[at:]] if text[at:] else parts)


# ISO 13616: the country, and its BBAN as runs of n (digit), a (capital) and c (either).
IBAN_FORMS = {
    "ALBANIA": ("AL", "8n16c"), "ANDORRA": ("AD", "8n12c"), "BOSNIA_AND_HERZEGOVINA": ("BA", "16n"),
    "BRAZIL": ("BR", "23n1a1c"), "BULGARIA": ("BG", "4a6n8c"), "COSTA_RICA": ("CR", "18n"), "CROATIA": ("HR", "17n"),
    "CYPRUS": ("CY", "8n16c"), "CZECH_REPUBLIC": ("CZ", "20n"), "DENMARK": ("DK", "14n"),
    "DOMINICAN_REPUBLIC": ("DO", "4c20n"), "EGYPT": ("EG", "25n"), "ESTONIA": ("EE", "16n"),
    "FAROE_ISLANDS": ("FO", "14n"), "FINLAND": ("FI", "14n"), "FRANCE": ("FR", "10n11c2n"), "GEORGIA": ("GE", "2a16n"),
    "GERMANY": ("DE", "18n"), "GREECE": ("GR", "7n16c"), "GREENLAND": ("GL", "14n"), "HUNGARY": ("HU", "24n"),
    "ICELAND": ("IS", "22n"), "IRELAND": ("IE", "4a14n"), "ITALY": ("IT", "1a10n12c"), "JORDAN": ("JO", "4a4n18c"),
    "KOSOVO": ("XK", "16n"), "LIECHTENSTEIN": ("LI", "5n12c"), "LITHUANIA": ("LT", "16n"), "MALTA": ("MT", "4a5n18c"),
    "MAURITANIA": ("MR", "23n"), "MAURITIUS": ("MU", "4a19n3a"), "MONACO": ("MC", "10n11c2n"),
    "MONTENEGRO": ("ME", "18n"), "NETHERLANDS": ("NL", "4a10n"), "NORTH_MACEDONIA": ("MK", "3n10c2n"),
    "POLAND": ("PL", "24n"), "PORTUGAL": ("PT", "21n"), "SAN_MARINO": ("SM", "1a10n12c"), "SENEGAL": ("SN", "2a22n"),
    "SERBIA": ("RS", "18n"), "SLOVAKIA": ("SK", "20n"), "SLOVENIA": ("SI", "15n"), "SPAIN": ("ES", "20n"),
    "SWEDEN": ("SE", "20n"), "SWITZERLAND": ("CH", "5n12c"), "TIMOR_LESTE": ("TL", "19n"), "TUNISIA": ("TN", "20n"),
    "TURKIYE": ("TR", "6n16c"), "UK": ("GB", "4a14n"), "UKRAINE": ("UA", "6n19c"),
    "UNITED_ARAB_EMIRATES": ("AE", "19n"), "VIRGIN_ISLANDS": ("VG", "4a16n"),
}  # fmt: skip


def bban(rng: random.Random, form: str) -> str:
    out, count = "", ""
    for sign in form:
        if sign.isdigit():
            count += sign
            continue
        pool = {"n": DIGITS, "a": UPPER, "c": DIGITS * 4 + UPPER}[sign]
        out += "".join(rng.choice(pool) for _ in range(int(count)))
        count = ""
    return out


def iban(country: str) -> Maker:
    code, form = IBAN_FORMS[country]

    def make(rng: random.Random) -> str:
        body = bban(rng, form)
        number = "".join(str(int(sign, 36)) for sign in body + code + "00")
        compact = f"{code}{98 - int(number) % 97:02d}{body}"
        return compact if rng.random() < 0.5 else " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))

    return make


def card(rng: random.Random) -> str:
    prefix, length = rng.choice([("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16),
                                 ("65", 16), ("3528", 16), ("36", 14), ("622126", 16)])  # fmt: skip
    body = prefix + "".join(rng.choice(DIGITS) for _ in range(length - 1 - len(prefix)))
    number = body + luhn(body)
    if length == 16:
        return rng.choice([number, groups(number, [4, 4, 4], " "), groups(number, [4, 4, 4], "-")])
    return number if length == 14 else rng.choice([number, groups(number, [4, 6], " ")])


def magnetic_stripe(rng: random.Random) -> str:
    body = "4" + digits(rng, 14)
    number = body + luhn(body)
    expires = f"{rng.randint(26, 32)}{rng.randint(1, 12):02d}"
    if rng.random() < 0.5:
        return f"%B{number}^{rng.choice(['SMITH', 'GARCIA', 'LEE'])}/{rng.choice(['ANNA', 'JOHN'])}^{expires}101{digits(rng, 12)}?"
    return f";{number}={expires}101{digits(rng, 10)}?"


def expiration(rng: random.Random) -> str:
    month, year = rng.randint(1, 12), rng.randint(26, 33)
    return rng.choice([f"{month:02d}/{year}", f"{month:02d}/20{year}", f"{month:02d}-20{year}"])


def birth_date(rng: random.Random) -> str:
    year, month, day = rng.randint(1935, 2010), rng.randint(1, 12), rng.randint(1, 28)
    name = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"][month - 1]  # fmt: skip
    return rng.choice([f"{year}-{month:02d}-{day:02d}", f"{month:02d}/{day:02d}/{year}", f"{day:02d}/{month:02d}/{year}",
                       f"{name} {day}, {year}", f"{day} {name} {year}", f"{day:02d}.{month:02d}.{year}"])  # fmt: skip


def token(rng: random.Random, pool: str, count: int) -> str:
    return "".join(rng.choice(pool) for _ in range(count))


def aws_secret(rng: random.Random) -> str:
    return token(rng, string.ascii_letters + DIGITS + "/+", 40)


def jwt(rng: random.Random) -> str:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    claims = f'{{"sub":"{digits(rng, 10)}","iat":{rng.randint(1_600_000_000, 1_790_000_000)},"jti":"{token(rng, DIGITS, 6)}"}}'
    head = part('{"alg":"HS256","typ":"JWT"}')
    return f"{head}.{part(claims)}.{token(rng, string.ascii_letters + DIGITS + '-_', 43)}"


def basic_auth(rng: random.Random) -> str:
    pair = f"{rng.choice(['admin', 'svc-build', 'deploy'])}:{token(rng, string.ascii_letters + DIGITS, 14)}"
    return f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}"


def cookie(rng: random.Random) -> str:
    session = token(rng, string.ascii_lowercase + DIGITS, 26)
    if rng.random() < 0.5:
        return f"Set-Cookie: SESSIONID={session}; Path=/; HttpOnly; Secure"
    return f"Cookie: sid={session}; theme=dark; lang=en"


def private_key(label: str) -> Maker:
    def make(rng: random.Random) -> str:
        body = base64.b64encode(bytes(rng.getrandbits(8) for _ in range(480))).decode()
        lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        if label == "PGP PRIVATE KEY BLOCK":
            return f"-----BEGIN {label}-----\n\n{lines}\n=aB3x\n-----END {label}-----"
        return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"

    return make


def putty(rng: random.Random) -> str:
    body = base64.b64encode(bytes(rng.getrandbits(8) for _ in range(96))).decode()
    lines = f"{body[:64]}\n{body[64:]}"
    return (
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: rsa-key-20240311\n"
        f"Public-Lines: 2\n{lines}\nPrivate-Lines: 2\n{lines}\nPrivate-MAC: {token(rng, '0123456789abcdef', 40)}"
    )


# --- health -------------------------------------------------------------------------------------------------------
