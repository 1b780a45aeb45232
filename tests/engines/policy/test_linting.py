"""Advice: what each check finds, and that ordinary policies are left in peace."""

import json
import time

import pytest

from casemate.engines.policy import PolicySyntaxError
from casemate.engines.policy.linting import lint

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234"


def codes(statement, kind="identity", version="2012-10-17"):
    body = {"Statement": [statement]}
    if version:
        body["Version"] = version
    return {finding.code for finding in lint(json.dumps(body), kind)}


def statement(**more):
    return {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY, **more}


def condition(operator, key, value, **more):
    return statement(Condition={operator: {key: value}}, **more)


@pytest.mark.parametrize(
    "clean",
    [
        statement(),
        statement(Action=["kms:Describe*", "kms:GenerateDataKey*"], Resource="*"),
        statement(Resource="arn:aws:kms:*:111122223333:key/*"),
        statement(Resource="arn:aws:kms:us-east-1:111122223333:*"),
        condition("StringEquals", "kms:EncryptionContext:app", "x"),
        condition("StringEquals", "aws:PrincipalTag/team", "red"),
        condition("ForAnyValue:StringEquals", "aws:TagKeys", ["a"], Action="kms:TagResource"),
        condition("Bool", "aws:SecureTransport", "true"),
        condition("NumericLessThan", "aws:EpochTime", "1"),
        statement(Action="s3:GetObject", Resource="arn:aws:s3:::bucket/${aws:username}/*"),
        statement(Action="s3:ListAllMyBuckets", Resource="*"),
        statement(Action="secretsmanager:GetSecretValue", Resource="arn:aws:secretsmanager:*:*:secret:prod/*"),
    ],
)
def test_an_ordinary_statement_has_no_findings(clean):
    assert codes(clean) == set()


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (statement(Action="kmss:Decrypt"), "INVALID_SERVICE_IN_ACTION"),
        (statement(Action="kms:Decript"), "INVALID_ACTION"),
        (statement(Action="kms:Xyz*"), "INVALID_ACTION"),
        (statement(Action="s3:ListAllMyBuckets", Resource="arn:aws:s3:::*"), "ACTION_WITHOUT_RESOURCE_TYPE"),
        (statement(Resource="arn:aws:s3:::bucket"), "ACTION_WITHOUT_RESOURCE_TYPE"),
        (condition("StringEquals", "kms:NoSuchKey", "x"), "INVALID_CONDITION_KEY"),
        (condition("StringEquals", "aws:NoSuchKey", "x"), "INVALID_CONDITION_KEY"),
        (condition("StringEquals", "s3:prefix", "x"), "INVALID_CONDITION_KEY"),
        (condition("StringEquals", "aws:TagKeys", "x", Action="kms:TagResource"), "MISSING_QUALIFIER"),
        (condition("ForAnyValue:StringEquals", "aws:username", "x"), "QUALIFIER_WITH_SINGLE_VALUED_KEY"),
        (condition("ForAllValues:StringEquals", "aws:TagKeys", "x", Action="kms:TagResource"), "FOR_ALL_VALUES_ALLOWS_ABSENT_KEY"),
        (condition("NumericEquals", "aws:username", "1"), "TYPE_MISMATCH"),
        (condition("StringLike", "aws:PrincipalOrgID", "o-*"), "WILDCARD_IN_SENSITIVE_KEY"),
        (condition("IpAddress", "aws:SourceIp", "10.0.0.0/8"), "PRIVATE_IP_ADDRESS"),
        (condition("StringEquals", "aws:username", ["a", 1]), "MIXED_VALUE_TYPES"),
        (statement(Condition={"StringEquals": {"aws:username": "a", "AWS:username": "b"}}), "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"),
        (condition("StringEquals", "aws:username", "${aws:userid"), "MISSING_BRACE"),
        (condition("StringEquals", "aws:username", "${}"), "EMPTY_VARIABLE"),
        (condition("StringEquals", "aws:username", "${aws: userid}"), "INVALID_VARIABLE"),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, "ALLOW_WITH_NOT_ACTION"),
        ({"Effect": "Allow", "Action": "kms:*", "NotResource": KEY}, "ALLOW_WITH_NOT_RESOURCE"),
        (statement(Action="iam:PassRole", Resource="*"), "PASS_ROLE_WITH_STAR_IN_RESOURCE"),
    ],
)  # fmt: skip
def test_a_doubtful_statement_is_found(found, code):
    assert code in codes(found)


def test_null_beside_for_all_values_answers_the_warning():
    both = {"ForAllValues:StringEquals": {"aws:TagKeys": "x"}, "Null": {"aws:TagKeys": "false"}}
    assert codes(statement(Action="kms:TagResource", Condition=both)) == set()


def test_not_principal_is_found_in_resource_policies():
    body = {"Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}
    assert "DENY_WITH_NOT_PRINCIPAL" in codes(body, "resource")


def test_variables_before_2012_are_text():
    assert "VARIABLE_IN_OLD_VERSION" in codes(
        statement(Resource="arn:aws:s3:::b/${aws:username}"), version="2008-10-17"
    )
    assert "OLD_VERSION" in codes(statement(), version="2008-10-17")
    assert "MISSING_VERSION" in codes(statement(), version=None)


def test_the_most_serious_findings_come_first():
    both = statement(
        Action=["kms:Decript", "iam:PassRole"], Resource="*", Condition={"StringEquals": {"aws:Nope": "x"}}
    )
    levels = [finding.level for finding in lint(json.dumps({"Version": "2012-10-17", "Statement": both}), "identity")]
    assert levels == sorted(levels, key=["error", "security_warning", "warning", "suggestion"].index)


def test_findings_carry_their_place():
    (finding,) = lint(
        json.dumps({"Version": "2012-10-17", "Statement": [statement(), statement(Action="kms:X")]}), "identity"
    )
    assert (finding.code, finding.path) == ("INVALID_ACTION", "Statement[1].Action")


def test_no_policy_no_advice():
    with pytest.raises(PolicySyntaxError):
        lint("{}", "identity")


def test_a_hostile_document_is_linted_within_bounds():
    actions = [f"ec2:{'*'.join('abcdefgh')}{number}*" for number in range(4000)]
    body = {"Version": "2012-10-17", "Statement": statement(Action=actions, Resource="*")}
    started = time.perf_counter()
    assert len(lint(json.dumps(body), "identity")) <= 100
    assert time.perf_counter() - started < 2
