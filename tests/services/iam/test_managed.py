"""AWS managed policies: the data file and what is read from it."""

from __future__ import annotations

import re

import pytest

from casemate.engines import policy as engine
from casemate.services.iam import managed


def test_the_administrator_may_do_everything():
    text = managed.document("arn:aws:iam::aws:policy/AdministratorAccess")
    assert text == '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/Nothing",
        "arn:aws:iam::123456789012:policy/AdministratorAccess",
        "arn:aws:kms::aws:policy/AdministratorAccess",
        "AdministratorAccess",
        "",
    ],
)
def test_an_arn_that_is_none_of_them_has_no_document(arn):
    assert managed.document(arn) is None


def test_every_policy_that_can_be_attached_can_be_compiled():
    for policy in managed.everything().values():
        if not policy.for_services_only:
            engine.compile_policy(policy.document, "identity")


def test_ids_are_21_characters_stable_and_unique():
    ids = [policy.id for policy in managed.everything().values()]
    assert len(set(ids)) == len(ids) > 1500
    assert all(re.fullmatch(r"ANPA[A-Z2-7]{17}", each) for each in ids)
    assert managed.everything()["AdministratorAccess"].id == "ANPA34SN6YCLNSZWWPS7E"


def test_paths_names_and_partitions():
    policy = managed.published("arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    assert policy is not None
    assert (policy.path, policy.name) == ("/service-role/", "AWSLambdaBasicExecutionRole")
    assert policy.arn("aws-us-gov") == "arn:aws-us-gov:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert policy.created <= policy.updated
