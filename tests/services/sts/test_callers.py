"""GetCallerIdentity and GetAccessKeyInfo over the real server."""

from __future__ import annotations

from casemate.foundation.ids import new_access_key_id


def test_get_caller_identity_needs_nothing_and_no_deny_stops_it(server):
    denied = server.user("denied", {"Effect": "Deny", "Action": "*"})
    who = server.client("sts", denied).get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{server.account}:user/denied"
    assert who["UserId"].startswith("AIDA")


def test_get_access_key_info_reads_the_account_from_the_id(server, refused):
    sts = server.client("sts")
    assert sts.get_access_key_info(AccessKeyId=server.admin.access_key_id)["Account"] == server.account
    unknown = new_access_key_id("AKIA", "111111111111")
    assert sts.get_access_key_info(AccessKeyId=unknown)["Account"] == "111111111111"
    for nonsense in ("AKIA0000000000000000", unknown.replace("AKIA", "AIDA", 1), "x" * 16):
        with refused("ValidationError", status=400):
            sts.get_access_key_info(AccessKeyId=nonsense)


def test_get_access_key_info_needs_the_permission(server, refused):
    key = server.admin.access_key_id
    with refused("AccessDenied", status=403):
        server.client("sts", server.user("none")).get_access_key_info(AccessKeyId=key)
    allowed = server.user("one", {"Action": "sts:GetAccessKeyInfo"})
    server.client("sts", allowed).get_access_key_info(AccessKeyId=key)
    session = server.credentials(server.client("sts", allowed).get_session_token()["Credentials"])
    with refused("AccessDenied"):
        server.client("sts", session).get_access_key_info(AccessKeyId=key)
