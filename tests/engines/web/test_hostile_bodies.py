"""Bodies of random and of loaded characters: the work that they cause is bounded by their size, counted and not timed."""

from __future__ import annotations

import base64
import json
import random
import string
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from casemate.engines.web import PatternCache, Plan, RequestView, compile_acl, evaluate, read_acl_file
from casemate.engines.web.detectors.evidence import Judge
from casemate.engines.web.detectors.sieve import Sought
from casemate.engines.web.patterns import PatternSet

CORE = Path(__file__).parents[3] / "examples" / "waf" / "core-block.json"
SIZE = 8_000
PRINTABLE = "".join(map(chr, range(33, 127)))
SIGNS = "'\"`;|&$(){}[]<>=#-+*/\\%@!,. \n"
WORDS = [
    "select",
    "union",
    "or",
    "and",
    "from",
    "where",
    "script",
    "onload",
    "=",
    "alert(",
    "javascript:",
    "${",
    "{{",
    "}}",
    ";",
    "|",
    "&",
    "cat",
    "ls",
    "id",
    "wget",
    "../",
    "'",
    '"',
    "--",
    "#",
    "sleep(",
    "1",
    "2",
    "a",
    "<a",
    ">",
    "<img",
    "\n",
]
# Times its size that a body is read at most: by the one pass over all patterns, by detectors, by single expressions.
SCANNED, DETECTED, SEARCHED = 20, 40, 180


def _fields(rng: random.Random, characters: str, encode: Callable[[str], str]) -> bytes:
    made = ""
    while len(made) < SIZE:
        made += f"f{len(made)}={encode(''.join(rng.choices(characters, k=rng.randint(4, 60))))}&"
    return made.encode()


def _document(rng: random.Random, characters: str) -> bytes:
    return json.dumps({f"k{n}": "".join(rng.choices(characters, k=40)) for n in range(140)}).encode()


def _letters(rng: random.Random, characters: str) -> bytes:
    return "".join(rng.choices(characters, k=SIZE)).encode()


FORM, TEXT, JSON, BYTES = (
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/json",
    "application/octet-stream",
)
BODIES: dict[str, tuple[str, Callable[[random.Random], bytes]]] = {
    "random bytes": (BYTES, lambda r: r.randbytes(SIZE)),
    "random bytes as a text": (TEXT, lambda r: r.randbytes(SIZE)),
    "random bytes as a form": (FORM, lambda r: r.randbytes(SIZE)),
    "printable characters": (TEXT, lambda r: _letters(r, PRINTABLE)),
    "printable characters on lines": (TEXT, lambda r: _letters(r, PRINTABLE + " " * 20 + "\n" * 3)),
    "printable characters in a form": (FORM, lambda r: _fields(r, PRINTABLE.replace("&", ""), str)),
    "printable characters, encoded": (FORM, lambda r: _fields(r, PRINTABLE, quote)),
    "printable characters in JSON": (JSON, lambda r: _document(r, PRINTABLE)),
    "Base64": (TEXT, lambda r: base64.b64encode(r.randbytes(SIZE * 3 // 4))),
    "Base64 in JSON": (JSON, lambda r: _document(r, string.ascii_letters + string.digits + "+/")),
    "escapes of random bytes": (
        FORM,
        lambda r: b"a=" + b"".join(b"%%%02x" % r.getrandbits(8) for _ in range(SIZE // 3)),
    ),
    "signs": (TEXT, lambda r: _letters(r, SIGNS)),
    "signs in a form": (FORM, lambda r: _fields(r, SIGNS, quote)),
    "signs in JSON": (JSON, lambda r: _document(r, SIGNS)),
    "words of attacks": (TEXT, lambda r: " ".join(r.choices(WORDS, k=2000)).encode()[:SIZE]),
}


@pytest.fixture(scope="module")
def counting(patterns: PatternCache) -> Plan:
    acl, resources = read_acl_file(CORE)
    for rule in acl["Rules"]:
        rule["OverrideAction"] = {"Count": {}}
    return compile_acl(acl, resources, cache=patterns)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Octets read so far, by whom."""
    read: Counter[str] = Counter()

    def count(kind: type, method: str, name: str) -> None:
        original = getattr(kind, method)

        def counted(self: Any, value: bytes) -> Any:
            read[name] += len(value)
            return original(self, value)

        monkeypatch.setattr(kind, method, counted)

    count(PatternSet, "scan", "scanned")
    count(Judge, "__call__", "detected")
    count(Sought, "search", "searched")
    return read


@pytest.mark.parametrize("name", sorted(BODIES))
def test_body_is_read_a_bounded_number_of_times(name: str, counting: Plan, work: Counter[str]) -> None:
    kind, make = BODIES[name]
    body = make(random.Random(5))
    headers = [(b"Host", b"a"), (b"User-Agent", b"Mozilla/5.0"), (b"Content-Type", kind.encode())]
    evaluate(RequestView(method=b"POST", target=b"/", headers=headers, client_ip="192.0.2.1", body=body), counting)
    times = {who: round(octets / len(body)) for who, octets in work.items()}
    most = {"scanned": SCANNED, "detected": DETECTED, "searched": SEARCHED}
    assert {who: number for who, number in times.items() if number > most[who]} == {}
