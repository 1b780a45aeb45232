"""What a web ACL's data protection and logging configuration keep out of the WAF log of the running proxy."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from casemate.edge.proxy.core import Logs
from casemate.edge.proxy.log_file import LogFile
from casemate.engines.web.compiler import log_policy

VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
NONE = [{"Priority": 0, "Type": "NONE"}]
SQL = "1' UNION SELECT password FROM users-- "
ARN = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/1"
FIELDS: dict[str, dict[str, Any]] = {
    "header": {"SingleHeader": {"Name": "x-secret"}},
    "headers": {"Headers": {"MatchPattern": {"All": {}}, "MatchScope": "VALUE", "OversizeHandling": "CONTINUE"}},
    "cookies": {"Cookies": {"MatchPattern": {"All": {}}, "MatchScope": "VALUE", "OversizeHandling": "CONTINUE"}},
    "cookie_header": {"SingleHeader": {"Name": "cookie"}},
    "argument": {"SingleQueryArgument": {"Name": "token"}},
    "arguments": {"AllQueryArguments": {}},
    "query": {"QueryString": {}},
    "body": {"Body": {"OversizeHandling": "CONTINUE"}},
}


def hashed(content: str) -> str:
    return base64.b64encode(hashlib.sha256(b"111122223333" + content.encode()).digest()).decode()


def rule(number: int, name: str, statement: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": name,
        "Priority": number,
        "Action": {"Count": {}},
        "Statement": statement,
        "VisibilityConfig": VISIBILITY,
    }


def sql(field: dict[str, Any]) -> dict[str, Any]:
    steps = [{"Priority": 0, "Type": "URL_DECODE"}]
    return {"SqliMatchStatement": {"FieldToMatch": field, "TextTransformations": steps, "SensitivityLevel": "LOW"}}


def rate(*keys: dict[str, Any]) -> dict[str, Any]:
    custom = {"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [*keys, {"HTTPMethod": {}}]}
    return {"RateBasedStatement": {"Limit": 10, "EvaluationWindowSec": 60, **custom}}


def acl(*protections: dict[str, Any]) -> dict[str, Any]:
    rules = [rule(at, name, sql(field)) for at, (name, field) in enumerate(FIELDS.items())]
    keys = [
        {"Header": {"Name": "x-secret", "TextTransformations": NONE}},
        {"Cookie": {"Name": "sid", "TextTransformations": NONE}},
        {"QueryArgument": {"Name": "token", "TextTransformations": NONE}},
        {"QueryString": {"TextTransformations": NONE}},
    ]
    rules.append(rule(len(rules), "rate", rate(*keys)))
    made = {"Name": "a", "ARN": ARN, "DefaultAction": {"Allow": {}}, "Rules": rules}
    return {**made, "DataProtectionConfig": {"DataProtections": list(protections)}} if protections else made


def protection(kind: str, *keys: str, action: str = "SUBSTITUTION", **more: Any) -> dict[str, Any]:
    return {"Field": {"FieldType": kind, **({"FieldKeys": list(keys)} if keys else {})}, "Action": action, **more}


Written = Any


@pytest.fixture
def written(edge: Any, application: Any, tmp_path: Path) -> Written:
    """The last line of the WAF log after a few like requests that hold SQL and a secret everywhere, and its text."""

    def ask(*protections: dict[str, Any], logging: dict[str, Any] | None = None) -> tuple[dict[str, Any], str]:
        document = acl(*protections)
        file = LogFile(tmp_path / "waf.log", lambda lines, reason: None)
        policy = log_policy(document, logging)
        edge.start([application.address], acl=document, logs=Logs(file), policy=policy)
        target = b"/path?token=%b&other=%b" % ((SQL.replace(" ", "%20").encode(),) * 2)
        headers = b"X-Secret: %b\r\nCookie: sid=%b; other=plain\r\n" % (
            (SQL.strip() + ";").encode(),
            b"1'%20or%20'1'='1",
        )
        for _ in range(12):
            edge.get(target, headers=headers, method=b"POST", body=f"a={SQL}".encode())
        edge.loop.call(file.close)
        text = (tmp_path / "waf.log").read_text().splitlines()[-1] if (tmp_path / "waf.log").stat().st_size else "{}"
        return json.loads(text), text

    return ask


def details(line: dict[str, Any]) -> dict[str, list[str]]:
    return {
        one["ruleId"]: [data for detail in one["ruleMatchDetails"] for data in detail["matchedData"]]
        for one in line["nonTerminatingMatchingRules"]
    }


def rates(line: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: one["value"] for one in line["rateBasedRuleList"][0]["customValues"]}


def header(line: dict[str, Any], name: str) -> str:
    return next(one["value"] for one in line["httpRequest"]["headers"] if one["name"] == name)


def test_without_protection_everything_is_said(written: Written) -> None:
    line, text = written()

    assert header(line, "x-secret").startswith("1' UNION")
    assert set(FIELDS) <= {name for name, found in details(line).items() if found}
    assert set(rates(line)) == {"HEADER", "COOKIE", "QUERYARGUMENT", "QUERYSTRING", "HTTPMETHOD"}
    assert "REDACTED" not in text


def test_header_is_substituted_wherever_it_stands(written: Written) -> None:
    line, _ = written(protection("SINGLE_HEADER", "X-Secret"))

    assert header(line, "x-secret") == "REDACTED"
    assert header(line, "cookie").startswith("sid=1'")
    found = details(line)
    assert found["header"] == ["REDACTED"]
    assert "REDACTED" in found["headers"][0]
    assert found["cookies"] != ["REDACTED"]
    assert rates(line)["HEADER"] == "REDACTED"
    assert rates(line)["COOKIE"] != "REDACTED"


def test_header_is_hashed_with_the_account(written: Written) -> None:
    line, _ = written(protection("SINGLE_HEADER", "x-secret", action="HASH"))

    assert header(line, "x-secret") == hashed(SQL.strip() + ";")
    assert rates(line)["HEADER"] == hashed(SQL.strip() + ";")
    assert len(base64.b64decode(details(line)["header"][0])) == 32


def test_host_that_is_protected_is_so_in_its_own_member_too(written: Written) -> None:
    line, text = written(protection("SINGLE_HEADER", "host"))

    assert header(line, "host") == line["httpRequest"]["host"] == "REDACTED"
    assert "a.example" not in text


def test_cookie_is_substituted_within_its_header(written: Written) -> None:
    line, text = written(protection("SINGLE_COOKIE", "sid"))

    assert header(line, "cookie") == "sid=REDACTED; other=plain"
    assert details(line)["cookies"] == ["REDACTED"]
    assert details(line)["cookie_header"] == ["REDACTED"]
    assert rates(line)["COOKIE"] == "REDACTED"
    assert "1'%20or" not in text


def test_argument_is_substituted_within_the_query(written: Written) -> None:
    line, _ = written(protection("SINGLE_QUERY_ARGUMENT", "TOKEN"))

    assert line["httpRequest"]["args"].startswith("token=REDACTED&other=1'")
    found = details(line)
    assert found["argument"] == found["query"] == ["REDACTED"]
    assert found["arguments"][0] == "REDACTED"
    assert rates(line)["QUERYARGUMENT"] == "REDACTED"
    assert line["httpRequest"]["uri"] == "/path"


def test_query_string_is_replaced_as_a_whole_with_its_arguments(written: Written) -> None:
    line, _ = written(protection("QUERY_STRING", action="HASH"))

    query = "token={0}&other={0}".format(SQL.replace(" ", "%20"))
    assert line["httpRequest"]["args"] == hashed(query)
    assert rates(line)["QUERYSTRING"] == hashed(query)
    assert rates(line)["QUERYARGUMENT"] == hashed(SQL.replace(" ", "%20"))
    assert all("UNION" not in data for name in ("argument", "arguments", "query") for data in details(line)[name])


def test_body_is_replaced_in_the_details_of_rules(written: Written) -> None:
    line, _ = written(protection("BODY"))

    assert details(line)["body"] == ["REDACTED"]
    assert details(line)["header"] != ["REDACTED"]


def test_details_of_rules_can_be_excluded_from_protection(written: Written) -> None:
    line, _ = written(protection("SINGLE_HEADER", "x-secret", ExcludeRuleMatchDetails=True))

    assert header(line, "x-secret") == "REDACTED"
    assert details(line)["header"] != ["REDACTED"]
    assert rates(line)["HEADER"] == "REDACTED"


def test_details_of_rates_can_be_excluded_from_protection(written: Written) -> None:
    line, _ = written(protection("SINGLE_HEADER", "x-secret", ExcludeRateBasedDetails=True))

    assert details(line)["header"] == ["REDACTED"]
    assert rates(line)["HEADER"] == SQL.strip() + ";"


def test_redacted_fields_are_redacted_in_the_request_and_in_what_rules_say(written: Written) -> None:
    fields = [{"UriPath": {}}, {"QueryString": {}}, {"Method": {}}, {"SingleHeader": {"Name": "X-Secret"}}]

    line, _ = written(logging={"RedactedFields": fields})

    request = line["httpRequest"]
    assert (request["uri"], request["args"], request["httpMethod"]) == ("REDACTED",) * 3
    assert header(line, "x-secret") == "REDACTED"
    assert details(line)["header"] == details(line)["query"] == ["REDACTED"]
    assert rates(line) | {"COOKIE": "", "QUERYARGUMENT": ""} == {
        "HEADER": "REDACTED",
        "COOKIE": "",
        "QUERYARGUMENT": "",
        "QUERYSTRING": "REDACTED",
        "HTTPMETHOD": "REDACTED",
    }


@pytest.mark.parametrize(("action", "kept"), [("COUNT", False), ("BLOCK", True)])
def test_filter_drops_the_lines_that_it_meets(written: Written, action: str, kept: bool) -> None:
    conditions = [{"ActionCondition": {"Action": action}}]
    one = {"Behavior": "DROP", "Requirement": "MEETS_ANY", "Conditions": conditions}

    line, _ = written(logging={"LoggingFilter": {"DefaultBehavior": "KEEP", "Filters": [one]}})

    assert bool(line) is kept


def test_argument_whose_name_is_escaped_is_the_same_argument(edge: Any, application: Any, tmp_path: Path) -> None:
    document = {**acl(protection("SINGLE_QUERY_ARGUMENT", "token")), "Rules": []}
    file = LogFile(tmp_path / "waf.log", lambda lines, reason: None)
    edge.start([application.address], acl=document, logs=Logs(file), policy=log_policy(document, None))

    edge.get(b"/?%74oken=secret&TOKEN=secret&tokens=public&token")
    edge.loop.call(file.close)

    line = json.loads((tmp_path / "waf.log").read_text())
    assert line["httpRequest"]["args"] == "%74oken=REDACTED&TOKEN=REDACTED&tokens=public&token"
