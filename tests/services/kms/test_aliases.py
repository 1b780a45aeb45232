"""Aliases over a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_alias_names_a_key_and_moves_to_another(server: Any, kms: Any, key: str) -> None:
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=key)
    old = kms.encrypt(KeyId="alias/app", Plaintext=b"old")
    assert old["KeyId"].endswith(key)
    arn = f"arn:aws:kms:us-east-1:{server.account}:alias/app"
    (entry,) = kms.list_aliases()["Aliases"]
    assert (entry["AliasName"], entry["AliasArn"], entry["TargetKeyId"]) == ("alias/app", arn, key)
    assert entry["CreationDate"] == entry["LastUpdatedDate"]
    kms.update_alias(AliasName="alias/app", TargetKeyId=other)
    assert kms.encrypt(KeyId=arn, Plaintext=b"new")["KeyId"].endswith(other)
    assert kms.decrypt(CiphertextBlob=old["CiphertextBlob"])["Plaintext"] == b"old"
    assert kms.list_aliases(KeyId=key)["Aliases"] == []
    assert len(kms.list_aliases(KeyId=other)["Aliases"]) == 1
    kms.delete_alias(AliasName="alias/app")
    assert kms.list_aliases()["Aliases"] == []


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("app", "ValidationException", 'Alias must start with the prefix "alias/"'),
        ("alias/aws/app", "NotAuthorizedException", ""),
        ("alias/a:b", "ValidationException", "characters"),
        ("alias/", "ValidationException", "characters"),
        ("alias/taken", "AlreadyExistsException", "An alias with the name arn:aws:kms:us-east-1:"),
    ],
)
def test_create_alias_refusals(
    kms: Any, key: str, *, refused: Callable[..., Any], name: str, code: str, text: str
) -> None:
    kms.create_alias(AliasName="alias/taken", TargetKeyId=key)
    refusal = refused(kms.create_alias, AliasName=name, TargetKeyId=key)
    assert (refusal.code, refusal.status) == (code, 400)
    assert text in refusal.message


def test_alias_operations_name_no_key_by_alias(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    assert refused(kms.create_alias, AliasName="alias/b", TargetKeyId="alias/a").code == "InvalidArnException"


def test_absent_aliases_are_not_found(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    assert refused(kms.update_alias, AliasName="alias/x", TargetKeyId=key).code == "NotFoundException"
    assert refused(kms.delete_alias, AliasName="alias/x").code == "NotFoundException"
    assert refused(kms.describe_key, KeyId="alias/x").code == "NotFoundException"


def test_update_alias_keeps_to_type_and_usage(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    assert refused(kms.update_alias, AliasName="alias/a", TargetKeyId=mac).code == "ValidationException"
    kms.update_alias(AliasName="alias/a", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])


def test_a_key_has_at_most_50_aliases(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    for number in range(50):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key)
    assert refused(kms.create_alias, AliasName="alias/one-more", TargetKeyId=key).code == "LimitExceededException"
    pages = kms.get_paginator("list_aliases").paginate(KeyId=key, PaginationConfig={"PageSize": 20})
    assert len([each for page in pages for each in page["Aliases"]]) == 50
    pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 20})
    assert len({each["AliasName"] for page in pages for each in page["Aliases"]}) == 50


@pytest.mark.parametrize("missing", ["alias", "key", None])
def test_alias_operations_need_rights_on_alias_and_keys(
    server: Any, kms: Any, *, key: str, user: Callable[..., Any], refused: Callable[..., Any], missing: str | None
) -> None:
    actions = ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"]
    arns = {
        "alias": f"arn:aws:kms:us-east-1:{server.account}:alias/*",
        "key": f"arn:aws:kms:us-east-1:{server.account}:key/*",
    }
    client = user("someone", {"Action": actions, "Resource": [arn for name, arn in arns.items() if name != missing]})
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    if missing is None:
        client.create_alias(AliasName="alias/a", TargetKeyId=key)
        client.update_alias(AliasName="alias/a", TargetKeyId=other)
        client.delete_alias(AliasName="alias/a")
        return
    kms.create_alias(AliasName="alias/there", TargetKeyId=key)
    assert refused(client.create_alias, AliasName="alias/a", TargetKeyId=key).code == "AccessDeniedException"
    assert refused(client.update_alias, AliasName="alias/there", TargetKeyId=other).code == "AccessDeniedException"
    assert refused(client.delete_alias, AliasName="alias/there").code == "AccessDeniedException"


def test_update_alias_needs_the_right_on_the_old_key_too(
    server: Any, kms: Any, key: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    new = kms.create_key()["KeyMetadata"]
    alias = f"arn:aws:kms:us-east-1:{server.account}:alias/a"
    client = user("someone", {"Action": "kms:UpdateAlias", "Resource": [alias, new["Arn"]]})
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    assert refused(client.update_alias, AliasName="alias/a", TargetKeyId=new["KeyId"]).code == "AccessDeniedException"
    kms.update_alias(AliasName="alias/a", TargetKeyId=new["KeyId"])
    client.update_alias(AliasName="alias/a", TargetKeyId=new["KeyId"])
