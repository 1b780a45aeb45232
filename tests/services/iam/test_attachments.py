"""Managed policies attached to users, groups and roles, driven by boto3 over a real server."""

from __future__ import annotations

import pytest

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
KINDS = ["user", "group", "role"]


@pytest.fixture
def entity(iam, server, trusting):
    """Makes an entity of a kind; its calls by attribute: entity(kind).attach(arn)."""

    class Entity:
        def __init__(self, kind):
            self.kind = kind
            self.named = {f"{kind.title()}Name": "e"}
            extra = {"AssumeRolePolicyDocument": trusting(server.account)} if kind == "role" else {}
            getattr(iam, f"create_{kind}")(**self.named, **extra)

        def attach(self, arn):
            getattr(iam, f"attach_{self.kind}_policy")(**self.named, PolicyArn=arn)

        def detach(self, arn):
            getattr(iam, f"detach_{self.kind}_policy")(**self.named, PolicyArn=arn)

        def list(self, **page):
            return getattr(iam, f"list_attached_{self.kind}_policies")(**self.named, **page)

    return Entity


def _make(iam, server, name, **members):
    document = server.document({"Action": "iam:ListUsers"})
    return iam.create_policy(PolicyName=name, PolicyDocument=document, **members)["Policy"]["Arn"]


@pytest.mark.parametrize("kind", KINDS)
def test_attach_is_idempotent_listed_and_undone(entity, refused, kind):
    it = entity(kind)
    it.attach(READ_ONLY)
    it.attach(READ_ONLY)
    assert it.list()["AttachedPolicies"] == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    it.detach(READ_ONLY)
    assert it.list()["AttachedPolicies"] == []
    with refused("NoSuchEntity", f"Policy {READ_ONLY} was not found.", status=404):
        it.detach(READ_ONLY)


@pytest.mark.parametrize("kind", KINDS)
def test_an_eleventh_policy_is_refused(iam, server, entity, refused, kind):
    it = entity(kind)
    arns = [_make(iam, server, f"p{number:02}") for number in range(11)]
    for arn in arns[:10]:
        it.attach(arn)
    with refused("LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind.title()}: 10"):
        it.attach(arns[10])
    it.detach(arns[0])
    it.attach(arns[10])
    first = it.list(MaxItems=4)
    rest = it.list(Marker=first["Marker"])
    assert [policy["PolicyArn"] for policy in first["AttachedPolicies"] + rest["AttachedPolicies"]] == arns[1:]


def test_a_policy_that_does_not_exist_is_refused(entity, server, refused):
    it = entity("user")
    arn = f"arn:aws:iam::{server.account}:policy/none"
    with refused("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", status=404):
        it.attach(arn)
    with refused("ValidationError", "Invalid ARN:  Could not be parsed!"):
        it.attach("not-an-arn-but-long-enough")


def test_a_policy_for_services_only_is_refused(entity, refused):
    it = entity("role")
    with refused("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.", status=400):
        it.attach("arn:aws:iam::aws:policy/aws-service-role/AmazonSSMServiceRolePolicy")
    it.attach("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")


def test_listing_by_path(iam, server, entity):
    it = entity("user")
    it.attach(_make(iam, server, "p", Path="/x/"))
    it.attach(READ_ONLY)
    assert [policy["PolicyName"] for policy in it.list(PathPrefix="/x/")["AttachedPolicies"]] == ["p"]


def test_an_attached_policy_acts_at_once_and_no_longer_than_it_stands(iam, server, refused):
    caller = server.client("iam", server.user("u"))
    arn = _make(iam, server, "p")
    for _ in range(3):
        with refused("AccessDenied"):
            caller.list_users()
        iam.attach_user_policy(UserName="u", PolicyArn=arn)
        caller.list_users()
        iam.detach_user_policy(UserName="u", PolicyArn=arn)


def test_attaching_can_be_limited_to_some_policies(iam, server, refused):
    statement = {"Action": "iam:AttachUserPolicy", "Condition": {"ArnEquals": {"iam:PolicyARN": READ_ONLY}}}
    caller = server.client("iam", server.user("u", statement))
    with refused("AccessDenied"):
        caller.attach_user_policy(UserName="u", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    caller.attach_user_policy(UserName="u", PolicyArn=READ_ONLY)


def test_entities_of_a_policy_by_kind_use_path_and_page(iam, server, trusting):
    arn = _make(iam, server, "p")
    iam.create_user(UserName="u", Path="/x/")
    iam.create_user(UserName="bounded", PermissionsBoundary=arn)
    iam.create_group(GroupName="g")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(server.account))
    iam.attach_user_policy(UserName="u", PolicyArn=arn)
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    iam.attach_role_policy(RoleName="r", PolicyArn=arn)

    def names(**filters):
        answer = iam.list_entities_for_policy(PolicyArn=arn, **filters)
        return [
            [user["UserName"] for user in answer["PolicyUsers"]],
            [group["GroupName"] for group in answer["PolicyGroups"]],
            [role["RoleName"] for role in answer["PolicyRoles"]],
        ]

    assert names() == [["bounded", "u"], ["g"], ["r"]]
    assert names(EntityFilter="User") == [["bounded", "u"], [], []]
    assert names(PolicyUsageFilter="PermissionsBoundary") == [["bounded"], [], []]
    assert names(PolicyUsageFilter="PermissionsPolicy") == [["u"], ["g"], ["r"]]
    assert names(PathPrefix="/x/") == [["u"], [], []]
    first = iam.list_entities_for_policy(PolicyArn=arn, MaxItems=2)
    assert (len(first["PolicyGroups"]), len(first["PolicyRoles"]), first["IsTruncated"]) == (1, 1, True)
    rest = iam.list_entities_for_policy(PolicyArn=arn, Marker=first["Marker"])
    assert [user["UserName"] for user in rest["PolicyUsers"]] == ["bounded", "u"]
    user = iam.get_user(UserName="u")["User"]
    assert rest["PolicyUsers"][1]["UserId"] == user["UserId"]
