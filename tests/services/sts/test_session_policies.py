"""Session policies: they cut what the role or user may, and never add."""

from __future__ import annotations

import pytest

KMS = {"Action": "kms:*"}
LIST = {"Action": "kms:ListKeys"}


@pytest.fixture
def kms_role(server, role):
    return role("Keys", server.account, KMS)


def test_an_inline_session_policy_cuts(server, kms_role, assume, refused):
    kms = server.client("kms", assume(kms_role, Policy=server.document(LIST)))
    kms.list_keys()
    with refused("AccessDeniedException"):
        kms.generate_random(NumberOfBytes=8)
    server.client("kms", assume(kms_role)).generate_random(NumberOfBytes=8)


def test_a_session_policy_never_adds(server, role, assume, refused):
    arn = role("Few", server.account, LIST)
    kms = server.client("kms", assume(arn, Policy=server.document({"Action": "*"})))
    kms.list_keys()
    with refused("AccessDeniedException"):
        kms.generate_random(NumberOfBytes=8)


def test_managed_session_policies_cut_and_are_a_union_with_the_inline_one(server, kms_role, assume, refused):
    managed = server.client("iam").create_policy(PolicyName="L", PolicyDocument=server.document(LIST))["Policy"]["Arn"]
    kms = server.client("kms", assume(kms_role, PolicyArns=[{"arn": managed}]))
    kms.list_keys()
    with refused("AccessDeniedException"):
        kms.generate_random(NumberOfBytes=8)
    inline = server.document({"Action": "kms:GenerateRandom"})
    both = server.client("kms", assume(kms_role, PolicyArns=[{"arn": managed}], Policy=inline))
    both.list_keys()
    both.generate_random(NumberOfBytes=8)
    with refused("AccessDeniedException"):
        both.create_key()


def test_managed_session_policies_must_exist_in_the_roles_account(server, kms_role, assume, refused):
    for arn in (f"arn:aws:iam::{server.account}:policy/Absent", "arn:aws:iam::aws:policy/NoSuchPolicyOfAws"):
        with refused("ValidationError", status=400):
            assume(kms_role, PolicyArns=[{"arn": arn}])
    assume(kms_role, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}])


def test_more_than_ten_managed_session_policies_are_refused(kms_role, assume, refused):
    administrator = {"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    assume(kms_role, PolicyArns=[administrator] * 10)
    with refused("ValidationError", status=400):
        assume(kms_role, PolicyArns=[administrator] * 11)


@pytest.mark.parametrize("text", ["{", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}', "[]"])
def test_a_malformed_session_policy_is_refused(kms_role, assume, refused, text):
    with refused("MalformedPolicyDocument", status=400):
        assume(kms_role, Policy=text)


def test_a_session_policy_may_have_2048_characters(server, kms_role, assume, refused):
    document = server.document(LIST)
    assume(kms_role, Policy=document + " " * (2048 - len(document)))
    text = "Packed policy consumes 101% of allotted space, please use smaller policy."
    with refused("PackedPolicyTooLarge", text, status=400):
        assume(kms_role, Policy=document + " " * (2049 - len(document)))


def test_packed_size_is_answered_with_a_policy(server, kms_role):
    answer = server.client("sts").assume_role(RoleArn=kms_role, RoleSessionName="test", Policy=server.document(LIST))
    assert 1 <= answer["PackedPolicySize"] <= 10


def test_a_session_policy_does_not_follow_into_the_next_role(server, role, kms_role, assume):
    first = assume(role("First", server.account, {"Action": "sts:*"}), Policy=server.document({"Action": "sts:*"}))
    server.client("kms", assume(kms_role, by=first)).list_keys()
