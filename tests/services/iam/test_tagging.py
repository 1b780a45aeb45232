"""Tags of users, roles, policies and instance profiles, driven by boto3 over a real server."""

from __future__ import annotations

import pytest

KINDS = ["user", "role", "policy", "instance_profile"]


@pytest.fixture
def entity(iam, server, trusting):
    """Makes a resource of a kind; its calls by attribute: entity(kind).tag(k="v")."""

    class Entity:
        def __init__(self, kind):
            self.kind = kind
            if kind == "user":
                self.named = {"UserName": "e"}
                iam.create_user(**self.named)
            elif kind == "role":
                self.named = {"RoleName": "e"}
                iam.create_role(**self.named, AssumeRolePolicyDocument=trusting(server.account))
            elif kind == "policy":
                document = server.document({"Action": "s3:*"})
                made = iam.create_policy(PolicyName="e", PolicyDocument=document)
                self.named = {"PolicyArn": made["Policy"]["Arn"]}
            else:
                self.named = {"InstanceProfileName": "e"}
                iam.create_instance_profile(**self.named)

        def tag(self, *tags):
            listed = [{"Key": key, "Value": value} for key, value in tags]
            getattr(iam, f"tag_{self.kind}")(**self.named, Tags=listed)

        def untag(self, *keys):
            getattr(iam, f"untag_{self.kind}")(**self.named, TagKeys=list(keys))

        def list(self, **page):
            return getattr(iam, f"list_{self.kind}_tags")(**self.named, **page)

        def tags(self):
            return [(tag["Key"], tag["Value"]) for tag in self.list()["Tags"]]

    return Entity


@pytest.mark.parametrize("kind", KINDS)
def test_tags_are_added_replaced_without_regard_to_case_paged_and_removed(entity, kind):
    it = entity(kind)
    it.tag(("Team", "blue"), ("b", "1"))
    it.tag(("team", "red"), ("c", ""))
    assert it.tags() == [("b", "1"), ("c", ""), ("team", "red")]
    first = it.list(MaxItems=2)
    assert [tag["Key"] for tag in it.list(Marker=first["Marker"])["Tags"]] == ["team"]
    it.untag("TEAM", "nothing")
    assert it.tags() == [("b", "1"), ("c", "")]


def test_keys_that_differ_only_in_case_are_refused(entity, refused):
    it = entity("user")
    text = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    with refused("InvalidInput", text, status=400):
        it.tag(("k", "1"), ("K", "2"))
    it.tag(("k", "1"), ("K2", "2"))


def test_keys_of_aws_are_refused(entity, refused):
    it = entity("user")
    with refused("InvalidInput", status=400):
        it.tag(("AWS:x", "1"))


def test_a_fifty_first_tag_is_refused(entity, refused):
    it = entity("role")
    it.tag(*((f"k{number}", "v") for number in range(50)))
    with refused("LimitExceeded", status=409):
        it.tag(("k50", "v"))
    it.tag(("K49", "w"))
    assert len(it.tags()) == 50


@pytest.mark.parametrize("prefix", ["aws", "iam"])
def test_resource_tags_are_condition_keys(iam, server, entity, refused, prefix):
    it = entity("user")
    statement = {"Action": "iam:GetUser", "Condition": {"StringEquals": {f"{prefix}:ResourceTag/team": "blue"}}}
    caller = server.client("iam", server.user("u", statement))
    with refused("AccessDenied"):
        caller.get_user(UserName="e")
    it.tag(("Team", "blue"))
    caller.get_user(UserName="e")


def test_a_users_tags_are_its_principal_tags(iam, server, refused):
    condition = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    caller = server.client("iam", server.user("u", {"Action": "iam:ListUsers", "Condition": condition}))
    with refused("AccessDenied"):
        caller.list_users()
    iam.tag_user(UserName="u", Tags=[{"Key": "team", "Value": "blue"}])
    caller.list_users()
    iam.untag_user(UserName="u", TagKeys=["team"])
    with refused("AccessDenied"):
        caller.list_users()
