"""Throughput of the sensitive data engine on one core, by format and density: megabytes a second of CPU time.

`.venv/bin/python scripts/bench/sensitive.py [--identifiers RECOMMENDED|ALL] [--json] [--presidio PYTHON]`. "Read" is
the same file through the readers alone, "scan" is the whole; both count the processes that native formats are read in.
Megabytes are those of the text inside, not of the packed file. The model has rows of its own: prose with names, with
the model on every word and only around capitalised pairs. `--presidio PYTHON` runs presidio-analyzer's pattern
recognizers beside.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sensitive_documents as made_of

from casemate.contracts.sensitive import Limits
from casemate.engines.sensitive import Plan, compile_plan, scan, select
from casemate.engines.sensitive.names import NameFinder
from casemate.engines.sensitive.validators.checksums import luhn
from casemate.runtime import limited_parsers

SIZE = 8_000_000
DOCUMENT_SIZE = 2_000_000
MODEL_SIZE = 1_000_000
MODEL_PIECE = 48 * 1024
SENTENCE = (
    "the order was sent on time and nobody asked what had become of those papers that lay in this office for years"
)
WORDS = SENTENCE.split()


def card(rnd: random.Random) -> str:
    while True:
        value = "4" + "".join(rnd.choice("0123456789") for _ in range(15))
        if luhn(value):
            return value


def ssn(rnd: random.Random) -> str:
    return f"{rnd.randrange(100, 600)}-{rnd.randrange(10, 99)}-{rnd.randrange(1000, 9999)}"


def filled(rnd: random.Random, line: Callable[[random.Random, int], str], head: str = "") -> bytes:
    lines, size, number = [head], len(head), 0
    while size < SIZE:
        made = line(rnd, number)
        lines.append(made)
        size += len(made)
        number += 1
    return "".join(lines).encode()


def log_line(rnd: random.Random, _number: int) -> str:
    stamp = f"2026-11-24T10:{rnd.randrange(60):02}:{rnd.randrange(60):02}.{rnd.randrange(1000):03}Z"
    request = f"[worker-{rnd.randrange(16)}] GET /items/{rnd.randrange(10**6)} 200 {rnd.randrange(900)}ms"
    return f"{stamp} INFO {request} {rnd.getrandbits(64):016x}\n"


def sparse_log(rnd: random.Random, number: int) -> str:
    return log_line(rnd, number) if rnd.random() > 0.001 else f"user ssn={ssn(rnd)} signed in\n"


def dense_log(rnd: random.Random, number: int) -> str:
    if number % 3:
        return log_line(rnd, number)
    return f"2026-11-24 10:00:00 customer {number} signed up, ssn: {ssn(rnd)} card {card(rnd)}\n"


def sparse_csv(rnd: random.Random, number: int) -> str:
    comment = "ok" if rnd.random() > 0.001 else f"card {card(rnd)}"
    return f"{number},2026-11-{rnd.randrange(1, 30):02},SKU-{rnd.randrange(10**6):06},{rnd.randrange(9)},{comment}\n"


def dense_csv(rnd: random.Random, number: int) -> str:
    address = f"{rnd.randrange(999)} Main Street,Springfield,IL,{rnd.randrange(60000, 63000)}"
    return f"{number},2026-11-01,Jane Roe,{ssn(rnd)},{card(rnd)},{address},{' '.join(rnd.sample(WORDS, 8))}\n"


def dense_json(rnd: random.Random, number: int) -> str:
    record = {"id": number, "created": "2026-11-01", "ssn": ssn(rnd), "payment": {"cardNumber": card(rnd)}}
    return json.dumps(record | {"note": " ".join(rnd.sample(WORDS, 12))}) + "\n"


def prose(rnd: random.Random, _number: int) -> str:
    return " ".join(rnd.choice(WORDS) for _ in range(14)).capitalize() + rnd.choice(
        [".\n", ". ", ", said Anna Berger.\n"]
    )


def prose_of_few_names(rnd: random.Random, _number: int) -> str:
    said = ", said Anna Berger.\n" if rnd.random() < 0.05 else rnd.choice([".\n", ". "])
    return " ".join(rnd.choice(WORDS) for _ in range(14)).capitalize() + said


KINDS: dict[str, tuple[str, Callable[[random.Random, int], str], str]] = {
    "log, sparse": ("a.log", sparse_log, ""),
    "log, dense": ("a.log", dense_log, ""),
    "CSV, sparse": ("a.csv", sparse_csv, "id,created,sku,quantity,comment\n"),
    "CSV, dense": ("a.csv", dense_csv, "id,created,name,ssn,card_number,street,city,state,zip,note\n"),
    "JSON Lines, dense": ("a.jsonl", dense_json, ""),
    "prose": ("a.txt", prose, ""),
}


def parquet(data: bytes) -> bytes:
    from pyarrow import csv
    from pyarrow import parquet as pq

    stream = io.BytesIO()
    pq.write_table(csv.read_csv(io.BytesIO(data)), stream)
    return stream.getvalue()


def documents(dense_log_text: bytes, dense_table: bytes) -> Iterator[tuple[str, str, bytes, int]]:
    """Kind, name, bytes and size of the text inside, of each format that is read through a reader of its own."""
    text = dense_log_text[:DOCUMENT_SIZE].decode()
    table = dense_table[:DOCUMENT_SIZE]
    rows = [line.split(",") for line in table.decode().splitlines()]
    inside = len(text)
    for kind, made in (
        ("docx", made_of.docx(text)),
        ("pptx", made_of.pptx(text)),
        ("odt", made_of.odt(text)),
        ("doc", made_of.doc(text)),
        ("pdf", made_of.pdf(text)),
    ):
        yield f"{kind}, dense", f"a.{kind}", made, inside
    yield "xlsx, dense", "a.xlsx", made_of.xlsx(rows), len(table)
    yield "xls, dense", "a.xls", made_of.xls(rows), len(table)
    yield "e-mail, dense", "a.eml", made_of.mail(text, table), inside + len(table)
    yield "gz of log, dense", "a.log.gz", made_of.gz(dense_log_text), len(dense_log_text)
    packed = {"a.log": dense_log_text, "b.csv": dense_table}
    both = len(dense_log_text) + len(dense_table)
    yield "zip, dense", "a.zip", made_of.zipped(packed), both
    yield "tar.gz, dense", "a.tgz", made_of.tgz(packed), both


def cpu() -> float:
    """Seconds of this process and of those that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = cpu()
    work()
    return cpu() - begun


