"""Principals under other names."""

import json

from casemate.engines.policy import compile_policy, rename_principals

ROLE = "arn:aws:iam::111122223333:role/app"
ID = "AROAEXAMPLEEXAMPLE12"


def test_principals_are_renamed_and_conditions_are_not():
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [ROLE, "111122223333"], "Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE}, "NumericLessThan": {"aws:MultiFactorAuthAge": 3600}},
    }
    text = rename_principals(json.dumps({"Version": "2012-10-17", "Statement": statement}), {ROLE: ID})
    policy = compile_policy(text, "trust")
    assert [each.value for each in policy.principals()] == [ID, "111122223333", "ec2.amazonaws.com"]
    assert {each.key: each.values for each in policy.statements[0].conditions} == {
        "aws:PrincipalArn": (ROLE,),
        "aws:MultiFactorAuthAge": ("3600",),
    }


def test_everybody_and_exceptions_keep_their_form():
    statements = [
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"},
    ]
    renamed = json.loads(rename_principals(json.dumps({"Statement": statements}), {ROLE: ID}))
    assert renamed["Statement"][0] == statements[0]
    assert renamed["Statement"][1]["NotPrincipal"] == {"AWS": ID}
