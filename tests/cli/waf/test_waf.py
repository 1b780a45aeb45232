"""`casemate waf`: verdicts about requests from files and logs."""

from __future__ import annotations

import argparse
import base64
import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from casemate.cli import waf
from casemate.cli.waf.requests import Reading, RequestFileError, read_requests
from casemate.engines.web import ResourceKind
from casemate.foundation.errors import CasemateError, UsageError

EXAMPLES = Path(__file__).parents[3] / "examples" / "waf"
NONE = [{"Priority": 0, "Type": "NONE"}]


def rule(name: str, priority: int, text: str, action: str, field: Any = None) -> dict[str, Any]:
    return {
        "Name": name,
        "Priority": priority,
        "Action": {action: {}},
        "Statement": {
            "RegexMatchStatement": {
                "RegexString": text,
                "FieldToMatch": field or {"UriPath": {}},
                "TextTransformations": NONE,
            }
        },
    }


def write_acl(folder: Path, *rules: dict[str, Any], **more: Any) -> Path:
    path = folder / f"acl{len(list(folder.iterdir()))}.json"
    path.write_text(json.dumps({"WebACL": {"Name": "a", "DefaultAction": {"Allow": {}}, "Rules": list(rules), **more}}))
    return path


@pytest.fixture
def acl(tmp_path: Path) -> Path:
    return write_acl(
        tmp_path,
        rule("counted", 0, "x", "Count"),
        rule("admin", 1, "^/admin", "Block"),
        rule("posted", 2, "evil", "Block", {"Body": {"OversizeHandling": "CONTINUE"}}),
    )


class Ran:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config) -> Any:
    cache = pytestconfig.cache.mkdir("web-patterns")

    def command(action: str, *arguments: str | Path) -> Ran:
        parser = argparse.ArgumentParser()
        waf.add_to(parser.add_subparsers())
        given = ["waf", action, "--cache", str(cache), *map(str, arguments)]
        options = parser.parse_args(given)
        code = options.run(options)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return command


def test_check_of_json_lines_gives_a_line_a_request_and_a_summary(run: Any, acl: Path, tmp_path: Path) -> None:
    requests = tmp_path / "requests.jsonl"
    requests.write_text(
        '{"method":"GET","url":"https://example.com/ok?x=1","headers":{"User-Agent":"a"}}\n\n'
        '{"target":"/admin"}\n'
        f'{{"method":"POST","target":"/x","body_base64":"{base64.b64encode(b"evil").decode()}","client_ip":"1.2.3.4"}}\n'
    )
    ran = run("check", "--acl", acl, "--json", requests)
    assert [(line["index"], line["action"], line["terminatingRule"]) for line in ran.lines] == [
        (0, "ALLOW", "Default_Action"),
        (1, "BLOCK", "admin"),
        (2, "BLOCK", "posted"),
    ]
    assert ran.lines[2]["matches"][1]["evidence"][0]["matched"] == "evil"
    assert "3 requests: 2 BLOCK, 1 ALLOW" in ran.err
    assert ran.code == 0
    assert run("check", "--acl", acl, "--fail", requests).code == 3


def test_check_fail_is_0_where_nothing_is_blocked(run: Any, acl: Path, tmp_path: Path) -> None:
    requests = tmp_path / "r.jsonl"
    requests.write_text('{"target":"/"}\n')
    assert run("check", "--acl", acl, "--fail", requests).code == 0


def test_raw_http_file_holds_several_requests_with_and_without_length(run: Any, acl: Path, tmp_path: Path) -> None:
    raw = tmp_path / "requests.http"
    raw.write_bytes(
        b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n"
        b"POST /a HTTP/1.1\nHost: b\nContent-Length: 4\n\nevil\n"
        b"POST /b HTTP/1.1\nHost: c\n\nsome evil body\n\nGET /c HTTP/1.1\nHost: d\n"
    )
    lines = run("check", "--acl", acl, "--json", raw).lines
    assert [line["terminatingRule"] for line in lines] == ["admin", "posted", "posted", "Default_Action"]


