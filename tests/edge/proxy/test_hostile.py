"""Requests made to be dear: bounded, and other clients don't wait. (Managed groups: scripts/prove_edge.py hostile.)"""

from __future__ import annotations

import base64
import threading
import time
from typing import Any

import pytest

VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
NONE = [{"Priority": 0, "Type": "NONE"}]
DECODED = [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "HTML_ENTITY_DECODE"}]
MATCH = {"OversizeHandling": "CONTINUE"}
FIELDS: tuple[dict[str, Any], ...] = (
    {"AllQueryArguments": {}},
    {"Body": MATCH},
    {"Headers": {"MatchPattern": {"All": {}}, "MatchScope": "ALL", **MATCH}},
    {"Cookies": {"MatchPattern": {"All": {}}, "MatchScope": "ALL", **MATCH}},
    {
        "JsonBody": {
            "MatchPattern": {"All": {}},
            "MatchScope": "ALL",
            "InvalidFallbackBehavior": "EVALUATE_AS_STRING",
            **MATCH,
        }
    },
)


def acl() -> dict[str, Any]:
    statements: list[dict[str, Any]] = []
    for field in FIELDS:
        statements += [
            {"RegexMatchStatement": {"FieldToMatch": field, "RegexString": "(x+x+)+y", "TextTransformations": DECODED}},
            {"SqliMatchStatement": {"FieldToMatch": field, "TextTransformations": DECODED, "SensitivityLevel": "LOW"}},
            {
                "ByteMatchStatement": {
                    "FieldToMatch": field,
                    "PositionalConstraint": "CONTAINS",
                    "SearchString": base64.b64encode(b"never there").decode(),
                    "TextTransformations": NONE,
                }
            },
        ]
    rules = [
        {"Name": f"r{n}", "Priority": n, "Action": {"Count": {}}, "Statement": one, "VisibilityConfig": VISIBILITY}
        for n, one in enumerate(statements)
    ]
    return {"Name": "dear", "DefaultAction": {"Allow": {}}, "Rules": rules}


def post(kind: bytes, body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        kind,
        len(body),
        body,
    )


def get(target: bytes, headers: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%b\r\n" % (target, headers)


REQUESTS = {
    "deep JSON": (post(b"application/json", b"[" * 100_000), 200),
    "10 000 parameters": (
        post(b"application/x-www-form-urlencoded", b"&".join(b"p%d=1" % n for n in range(10_000))),
        200,
    ),
    "a query of many parameters": (get(b"/?" + b"&".join([b"a"] * 8_000)), 200),
    "regular expression bait": (get(b"/?q=" + b"x" * 12_000), 200),
    "8 MB": (post(b"text/plain", b"x" * 8_388_608), 200),
    "too many headers": (get(b"/", b"".join(b"X-%d: y\r\n" % n for n in range(5_000))), 431),
    "a head too large": (get(b"/", b"X: " + b"y" * 60_000 + b"\r\n"), 431),
    "a head that never ends": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 20_000, 431),
    "a target too long": (get(b"/" + b"a" * 20_000), 414),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_dear_request_costs_a_bounded_time(edge, application, name):
    raw, status = REQUESTS[name]
    edge.start([application.address], acl=acl())
    warm = edge.get(b"/?a=1")
    assert warm.status == 200
    begun = time.process_time()

    answer = edge.exchange(raw, half_close=False)

    took = time.process_time() - begun  # of this process: the proxy, the application and the client together
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert took < 1.0  # some twenty milliseconds, and now and then the collection of this whole process


def test_slow_and_silent_clients_keep_nobody_waiting(edge, application):
    edge.start([application.address], acl=acl())
    slow = [edge.connect() for _ in range(100)]
    for number, connection in enumerate(slow):
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\nx" if number % 2 else b"GET / HT"
        )
    waits: list[float] = []

    def ask() -> None:
        for _ in range(10):
            begun = time.monotonic()
            assert edge.get().status == 200
            waits.append(time.monotonic() - begun)

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(30)
    for connection in slow:
        connection.close()

    assert len(waits) == 10
    assert sorted(waits)[5] < 0.5
