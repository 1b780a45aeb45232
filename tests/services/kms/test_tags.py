"""Tags over a real server, and rights that depend on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def tag(key: str, value: str = "") -> dict[str, str]:
    return {"TagKey": key, "TagValue": value}


def test_tags_are_put_replaced_listed_and_taken(kms: Any, key: str) -> None:
    kms.tag_resource(KeyId=key, Tags=[tag("a", "1"), tag("b", "2")])
    kms.tag_resource(KeyId=key, Tags=[tag("b", "3"), tag("c")])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [tag("a", "1"), tag("b", "3"), tag("c")]
    kms.untag_resource(KeyId=key, TagKeys=["a", "none"])
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key, PaginationConfig={"PageSize": 1})
    assert [each for page in pages for each in page["Tags"]] == [tag("b", "3"), tag("c")]


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        ([tag("aws:x")], "Tags beginning with aws: are reserved"),
        ([tag("AWS:x")], "Tags beginning with aws: are reserved"),
        ([tag("a"), tag("a", "b")], "Duplicate tag keys"),
        ([tag(str(number)) for number in range(51)], "Too many tags"),
    ],
)
def test_tags_that_are_refused(kms: Any, key: str, refused: Callable[..., Any], tags: Any, text: str) -> None:
    assert refused(kms.tag_resource, KeyId=key, Tags=tags)[:2] == ("TagException", text)
    assert refused(kms.create_key, Tags=tags)[:2] == ("TagException", text)


def test_fifty_tags_fit_and_one_more_does_not(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    kms.tag_resource(KeyId=key, Tags=[tag(str(number)) for number in range(50)])
    kms.tag_resource(KeyId=key, Tags=[tag("1", "changed")])
    assert refused(kms.tag_resource, KeyId=key, Tags=[tag("more")]).message == "Too many tags"


def test_list_resource_tags_takes_no_more_than_50(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    assert refused(kms.list_resource_tags, KeyId=key, Limit=51).code == "ValidationException"
    assert kms.list_resource_tags(KeyId=key, Limit=50)["Tags"] == []


def test_rights_follow_the_tags_of_key_and_request(
    kms: Any, key: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    client = user(
        "someone",
        {"Action": "kms:Encrypt", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}},
        {
            "Action": "kms:TagResource",
            "Condition": {
                "StringEquals": {"aws:RequestTag/team": "red"},
                "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
            },
        },
    )
    assert refused(client.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
    assert refused(client.tag_resource, KeyId=key, Tags=[tag("team", "blue")]).code == "AccessDeniedException"
    assert refused(client.tag_resource, KeyId=key, Tags=[tag("team", "red"), tag("x")]).code == "AccessDeniedException"
    client.tag_resource(KeyId=key, Tags=[tag("team", "red")])
    assert client.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
