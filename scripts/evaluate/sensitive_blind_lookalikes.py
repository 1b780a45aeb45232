"""What only looks like sensitive data: each class names a value that nobody should report, and the words around it."""

# ruff: noqa: E501  a line for each class reads best whole

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from evaluate import sensitive_blind_forms as basic
from evaluate import sensitive_blind_values as made
from evaluate.sensitive_blind_kinds import Kind, kind

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

HEX = "0123456789abcdef"


def broken(make: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    """The value with its last digit changed by one: the check digit no longer holds."""

    def changed(rng: random.Random) -> str:
        value = make(rng)
        place = max(at for at, sign in enumerate(value) if sign.isdigit())
        return value[:place] + str((int(value[place]) + 1) % 10) + value[place + 1 :]

    return changed


def ean13(rng: random.Random) -> str:
    body = "40" + basic.digits(rng, 10)
    return body + str(-sum(int(sign) * (1, 3)[place % 2] for place, sign in enumerate(body)) % 10)


def no_luhn_16(rng: random.Random) -> str:
    body = basic.digits(rng, 15, "789")
    return body + str((int(basic.luhn(body)) + 3) % 10)


def fixed(*values: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(values)


def version(rng: random.Random) -> str:
    return f"{rng.randint(1, 30)}.{rng.randint(0, 20)}.{rng.randint(0, 900)}-{rng.randint(1, 9)}"


def ipv4(rng: random.Random) -> str:
    return ".".join(str(rng.randint(1, 254)) for _ in range(4))


def unlike(name: str, make: Callable[[random.Random], str], labels: str, names: str) -> Kind:
    return kind(f"~{name}", make, labels, names)


FAR = "are printed in the appendix of the manual, see the third table there for entry"

LOOKALIKES: tuple[Kind, ...] = (
    unlike("order number", basic.shaped("9999999999"), "Order|Order no.", "order id|order number"),
    unlike("invoice", basic.shaped("INV-99999999"), "Invoice|Invoice no", "invoice|invoice number"),
    unlike("uuid", lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)), "Request id|trace", "request id|uuid"),
    unlike("sha1", lambda rng: basic.token(rng, HEX, 40), "commit|revision", "commit|git sha"),
    unlike("sha256", lambda rng: basic.token(rng, HEX, 64), "sha256|digest", "digest|sha256"),
    unlike("md5", lambda rng: basic.token(rng, HEX, 32), "etag|md5", "etag|md5"),
    unlike("unix time", lambda rng: str(rng.randint(1_600_000_000, 1_799_999_999)), "timestamp|ts", "created|timestamp"),
    unlike("unix ms", lambda rng: str(rng.randint(1_600_000_000_000, 1_799_999_999_999)), "at|epoch", "created ms|epoch"),
    unlike("iso time", lambda rng: f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:11:42Z", "updated|seen", "updated at|last seen"),
    unlike("plain date", lambda rng: f"{rng.randint(1, 12):02d}/{rng.randint(1, 28):02d}/20{rng.randint(10, 26)}", "Shipped|Delivered", "ship date|delivered"),
    unlike("ups tracking", basic.shaped("1ZXXXXXX9999999999"), "Tracking|Parcel", "tracking|parcel"),
    unlike("parcel number", basic.shaped("999999999999"), "Shipment|Parcel", "shipment|parcel"),
    unlike("isbn", basic.shaped("978-9-999-99999-9"), "ISBN|book", "isbn|book"),
    unlike("ean", ean13, "EAN|barcode", "ean|barcode"),
    unlike("sku", basic.shaped("AAA-99999-X"), "SKU|article", "sku|article"),
    unlike("part number", basic.shaped("AA999999"), "Part|part no.", "part|component"),
    unlike("version", version, "version|release", "version|release"),
    unlike("ipv4", ipv4, "host|peer", "ip|host"),
    unlike("ipv6", lambda rng: ":".join(basic.token(rng, HEX, 4) for _ in range(8)), "peer|listen", "ipv6|peer"),
    unlike("mac", lambda rng: ":".join(basic.token(rng, HEX, 2) for _ in range(6)), "mac|nic", "mac|nic"),
    unlike("bytes", lambda rng: str(rng.randint(10_000_000, 999_999_999)), "bytes|size", "size|bytes"),
    unlike("money", lambda rng: f"{rng.randint(1000, 99999):,}.{rng.randint(10, 99)}", "total|amount", "amount|total"),
    unlike("percent", lambda rng: f"{rng.uniform(1, 99):.4f}%", "share|load", "share|load"),
    unlike("16 digits no luhn", no_luhn_16, "batch|serial", "batch|serial"),
    unlike("test card", fixed("4111111111111111", "5555555555554444", "378282246310005", "4242 4242 4242 4242", "6011111111111117", "4012888888881881"), "Card number|VISA", "card number|credit card"),
    unlike("EXAMPLE key", fixed("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), "aws_secret_access_key|Secret access key", "aws secret access key"),
    unlike("access key id", basic.shaped("AKIAXXXXXXXXXXXXXXXX"), "user|principal", "user|principal"),
    unlike("broken card", broken(basic.card), "Card number|VISA", "card number|credit card"),
    unlike("broken iban", broken(basic.iban("GERMANY")), "IBAN|Konto", "iban|konto"),
    unlike("broken nhs", broken(made.nhs), "NHS number|NHS No.", "nhs number|nhs no"),
    unlike("broken cpf", broken(made.cpf), "CPF|CPF nº", "cpf|numero cpf"),
    unlike("broken aadhaar", broken(made.aadhaar), "Aadhaar|Aadhaar No.", "aadhaar"),
    unlike("broken dni", broken(made.dni), "DNI|NIF", "dni|nif"),
    unlike("broken codice fiscale", broken(made.codice_fiscale), "Codice fiscale|codice fiscale", "codice fiscale"),
    unlike("broken npi", broken(made.npi), "NPI|National Provider Identifier", "npi"),
    unlike("impossible ssn", fixed("000-12-3456", "666-12-3456", "123-00-4567", "123-45-0000", "987-65-4320"), "SSN|Social Security Number", "ssn|social security number"),
    unlike("broken sin", broken(made.sin), "Social Insurance Number|SIN", "sin|social insurance number"),
    unlike("broken cuit", broken(made.cuit("20", "27")), "CUIT|CUIL", "cuit|cuil"),
    unlike("broken rut", broken(lambda rng: made.rut(rng).replace("K", "1")), "RUT|R.U.T.", "rut"),
    unlike("ssn far off", made.ssn, f"Social security forms {FAR}", ""),
    unlike("passport far off", basic.shaped("999999999"), f"Passport forms {FAR}", ""),
    unlike("cvv far off", basic.shaped("999"), f"The CVV rules {FAR}", ""),
    unlike("ssn no word", made.ssn, "range|slot", "range|slot"),
    unlike("9 digits no word", basic.shaped("999999999"), "ref|batch", "ref|batch"),
    unlike("ticket", basic.shaped("AAAA-9999"), "ticket|issue", "ticket|issue"),
    unlike("resolution", fixed("1920x1080", "3840x2160", "1280x720"), "screen|mode", "screen|mode"),
    unlike("phone-like id", basic.shaped("999-999-9999"), "job|build", "job|build"),
    unlike("base64 blob", lambda rng: basic.token(rng, basic.string.ascii_letters + basic.DIGITS, 40), "nonce|cursor", "nonce|cursor"),
    unlike("point pair", lambda rng: f"{rng.randint(100, 900)}, {rng.randint(100, 900)}", "pixel|offset", "pixel|offset"),
    unlike("nil rfc", fixed("XAXX010101000", "XEXX010101000"), "RFC|R.F.C.", "rfc"),
    unlike("nil dni", fixed("99999999R", "00000000T"), "DNI|NIF", "dni"),
    unlike("17 signs no vin", basic.shaped("AAAAAAAAAAAAAAAAA"), "VIN|VIN #", "vin"),
    unlike("company", fixed("Northern Timber Ltd", "Blue Harbor Systems", "Deutsche Bahn", "General Electric"), "vendor|supplier", "vendor|supplier"),
    unlike("product", fixed("Windows Server", "Apache Kafka", "Visual Studio", "Amazon Web Services"), "product|stack", "product|stack"),
)  # fmt: skip
