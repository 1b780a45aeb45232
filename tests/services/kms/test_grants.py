"""Grants over a real server: the promise KMS-13, and who may make, use, retire and revoke them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CONTEXT = {"Department": "IT", "Purpose": "Test"}


def arn_of(server: Any, name: str) -> str:
    return f"arn:aws:iam::{server.account}:user/{name}"


@pytest.fixture
def grantee(user: Callable[..., Any]) -> Any:
    return user("grantee")


@pytest.fixture
def grant(server: Any, kms: Any, key: str, grantee: Any) -> Callable[..., dict[str, Any]]:
    def make(*operations: str, **members: Any) -> dict[str, Any]:
        asked = {"GranteePrincipal": arn_of(server, "grantee"), **members}
        return dict(kms.create_grant(KeyId=key, Operations=list(operations), **asked))

    return make


def test_grant_lets_its_grantee_do_its_operations_only(
    grantee: Any, key: str, grant: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    assert refused(grantee.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
    grant("Encrypt")
    blob = grantee.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refused(grantee.decrypt, CiphertextBlob=blob).code == "AccessDeniedException"
    grant("Decrypt", "DescribeKey")
    assert grantee.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert grantee.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key


def test_grant_is_for_one_key(kms: Any, grantee: Any, grant: Callable[..., Any], refused: Callable[..., Any]) -> None:
    grant("Encrypt")
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert refused(grantee.encrypt, KeyId=other, Plaintext=b"x").code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("constraint", "given", "allowed"),
    [
        ({"EncryptionContextEquals": CONTEXT}, CONTEXT, True),
        ({"EncryptionContextEquals": CONTEXT}, {**CONTEXT, "More": "x"}, False),
        ({"EncryptionContextEquals": CONTEXT}, {"Department": "IT"}, False),
        ({"EncryptionContextEquals": CONTEXT}, {"department": "IT", "PURPOSE": "Test"}, True),
        ({"EncryptionContextEquals": CONTEXT}, {"Department": "it", "Purpose": "Test"}, False),
        ({"EncryptionContextEquals": {}}, {}, True),
        ({"EncryptionContextEquals": {}}, {"a": "b"}, False),
        ({"EncryptionContextSubset": CONTEXT}, {**CONTEXT, "More": "x"}, True),
        ({"EncryptionContextSubset": CONTEXT}, {"Department": "IT", "More": "x"}, False),
        ({"EncryptionContextSubset": CONTEXT}, {}, False),
        ({"EncryptionContextSubset": {}}, {}, True),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_grant_constraints(
    grantee: Any,
    key: str,
    *,
    grant: Callable[..., Any],
    refused: Callable[..., Any],
    constraint: dict[str, Any],
    given: dict[str, str],
    allowed: bool,
    many: bool,
) -> None:
    if many:  # beyond what is kept in memory for one grantee, grants are looked up by their marks
        for number in range(70):
            grant("Encrypt", Constraints={"EncryptionContextEquals": {"number": str(number)}})
    grant("Encrypt", Constraints=constraint)
    asked = {"KeyId": key, "Plaintext": b"x", "EncryptionContext": given}
    if allowed:
        assert grantee.encrypt(**asked)["CiphertextBlob"]
    else:
        assert refused(grantee.encrypt, **asked).code == "AccessDeniedException"


def test_context_constraint_is_not_applied_to_describe_key(grantee: Any, key: str, grant: Callable[..., Any]) -> None:
    grant("DescribeKey", "Encrypt", Constraints={"EncryptionContextEquals": CONTEXT})
    assert grantee.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key


def test_named_grant_is_made_once_and_gives_fresh_tokens(kms: Any, key: str, grant: Callable[..., Any]) -> None:
    first, second = grant("Encrypt", "Decrypt", Name="n"), grant("Decrypt", "Encrypt", Name="n")
    assert first["GrantId"] == second["GrantId"]
    assert first["GrantToken"] != second["GrantToken"]
    assert grant("Encrypt", Name="n")["GrantId"] != first["GrantId"]
    assert grant("Encrypt")["GrantId"] != grant("Encrypt")["GrantId"]
    assert len(kms.list_grants(KeyId=key)["Grants"]) == 4
    kms.retire_grant(GrantToken=first["GrantToken"])
    assert len(kms.list_grants(KeyId=key)["Grants"]) == 3


def test_list_grants_shows_a_grant_as_it_was_made(server: Any, kms: Any, key: str, grant: Callable[..., Any]) -> None:
    made = grant(
        "Encrypt", Name="n", RetiringPrincipal=arn_of(server, "admin"), Constraints={"EncryptionContextSubset": CONTEXT}
    )
    (entry,) = kms.list_grants(KeyId=key)["Grants"]
    entry.pop("CreationDate")
    assert entry == {
        "KeyId": f"arn:aws:kms:us-east-1:{server.account}:key/{key}",
        "GrantId": made["GrantId"],
        "Name": "n",
        "GranteePrincipal": arn_of(server, "grantee"),
        "RetiringPrincipal": arn_of(server, "admin"),
        "IssuingAccount": f"arn:aws:iam::{server.account}:root",
        "Operations": ["Encrypt"],
        "Constraints": {"EncryptionContextSubset": CONTEXT},
    }


def test_list_grants_filters_and_pages(server: Any, kms: Any, key: str, user: Any, grant: Callable[..., Any]) -> None:
    user("second")
    ids = {grant("Encrypt")["GrantId"] for _ in range(3)}
    lone = grant("Encrypt", GranteePrincipal=arn_of(server, "second"))["GrantId"]
    pages = kms.get_paginator("list_grants").paginate(KeyId=key, PaginationConfig={"PageSize": 2})
    assert {each["GrantId"] for page in pages for each in page["Grants"]} == ids | {lone}
    by_grantee = kms.list_grants(KeyId=key, GranteePrincipal=arn_of(server, "second"))["Grants"]
    assert [each["GrantId"] for each in by_grantee] == [lone]
    assert [each["GrantId"] for each in kms.list_grants(KeyId=key, GrantId=lone)["Grants"]] == [lone]
    assert kms.list_grants(KeyId=key, GrantId="0" * 64)["Grants"] == []


def test_list_grants_takes_no_more_than_100(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    assert refused(kms.list_grants, KeyId=key, Limit=101).code == "ValidationException"
    assert kms.list_grants(KeyId=key, Limit=100)["Grants"] == []


def test_list_retirable_grants(server: Any, kms: Any, grant: Callable[..., Any], refused: Callable[..., Any]) -> None:
    made = grant("Encrypt", RetiringPrincipal=arn_of(server, "admin"))
    grant("Encrypt")
    listed = kms.list_retirable_grants(RetiringPrincipal=arn_of(server, "admin"))["Grants"]
    assert [each["GrantId"] for each in listed] == [made["GrantId"]]
    assert refused(kms.list_retirable_grants).code == "ValidationException"
    strange = "arn:aws:iam::999999999999:user/x"
    assert refused(kms.list_retirable_grants, RetiringPrincipal=strange).code == "InvalidArnException"


REFUSED = [
    ({"Operations": ["CreateGrant"]}, {"Operations": ["CreateGrant", "Encrypt"]}, "ValidationException"),
    ({"Operations": ["GenerateMac"]}, {"Operations": ["GenerateDataKey"]}, "ValidationException"),
    ({"Operations": ["GetPublicKey"]}, {"Operations": ["DescribeKey"]}, "ValidationException"),
    ({"GranteePrincipal": "nobody"}, {"GranteePrincipal": "grantee"}, "InvalidArnException"),
    ({"RetiringPrincipal": "nobody"}, {"RetiringPrincipal": "grantee"}, "InvalidArnException"),
    ({"GrantTokens": ["abcd"]}, {"GrantTokens": []}, "InvalidGrantTokenException"),
    (
        {"Constraints": {"EncryptionContextSubset": {str(n): "x" for n in range(9)}}},
        {"Constraints": {"EncryptionContextSubset": {str(n): "x" for n in range(8)}}},
        "ValidationException",
    ),
    (
        {"Constraints": {"EncryptionContextSubset": {"a": "x" * 385}}},
        {"Constraints": {"EncryptionContextSubset": {"a": "x" * 384}}},
        "ValidationException",
    ),
]


@pytest.mark.parametrize(("wrong", "right", "code"), REFUSED)
def test_create_grant_refusals_and_their_twins(
    server: Any, kms: Any, *, key: str, grantee: Any, refused: Callable[..., Any], wrong: Any, right: Any, code: str
) -> None:
    def asked(changes: dict[str, Any]) -> dict[str, Any]:
        whole = {"KeyId": key, "GranteePrincipal": "grantee", "Operations": ["Encrypt"], **changes}
        named = {
            name: arn_of(server, whole[name]) for name in ("GranteePrincipal", "RetiringPrincipal") if name in whole
        }
        return {**whole, **named}

    assert refused(kms.create_grant, **asked(wrong)).code == code
    assert kms.create_grant(**asked(right))["GrantId"]


def test_create_grant_takes_no_alias(
    server: Any, kms: Any, key: str, grantee: Any, refused: Callable[..., Any]
) -> None:
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    refusal = refused(
        kms.create_grant, KeyId="alias/a", GranteePrincipal=arn_of(server, "grantee"), Operations=["Encrypt"]
    )
    assert refusal[:2] == ("InvalidArnException", "Key Aliases are not supported for this operation.")


def test_grant_of_a_service_needs_source_and_retiring_principal(
    kms: Any, key: str, server: Any, refused: Callable[..., Any]
) -> None:
    asked = {
        "KeyId": key,
        "Operations": ["Encrypt"],
        "GranteeServicePrincipal": "events.amazonaws.com",
        "RetiringPrincipal": arn_of(server, "admin"),
    }
    assert refused(kms.create_grant, **asked).code == "ValidationException"
    kms.create_grant(**asked, Constraints={"SourceArn": "arn:aws:events:us-east-1:123456789012:rule/x"})


class TestDelegation:
    """A right to make grants that came from a grant."""

    @pytest.mark.parametrize(
        ("members", "allowed"),
        [
            ({"Operations": ["Encrypt"], "Constraints": {"EncryptionContextSubset": CONTEXT}}, True),
            ({"Operations": ["Encrypt"], "Constraints": {"EncryptionContextEquals": {**CONTEXT, "a": "b"}}}, True),
            ({"Operations": ["Decrypt"], "Constraints": {"EncryptionContextSubset": CONTEXT}}, False),
            ({"Operations": ["Encrypt"]}, False),
            ({"Operations": ["Encrypt"], "Constraints": {"EncryptionContextSubset": {"Purpose": "Test"}}}, False),
        ],
    )
    def test_gives_on_the_same_or_less(
        self,
        server: Any,
        key: str,
        *,
        grantee: Any,
        user: Any,
        grant: Callable[..., Any],
        refused: Callable[..., Any],
        members: dict[str, Any],
        allowed: bool,
    ) -> None:
        user("next")
        grant("CreateGrant", "Encrypt", Constraints={"EncryptionContextSubset": CONTEXT})
        asked = {"KeyId": key, "GranteePrincipal": arn_of(server, "next"), **members}
        if allowed:
            assert grantee.create_grant(**asked)["GrantId"]
        else:
            assert refused(grantee.create_grant, **asked).code == "AccessDeniedException"


class TestRetiring:
    """Who may retire a grant is said by the grant."""

    def test_by_token_by_the_retiring_principal(
        self, server: Any, key: str, *, user: Any, grantee: Any, grant: Callable[..., Any], refused: Callable[..., Any]
    ) -> None:
        retiring = user("retiring")
        made = grant("Encrypt", RetiringPrincipal=arn_of(server, "retiring"))
        assert refused(grantee.retire_grant, GrantToken=made["GrantToken"]).code == "AccessDeniedException"
        retiring.retire_grant(GrantToken=made["GrantToken"])
        assert refused(grantee.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
        assert refused(retiring.retire_grant, GrantToken=made["GrantToken"]).code == "NotFoundException"

    def test_by_id_by_a_grantee_whose_grant_says_so(self, key: str, grantee: Any, grant: Callable[..., Any]) -> None:
        made = grant("Encrypt", "RetireGrant", Constraints={"EncryptionContextEquals": CONTEXT})
        grantee.retire_grant(KeyId=key, GrantId=made["GrantId"])

    def test_by_whom_the_issuing_account_delegates_to(self, key: str, user: Any, grant: Callable[..., Any]) -> None:
        made = grant("Encrypt")
        user("delegate", {"Action": "kms:RetireGrant"}).retire_grant(GrantToken=made["GrantToken"])

    def test_key_policy_cannot_allow_it_but_can_deny_it(
        self, server: Any, kms: Any, *, key: str, user: Any, grant: Callable[..., Any], refused: Callable[..., Any]
    ) -> None:
        named, retiring = user("named"), user("retiring")
        made = grant("Encrypt", RetiringPrincipal=arn_of(server, "retiring"))
        root = {"Principal": {"AWS": server.account}, "Action": "kms:*", "Resource": "*"}
        allow = {"Principal": {"AWS": arn_of(server, "named")}, "Action": "kms:RetireGrant", "Resource": "*"}
        deny = {**allow, "Effect": "Deny", "Principal": {"AWS": arn_of(server, "retiring")}}
        kms.put_key_policy(KeyId=key, Policy=server.document(root, allow, deny))
        assert refused(named.retire_grant, GrantToken=made["GrantToken"]).code == "AccessDeniedException"
        assert refused(retiring.retire_grant, GrantToken=made["GrantToken"]).code == "AccessDeniedException"
        kms.put_key_policy(KeyId=key, Policy=server.document(root, allow))
        retiring.retire_grant(GrantToken=made["GrantToken"])

    def test_refusals(self, kms: Any, key: str, grant: Callable[..., Any], refused: Callable[..., Any]) -> None:
        made = grant("Encrypt")
        changed = made["GrantToken"][:-8] + "AAAAAAA="
        assert refused(kms.retire_grant).code == "ValidationException"
        assert refused(kms.retire_grant, KeyId=key).code == "ValidationException"
        assert refused(kms.retire_grant, GrantToken=changed).code == "InvalidGrantTokenException"
        assert refused(kms.retire_grant, KeyId=key, GrantId="0" * 64).code == "NotFoundException"
        assert refused(kms.retire_grant, GrantToken=made["GrantToken"], DryRun=True).code == "DryRunOperationException"
        kms.retire_grant(KeyId=key, GrantId=made["GrantId"])


class TestRevoking:
    def test_stops_the_grantee_at_once(
        self, kms: Any, key: str, grantee: Any, grant: Callable[..., Any], refused: Callable[..., Any]
    ) -> None:
        made = grant("Encrypt")
        grantee.encrypt(KeyId=key, Plaintext=b"x")
        assert (
            refused(kms.revoke_grant, KeyId=key, GrantId=made["GrantId"], DryRun=True).code
            == "DryRunOperationException"
        )
        grantee.encrypt(KeyId=key, Plaintext=b"x")
        kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
        assert refused(grantee.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"

    def test_needs_the_right_and_a_grant_of_that_key(
        self, kms: Any, key: str, user: Any, grant: Callable[..., Any], refused: Callable[..., Any]
    ) -> None:
        made = grant("Encrypt")
        other = kms.create_key()["KeyMetadata"]["KeyId"]
        assert refused(kms.revoke_grant, KeyId=other, GrantId=made["GrantId"]).code == "NotFoundException"
        without, with_right = user("without"), user("with", {"Action": "kms:RevokeGrant"})
        assert refused(without.revoke_grant, KeyId=key, GrantId=made["GrantId"]).code == "AccessDeniedException"
        with_right.revoke_grant(KeyId=key, GrantId=made["GrantId"])


def test_token_is_checked_wherever_it_is_given(
    server: Any, kms: Any, *, key: str, grantee: Any, grant: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    token = grant("Encrypt")["GrantToken"]
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[token])["CiphertextBlob"]
    refusal = refused(kms.encrypt, KeyId=other, Plaintext=b"x", GrantTokens=[token])
    assert refusal.code == "InvalidGrantTokenException"
    assert refused(kms.describe_key, KeyId=key, GrantTokens=["x"]).code == "InvalidGrantTokenException"


def test_grant_is_not_for_a_later_namesake(
    server: Any, user: Any, *, key: str, grantee: Any, grant: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    grant("Encrypt")
    iam = server.client("iam")
    for each in iam.list_access_keys(UserName="grantee")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="grantee", AccessKeyId=each["AccessKeyId"])
    iam.delete_user(UserName="grantee")
    assert refused(user("grantee").encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"


def test_grant_to_a_role_is_for_its_sessions(server: Any, kms: Any, key: str, refused: Callable[..., Any]) -> None:
    iam, sts = server.client("iam"), server.client("sts")
    trust = server.document({"Principal": {"AWS": server.account}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    entered = sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    worker = server.client("kms", server.credentials(entered))
    assert refused(worker.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
    kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    assert worker.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def test_grant_across_accounts_needs_the_grantees_own_policy_too(
    kms: Any, key: str, other: Any, refused: Callable[..., Any]
) -> None:
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    without, with_policy = other.kms("without"), other.kms("with", {"Action": "kms:Encrypt"})
    for name in ("without", "with"):
        kms.create_grant(KeyId=key, GranteePrincipal=other.arn(name), Operations=["Encrypt"])
    assert refused(without.encrypt, KeyId=arn, Plaintext=b"x").code == "AccessDeniedException"
    assert with_policy.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]


def test_dry_run_makes_no_grant(server: Any, kms: Any, key: str, grantee: Any, refused: Callable[..., Any]) -> None:
    asked = {"KeyId": key, "GranteePrincipal": arn_of(server, "grantee"), "Operations": ["Encrypt"]}
    refusal = refused(kms.create_grant, **asked, DryRun=True)
    assert refusal == (
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
        400,
    )
    assert kms.list_grants(KeyId=key)["Grants"] == []
