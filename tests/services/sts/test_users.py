"""GetSessionToken and GetFederationToken over the real server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

LIST = {"Action": "kms:ListKeys"}


def seconds_left(credentials):
    return (credentials["Expiration"] - datetime.now(UTC)).total_seconds()


def test_get_session_token_gives_the_users_own_rights(server, refused):
    ann = server.user("ann", LIST)
    answer = server.client("sts", ann).get_session_token()
    assert 43190 < seconds_left(answer["Credentials"]) <= 43201
    session = server.credentials(answer["Credentials"])
    assert session.access_key_id.startswith("ASIA")
    who = server.client("sts", session).get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{server.account}:user/ann"
    server.client("kms", session).list_keys()
    with refused("AccessDeniedException"):
        server.client("kms", session).create_key()


def test_get_session_token_needs_no_permission_and_no_deny_stops_it(server):
    server.client("sts", server.user("none")).get_session_token(DurationSeconds=900)
    denied = server.user("denied", {"Effect": "Deny", "Action": "sts:*"})
    server.client("sts", denied).get_session_token(DurationSeconds=129600)


def test_get_session_token_with_an_mfa_code_is_refused_where_there_is_no_device(server, refused):
    with refused("AccessDenied", status=403):
        server.client("sts").get_session_token(SerialNumber="GAHT12345678", TokenCode="123456")


@pytest.mark.parametrize("name", ["GetSessionToken", "GetFederationToken"])
def test_sessions_make_no_sessions_of_users(server, role, assume, refused, name):
    every = {"Action": "*"}
    own = server.credentials(server.client("sts").get_session_token()["Credentials"])
    federated = server.client("sts").get_federation_token(Name="fred", Policy=server.document(every))
    sessions = (own, server.credentials(federated["Credentials"]), assume(role("R", server.account, every)))
    for session in sessions:
        sts = server.client("sts", session)
        with refused("AccessDenied", f"Cannot call {name} with session credentials", status=403):
            sts.get_session_token() if name == "GetSessionToken" else sts.get_federation_token(Name="fred")


def test_a_users_session_may_assume_roles_and_a_federated_user_may_not(server, role, assume, refused):
    arn = role("R", server.account)
    assume(arn, by=server.credentials(server.client("sts").get_session_token()["Credentials"]))
    federated = server.client("sts").get_federation_token(Name="fred", Policy=server.document({"Action": "*"}))
    with refused("AccessDenied", status=403):
        assume(arn, by=server.credentials(federated["Credentials"]))


def test_a_federated_user_has_its_issuers_rights_within_the_session_policy(server, refused):
    issuer = server.user("issuer", LIST, {"Action": "sts:GetFederationToken"})
    answer = server.client("sts", issuer).get_federation_token(Name="fred", Policy=server.document({"Action": "kms:*"}))
    arn = f"arn:aws:sts::{server.account}:federated-user/fred"
    assert answer["FederatedUser"] == {"FederatedUserId": f"{server.account}:fred", "Arn": arn}
    assert answer["PackedPolicySize"] > 0
    session = server.credentials(answer["Credentials"])
    who = server.client("sts", session).get_caller_identity()
    assert (who["Arn"], who["UserId"]) == (arn, f"{server.account}:fred")
    server.client("kms", session).list_keys()
    with refused("AccessDeniedException"):
        server.client("kms", session).create_key()


def test_a_federated_user_without_a_session_policy_has_no_rights(server, refused):
    answer = server.client("sts").get_federation_token(Name="fred")
    assert answer["PackedPolicySize"] == 0
    session = server.credentials(answer["Credentials"])
    server.client("sts", session).get_caller_identity()
    with refused("AccessDeniedException"):
        server.client("kms", session).list_keys()


def test_get_federation_token_needs_the_permission(server, refused):
    with refused("AccessDenied", status=403):
        server.client("sts", server.user("none")).get_federation_token(Name="fred")
    only = {"Action": "sts:GetFederationToken", "Resource": f"arn:aws:sts::{server.account}:federated-user/fred"}
    sts = server.client("sts", server.user("one", only))
    sts.get_federation_token(Name="fred")
    with refused("AccessDenied"):
        sts.get_federation_token(Name="other")
    with refused("AccessDenied"):
        sts.get_federation_token(Name="fred", Tags=[{"Key": "team", "Value": "red"}])


def test_a_federated_users_tags_are_principal_tags(server, refused):
    condition = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    policy = server.document({"Action": "kms:ListKeys", "Condition": condition})
    sts = server.client("sts")
    red = sts.get_federation_token(Name="fred", Policy=policy, Tags=[{"Key": "team", "Value": "red"}])
    server.client("kms", server.credentials(red["Credentials"])).list_keys()
    blue = sts.get_federation_token(Name="fred", Policy=policy, Tags=[{"Key": "team", "Value": "blue"}])
    with refused("AccessDeniedException"):
        server.client("kms", server.credentials(blue["Credentials"])).list_keys()


def test_a_deleted_users_sessions_stop_at_once(server, refused):
    ann = server.user("ann", LIST, {"Action": "sts:GetFederationToken"})
    sts = server.client("sts", ann)
    own = server.credentials(sts.get_session_token()["Credentials"])
    federated = server.credentials(sts.get_federation_token(Name="fred", Policy=server.document(LIST))["Credentials"])
    for session in (own, federated):
        server.client("kms", session).list_keys()
    iam = server.client("iam")
    iam.delete_access_key(UserName="ann", AccessKeyId=ann.access_key_id)
    iam.delete_user_policy(UserName="ann", PolicyName="own")
    iam.delete_user(UserName="ann")
    for session in (own, federated):
        with refused("UnrecognizedClientException"):
            server.client("kms", session).list_keys()


def test_audit_record_of_get_session_token_is_no_read_and_has_no_secret(server, records):
    answer = server.client("sts").get_session_token()
    (record,) = records("GetSessionToken")
    assert record["readOnly"] is False
    assert record["responseElements"]["credentials"]["accessKeyId"] == answer["Credentials"]["AccessKeyId"]
    assert answer["Credentials"]["SecretAccessKey"] not in str(record)
