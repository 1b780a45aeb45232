"""Values of people and of what belongs to them: health, national registers, taxes, licences, names and addresses.

See sensitive_blind_forms for what these are made from, and why nothing of Casemate is imported.
"""

# ruff: noqa: E501  layouts read best whole

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluate.sensitive_blind_forms import ALNUM, DIGITS, UPPER, digits, groups, luhn, shape, token, weighted

if TYPE_CHECKING:
    import random

    from evaluate.sensitive_blind_forms import Maker


def dea(rng: random.Random) -> str:
    body = digits(rng, 6)
    total = int(body[0]) + int(body[2]) + int(body[4]) + 2 * (int(body[1]) + int(body[3]) + int(body[5]))
    return rng.choice("ABFGM") + rng.choice(UPPER) + body + str(total % 10)


def npi(rng: random.Random) -> str:
    body = rng.choice("12") + digits(rng, 8)
    return body + luhn("80840" + body)


def mbi(rng: random.Random) -> str:
    letters = "ACDEFGHJKMNPQRTUVWXY"
    either = letters + DIGITS
    pools = ["123456789", letters, either, DIGITS, letters, either, DIGITS, letters, letters, DIGITS, DIGITS]
    compact = "".join(rng.choice(pool) for pool in pools)
    return compact if rng.random() < 0.5 else groups(compact, [4, 3], "-")


def nhs(rng: random.Random) -> str:
    while True:
        body = digits(rng, 9, "469")
        check = 11 - weighted(body, range(10, 1, -1)) % 11
        if check != 10:
            number = body + str(check % 11)
            return number if rng.random() < 0.4 else groups(number, [3, 3], rng.choice(" -"))


def insee(rng: random.Random) -> str:
    body = f"{rng.choice('12')}{rng.randint(30, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 89):02d}{rng.randint(1, 900):03d}{rng.randint(1, 900):03d}"
    number = f"{body}{97 - int(body) % 97:02d}"
    return number if rng.random() < 0.5 else groups(number, [1, 2, 2, 2, 3, 3], " ")


def canadian_health(rng: random.Random) -> str:
    """Ontario: ten digits by Luhn; British Columbia: a nine first, and the last digit by weights modulo eleven."""
    if rng.random() < 0.5:
        body = digits(rng, 9)
        return groups(body + luhn(body), [4, 3], rng.choice([" ", "-", ""]))
    while True:
        body = "9" + digits(rng, 8)
        check = 11 - weighted(body[1:], [2, 4, 8, 5, 10, 9, 7, 3]) % 11
        if check < 10:
            return groups(body + str(check), [4, 3], rng.choice([" ", ""]))


def udi(rng: random.Random) -> str:
    body = digits(rng, 13, "0123")
    check = -sum(int(sign) * (3 if place % 2 == 0 else 1) for place, sign in enumerate(body)) % 10
    date = f"{rng.randint(26, 33)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    return rng.choice(
        [f"(01){body}{check}(17){date}(10){shape(rng, 'A9999A')}", f"(01){body}{check}(11){date}(21){digits(rng, 8)}"]
    )


# --- national numbers ---------------------------------------------------------------------------------------------


