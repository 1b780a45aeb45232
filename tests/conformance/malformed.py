"""Requests that were mutated and then correctly signed, over real sockets to a running server."""

from __future__ import annotations

import collections
import http.client
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance import raw
from tests.conftest import Process
from tests.gateway.protocols.test_fuzz import CORPUS, mutants, seeds

PROTOCOLS = tuple(CORPUS)
# What no request of this size may need, on a busy machine too.
SECONDS = 5.0
# Bytes that HTTP itself does not carry in a target or a header: a request with them never comes to the parsers of AWS's
# protocols. Those of HTTP are tested in tests/foundation/http.
_NOT_IN_TARGET = re.compile(rb"[^\x21-\x7e]|#")
_NOT_IN_VALUE = re.compile(rb"[^\x20-\x7e\x80-\xff]")
_LONGEST_VALUE = 4000
_LONGEST_TARGET = 8000
_FRAMING = {b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade", b"authorization"}


@dataclass
class Outcome:
    """How a storm was answered."""

    statuses: collections.Counter[int] = field(default_factory=collections.Counter)
    codes: collections.Counter[str] = field(default_factory=collections.Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    """Answers of 5xx but 501, and requests that got none."""

    @property
    def malformed(self) -> int:
        """Requests that were refused, as such or for naming what is not built."""
        return sum(count for status, count in self.statuses.items() if status >= 400)

    @property
    def wrongly_signed(self) -> int:
        """Requests that were meant to be signed correctly and did not come to be parsed."""
        return self.codes["SignatureDoesNotMatch"] + self.codes["InvalidSignatureException"]


def storm(server: Process, protocol: str, count: int, seed: int) -> Outcome:
    """Send that many mutants of a protocol."""
    return send(server, mutants(protocol, count, seed))


def warm_up(server: Process, protocol: str) -> Outcome:
    """Send each unmutated request once: what models and caches need is there afterwards."""
    return send(server, seeds(protocol))


def send(server: Process, requests: Iterable[tuple[Any, str]]) -> Outcome:
    facts = json.loads((server.data / "credentials.json").read_text())
    keys = (facts["access_key_id"], facts["secret_access_key"])
    host = server.url.partition("//")[2]
    connection = http.client.HTTPConnection(host, timeout=SECONDS)
    outcome = Outcome()
    for request, signing in requests:
        method, target, headers = request.method, _target(request.target), _headers(request.headers, host)
        body = bytes(request.body)
        whole = raw.signed_headers(keys, raw.Place(signing), method, target, headers, body)
        began = time.monotonic()
        try:
            answer = raw.send(connection, method, target, whole, body)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            outcome.wrong.append(f"{error!r}: {_shown(method, target, whole, body)}")
            continue
        outcome.slowest = max(outcome.slowest, time.monotonic() - began)
        outcome.statuses[answer.status] += 1
        outcome.codes[code_of(answer)] += 1
        if answer.status >= 500 and answer.status != 501:
            outcome.wrong.append(f"{answer.status} {answer.body[:300]!r}: {_shown(method, target, whole, body)}")
    connection.close()
    return outcome


def _target(target: bytes) -> bytes:
    plain = _NOT_IN_TARGET.sub(lambda found: b"%%%02X" % found[0][0], bytes(target))[:_LONGEST_TARGET]
    return plain if plain.startswith(b"/") else b"/" + plain


def _headers(headers: Iterable[tuple[bytes, bytes]], host: str) -> raw.Headers:
    """The mutant's headers as far as HTTP carries them, and who is asked."""
    kept = [
        (name, _NOT_IN_VALUE.sub(b"?", bytes(value))[:_LONGEST_VALUE].strip())
        for name, value in headers
        if name.lower() not in _FRAMING and name.lower() not in {b"host", b"x-amz-date", b"x-amz-content-sha256"}
    ]
    return [(b"host", host.encode()), *kept]


def code_of(answer: raw.Answer) -> str:
    """The error's code, in whichever protocol; empty where there is none."""
    named = answer.headers.get("x-amzn-errortype", "") or answer.headers.get("x-amzn-query-error", "")
    if named:
        return named.partition(":")[0].partition(";")[0]
    found = re.search(rb'<Code>([^<]*)|"__type":"(?:[^"#]*#)?([^"]*)|__type.(?:[^#]*#)?([A-Za-z]+)', answer.body)
    return next((part.decode("latin-1") for part in found.groups() if part), "") if found else ""


def _shown(method: bytes, target: bytes, headers: raw.Headers, body: bytes) -> str:
    return f"{method!r} {target[:200]!r} {headers!r} {body[:400]!r}"


def resident_bytes(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024
