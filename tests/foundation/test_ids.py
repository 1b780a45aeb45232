"""Identifiers in AWS's forms."""

from __future__ import annotations

import re

import pytest

from casemate.foundation.ids import (
    account_of_access_key,
    new_access_key_id,
    new_secret_access_key,
    new_unique_id,
    parse_arn,
    partition_of,
)


@pytest.mark.parametrize("account", ["000000000000", "123456789012", "999999999999"])
def test_access_key_id_carries_its_account(account: str) -> None:
    key = new_access_key_id("AKIA", account)
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key)
    assert account_of_access_key(key) == account


def test_access_key_id_of_a_published_pair() -> None:
    assert new_access_key_id("AKIA", "123456789012").startswith("AKIARZPUZD")
    assert new_access_key_id("AKIA", "111111111111").startswith("AKIARTXV5A")


@pytest.mark.parametrize("text", ["", "AKIA", "AKIAIOSFODNN7EXAMPLE", "AKIA!!!!!!!!!!!!!!!!"])
def test_access_key_id_without_an_account_is_none(text: str) -> None:
    assert account_of_access_key(text) is None


def test_unique_ids_and_secrets_have_their_lengths() -> None:
    assert re.fullmatch(r"AROA[A-Z2-7]{17}", new_unique_id("AROA"))
    assert re.fullmatch(r"[A-Za-z0-9/+]{40}", new_secret_access_key())


def test_arn_parts() -> None:
    arn = parse_arn("arn:aws:iam::123456789012:role/a/b:c")
    assert arn is not None
    assert (arn.service, arn.account, arn.resource) == ("iam", "123456789012", "role/a/b:c")
    assert str(arn) == "arn:aws:iam::123456789012:role/a/b:c"
    assert parse_arn("arn:aws:iam::123456789012") is None
    assert parse_arn("nothing") is None


def test_partition_by_region() -> None:
    assert [partition_of(each) for each in ("us-east-1", "cn-north-1", "us-gov-west-1")] == [
        "aws",
        "aws-cn",
        "aws-us-gov",
    ]