def cuit(*prefixes: str) -> Maker:
    def make(rng: random.Random) -> str:
        while True:
            body = rng.choice(prefixes) + digits(rng, 8)
            check = 11 - weighted(body, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
            if check != 10:
                number = body + str(check % 11)
                return number if rng.random() < 0.4 else groups(number, [2, 8], "-")

    return make


def sube(rng: random.Random) -> str:
    body = "6061" + digits(rng, 11)
    number = body + luhn(body)
    return number if rng.random() < 0.5 else groups(number, [4, 4, 4], " ")


def tfn(rng: random.Random) -> str:
    while True:
        number = digits(rng, 9)
        if weighted(number, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0:
            return number if rng.random() < 0.4 else groups(number, [3, 3], " ")


def cpf(rng: random.Random) -> str:
    number = digits(rng, 9)
    for length in (9, 10):
        rest = weighted(number, range(length + 1, 1, -1)) * 10 % 11
        number += str(rest % 10)
    return number if rng.random() < 0.3 else f"{number[:3]}.{number[3:6]}.{number[6:9]}-{number[9:]}"


def cnpj(rng: random.Random) -> str:
    number = digits(rng, 8) + "0001"
    for weights in ([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]):
        rest = weighted(number, weights) % 11
        number += "0" if rest < 2 else str(11 - rest)
    return number if rng.random() < 0.3 else f"{number[:2]}.{number[2:5]}.{number[5:8]}/{number[8:12]}-{number[12:]}"


def brazil_rg(rng: random.Random) -> str:
    body = digits(rng, 8)
    check = 11 - weighted(body, range(2, 10)) % 11
    mark = {10: "X", 11: "0"}.get(check, str(check))
    return f"{body[:2]}.{body[2:5]}.{body[5:]}-{mark}"


def sin(rng: random.Random) -> str:
    body = digits(rng, 8, "1234567")
    return groups(body + luhn(body), [3, 3], rng.choice(["-", " ", ""]))


def rut(rng: random.Random) -> str:
    body = str(rng.randint(5_000_000, 24_999_999))
    check = 11 - sum(int(sign) * (2 + place % 6) for place, sign in enumerate(reversed(body))) % 11
    mark = {10: "K", 11: "0"}.get(check, str(check))
    return rng.choice([f"{int(body):,}".replace(",", ".") + f"-{mark}", f"{body}-{mark}"])


def nit(first: str) -> Maker:
    def make(rng: random.Random) -> str:
        body = digits(rng, 9, first)
        rest = (
            sum(
                int(sign) * weight
                for sign, weight in zip(reversed(body), [3, 7, 13, 17, 19, 23, 29, 37, 41], strict=True)
            )
            % 11
        )
        check = rest if rest < 2 else 11 - rest
        return rng.choice([f"{body[:3]}.{body[3:6]}.{body[6:]}-{check}", f"{body}-{check}"])

    return make


def thousands(low: int, high: int) -> Maker:
    return lambda rng: f"{rng.randint(low, high):,}".replace(",", ".")


def france_tax(rng: random.Random) -> str:
    body = digits(rng, 10, "0123")
    number = f"{body}{int(body) % 511:03d}"
    return number if rng.random() < 0.5 else groups(number, [2, 2, 3, 3], " ")


def iso7064_mod11_10(body: str) -> str:
    product = 10
    for sign in body:
        total = (int(sign) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def german_tax(rng: random.Random) -> str:
    pool = rng.sample(DIGITS, 9)
    body = [*pool, rng.choice(pool)]
    rng.shuffle(body)
    while body[0] == "0":
        rng.shuffle(body)
    text = "".join(body)
    number = text + iso7064_mod11_10(text)
    return number if rng.random() < 0.4 else groups(number, [2, 3, 3], " ")


def icao_check(body: str) -> str:
    return str(sum(int(sign, 36) * (7, 3, 1)[place % 3] for place, sign in enumerate(body)) % 10)


GERMAN_SERIAL = "CFGHJKLMNPRTVWXYZ0123456789"


def german_serial(first: str) -> Maker:
    """Nine signs (first one an authority letter, one of which is the digit of ICAO 9303), as identity cards print them."""

    def make(rng: random.Random) -> str:
        body = rng.choice(first) + token(rng, GERMAN_SERIAL, 8)
        return body + (icao_check(body) if rng.random() < 0.5 else "")

    return make


def codice_fiscale(rng: random.Random) -> str:
    odd = dict(zip(ALNUM, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
                           1, 0, 5, 7, 9, 13, 15, 17, 19, 21], strict=True))  # fmt: skip
    body = "".join(rng.choice("BCDFGLMNPRSTVZ") for _ in range(6))
    body += (
        f"{rng.randint(40, 99)}{rng.choice('ABCDEHLMPRST')}{rng.choice([rng.randint(1, 28), rng.randint(41, 68)]):02d}"
    )
    body += rng.choice(["H501", "F205", "L219", "F839", "A944", "D612"])
    even = {sign: (ord(sign) - 65 if sign.isalpha() else int(sign)) for sign in ALNUM}
    total = sum(odd[sign] if place % 2 == 0 else even[sign] for place, sign in enumerate(body))
    return body + UPPER[total % 26]


VERHOEFF_D = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]  # fmt: skip
VERHOEFF_P = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
for _ in range(6):
    VERHOEFF_P.append([VERHOEFF_P[-1][VERHOEFF_P[1][sign]] for sign in range(10)])


def aadhaar(rng: random.Random) -> str:
    body = digits(rng, 11, "23456789")
    check = 0
    for place, sign in enumerate(reversed(body)):
        check = VERHOEFF_D[check][VERHOEFF_P[(place + 1) % 8][int(sign)]]
    number = body + str([0, 4, 3, 2, 1, 5, 6, 7, 8, 9][check])
    return number if rng.random() < 0.4 else groups(number, [4, 4], rng.choice(" -"))


def curp(rng: random.Random) -> str:
    consonant = "BCDFGHJKLMNPQRSTVWXYZ"
    body = rng.choice("GHLMRS") + rng.choice("AEIOU") + rng.choice("GLMRT") + rng.choice("JLMA")
    body += f"{rng.randint(50, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.choice('HM')}"
    body += rng.choice(["DF", "JC", "NL", "PL", "VZ", "MC"]) + token(rng, consonant, 3) + "0"
    order = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return body + str(-sum(order.index(sign) * (18 - place) for place, sign in enumerate(body)) % 10)


def rfc(letters: int) -> Maker:
    order = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"

    def make(rng: random.Random) -> str:
        body = rng.choice("GHLMRS") + rng.choice("AEIOU") + token(rng, "GLMRTJ", letters - 2)
        body += f"{rng.randint(50, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{token(rng, ALNUM, 2)}"
        padded = body.rjust(12)
        rest = sum(order.index(sign) * (13 - place) for place, sign in enumerate(padded)) % 11
        return body + {0: "0", 1: "A"}.get(rest, str(11 - rest))

    return make


DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def dni(rng: random.Random) -> str:
    number = rng.randint(10_000_000, 98_999_999)
    letter = DNI_LETTERS[number % 23]
    return rng.choice([f"{number}{letter}", f"{number}-{letter}", f"{number:,}".replace(",", ".") + f"-{letter}"])


def nie(rng: random.Random) -> str:
    first, number = rng.randint(0, 2), rng.randint(1_000_000, 9_999_999)
    letter = DNI_LETTERS[int(f"{first}{number}") % 23]
    return rng.choice([f"{'XYZ'[first]}{number}{letter}", f"{'XYZ'[first]}-{number}-{letter}"])


def cif(rng: random.Random) -> str:
    body = digits(rng, 7)
    return rng.choice("ABFG") + body + luhn(body)


def spain_ssn(rng: random.Random) -> str:
    province, serial = rng.randint(1, 50), rng.randint(10_000_000, 99_999_999)
    check = int(f"{province:02d}{serial}") % 97
    return rng.choice(
        [
            f"{province:02d}/{serial}/{check:02d}",
            f"{province:02d} {serial} {check:02d}",
            f"{province:02d}{serial}{check:02d}",
        ]
    )


def ssn(rng: random.Random) -> str:
    area = rng.choice([area for area in range(1, 900) if area != 666])
    compact = f"{area:03d}{rng.randint(1, 99):02d}{rng.randint(1, 9999):04d}"
    return groups(compact, [3, 2], rng.choice(["-", "-", " "]))


def itin(rng: random.Random) -> str:
    return f"9{digits(rng, 2, DIGITS)}-{rng.choice([*range(70, 89), *range(90, 93)]):02d}-{digits(rng, 4)}"


def nino(rng: random.Random) -> str:
    compact = rng.choice("ABCEHJLMPRSWY") + rng.choice("ABCEHJKLMPRSWXYZ") + digits(rng, 6) + rng.choice("ABCD")
    return compact if rng.random() < 0.4 else groups(compact, [2, 2, 2, 2], " ")


def utr(rng: random.Random) -> str:
    body = digits(rng, 9)
    check = "21987654321"[weighted(body, [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11]
    return check + body


def pan(rng: random.Random) -> str:
    return token(rng, UPPER, 3) + rng.choice("PCHFT") + rng.choice(UPPER) + digits(rng, 4) + rng.choice(UPPER)


def vin(rng: random.Random) -> str:
    values = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7,
                                                           8, 9, *range(10)], strict=True))  # fmt: skip
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    body = rng.choice(["1HG", "1FT", "2T1", "JTD", "3VW", "5YJ", "WBA"]) + token(rng, letters + DIGITS, 5)
    tail = rng.choice("FGHJKLMNPR") + rng.choice(letters) + digits(rng, 6)
    weights = [8, 7, 6, 5, 4, 3, 2, 10, 9, 8, 7, 6, 5, 4, 3, 2]
    rest = sum(values[sign] * weight for sign, weight in zip(body + tail, weights, strict=True)) % 11
    return body + ("X" if rest == 10 else str(rest)) + tail


