"""A corpus of files with made-up personal and secret data at known places, and with what only looks like it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sensitive_values import MAKERS, Make, checked, filled, of, text

from casemate.engines.sensitive.catalogue import managed_identifiers

Place = tuple[Any, ...]


@dataclass
class Document:
    """A file, and what stands in it: (members, id, place)."""

    name: str
    data: bytes
    truth: list[tuple[tuple[str, ...], str, Place]] = field(default_factory=list)


SENTENCES = (
    "Please check the record before the end of the week.",
    "The customer wrote again and asked for a written answer.",
    "Nothing else was found in the folder of last year.",
    "We talked about the delivery and agreed on Tuesday.",
    "See the annex for everything that was decided then.",
)
KEYWORDS = {name: each.every_keyword for name, each in managed_identifiers().items()}


def keyword(rnd: random.Random, name: str) -> str:
    words = KEYWORDS[name]
    if name in {"AUSTRALIA_DRIVERS_LICENSE", "CANADA_DRIVERS_LICENSE"}:
        words = tuple(word for word in words if "licence" in word)
    if name == "DRIVERS_LICENSE":
        words = tuple(word for word in words if "license" in word)
    return rnd.choice(words)


def free(name: str) -> bool:
    """Whether the identifier needs no keyword for what its maker makes."""
    forms = managed_identifiers()[name].pattern
    return bool(forms) and forms[0].keyword in {"none", "absent"}


def text_document(rnd: random.Random, name: str, make: Make, number: int) -> Document:
    lines: list[str] = []
    document = Document(f"{name.lower()}-{number}.txt", b"")
    for _ in range(4):
        lines += rnd.sample(SENTENCES, 2)
        value = make(rnd)
        if free(name):
            before = "" if "\n" in value or name == "HTTP_COOKIE" else rnd.choice(["seen ", "", "was: "])
        else:
            before = keyword(rnd, name) + rnd.choice([": ", " ", " is ", " = ", " - "])
        start = sum(line.count("\n") + 1 for line in lines) + 1
        document.truth.append(((), name, ("line", start, start + value.count("\n"), len(before) + 1)))
        lines.append(before + value + ("" if name == "HTTP_COOKIE" else rnd.choice(["", " (checked)", ", noted"])))
    document.data = "\n".join([*lines, ""]).encode()
    return document


def columns(rnd: random.Random, name: str) -> tuple[list[str], int]:
    heads = ["id", "created", "comment", "amount"]
    place = rnd.randrange(1, 4)
    word = keyword(rnd, name) if not free(name) else "content"
    heads.insert(place, rnd.choice([word, word.replace(" ", "_"), word.title()]))
    return heads, place


def rows(rnd: random.Random, make: Make, place: int) -> list[list[str]]:
    made = []
    for number in range(6):
        row = [
            str(number + 1),
            "2026-03-0" + str(rnd.randrange(1, 9)),
            rnd.choice(SENTENCES),
            f"{rnd.randrange(9999)}.{rnd.randrange(10, 99)}",
        ]
        row.insert(place, make(rnd))
        made.append(row)
    return made


def csv_document(rnd: random.Random, name: str, make: Make, number: int) -> Document:
    heads, place = columns(rnd, name)
    delimiter, suffix = rnd.choice([(",", "csv"), ("\t", "tsv"), (";", "csv")])
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(heads)
    made = rows(rnd, make, place)
    writer.writerows(made)
    truth: list[tuple[tuple[str, ...], str, Place]] = [
        ((), name, ("cell", row + 2, place + 1)) for row in range(len(made))
    ]
    return Document(f"{name.lower()}-{number}.{suffix}", stream.getvalue().encode(), truth)


def json_document(rnd: random.Random, name: str, make: Make, number: int) -> Document:
    heads, place = columns(rnd, name)
    made = rows(rnd, make, place)
    records = [{"n": row[0], "data": dict(zip(heads, row, strict=True))} for row in made]
    if rnd.random() < 0.5:
        data = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        truth: list[Any] = [((), name, ("record", row, heads[place])) for row in range(len(made))]
        return Document(f"{name.lower()}-{number}.jsonl", data.encode(), truth)
    data = json.dumps({"items": records}, ensure_ascii=False, indent=1)
    truth = [((), name, ("record", 0, heads[place], row)) for row in range(len(made))]
    return Document(f"{name.lower()}-{number}.json", data.encode(), truth)


def parquet_document(rnd: random.Random, name: str, make: Make, number: int) -> Document:
    import pyarrow as pa
    import pyarrow.parquet as pq

    heads, place = columns(rnd, name)
    made = rows(rnd, make, place)
    stream = io.BytesIO()
    pq.write_table(pa.table({head: [row[at] for row in made] for at, head in enumerate(heads)}), stream)
    truth: list[Any] = [((), name, ("record", row, heads[place])) for row in range(len(made))]
    return Document(f"{name.lower()}-{number}.parquet", stream.getvalue(), truth)


def packed(rnd: random.Random, inner: Document) -> Document:
    if rnd.random() < 0.5:
        data = gzip.compress(inner.data, mtime=0)
        return Document(inner.name + ".gz", data, [((inner.name,), name, place) for _, name, place in inner.truth])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/" + inner.name, inner.data)
    truth = [(("folder/" + inner.name,), name, place) for _, name, place in inner.truth]
    return Document(inner.name + ".zip", stream.getvalue(), truth)


def documents(seed: int, rounds: int = 1) -> Iterator[Document]:
    """Files for every identifier with a pattern, in several formats."""
    rnd = random.Random(seed)
    for name, make in MAKERS.items():
        for number in range(rounds):
            yield text_document(rnd, name, make, number)
            yield csv_document(rnd, name, make, number)
            yield json_document(rnd, name, make, number)
            if "\n" not in make(rnd):
                yield parquet_document(rnd, name, make, number)
            yield packed(rnd, rnd.choice([text_document, csv_document])(rnd, name, make, number + 90))


def _broken(make: Make) -> Make:
    """A value whose last digit is wrong."""

    def wrong(rnd: random.Random) -> str:
        value = make(rnd)
        place = max(at for at, char in enumerate(value) if char.isdigit())
        return value[:place] + str((int(value[place]) + rnd.randrange(1, 9)) % 10) + value[place + 1 :]

    return wrong


def _wrong_iban(rnd: random.Random) -> str:
    value = MAKERS["IRELAND_BANK_ACCOUNT_NUMBER"](rnd)
    return value[:2] + f"{(int(value[2:4]) - 2 + rnd.randrange(1, 90)) % 97 + 2:02}" + value[4:]


LOOK_ALIKES: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "uuid": ("request id", lambda rnd: str(uuid.UUID(int=rnd.getrandbits(128)))),
    "sha1": ("commit", lambda rnd: f"{rnd.getrandbits(160):040x}"),
    "sha256": ("digest", lambda rnd: f"{rnd.getrandbits(256):064x}"),
    "sha1 as secret key": ("secret key", lambda rnd: f"{rnd.getrandbits(160):040x}"),
    "documented AWS secret": ("aws_secret_access_key", lambda _rnd: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    "documented Stripe key": ("key", lambda _rnd: "sk_test_4eC39HqLyjWDarjtT1zdp7dc"),
    "milliseconds since the epoch": ("at", lambda rnd: str(rnd.randrange(1_500_000_000_000, 1_800_000_000_000))),
    "seconds since the epoch": ("time", lambda rnd: str(rnd.randrange(1_500_000_000, 1_800_000_000))),
    "order number": ("order", of("NDDDDDDDDD", "NDDDDDDD")),
    "tracking number": ("parcel", of("1Z999AA1DDDDDDDDDD", "NDDDDDDDDDDDDDDDDDDDD")),
    "ISBN": ("isbn", of("978-D-DDD-DDDDD-D")),
    "EAN": ("ean", of("40DDDDDDDDDDD")),
    "version": ("version", of("D.DD.D-DDDD", "v20DD.D.DDD")),
    "IPv4": ("from", of("10.DD.1DD.DD")),
    "MAC": ("mac", lambda rnd: ":".join(f"{rnd.randrange(256):02x}" for _ in range(6))),
    "part number": ("part", of("LL-DDDDD-LL", "LDDDDDDD")),
    "amount": ("amount", of("NDD,DDD.DD", "NDDDDDD.DD")),
    "card that fails Luhn": ("credit card", _broken(MAKERS["CREDIT_CARD_NUMBER"])),
    "test card": (
        "card",
        lambda rnd: rnd.choice(["4111111111111111", "5555 5555 5555 4444", "378282246310005", "6011-1111-1111-1117"]),
    ),
    "card of an unknown issuer": ("card", of("9DDD DDDD DDDD DDDD")),
    "IBAN with wrong check digits": ("iban", _wrong_iban),
    "SSN of no area": ("ssn", of("000-DD-DDDD", "666-DD-DDDD")),
    "SSN without a keyword": ("reference", of("NDD-DD-DDDD")),
    "SIN that fails Luhn": ("social insurance number", _broken(MAKERS["CANADA_SOCIAL_INSURANCE_NUMBER"])),
    "NHS number that fails": ("NHS", _broken(MAKERS["UK_NHS_NUMBER"])),
    "CPF that fails": ("cpf", _broken(MAKERS["BRAZIL_CPF_NUMBER"])),
    "Aadhaar that fails": ("aadhaar", _broken(MAKERS["INDIA_AADHAAR_NUMBER"])),
    "NPI that fails": ("npi", _broken(MAKERS["USA_NATIONAL_PROVIDER_IDENTIFIER"])),
    "DEA number that fails": ("dea number", _broken(MAKERS["US_DRUG_ENFORCEMENT_AGENCY_NUMBER"])),
    "RUT of zeroes": ("rut", lambda rnd: rnd.choice(["00000000-K", "00.000.000-0"])),
    "DNI of nines": ("dni", lambda rnd: rnd.choice(["99999999", "99.999.999"])),
    "generic RFC": ("rfc", lambda rnd: rnd.choice(["XAXX010101000", "XEXX010101000"])),
    "NINO of an unused prefix": ("nino", of("BGDDDDDDA", "ZZDDDDDDB")),
    "VIN that fails": ("vin", lambda rnd: rnd.choice(["1HGCM82643A004352", "5YJSA1E13HF000001", "2T1BURHE5JC000009"])),
    "telephone without keyword or country": ("ext", of("NDD-NDD-DDDD")),
    "date": ("updated", of("20DD-0N-1D")),
    "word after Basic": ("auth", lambda _rnd: "Authorization: Basic realm"),
    "public key": ("", lambda rnd: MAKERS["PKCS"](rnd).replace("PRIVATE", "PUBLIC")),
    "token that is none": ("token", lambda rnd: f"eyJ{text(rnd, 20)}.eyJ{text(rnd, 30)}.{text(rnd, 43)}"),
    "coordinates of no place": ("position", of("9N.DDDDD, 1DD.DDDDD")),
}


def look_alikes(seed: int, count: int = 20) -> Iterator[tuple[str, Document]]:
    """A file for each class of what only looks like personal data: `count` of them, none of which is to be reported."""
    rnd = random.Random(seed)
    for name, (word, make) in LOOK_ALIKES.items():
        lines = []
        for _ in range(count):
            lines += [rnd.choice(SENTENCES), f"{word}: {make(rnd)}" if word else make(rnd)]
        yield name, Document("look-alike.txt", "\n".join([*lines, ""]).encode())


__all__ = ["Document", "checked", "documents", "filled", "look_alikes"]
