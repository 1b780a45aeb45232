"""Access keys, driven by boto3 over a real server."""

from __future__ import annotations

import json
import re


def _calls(server, credentials):
    return server.client("sts", credentials).get_caller_identity()["Arn"]


def test_create_access_key_gives_credentials_that_work(iam, server):
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    assert re.fullmatch(r"AKIARZPUZD[A-Z2-7]{10}", key["AccessKeyId"])  # it carries 123456789012
    assert len(key["SecretAccessKey"]) == 40
    assert _calls(server, server.credentials(key)) == f"arn:aws:iam::{server.account}:user/u"


def test_the_secret_is_nowhere_on_disk(iam, server):
    iam.create_user(UserName="u")
    secret = iam.create_access_key(UserName="u")["AccessKey"]["SecretAccessKey"].encode()
    generation = json.loads((server.data / "node.json").read_text())["generation"]
    contents = [path.read_bytes() for path in (server.data / f"g{generation}").rglob("*") if path.is_file()]
    assert any(b'"userName":"u"' in content for content in contents)
    assert not any(secret in content for content in contents)


def test_list_access_keys_shows_no_secret(iam):
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    listed = iam.list_access_keys(UserName="u")["AccessKeyMetadata"]
    assert listed == [{name: key[name] for name in ("UserName", "AccessKeyId", "Status", "CreateDate")}]


def test_a_third_key_is_over_the_quota(iam, refused):
    iam.create_user(UserName="u")
    first = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    iam.create_access_key(UserName="u")
    with refused("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", status=409):
        iam.create_access_key(UserName="u")
    iam.delete_access_key(UserName="u", AccessKeyId=first)
    iam.create_access_key(UserName="u")


def test_an_inactive_key_is_refused_at_once_and_works_again(iam, server, refused):
    credentials = server.user("u")
    key_id = credentials.access_key_id
    for _ in range(3):
        _calls(server, credentials)
        iam.update_access_key(UserName="u", AccessKeyId=key_id, Status="Inactive")
        with refused("InvalidClientTokenId", "The security token included in the request is invalid.", status=403):
            _calls(server, credentials)
        assert iam.list_access_keys(UserName="u")["AccessKeyMetadata"][0]["Status"] == "Inactive"
        iam.update_access_key(UserName="u", AccessKeyId=key_id, Status="Active")


def test_a_deleted_key_is_refused_at_once(iam, server, refused):
    credentials = server.user("u")
    _calls(server, credentials)
    iam.delete_access_key(UserName="u", AccessKeyId=credentials.access_key_id)
    with refused("InvalidClientTokenId", status=403):
        _calls(server, credentials)


def test_without_a_name_the_caller_is_meant(server):
    actions = ["iam:CreateAccessKey", "iam:ListAccessKeys", "iam:DeleteAccessKey", "iam:UpdateAccessKey"]
    own = f"arn:aws:iam::{server.account}:user/self"
    caller = server.client("iam", server.user("self", {"Action": actions, "Resource": own}))
    made = caller.create_access_key()["AccessKey"]
    assert made["UserName"] == "self"
    caller.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Inactive")
    caller.delete_access_key(AccessKeyId=made["AccessKeyId"])
    assert len(caller.list_access_keys()["AccessKeyMetadata"]) == 1


def test_the_key_of_another_user_is_not_found(iam, server, refused):
    key_id = server.user("owner").access_key_id
    iam.create_user(UserName="other")
    with refused("NoSuchEntity", f"The Access Key with id {key_id} cannot be found.", status=404):
        iam.delete_access_key(UserName="other", AccessKeyId=key_id)
    iam.delete_access_key(UserName="owner", AccessKeyId=key_id)


def test_a_status_that_is_none_to_set_is_refused(iam, server, refused):
    key_id = server.user("u").access_key_id
    with refused("InvalidInput"):
        iam.update_access_key(UserName="u", AccessKeyId=key_id, Status="Expired")


def test_last_use_of_an_unused_key_is_not_available(iam):
    iam.create_user(UserName="u")
    key_id = iam.create_access_key(UserName="u")["AccessKey"]["AccessKeyId"]
    answer = iam.get_access_key_last_used(AccessKeyId=key_id)
    assert answer["UserName"] == "u"
    assert answer["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}


def test_last_use_of_an_unknown_key_is_denied(iam, refused):
    with refused("AccessDenied", status=403):
        iam.get_access_key_last_used(AccessKeyId="AKIARZPUZDAAAAAAAAAA")