def row(kind: str, name: str, data: bytes, size: int, plan: Plan, finder: NameFinder | None) -> dict[str, object]:
    parsers = limited_parsers()
    results: list[int] = []

    def whole() -> None:
        result = scan(io.BytesIO(data), name, plan, parsers=parsers, finder=finder)
        results.append(sum(each.count for file in result.files for each in file.detections))

    read = seconds(lambda: sum(1 for _ in parsers.units(io.BytesIO(data), name, Limits())))
    took = seconds(whole)
    return {
        "kind": kind,
        "read": round(size / 1e6 / max(read, 1e-9), 1),
        "scan": round(size / 1e6 / took, 1),
        "found_per_megabyte": round(results[0] / (size / 1e6)),
    }


def rows(plan: Plan, finder: NameFinder | None) -> Iterator[dict[str, object]]:
    rnd = random.Random(1)
    files = {kind: (name, filled(rnd, line, head)) for kind, (name, line, head) in KINDS.items()}
    for kind, (name, data) in files.items():
        yield row(kind, name, data, len(data), plan, finder)
    dense = files["CSV, dense"][1]
    long = dense + dense[dense.index(b"\n") + 1 :] * 4
    yield row("Parquet, dense", "a.parquet", parquet(long), len(long), plan, finder)
    for kind, name, data, size in documents(files["log, dense"][1], dense):
        yield row(kind, name, data, size, plan, finder)


def model_rows() -> Iterator[dict[str, object]]:
    """The model alone: a scan stops after a thousand names."""
    often = filled(random.Random(2), prose, "").decode()[:MODEL_SIZE]
    seldom = filled(random.Random(2), prose_of_few_names, "").decode()[:MODEL_SIZE]
    for kind, finder, text in (
        ("always on", NameFinder(gated=False), often),
        ("gated", NameFinder(), often),
        ("gated, few names", NameFinder(), seldom),
    ):
        pieces = [text[at : at + MODEL_PIECE] for at in range(0, len(text), MODEL_PIECE)]
        finder.find(pieces[0])
        begun = cpu()
        found = sum(len(finder.find(piece)) for piece in pieces)
        took = cpu() - begun
        yield {
            "kind": f"model, {kind}",
            "read": 0.0,
            "scan": round(len(text) / 1e6 / took, 1),
            "found_per_megabyte": round(found / (len(text) / 1e6)),
        }


PRESIDIO = """
import json, sys, time
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, PhoneRecognizer, UsSsnRecognizer
text = sys.stdin.read()
recognizers = [CreditCardRecognizer(), UsSsnRecognizer(), PhoneRecognizer()]
begun, found = time.process_time(), 0
for line in text.splitlines():
    for each in recognizers:
        found += len(each.analyze(line, each.supported_entities, None))
print(json.dumps({"seconds": time.process_time() - begun, "found": found}))
"""


def presidio(python: str) -> dict[str, object]:
    """Three pattern recognizers of presidio-analyzer over a part of the dense log, by the Python that has it."""
    text = filled(random.Random(1), dense_log)[:200_000]
    done = subprocess.run([python, "-c", PRESIDIO], input=text, stdout=subprocess.PIPE, check=True)
    took = json.loads(done.stdout)
    megabytes = len(text) / 1e6
    return {
        "kind": "presidio, log, dense",
        "scan": round(megabytes / took["seconds"], 3),
        "found_per_megabyte": round(took["found"] / megabytes),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--identifiers", choices=["RECOMMENDED", "ALL"], default="RECOMMENDED")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--presidio", metavar="PYTHON", help="a Python that has presidio-analyzer, to run beside")
    options = parser.parse_args()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    plan = compile_plan(select(options.identifiers))
    finder = NameFinder() if plan.names else None
    for name, line, head in KINDS.values():  # what is loaded and compiled at first use
        scan(
            io.BytesIO((head + "".join(line(random.Random(3), at) for at in range(500))).encode()),
            name,
            plan,
            parsers=limited_parsers(),
            finder=finder,
        )
    if not options.json:
        print(f"{'':26} {'read':>8} {'scan':>8}   found per MB   ({options.identifiers}; MB/s of CPU time)")
    for each in chain(rows(plan, finder), model_rows()):
        print(json.dumps(each) if options.json else "{kind:26} {read:8} {scan:8}   {found_per_megabyte}".format(**each))
    if options.presidio:
        beside = presidio(options.presidio)
        print(json.dumps(beside) if options.json else "{kind:35} {scan:8}   {found_per_megabyte}".format(**beside))
    else:
        print("presidio-analyzer: skipped (--presidio PYTHON runs it beside)", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
