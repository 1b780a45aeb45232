"""Keys over a real server: the promise KMS-01, and what is refused by which words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_either_name_of_the_spec_makes_the_same_key(kms: Any, refused: Callable[..., Any]) -> None:
    members = {"KeyUsage": "GENERATE_VERIFY_MAC"}
    for name in ("KeySpec", "CustomerMasterKeySpec"):
        facts = kms.create_key(**members, **{name: "HMAC_256"})["KeyMetadata"]
        assert (facts["KeySpec"], facts["CustomerMasterKeySpec"]) == ("HMAC_256", "HMAC_256")
    both = {"KeySpec": "HMAC_256", "CustomerMasterKeySpec": "HMAC_256"}
    refusal = refused(kms.create_key, **members, **both)
    assert (refusal.code, refusal.message) == (
        "ValidationException",
        (
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is "
            "deprecated."
        ),
    )


def test_metadata_of_a_symmetric_key(server: Any, kms: Any, key: str) -> None:
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert len(facts.pop("CurrentKeyMaterialId")) == 64
    facts.pop("CreationDate")
    assert facts == {
        "AWSAccountId": server.account,
        "KeyId": key,
        "Arn": f"arn:aws:kms:us-east-1:{server.account}:key/{key}",
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "MultiRegion": False,
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
    }


@pytest.mark.parametrize(
    ("members", "code", "text"),
    [
        (
            {"KeySpec": "HMAC_256"},
            "ValidationException",
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
        ),
        (
            {"KeySpec": "HMAC_256", "KeyUsage": "ENCRYPT_DECRYPT"},
            "ValidationException",
            "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec HMAC_256",
        ),
        ({"Origin": "AWS_CLOUDHSM"}, "ValidationException", None),
        (
            {"Origin": "EXTERNAL", "KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
            "UnsupportedOperationException",
            None,
        ),
        ({"Policy": "{}"}, "MalformedPolicyDocumentException", None),
    ],
)
def test_create_key_refusals(
    kms: Any, refused: Callable[..., Any], *, members: dict[str, Any], code: str, text: str | None
) -> None:
    refusal = refused(kms.create_key, **members)
    assert (refusal.code, refusal.status) == (code, 400)
    assert text is None or refusal.message == text


def test_names_of_absent_keys(server: Any, kms: Any, key: str, refused: Callable[..., Any]) -> None:
    kms.create_alias(AliasName="alias/named", TargetKeyId=key)
    own = f"arn:aws:kms:us-east-1:{server.account}:"
    absent = "11111111-2222-3333-4444-555555555555"
    arn = f"arn:aws:kms:us-east-1:{server.account}:key/{absent}"
    cases = {
        "nonsense": "Invalid keyId 'nonsense'",
        absent: f"Key '{arn}' does not exist",
        arn: f"Key '{arn}' does not exist",
        arn.replace("us-east-1", "eu-west-1"): "Invalid arn eu-west-1",
        f"{own}{key}": f"Invalid keyId '{own}{key}'",
        f"{own}key/alias/named": f"Invalid keyId '{own}key/alias/named'",
    }
    for name, text in cases.items():
        assert refused(kms.describe_key, KeyId=name)[:2] == ("NotFoundException", text)


def test_list_keys_by_owner_and_page(kms: Any, refused: Callable[..., Any]) -> None:
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(5)}
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert {each["KeyId"] for page in pages for each in page["Keys"]} == made
    assert len(kms.list_keys(ResourceOwners=["SELF"])["Keys"]) == 5
    assert kms.list_keys(ResourceOwners=["OTHER_ACCOUNTS_VIA_RAM"])["Keys"] == []
    marker = kms.list_keys(Limit=2)["NextMarker"]
    assert kms.list_keys(Marker=marker)["Keys"]
    assert refused(kms.list_aliases, Marker=marker).code == "InvalidMarkerException"


def test_description_and_switch(kms: Any, key: str) -> None:
    kms.update_key_description(KeyId=key, Description="new")
    kms.disable_key(KeyId=key)
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (facts["Description"], facts["Enabled"], facts["KeyState"]) == ("new", False, "Disabled")
    kms.enable_key(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]
