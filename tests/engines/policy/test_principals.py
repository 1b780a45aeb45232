"""Who a Principal element names, and how a policy lists its principals."""

import json

import pytest

from casemate.engines.policy import Subject, compile_policy
from casemate.engines.policy.principals import compile_principals
from casemate.engines.policy.subjects import ACCOUNT, DIRECT, ENTITY

A = "111122223333"


def directness(subject, *pairs, negated=False, bounded=False):
    return compile_principals(tuple(pairs), negated=negated)(subject, bounded)


def aws(*values):
    return tuple(("AWS", value) for value in values)


def test_a_user_is_named_by_arn_id_account_and_everybody(callers):
    alice = callers["user"]()
    assert directness(alice, *aws(alice.arn)) == DIRECT
    assert directness(alice, *aws(alice.unique_id)) == DIRECT
    assert directness(alice, *aws(A)) == ACCOUNT
    assert directness(alice, *aws(f"arn:aws:iam::{A}:root")) == ACCOUNT
    assert directness(alice, *aws("*")) == DIRECT
    assert directness(alice, *aws(f"arn:aws:iam::{A}:user/bob")) == 0


def test_the_most_direct_name_counts(callers):
    app = callers["session"]()
    assert directness(app, *aws(A, app.role_arn)) == ENTITY
    assert directness(app, *aws(A, app.role_arn, app.arn)) == DIRECT
    assert directness(app, *aws(app.unique_id)) == ENTITY


def test_the_root_user_is_named_by_its_account_only(callers):
    assert directness(callers["root"](), *aws(f"arn:aws:iam::{A}:root")) == ACCOUNT
    assert directness(callers["root"](), *aws(f"arn:aws:iam::{A}:user/root")) == 0


def test_the_root_arn_of_another_partition_is_another_account(callers):
    assert directness(callers["user"](), *aws(f"arn:aws-cn:iam::{A}:root")) == 0


def test_types_of_principals_do_not_mix(callers):
    events = callers["service"]("events.amazonaws.com")
    assert directness(events, ("Service", "events.amazonaws.com")) == DIRECT
    assert directness(events, ("AWS", "events.amazonaws.com"), ("AWS", "service events.amazonaws.com")) == 0
    assert directness(events, ("Service", "s3.amazonaws.com")) == 0
    assert directness(events, *aws("*")) == DIRECT
    provider = Subject("identity_provider", "", "accounts.google.com")
    assert directness(provider, ("Federated", "accounts.google.com")) == DIRECT
    assert directness(provider, ("Service", "accounts.google.com")) == 0


@pytest.mark.parametrize("kind", ["Service", "Federated", "CanonicalUser"])
def test_a_star_of_another_type_is_not_everybody(callers, kind):
    assert directness(callers["user"](), (kind, "*")) == 0


def test_a_canonical_user_is_an_account():
    owner = Subject("root", A, f"arn:aws:iam::{A}:root", canonical_user="79a5" * 16)
    assert directness(owner, ("CanonicalUser", "79a5" * 16)) == ACCOUNT


def test_a_federated_session_of_the_root_user_has_no_user_behind_it():
    subject = Subject("federated_user", A, f"arn:aws:sts::{A}:federated-user/x", user_arn=f"arn:aws:iam::{A}:root")
    assert subject.is_root
    assert directness(subject, *aws(f"arn:aws:iam::{A}:root")) == ACCOUNT
    assert directness(subject, *aws(subject.arn)) == DIRECT


def test_everybody_but_everybody_is_nobody(callers):
    assert directness(callers["user"](), *aws("*"), negated=True) == 0
    assert directness(callers["user"](), *aws("*"), negated=True, bounded=True) == DIRECT


def test_a_listed_service_is_excepted(callers):
    events = callers["service"]("events.amazonaws.com")
    assert directness(events, ("Service", "events.amazonaws.com"), negated=True) == 0
    assert directness(events, ("Service", "sns.amazonaws.com"), negated=True) == DIRECT


def test_a_policy_lists_its_principals():
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [A, "AROAEXAMPLEEXAMPLE12"], "Service": "s3.amazonaws.com"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {"Effect": "Deny", "NotPrincipal": {"AWS": f"arn:aws:iam::{A}:role/a"}, "Action": "kms:*", "Resource": "*"},
    ]
    policy = compile_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), "resource")
    found = list(policy.principals())
    assert [(each.type, each.value, each.statement, each.negated) for each in found] == [
        ("AWS", A, 0, False),
        ("AWS", "AROAEXAMPLEEXAMPLE12", 0, False),
        ("Service", "s3.amazonaws.com", 0, False),
        ("AWS", f"arn:aws:iam::{A}:role/a", 1, True),
    ]
    assert [each.account for each in found] == [A, None, None, A]
    assert [each.names_account for each in found] == [True, False, False, False]
