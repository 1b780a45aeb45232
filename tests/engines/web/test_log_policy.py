"""DataProtectionConfig and LoggingConfiguration: what is refused, and which records are kept."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from casemate.engines.web import InvalidParameter, PatternCache, Resources, compile_acl, read_acl_file
from casemate.engines.web.compiler import LogPolicy, Protection, log_policy

ARN = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/1"


def protection(kind: str, *keys: str, action: str = "SUBSTITUTION", **more: Any) -> dict[str, Any]:
    return {"Field": {"FieldType": kind, **({"FieldKeys": list(keys)} if keys else {})}, "Action": action, **more}


def acl(*protections: Any) -> dict[str, Any]:
    return {
        "ARN": ARN,
        "DefaultAction": {"Allow": {}},
        "Rules": [],
        "DataProtectionConfig": {"DataProtections": list(protections)},
    }


def test_protections_are_read_by_kind_with_their_exceptions() -> None:
    policy = log_policy(
        acl(
            protection("SINGLE_HEADER", "Authorization", "x-key", action="HASH"),
            protection("SINGLE_COOKIE", "Session", ExcludeRuleMatchDetails=True),
            protection("SINGLE_QUERY_ARGUMENT", "Token", ExcludeRateBasedDetails=True),
            protection("QUERY_STRING"),
            protection("BODY", action="HASH"),
        ),
        None,
    )

    assert policy == LogPolicy(
        account="111122223333",
        headers={"authorization": Protection(hashed=True), "x-key": Protection(hashed=True)},
        cookies={"session": Protection(in_matches=False)},
        arguments={"token": Protection(in_rates=False)},
        query=Protection(),
        body=Protection(hashed=True),
    )
    assert policy.changes
    assert not LogPolicy().changes


def test_hash_is_base64_of_sha256_of_account_and_content() -> None:
    expected = base64.b64encode(hashlib.sha256(b"111122223333secret").digest()).decode()
    assert Protection(hashed=True).replace(b"secret", "111122223333") == expected
    assert Protection().replace(b"secret", "111122223333") == "REDACTED"


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (protection("SINGLE_HEADERS", "a"), "FieldType is one of"),
        (protection("SINGLE_HEADER"), "at least 1"),
        (protection("SINGLE_COOKIE"), "at least 1"),
        (protection("SINGLE_QUERY_ARGUMENT"), "at least 1"),
        (protection("SINGLE_HEADER", ""), "1 to 64"),
        (protection("SINGLE_HEADER", " "), "1 to 64"),
        (protection("SINGLE_HEADER", "a" * 65), "1 to 64"),
        (protection("SINGLE_HEADER", *(f"a{n}" for n in range(101))), "at most 100"),
        (protection("QUERY_STRING", "a"), "takes no FieldKeys"),
        (protection("BODY", "a"), "takes no FieldKeys"),
        (protection("BODY", action="ENCRYPT"), "Action is one of SUBSTITUTION, HASH"),
        ({"Action": "HASH"}, "Field is missing"),
        (protection("BODY", ExcludeRuleMatchDetail=True), "did you mean 'ExcludeRuleMatchDetails'"),
    ],
)
def test_protection_that_aws_would_refuse_is_refused_by_compiling(config: Any, told: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        compile_acl(acl(config), Resources(), cache=PatternCache())
    assert told in refused.value.explained()


def test_number_of_protections_is_bounded() -> None:
    one = protection("BODY")
    assert log_policy(acl(*[one] * 26), None).body == Protection()
    for many in (0, 27):
        with pytest.raises(InvalidParameter):
            log_policy(acl(*[one] * many), None)


@pytest.mark.parametrize(
    ("logging", "told"),
    [
        ({"RedactedFields": [{"Body": {}}]}, "exactly one of UriPath, QueryString, SingleHeader, Method"),
        ({"RedactedFields": [{"SingleHeader": {"Name": "a"}, "Method": {}}]}, "exactly one"),
        ({"RedactedFields": [{"Method": {}}] * 101}, "at most 100"),
        ({"RedactedField": []}, "did you mean 'RedactedFields'"),
        ({"LoggingFilter": {"DefaultBehavior": "KEEP", "Filters": []}}, "at least 1"),
        ({"LoggingFilter": {"DefaultBehavior": "keep", "Filters": [{}]}}, "is missing"),
        (
            {
                "LoggingFilter": {
                    "DefaultBehavior": "KEEP",
                    "Filters": [
                        {
                            "Behavior": "DROP",
                            "Requirement": "MEETS_ANY",
                            "Conditions": [{"ActionCondition": {"Action": "Block"}}],
                        }
                    ],
                }
            },
            "Action is one of ALLOW, BLOCK",
        ),
        ([], "an object goes here"),
    ],
)
def test_logging_configuration_that_aws_would_refuse_is_refused_by_compiling(logging: Any, told: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        compile_acl(acl(protection("BODY")), Resources(logging=logging), cache=PatternCache())
    assert told in refused.value.explained()


def filters(*filters: tuple[str, str, list[str]], default: str = "KEEP") -> dict[str, Any]:
    return {
        "LoggingFilter": {
            "DefaultBehavior": default,
            "Filters": [
                {
                    "Behavior": behavior,
                    "Requirement": requirement,
                    "Conditions": [
                        {"LabelNameCondition": {"LabelName": one}}
                        if ":" in one
                        else {"ActionCondition": {"Action": one}}
                        for one in conditions
                    ],
                }
                for behavior, requirement, conditions in filters
            ],
        }
    }


@pytest.mark.parametrize(
    ("logging", "actions", "labels", "kept"),
    [
        (filters(("DROP", "MEETS_ANY", ["ALLOW"])), {"ALLOW"}, [], False),
        (filters(("DROP", "MEETS_ANY", ["ALLOW"])), {"BLOCK"}, [], True),
        (filters(("KEEP", "MEETS_ANY", ["BLOCK"]), default="DROP"), {"BLOCK"}, [], True),
        (filters(("KEEP", "MEETS_ANY", ["BLOCK"]), default="DROP"), {"ALLOW"}, [], False),
        (filters(("KEEP", "MEETS_ALL", ["COUNT", "a:b"]), default="DROP"), {"ALLOW", "COUNT"}, ["a:b"], True),
        (filters(("KEEP", "MEETS_ALL", ["COUNT", "a:b"]), default="DROP"), {"ALLOW", "COUNT"}, ["a:c"], False),
        (filters(("KEEP", "MEETS_ALL", ["COUNT", "a:b"]), default="DROP"), {"ALLOW"}, ["a:b"], False),
        (filters(("KEEP", "MEETS_ANY", ["COUNT", "a:b"]), default="DROP"), {"ALLOW"}, ["a:b"], True),
        (filters(("DROP", "MEETS_ANY", ["a:b"]), ("KEEP", "MEETS_ANY", ["BLOCK"])), {"BLOCK"}, ["a:b"], False),
        (filters(("KEEP", "MEETS_ANY", ["BLOCK"]), ("DROP", "MEETS_ANY", ["a:b"])), {"BLOCK"}, ["a:b"], True),
    ],
)
def test_first_filter_that_is_met_decides_else_the_default(
    logging: dict[str, Any], actions: set[str], labels: list[str], kept: bool
) -> None:
    assert log_policy({}, logging).keeps(actions, labels) is kept


def test_acl_file_holds_its_logging_configuration(tmp_path: Path) -> None:
    path = tmp_path / "acl.json"
    logging = {"ResourceArn": ARN, "LogDestinationConfigs": [], "RedactedFields": [{"UriPath": {}}]}
    path.write_bytes(msgspec.json.encode({"WebACL": acl(protection("BODY")), "LoggingConfiguration": logging}))

    known, resources = read_acl_file(path)

    assert log_policy(known, resources.logging).redacted == {"UriPath"}
