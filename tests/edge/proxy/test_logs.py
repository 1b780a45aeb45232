"""Lines of WAF logs and access logs, and the files that they are written to."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from casemate.edge.proxy import waf_log
from casemate.edge.proxy.core import Logs
from casemate.edge.proxy.log_file import BATCH_BYTES, LogFile
from casemate.engines.web import RequestView

from_aws = {
    "timestamp",
    "formatVersion",
    "webaclId",
    "terminatingRuleId",
    "terminatingRuleType",
    "action",
    "terminatingRuleMatchDetails",
    "httpSourceName",
    "httpSourceId",
    "ruleGroupList",
    "rateBasedRuleList",
    "nonTerminatingMatchingRules",
    "requestHeadersInserted",
    "responseCodeSent",
    "httpRequest",
}


@pytest.fixture
def files(tmp_path: Path) -> tuple[LogFile, LogFile]:
    def lost(lines: int, reason: str) -> None:
        raise AssertionError((lines, reason))

    return LogFile(tmp_path / "waf.log", lost), LogFile(tmp_path / "access.log", lost)


def logged(
    edge: Any, application: Any, files: tuple[LogFile, LogFile], send: Any, **options: Any
) -> tuple[dict[str, Any], list[str]]:
    edge.start([application.address], logs=Logs(*files), **options)
    send()
    for file in files:
        edge.loop.call(file.close)
    folder = edge.folder
    return json.loads((folder / "waf.log").read_text()), shlex.split((folder / "access.log").read_text())


def test_allowed_request_is_logged_with_aws_fields(edge, application, files):
    waf, access = logged(
        edge,
        application,
        files,
        lambda: edge.get(b"/a?b=c", headers=b"User-Agent: me\r\n", method=b"POST", body=b"12345"),
    )

    assert from_aws <= waf.keys()
    assert (waf["action"], waf["terminatingRuleId"], waf["httpSourceName"]) == ("ALLOW", "Default_Action", "ALB")
    request = waf["httpRequest"]
    assert (request["uri"], request["args"], request["httpMethod"], request["clientIp"]) == (
        "/a",
        "b=c",
        "POST",
        "127.0.0.1",
    )
    assert {"name": "user-agent", "value": "me"} in request["headers"]
    assert (waf["requestBodySize"], waf["requestBodySizeInspectedByWAF"]) == (5, 5)
    assert len(access) == 30
    assert access[0] == "http"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", access[1])
    assert access[4] == f"127.0.0.1:{application.port}"
    assert [float(word) >= 0 for word in access[5:8]] == [True] * 3
    assert access[8:10] == ["200", "200"]
    assert access[11] == "5"
    assert access[12] == f"POST http://a.example:{edge.port}/a?b=c HTTP/1.1"
    assert access[13] == "me"
    assert access[22] == "waf,forward"


def test_long_body_is_logged_with_what_was_inspected(edge, application, files):
    waf, access = logged(edge, application, files, lambda: edge.get(method=b"POST", body=b"x" * 100_000))

    assert (waf["requestBodySize"], waf["requestBodySizeInspectedByWAF"]) == (100_000, 8_192)
    assert waf["oversizeFields"] == ["REQUEST_BODY"]
    assert int(access[10]) > 100_000


def test_long_headers_and_cookies_are_logged_as_oversize(edge, application, files):
    many = b"Cookie: " + b"; ".join(b"a%d=b" % i for i in range(250)) + b"\r\n"

    waf, _ = logged(edge, application, files, lambda: edge.get(headers=many + b"X-Long: " + b"x" * 8_200 + b"\r\n"))

    assert waf["oversizeFields"] == ["REQUEST_HEADERS", "REQUEST_COOKIES"]


def test_what_could_end_a_field_or_a_line_is_escaped(edge, application, files):
    odd = b'User-Agent: a" 200 "\\ \xe9\t<\r\n'

    _, access = logged(edge, application, files, lambda: edge.get(headers=odd))

    text = (edge.folder / "access.log").read_text()
    assert text.count("\n") == 1
    assert r'"a\x22 200 \x22\x5c \xe9\x09<"' in text
    assert len(access) == 30


def test_application_that_fails_is_logged_with_502(edge, files):
    from casemate.edge.proxy.configuration import OriginAddress

    edge.start([OriginAddress("127.0.0.1", 1, tls=False)], logs=Logs(*files))
    edge.get()
    for file in files:
        edge.loop.call(file.close)

    access = shlex.split((edge.folder / "access.log").read_text())
    assert (access[8], access[9]) == ("502", "-")
    assert access[5:8] == ["-1", "-1", "-1"]


def test_lines_wait_for_a_flush_or_a_full_batch(tmp_path):
    file = LogFile(tmp_path / "log", lambda lines, reason: None)
    file.add(b"one")
    assert (tmp_path / "log").read_bytes() == b""
    file.flush()
    assert (tmp_path / "log").read_bytes() == b"one\n"

    file.add(b"x" * BATCH_BYTES)

    assert (tmp_path / "log").stat().st_size == BATCH_BYTES + 5
    file.close()


def test_disk_that_is_full_loses_lines_and_says_so():
    lost: list[tuple[int, str]] = []
    file = LogFile(Path("/dev/full"), lambda lines, reason: lost.append((lines, reason)))
    file.add(b"one")
    file.add(b"two")

    file.flush()
    file.close()

    assert lost == [(2, "No space left on device")]


@pytest.mark.parametrize(
    ("field", "location"),
    [
        ("body_values", "BODY"),
        ("json_value_alone", "BODY"),
        ("header:referer", "HEADER"),
        ("SINGLE_HEADER", "HEADER"),
        ("cookies", "COOKIES"),
        ("URI_PATH", "URI"),
        ("JSON_BODY", "JSON_BODY"),
    ],
)
def test_locations_are_those_of_aws(field, location):
    assert waf_log._location(field.lower()) == location


@pytest.mark.parametrize(
    ("headers", "body", "size", "oversize"),
    [
        ([(b"x-%d" % n, b"y") for n in range(200)], b"", None, []),
        ([(b"x-%d" % n, b"y") for n in range(201)], b"", None, ["REQUEST_HEADERS"]),
        ([(b"x", b"y" * 8_191)], b"", None, []),
        ([(b"x", b"y" * 8_192)], b"", None, ["REQUEST_HEADERS"]),
        ([(b"cookie", b"; ".join([b"a=b"] * 200))], b"", None, []),
        ([(b"cookie", b"; ".join([b"a=b"] * 201))], b"", None, ["REQUEST_COOKIES"]),
        ([(b"cookie", b"; ".join([b"a=b"] * 100))] * 2, b"", None, []),
        ([(b"cookie", b"; ".join([b"a=b"] * 101))] * 2, b"", None, ["REQUEST_COOKIES"]),
        ([(b"cookie", b"a=" + b"b" * 8_191)], b"", None, ["REQUEST_HEADERS", "REQUEST_COOKIES"]),
        ([], b"x" * 8_192, None, []),
        ([], b"x" * 8_193, None, ["REQUEST_BODY"]),
        ([], b"x" * 8_192, 8_193, ["REQUEST_BODY"]),
    ],
)
def test_what_is_oversize_is_said_and_what_seems_small_is_not(headers, body, size, oversize):
    view = RequestView(method=b"GET", target=b"/", headers=headers, client_ip="192.0.2.1", body=body, body_size=size)

    assert waf_log._oversize(view, 8_192) == oversize
    assert waf_log._small(view, 8_192) is (not oversize)


def test_body_of_unknown_length_is_not_small():
    view = RequestView(method=b"GET", target=b"/", headers=[], client_ip="192.0.2.1", body=b"x", body_complete=False)

    assert not waf_log._small(view, 8_192)
    assert waf_log._oversize(view, 8_192) == ["REQUEST_BODY"]