def test_har_gives_headers_and_posted_data() -> None:
    entry = {
        "request": {
            "method": "POST",
            "url": "https://example.com/p?q=1#frag",
            "httpVersion": "h2",
            "headers": [{"name": ":authority", "value": "example.com"}, {"name": "accept", "value": "*/*"}],
            "postData": {"mimeType": "x", "text": "a=1"},
        }
    }
    path = Path("/nonexistent")
    from casemate.cli.waf.requests import _har

    (given,) = _har(path, json.dumps({"log": {"entries": [entry]}}).encode(), Reading(ResourceKind.CLOUDFRONT, 0.0))
    assert (given.view.target, given.view.body) == (b"/p?q=1", b"a=1")
    assert given.view.headers == [(b"Host", b"example.com"), (b"accept", b"*/*")]
    assert given.view.kind == "CLOUDFRONT"


def test_folder_and_standard_input_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.http").write_bytes(b"GET /1 HTTP/1.1\nHost: a\n")
    (tmp_path / "b.jsonl").write_text('{"target":"/2"}\n')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"target":"/3"}\n')))
    found = list(read_requests([str(tmp_path), "-"], Reading(ResourceKind.APPSYNC, 0.0)))
    assert [given.view.target for given in found] == [b"/2", b"/1", b"/3"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jsonl", b"{not json}\n", "a.jsonl:1: no JSON"),
        ("a.jsonl", b'{"target":"/"}\n[1]\n', "a.jsonl:2: a request is an object"),
        ("a.jsonl", b'{"target":"/","body_base64":"*"}\n', "no Base64"),
        ("a.jsonl", b'{"target":"/","headers":[1]}\n', "a header is"),
        ("a.jsonl", b'{"target":"/","headers":5}\n', "a.jsonl:1: headers are"),
        ("a.jsonl", b'{"target":"/","headers":{"a":{}}}\n', "a header is"),
        ("a.jsonl", b'{"target":"/"}\n{"target":"/","time":"yesterday"}\n', "a.jsonl:2: time is a number"),
        ("a.jsonl", b'{"target":"/","time":[1]}\n', "time is a number"),
        ("a.jsonl", b'{"target":"/","time":1e300}\n', "time is a number"),
        ("a.jsonl", b'{"target":"/","headrs":{}}\n', "a.jsonl:1: 'headrs' is unknown; 'headers'"),
        ("a.jsonl", b'{"target":["/"]}\n', "target is a text"),
        ("a.jsonl", b'{"target":"/","body":{"a":1}}\n', "body is a text"),
        ("a.jsonl", b'{"target":"/","ja3":3}\n', "ja3 is a text"),
        ("a.har", b'{"log":5}', "no HAR"),
        ("a.har", b"[1]", "no HAR"),
        ("a.har", b'{"log":{"entries":[{"request":{"url":"/","postData":5}}]}}', "a.har:0: postData is an object"),
        ("a.har", b'{"log":{"entries":[{"request":{"url":"/","postData":{"params":[1]}}}]}}', "postData.params"),
        ("a.har", b'{"log":{"entries":[{"request":{"url":"/","headers":5}}]}}', "headers are a list"),
        ("a.har", b'{"log":{"entries":[{"request":{"url":"/","headers":["a"]}}]}}', "headers are a list"),
        ("a.har", b'{"log":{}}', "no HAR"),
        ("a.har", b'{"log":{"entries":[{}]}}', "entry 0"),
        ("a.http", b"hello there\n", "no request line"),
        ("a.http", b"", "no request line"),
        ("missing.http", None, "No such file"),
    ],
)
def test_file_that_can_not_be_read_is_refused_with_where_and_why(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RequestFileError, match=said):
        list(read_requests([str(path)], Reading(ResourceKind.APPSYNC, 0.0)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1]", "JSON object"),
        ("{", "no JSON"),
        ('{"x": 1}', "holds no web ACL"),
        ('{"Rules": [], "DefaultAction": {}}', "exactly one value"),
        ('{"Rules": [], "DefaultAction": {"Allow": {}}, "Data": {"x": 1}}', "Data"),
        ('{"Rules": [], "DefaultAction": {"Allow": {}}, "IPSets": [{}]}', "has no ARN"),
        ('{"Rules": [], "DefaultAction": {"Allow": {}}, "TokenDomain": ["a.example"]}', "did you mean 'TokenDomains'"),
        (
            '{"DefaultAction": {"Allow": {}}, "Rules": [{"Name": "a", "Statement": {"GeoMatchStatement": {"Code": []}}}]}',
            "did you mean 'CountryCodes'|Priority is missing",
        ),
    ],
)
def test_acl_that_can_not_be_used_is_an_error_that_names_it(run: Any, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    with pytest.raises(CasemateError, match=said) as refused:
        run("capacity", "--acl", path)
    assert "broken.json" in str(refused.value)


def test_explain_says_rule_statement_field_bytes_and_capacity(run: Any, acl: Path, tmp_path: Path) -> None:
    raw = tmp_path / "r.http"
    raw.write_bytes(b"POST /b HTTP/1.1\nHost: c\n\nsome evil body\n")
    out = run("explain", "--acl", acl, raw).out
    assert "posted: BLOCK, which ends the evaluation" in out
    assert "RegexMatchStatement: REGEX in BODY" in out
    assert "matched 'some evil'" in out
    assert "takes 9 WCU" in out
    known = run("explain", "--acl", acl, "--json", "--index", "0", raw).lines
    assert known[0]["capacity"] == 9


def test_capacity_lists_rules_and_the_whole(run: Any, acl: Path) -> None:
    lines = run("capacity", "--acl", acl, "--json").lines
    assert lines == [
        {"rule": "counted", "capacity": 3},
        {"rule": "admin", "capacity": 3},
        {"rule": "posted", "capacity": 3},
        {"webAcl": "a", "capacity": 9, "most": 5000},
    ]


def waf_log(uri: str, action: str, args: str = "") -> str:
    request = {
        "clientIp": "1.2.3.4",
        "country": "US",
        "headers": [{"name": "User-Agent", "value": "x"}],
        "uri": uri,
        "args": args,
        "httpVersion": "HTTP/1.1",
        "httpMethod": "GET",
    }
    entry = {"timestamp": 1576280412771, "action": action, "terminatingRuleId": "r", "httpRequest": request}
    return json.dumps(entry) + "\n"


def test_replay_of_waf_logs_prints_the_verdicts_that_would_change(run: Any, acl: Path, tmp_path: Path) -> None:
    log = tmp_path / "waf.log"
    log.write_text(waf_log("/admin/1", "ALLOW") + waf_log("/ok", "ALLOW") + waf_log("/was", "BLOCK"))
    ran = run("replay", "--acl", acl, "--json", log)
    assert [(line["before"], line["after"], line["target"]) for line in ran.lines] == [
        ("ALLOW", "BLOCK", "/admin/1"),
        ("BLOCK", "ALLOW", "/was"),
    ]
    assert "3 requests, 2 verdicts would change" in ran.err
    assert run("replay", "--acl", acl, "--fail", log).code == 3


COMBINED = '203.0.113.1 - - [10/Oct/2026:13:55:36 +0000] "GET /admin?a=1 HTTP/1.1" 200 2326 "-" "Mozilla/5.0"\n'
BALANCER = (
    "https 2026-07-02T22:23:00.186641Z app/my-lb/50dc 192.0.2.1:2817 10.0.0.1:80 0.0 0.0 0.0 200 200 34 366 "
    '"GET https://www.example.com:443/admin HTTP/1.1" "curl/7.46.0" ECDHE TLSv1.2 arn "Root=1" "d" "arn" 0 '
    '2026-07-02T22:22:48.364000Z "waf,forward" "-" "-" "10.0.0.1:80" "200" "-" "-"\n'
)


def test_replay_of_access_logs_compares_two_acls(run: Any, acl: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(COMBINED)
    before = write_acl(tmp_path, rule("none", 0, "^/never", "Block"))
    ran = run("replay", "--acl", acl, "--against", before, log)
    assert "ALLOW -> BLOCK" in ran.out
    with pytest.raises(UsageError, match="--against"):
        run("replay", "--acl", acl, log)


def test_replay_of_load_balancer_logs_knows_what_waf_decided(run: Any, acl: Path, tmp_path: Path) -> None:
    log = tmp_path / "alb.log"
    log.write_text(BALANCER)
    (line,) = run("replay", "--acl", acl, "--json", log).lines
    assert (line["before"], line["after"], line["target"]) == ("ALLOW", "BLOCK", "/admin")


@pytest.mark.parametrize("content", ["nonsense\n", "{}\n", "{broken\n"])
def test_log_in_no_known_format_is_refused(run: Any, acl: Path, tmp_path: Path, content: str) -> None:
    log = tmp_path / "x.log"
    log.write_text(content)
    with pytest.raises(RequestFileError, match=r"x\.log:1"):
        run("replay", "--acl", acl, log)


CORE = [
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesLinuxRuleSet",
    "AWSManagedRulesUnixRuleSet",
    "AWSManagedRulesPHPRuleSet",
    "AWSManagedRulesAdminProtectionRuleSet",
]


def test_core_block_holds_exactly_the_seven_groups_in_block() -> None:
    acl = json.loads((EXAMPLES / "core-block.json").read_text())
    assert [rule["Statement"]["ManagedRuleGroupStatement"]["Name"] for rule in acl["Rules"]] == CORE
    assert all(rule["OverrideAction"] == {"None": {}} for rule in acl["Rules"])
    assert all(set(rule["Statement"]["ManagedRuleGroupStatement"]) == {"VendorName", "Name"} for rule in acl["Rules"])
    assert acl["DefaultAction"] == {"Allow": {}}


@pytest.mark.parametrize(("name", "units"), [("core-block", 1600), ("strict", 2032), ("gentle", 1600)])
def test_example_compiles_and_takes_its_capacity(run: Any, name: str, units: int) -> None:
    assert run("capacity", "--acl", EXAMPLES / f"{name}.json", "--json").lines[-1]["capacity"] == units


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"httpRequest":{"headers":5}}', "headers are"),
        ('{"httpRequest":{"headers":[5]}}', "a header is"),
        ('{"httpRequest":{"uri":5}}', "uri is a text"),
        ('{"httpRequest":{},"timestamp":"now"}', "timestamp is a number"),
        ('{"httpRequest":{},"timestamp":[1]}', "timestamp is a number"),
        ('{"httpRequest":{},"action":{}}', "action is a text"),
        ('{"httpRequest":5}', "httpRequest is missing"),
    ],
)
def test_malformed_line_of_a_waf_log_is_an_error_with_its_number(
    run: Any, acl: Path, tmp_path: Path, line: str, said: str
) -> None:
    log = tmp_path / "waf.log"
    log.write_text('{"httpRequest":{"uri":"/"}}\n' + line + "\n")
    with pytest.raises(CasemateError, match=f"waf.log:2: .*{said}"):
        run("replay", "--acl", acl, log)