def finnish_hetu(rng: random.Random) -> str:
    day = f"{rng.randint(1, 28):02d}{rng.randint(1, 12):02d}{rng.randint(40, 99)}"
    serial = f"{rng.randint(2, 899):03d}"
    return f"{day}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(day + serial) % 31]}"


def personnummer(rng: random.Random) -> str:
    day = f"{rng.randint(40, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    serial = f"{rng.randint(1, 999):03d}"
    return f"{day}-{serial}{luhn(day + serial)}"


def uk_licence(rng: random.Random) -> str:
    surname = rng.choice(["MORGA", "SMITH", "JONES", "TAYLO", "WILLI", "EVANS", "FOX99", "LEE99"])
    return f"{surname}{rng.randint(4, 9)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(0, 9)}{rng.choice(UPPER)}{rng.choice(UPPER + '9')}9{token(rng, UPPER, 2)}"


def indian_licence(rng: random.Random) -> str:
    state, office, year = rng.choice(["MH", "DL", "KA", "TN", "GJ"]), rng.randint(1, 40), rng.randint(1995, 2023)
    return rng.choice(
        [
            f"{state}{office:02d} {year}{digits(rng, 7)}",
            f"{state}-{office:02d}{year}{digits(rng, 7)}",
            f"{state}{office:02d}{year}{digits(rng, 7)}",
        ]
    )


