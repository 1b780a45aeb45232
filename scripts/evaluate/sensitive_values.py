"""Made-up values of every managed data identifier with a pattern, from a seed.

Templates: D a digit, N one from 1 to 9, L a capital letter; everything else stands for itself. Numbers with check
digits are completed by python-stdnum, or drawn until they check.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable

from casemate.engines.sensitive.catalogue import managed_identifiers
from casemate.engines.sensitive.validators import VALIDATORS

Make = Callable[[random.Random], str]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE62 = LETTERS + LETTERS.lower() + "0123456789"


def filled(rnd: random.Random, template: str) -> str:
    kinds = {"D": "0123456789", "N": "123456789", "L": LETTERS}
    return "".join(rnd.choice(kinds[char]) if char in kinds else char for char in template)


def text(rnd: random.Random, length: int, alphabet: str = BASE62) -> str:
    return "".join(rnd.choice(alphabet) for _ in range(length))


def of(*templates: str) -> Make:
    return lambda rnd: filled(rnd, rnd.choice(templates))


def checked(validator: str, *templates: str) -> Make:
    """Draws the digits anew until they check."""
    check, compact = VALIDATORS[validator]

    def make(rnd: random.Random) -> str:
        template = rnd.choice(templates)
        while True:
            value = filled(rnd, template)
            if check(re.sub(r"[ ./-]", "", value).upper() if compact else value):
                return value

    return make


def _iban(country: str, body: str) -> Make:
    def make(rnd: random.Random) -> str:
        drawn = ""
        for kind, count in re.findall(r"(\\d|\[0-9A-Z\]|\[A-Z\])(?:\{(\d+)\})?", body):
            alphabet = LETTERS if kind == "[A-Z]" else "0123456789"
            drawn += text(rnd, int(count or 1), alphabet)
        number = int("".join(str(int(char, 36)) for char in drawn + country + "00"))
        whole = f"{country}{98 - number % 97:02d}{drawn}"
        return rnd.choice([whole, " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))])

    return make


def _pem(label: str) -> Make:
    return lambda rnd: "\n".join(
        [f"-----BEGIN {label}-----", *(text(rnd, 64) for _ in range(rnd.randrange(4, 26))), f"-----END {label}-----"]
    )


def _token(rnd: random.Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return ".".join(
        [part({"alg": "RS256", "typ": "JWT"}), part({"sub": text(rnd, 8), "exp": rnd.randrange(10**9)}), text(rnd, 86)]
    )


def _basic(rnd: random.Random) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{text(rnd, 6)}:{text(rnd, 11)}".encode()).decode()


def _card(rnd: random.Random) -> str:
    spaced = rnd.random() < 0.4
    template = rnd.choice(
        [
            "4DDD DDDD DDDD DDDD",
            "53DD DDDD DDDD DDDD",
            "6011 DDDD DDDD DDDD",
            "37DD DDDDDD DDDDD",
            "3528 DDDD DDDD DDDD",
        ]
    )
    value = checked("card", template)(rnd)
    return value.replace(" ", rnd.choice([" ", "-"]) if spaced else "")


def _secret(rnd: random.Random) -> str:
    while True:
        value = text(rnd, 40, BASE62 + "+/")
        if VALIDATORS["aws_secret"].check(value):
            return value


def _putty(rnd: random.Random) -> str:
    lines = ["PuTTY-User-Key-File-2: ssh-rsa", "Encryption: none", f"Comment: key-{rnd.randrange(99)}"]
    lines += ["Public-Lines: 2", text(rnd, 64), text(rnd, 40), "Private-Lines: 2", text(rnd, 64), text(rnd, 30)]
    return "\n".join([*lines, "Private-MAC: " + text(rnd, 40, "0123456789abcdef")])


def _birth(rnd: random.Random) -> str:
    year, month, day = rnd.randrange(1930, 2010), rnd.randrange(1, 13), rnd.randrange(1, 29)
    name = ["Jan", "February", "Mar", "April", "May", "June", "Jul", "August", "Sept", "October", "Nov", "December"][
        month - 1
    ]
    return rnd.choice(
        [
            f"{year}-{month:02}-{day:02}",
            f"{month:02}/{day:02}/{year}",
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{day:02}-{month:02}-{year}",
        ]
    )


def _nir(rnd: random.Random) -> str:
    body = f"{rnd.choice('12')}{rnd.randrange(100):02}{rnd.randrange(1, 13):02}{rnd.randrange(1, 96):02}"
    body += f"{rnd.randrange(1, 990):03}{rnd.randrange(1, 999):03}"
    key = f"{97 - int(body) % 97:02}"
    spaced = f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:]} {key}"
    return rnd.choice([body + key, spaced])


def _pair(rnd: random.Random) -> str:
    return f"{rnd.uniform(-80, 80):.5f},{rnd.choice(['', ' '])}{rnd.uniform(-170, 170):.5f}"


def _gs1(rnd: random.Random) -> str:
    body = "00" + filled(rnd, "D" * 11)
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(body))
    return f"(01){body}{(10 - total % 10) % 10}(17)28{rnd.randrange(1, 13):02}01(10)A{rnd.randrange(10**4)}"


def _curp(rnd: random.Random) -> str:
    from stdnum.mx import curp

    while True:
        value = (
            filled(rnd, "LLLL")
            + f"{rnd.randrange(60, 99)}{rnd.randrange(1, 13):02}{rnd.randrange(1, 29):02}"
            + rnd.choice("HM")
        )
        value += rnd.choice(["DF", "NL", "JC", "MC"]) + text(rnd, 3, "BCDFGHJKLMNP") + "0"
        try:
            value += curp.calc_check_digit(value)
        except ValueError:
            continue
        if curp.is_valid(value):
            return value


def _fiscal(rnd: random.Random) -> str:
    from stdnum.it import codicefiscale

    value = (
        text(rnd, 6, "BCDFGLMNPRST")
        + filled(rnd, "DD")
        + rnd.choice("ABCDEHLMPRST")
        + f"{rnd.randrange(1, 29):02}"
        + "H501"
    )
    return value + codicefiscale.calc_check_digit(value)


def _rfc(letters: int) -> Make:
    return lambda rnd: (
        text(rnd, letters, "BCDFGHJKLMNP")
        + f"{rnd.randrange(50, 99)}{rnd.randrange(1, 13):02}{rnd.randrange(1, 29):02}"
        + filled(rnd, "LD")
        + rnd.choice("0123456789A")
    )


def _tax_germany(rnd: random.Random) -> str:
    from stdnum.de import idnr
    from stdnum.iso7064 import mod_11_10

    while True:
        digits = rnd.sample("123456789", 9)
        digits.insert(rnd.randrange(1, 9), rnd.choice(digits))
        value = "".join(digits)
        value += mod_11_10.calc_check_digit(value)
        if idnr.is_valid(value):
            return rnd.choice([value, f"{value[:2]} {value[2:5]} {value[5:8]} {value[8:]}"])


def _tax_france(rnd: random.Random) -> str:
    body = rnd.choice("0123") + filled(rnd, "DDDDDDDDD")
    return f"{body}{int(body) % 511:03}"


def _spanish_security(rnd: random.Random) -> str:
    province, number = f"{rnd.randrange(1, 53):02}", f"{rnd.randrange(10**7, 10**8)}"
    return f"{province}{number}{int(province + number) % 97:02}"


def _cpf(rnd: random.Random) -> str:
    from stdnum.br import cpf

    while True:
        value = filled(rnd, "DDDDDDDDD")
        for weights in (range(10, 1, -1), range(11, 1, -1)):
            value += str(-sum(int(digit) * weight for digit, weight in zip(value, weights, strict=True)) % 11 % 10)
        if cpf.is_valid(value):
            return rnd.choice([value, cpf.format(value)])


def _personal(rnd: random.Random) -> tuple[str, str, str]:
    return f"{rnd.randrange(30, 99)}", f"{rnd.randrange(1, 13):02}", f"{rnd.randrange(1, 29):02}"


def _identity_germany(first: str) -> Make:
    def make(rnd: random.Random) -> str:
        while True:
            value = rnd.choice(first) + text(rnd, 8, "CFGHJKLMNPRTVWXYZ0123456789")
            if any(char.isdigit() for char in value):
                break
        total = sum(int(char, 36) * (7, 3, 1)[place % 3] for place, char in enumerate(value))
        return value + rnd.choice(["", str(total % 10)])

    return make


DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def _dni(rnd: random.Random) -> str:
    number = rnd.randrange(10**7, 8 * 10**7)
    return f"{number}{rnd.choice(['', '-'])}{DNI[number % 23]}"


def _nie(rnd: random.Random) -> str:
    first, number = rnd.randrange(3), rnd.randrange(10**6, 10**7)
    return f"{'XYZ'[first]}{number}{DNI[(first * 10**7 + number) % 23]}"


def _uk_licence(rnd: random.Random) -> str:
    year, month, day = _personal(rnd)
    names, initials, last = text(rnd, 5, LETTERS), text(rnd, 2, LETTERS), text(rnd, 2, LETTERS)
    return f"{names}{year[0]}{month}{day}{year[1]}{initials}{rnd.randrange(10)}{last}"


def _finnish(rnd: random.Random) -> str:
    year, month, day = _personal(rnd)
    number = f"{rnd.randrange(2, 900):03}"
    return f"{day}{month}{year}-{number}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(day + month + year + number) % 31]}"


def _swedish(rnd: random.Random) -> str:
    year, month, day = _personal(rnd)
    return checked("swedish_personal_number", f"{year}{month}{day}-DDDD")(rnd)


MEDICARE = "ACDEFGHJKMNPQRTUVWXY"


def _medicare(rnd: random.Random) -> str:
    both = MEDICARE + "0123456789"
    letter, any_of = lambda: rnd.choice(MEDICARE), lambda: rnd.choice(both)
    parts = [
        filled(rnd, "N") + letter() + any_of() + filled(rnd, "D"),
        letter() + any_of() + filled(rnd, "D"),
        letter() + letter() + filled(rnd, "DD"),
    ]
    return rnd.choice(["", "-"]).join(parts)


def _own(rnd: random.Random) -> str:
    return f"{rnd.randrange(1, 13):02}/{rnd.randrange(26, 36)}"


MAKERS: dict[str, Make] = {
    "AWS_CREDENTIALS": _secret,
    "GCP_API_KEY": lambda rnd: "AIza" + text(rnd, 35, BASE62 + "-_")[:34] + "x",
    "HTTP_BASIC_AUTH_HEADER": _basic,
    "JSON_WEB_TOKEN": _token,
    "OPENSSH_PRIVATE_KEY": _pem("OPENSSH PRIVATE KEY"),
    "PGP_PRIVATE_KEY": _pem("PGP PRIVATE KEY BLOCK"),
    "PKCS": _pem("RSA PRIVATE KEY"),
    "PUTTY_PRIVATE_KEY": _putty,
    "STRIPE_CREDENTIALS": lambda rnd: rnd.choice(["sk_live_", "rk_live_", "pk_live_"]) + text(rnd, 24),
    "BANK_ACCOUNT_NUMBER": of("N" + "D" * 8, "N" + "D" * 11, "N" + "D" * 9),
    "CREDIT_CARD_EXPIRATION": _own,
    "CREDIT_CARD_MAGNETIC_STRIPE": lambda rnd: (
        f"%B{_card(rnd).replace(' ', '').replace('-', '')}^ROE/JANE^29051010000000000?"
    ),
    "CREDIT_CARD_NUMBER": _card,
    "CREDIT_CARD_NUMBER_(NO_KEYWORD)": _card,
    "CREDIT_CARD_SECURITY_CODE": of("DDD", "DDDD"),
    "US_DRUG_ENFORCEMENT_AGENCY_NUMBER": checked("us_dea", "ALDDDDDDD", "BLDDDDDDD", "MLDDDDDDD"),
    "USA_HEALTH_INSURANCE_CLAIM_NUMBER": checked("health_claim", "NDD-DD-DDDDA", "NDDDDDDDDB1"),
    "CANADA_HEALTH_NUMBER": checked("canada_health", "9DDDDDDDDD", "9DDD DDD DDD"),
    "EUROPEAN_HEALTH_INSURANCE_CARD_NUMBER": of("80276" + "D" * 15, "80040" + "D" * 15),
    "FINLAND_EUROPEAN_HEALTH_INSURANCE_NUMBER": of("80246" + "D" * 15),
    "FRANCE_HEALTH_INSURANCE_NUMBER": of("N" + "D" * 20),
    "UK_NHS_NUMBER": checked("uk_nhs", "NDD DDD DDDD", "NDDDDDDDDD"),
    "USA_MEDICARE_BENEFICIARY_IDENTIFIER": _medicare,
    "USA_HEALTHCARE_PROCEDURE_CODE": of("JDDDD", "GDDDD", "99DDD"),
    "USA_NATIONAL_DRUG_CODE": of("DDDD-DDDD-DD", "DDDDD-DDD-DD", "DDDDD-DDDD-D"),
    "USA_NATIONAL_PROVIDER_IDENTIFIER": checked("us_npi", "1DDDDDDDDD"),
    "MEDICAL_DEVICE_UDI": _gs1,
    "DATE_OF_BIRTH": _birth,
    "AUSTRALIA_DRIVERS_LICENSE": of("DDDDDDDD", "0DDDDDDDD"),
    "AUSTRIA_DRIVERS_LICENSE": of("DDDDDDDD"),
    "BELGIUM_DRIVERS_LICENSE": of("NDDDDDDDDD"),
    "BULGARIA_DRIVERS_LICENSE": of("NDDDDDDDD"),
    "CANADA_DRIVERS_LICENSE": of("LDDDD-DDDDD-DDDDD", "DDDDDD-DDD"),
    "CROATIA_DRIVERS_LICENSE": of("NDDDDDDD"),
    "CYPRUS_DRIVERS_LICENSE": of("NDDDDDDDDDDD"),
    "CZECHIA_DRIVERS_LICENSE": of("EL DDDDDD", "ELDDDDDD"),
    "DENMARK_DRIVERS_LICENSE": of("NDDDDDDD"),
    "DRIVERS_LICENSE": of("LDDDDDDD", "LDDDDDDDDDDDD", "LDD-DD-DDDD"),
    "ESTONIA_DRIVERS_LICENSE": of("ETDDDDDD"),
    "FINLAND_DRIVERS_LICENSE": _finnish,
    "FRANCE_DRIVERS_LICENSE": of("NDDDDDDDDDDD"),
    "GERMANY_DRIVERS_LICENSE": of("LDDDLLDLLDL", "LDDLDDLDLDD"),
    "GREECE_DRIVERS_LICENSE": of("NDDDDDDDD"),
    "HUNGARY_DRIVERS_LICENSE": of("LLDDDDDD"),
    "INDIA_DRIVERS_LICENSE": of("MHNN 2011DDDDDDD", "KA-0N2004DDDDDDD"),
    "IRELAND_DRIVERS_LICENSE": of("DDDDDD LLLL", "NDDDDDDDD"),
    "ITALY_DRIVERS_LICENSE": of("LADDDDDDDL", "LVDDDDDDDL"),
    "LATVIA_DRIVERS_LICENSE": of("LLLDDDDDD"),
    "LITHUANIA_DRIVERS_LICENSE": of("NDDDDDDD"),
    "LUXEMBOURG_DRIVERS_LICENSE": of("NDDDDD"),
    "MALTA_DRIVERS_LICENSE": of("LL DDD DDD", "LLDDDDDD"),
    "NETHERLANDS_DRIVERS_LICENSE": of("NDDDDDDDDD"),
    "POLAND_DRIVERS_LICENSE": of("DDDDD/DD/DDDD"),
    "PORTUGAL_DRIVERS_LICENSE": of("L-DDDDDDD D", "LL-DDDDDD D"),
    "ROMANIA_DRIVERS_LICENSE": of("LDDDDDDDDL"),
    "SLOVAKIA_DRIVERS_LICENSE": of("LDDDDDDD"),
    "SLOVENIA_DRIVERS_LICENSE": of("NDDDDDDDD"),
    "SPAIN_DRIVERS_LICENSE": _dni,
    "SWEDEN_DRIVERS_LICENSE": _swedish,
    "UK_DRIVERS_LICENSE": _uk_licence,
    "UK_ELECTORAL_ROLL_NUMBER": of("LLDDDD", "LLDD"),
    "LATITUDE_LONGITUDE": _pair,
    "HTTP_COOKIE": lambda rnd: f"{rnd.choice(['Cookie', 'Set-Cookie'])}: session={text(rnd, 12)}; lang=en",
    "BRAZIL_CEP_CODE": of("NDDDD-DDD"),
    "ARGENTINA_DNI_NUMBER": of("ND.DDD.DDD", "NDDDDDDD"),
    "BRAZIL_RG_NUMBER": of("ND.DDD.DDD-D"),
    "CHILE_RUT_NUMBER": checked("chile_rut", "1D.DDD.DDD-D", "1DDDDDDD-D"),
    "COLOMBIA_CITIZENSHIP_CARD_NUMBER": of("1.DDD.DDD.DDD", "ND.DDD.DDD"),
    "FRANCE_NATIONAL_IDENTIFICATION_NUMBER": _nir,
    "GERMANY_NATIONAL_IDENTIFICATION_NUMBER": _identity_germany("LMNPRTVWXYZ"),
    "INDIA_AADHAAR_NUMBER": checked("india_aadhaar", "NDDD DDDD DDDD", "NDDDDDDDDDDD"),
    "ITALY_NATIONAL_IDENTIFICATION_NUMBER": _fiscal,
    "MEXICO_CURP_NUMBER": _curp,
    "SPAIN_DNI_NUMBER": _dni,
    "UK_NATIONAL_INSURANCE_NUMBER": of("ABDDDDDDC", "JG DD DD DD A", "CEDDDDDDD".replace("DDDDDDD", "DDDDDD") + "B"),
    "CANADA_PASSPORT_NUMBER": of("LLDDDDDD"),
    "FRANCE_PASSPORT_NUMBER": of("DDLLDDDDD"),
    "GERMANY_PASSPORT_NUMBER": _identity_germany("CFGHJK"),
    "ITALY_PASSPORT_NUMBER": of("YADDDDDDD", "AADDDDDDD"),
    "SPAIN_PASSPORT_NUMBER": of("LLLDDDDDD"),
    "UK_PASSPORT_NUMBER": of("NDDDDDDDD"),
    "USA_PASSPORT_NUMBER": of("NDDDDDDDD", "ADDDDDDDD"),
    "CANADA_NATIONAL_IDENTIFICATION_NUMBER": of("PA0DDDDDDDDD", "RA03DDDDDDDD"),
    "PHONE_NUMBER": checked("phone_nanp", "(NDD) NDD-DDDD", "NDD-NDD-DDDD", "+1 NDD NDD DDDD"),
    "BRAZIL_PHONE_NUMBER": checked("phone_brazil", "(NN) 9DDDD-DDDD", "+55 NN 9DDDD-DDDD"),
    "FRANCE_PHONE_NUMBER": of("0N DD DD DD DD", "+33 N DD DD DD DD"),
    "GERMANY_PHONE_NUMBER": of("030 DDDDDDD", "0151 DDDDDDDD", "+49 30 DDDDDDD"),
    "ITALY_PHONE_NUMBER": of("+39 3DD DDD DDDD", "06 DDDD DDDD"),
    "SPAIN_PHONE_NUMBER": of("6DD DDD DDD", "+34 9DD DDD DDD"),
    "UK_PHONE_NUMBER": of("020 7DDD DDDD", "+44 7DDD DDDDDD", "07DDD DDDDDD"),
    "ARGENTINA_TARJETA_SUBE": checked("sube", "6061 DDDD DDDD DDDD", "6061DDDDDDDDDDDD"),
    "CANADA_SOCIAL_INSURANCE_NUMBER": checked("ca_sin", "NDD-DDD-DDD", "NDDDDDDDD"),
    "SPAIN_SOCIAL_SECURITY_NUMBER": _spanish_security,
    "USA_SOCIAL_SECURITY_NUMBER": checked("us_ssn", "NDD-DD-DDDD", "NDD DD DDDD", "NDDDDDDDD"),
    "ARGENTINA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": checked("argentina_cuit", "20-DDDDDDDD-D", "27DDDDDDDDD"),
    "ARGENTINA_ORGANIZATION_TAX_IDENTIFICATION_NUMBER": checked("argentina_cuit", "30-DDDDDDDD-D", "33DDDDDDDDD"),
    "AUSTRALIA_TAX_FILE_NUMBER": checked("australia_tfn", "NDD DDD DDD", "NDDDDDDDD"),
    "BRAZIL_CNPJ_NUMBER": checked("brazil_cnpj", "ND.DDD.DDD/0001-DD"),
    "BRAZIL_CPF_NUMBER": _cpf,
    "COLOMBIA_INDIVIDUAL_NIT_NUMBER": checked("colombia_nit", "NDDDDDDD-D", "1DDDDDDDDD-D"),
    "COLOMBIA_ORGANIZATION_NIT_NUMBER": checked("colombia_nit", "8DD.DDD.DDD-D", "9DDDDDDDD-D"),
    "FRANCE_TAX_IDENTIFICATION_NUMBER": _tax_france,
    "GERMANY_TAX_IDENTIFICATION_NUMBER": _tax_germany,
    "INDIA_PERMANENT_ACCOUNT_NUMBER": lambda rnd: filled(rnd, "LLL") + rnd.choice("PCHF") + filled(rnd, "LNDDNL"),
    "MEXICO_INDIVIDUAL_RFC_NUMBER": _rfc(4),
    "MEXICO_ORGANIZATION_RFC_NUMBER": _rfc(3),
    "SPAIN_NIE_NUMBER": _nie,
    "SPAIN_NIF_NUMBER": _dni,
    "SPAIN_TAX_IDENTIFICATION_NUMBER": checked("spain_cif", "ADDDDDDDD", "BDDDDDDDD"),
    "UK_TAX_IDENTIFICATION_NUMBER": checked("uk_utr", "NDDDDDDDDD", "NDDDD DDDDD"),
    "USA_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER": checked(
        "us_itin", "9DD-7D-DDDD", "9DD8DDDDDD".replace("8DDDDDD", "8DDDDD")
    ),
    "VEHICLE_IDENTIFICATION_NUMBER": lambda rnd: (
        "WVWZZZ" + text(rnd, 4, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789") + "W" + filled(rnd, "DDDDDD")
    ),
}
for _name, _identifier in managed_identifiers().items():
    if _name.endswith("_BANK_ACCOUNT_NUMBER"):
        _compact = _identifier.pattern[0].compact or ""
        MAKERS[_name] = _iban(_compact[:2], _compact.removeprefix(_compact[:2] + r"\d{2}"))
