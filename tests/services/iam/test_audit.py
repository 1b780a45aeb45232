"""What IAM's audit records hold of its answers."""

from __future__ import annotations

import json

from casemate.services.iam.audit import recorded


def test_members_are_spelled_times_in_words_and_secrets_left_out():
    answer = {
        "AccessKey": {
            "UserName": "u",
            "AccessKeyId": "AKIA",
            "SecretAccessKey": "secret",
            "Status": "Active",
            "CreateDate": 1722376393.0,
        }
    }
    assert recorded(answer) == {
        "accessKey": {
            "userName": "u",
            "accessKeyId": "AKIA",
            "status": "Active",
            "createDate": "Jul 30, 2024 9:53:13 PM",
        }
    }


def test_midnight_and_noon_are_twelve_and_lists_are_walked():
    answer = {"Roles": [{"CreateDate": 0.0}, {"CreateDate": 43200.0}]}
    assert recorded(answer) == {
        "roles": [{"createDate": "Jan 1, 1970 12:00:00 AM"}, {"createDate": "Jan 1, 1970 12:00:00 PM"}]
    }
    assert recorded({}) == {}


def test_the_record_of_a_key_is_kept_without_its_secret(iam, server):
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    generation = json.loads((server.data / "node.json").read_text())["generation"]
    stored = b"".join(
        path.read_bytes() for path in (server.data / f"g{generation}" / "global").rglob("*") if path.is_file()
    )
    assert b'"eventName":"CreateAccessKey"' in stored
    assert b'"responseElements":{"accessKey":{"userName":"u","accessKeyId":"' + key["AccessKeyId"].encode() in stored
    assert key["SecretAccessKey"].encode() not in stored