def ehic(rng: random.Random) -> str:
    return "80" + rng.choice(["756", "276", "040", "250", "380"]) + digits(rng, 15)


def coordinates(rng: random.Random) -> str:
    return f"{rng.uniform(-85, 85):.6f}, {rng.uniform(-179, 179):.6f}"


GIVEN = (
    "Margaret",
    "Jonathan",
    "Isabelle",
    "Matteo",
    "Katarzyna",
    "Diego",
    "Priya",
    "Henrik",
    "Siobhan",
    "Lukas",
    "Amélie",
    "Rodrigo",
    "Fiona",
    "Gregory",
    "Chiara",
    "Beatriz",
)
FAMILY = ("Whitfield", "Okafor", "Lefèvre", "Brandstetter", "Kowalczyk", "Echeverría", "Ramanathan", "Lindqvist", "O'Donoghue", "Fontana", "Marchetti", "Carvalho", "Ashworth", "Sandoval", "Hoffmann", "McAllister")  # fmt: skip


def full_name(rng: random.Random) -> str:
    return f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}"


def address(rng: random.Random) -> str:
    number = rng.randint(2, 190)
    return rng.choice(
        [
            f"{number} {rng.choice(['Maple Street', 'Oak Avenue', 'Lakeview Drive'])}, {rng.choice(['Springfield, IL 62704', 'Portland, OR 97205', 'Austin, TX 78701'])}",
            f"{number} {rng.choice(['High Street', 'Church Lane', 'Victoria Road'])}, {rng.choice(['Leeds LS1 4AP', 'Bristol BS1 5TR', 'Cambridge CB2 1TN'])}",
            f"{rng.choice(['Hauptstraße', 'Lindenweg', 'Goethestr.'])} {number}, {rng.choice(['80331 München', '50667 Köln', '04109 Leipzig'])}",
            f"{number} {rng.choice(['rue de la République', 'avenue Victor Hugo', 'boulevard Voltaire'])}, {rng.choice(['69002 Lyon', '75011 Paris', '31000 Toulouse'])}",
            f"Calle {rng.choice(['Mayor', 'Alcalá', 'Serrano'])} {number}, {rng.choice(['28013 Madrid', '41001 Sevilla', '46002 Valencia'])}",
            f"Via {rng.choice(['Garibaldi', 'Roma', 'Mazzini'])} {number}, {rng.choice(['20121 Milano', '00184 Roma', '50122 Firenze'])}",
            f"{number} {rng.choice(['King Street West', 'Rideau Street'])}, {rng.choice(['Toronto, ON M5H 1J9', 'Ottawa, ON K1N 5Y3'])}",
            f"{number} {rng.choice(['Collins Street', 'George Street'])}, {rng.choice(['Melbourne VIC 3000', 'Sydney NSW 2000'])}",
        ]
    )