def test_broken_gzip_of_a_log_is_an_error_that_names_it(run: Any, acl: Path, tmp_path: Path) -> None:
    log = tmp_path / "waf.log.gz"
    whole = gzip.compress(b'{"httpRequest":{}}\n' * 999)
    for broken in (b"xx", whole[:12] + b"\xff\xff\xff" + whole[15:], whole[:-9]):
        log.write_bytes(broken)
        with pytest.raises(CasemateError, match=r"waf\.log\.gz: "):
            run("replay", "--acl", acl, log)


SHOWN = 'The command "rm -rf node_modules && npm install" fixed it for me.'


@pytest.mark.parametrize(
    ("said", "options", "action"),
    [
        (None, [], "ALLOW"),
        (None, ["--prose", "strict"], "BLOCK"),
        ("strict", [], "BLOCK"),
        ("strict", ["--prose", "lenient"], "ALLOW"),
    ],
)
def test_text_that_shows_an_attack_is_blocked_where_prose_is_strict(
    run: Any, tmp_path: Path, said: str | None, options: list[str], action: str
) -> None:
    document = json.loads((EXAMPLES / "core-block.json").read_text("utf-8"))
    document = document if "WebACL" in document else {"WebACL": document}
    acl = tmp_path / "acl.json"
    acl.write_text(json.dumps(document if said is None else {**document, "Prose": said}))
    requests = tmp_path / "requests.jsonl"
    headers = {"Host": "a", "User-Agent": "Mozilla/5.0", "Content-Type": "application/json"}
    body = json.dumps({"text": SHOWN})
    requests.write_text(json.dumps({"method": "POST", "target": "/forum", "headers": headers, "body": body}))
    assert [line["action"] for line in run("check", "--acl", acl, "--json", *options, requests).lines] == [action]


def test_prose_that_is_neither_lenient_nor_strict_is_refused(run: Any, tmp_path: Path) -> None:
    acl = tmp_path / "acl.json"
    acl.write_text(json.dumps({"WebACL": {"DefaultAction": {"Allow": {}}, "Rules": []}, "Prose": "mild"}))
    requests = tmp_path / "requests.jsonl"
    requests.write_text('{"target": "/"}')
    with pytest.raises(CasemateError, match="Prose is 'lenient' or 'strict'"):
        run("check", "--acl", acl, requests)
