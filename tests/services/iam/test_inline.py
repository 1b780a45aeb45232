"""Inline policies of users, groups and roles, driven by boto3 over a real server."""

from __future__ import annotations

import pytest

KINDS = ["user", "group", "role"]
LIMITS = {"user": 2048, "group": 5120, "role": 10240}


@pytest.fixture
def entity(iam, server, trusting):
    """Makes an entity of a kind and gives its calls: entity(kind).put(PolicyName=…)."""

    class Entity:
        def __init__(self, kind):
            self.kind = kind
            self.named = {f"{kind.title()}Name": "e"}
            extra = {"AssumeRolePolicyDocument": trusting(server.account)} if kind == "role" else {}
            getattr(iam, f"create_{kind}")(**self.named, **extra)

        def put(self, name, document):
            getattr(iam, f"put_{self.kind}_policy")(**self.named, PolicyName=name, PolicyDocument=document)

        def get(self, name):
            return getattr(iam, f"get_{self.kind}_policy")(**self.named, PolicyName=name)

        def list(self, **page):
            return getattr(iam, f"list_{self.kind}_policies")(**self.named, **page)

        def delete(self, name):
            getattr(iam, f"delete_{self.kind}_policy")(**self.named, PolicyName=name)

    return Entity


@pytest.mark.parametrize("kind", KINDS)
def test_inline_policies_are_put_got_listed_and_deleted(entity, server, refused, kind):
    it = entity(kind)
    for name in ("b", "a", "c"):
        it.put(name, server.document({"Action": f"s3:{name}"}))
    it.put("a", server.document({"Action": "s3:other"}))
    answer = it.get("a")
    assert answer["PolicyDocument"]["Statement"][0]["Action"] == "s3:other"
    assert answer["PolicyName"] == "a"
    assert answer[f"{kind.title()}Name"] == "e"
    first = it.list(MaxItems=2)
    assert first["PolicyNames"] == ["a", "b"]
    assert it.list(MaxItems=2, Marker=first["Marker"])["PolicyNames"] == ["c"]
    it.delete("a")
    assert it.list()["PolicyNames"] == ["b", "c"]
    with refused("NoSuchEntity", f"The {kind} policy with name a cannot be found.", status=404):
        it.get("a")
    with refused("NoSuchEntity", f"The {kind} policy with name a cannot be found."):
        it.delete("a")


@pytest.mark.parametrize("kind", KINDS)
def test_inline_policies_share_a_limit(entity, server, refused, kind):
    it, limit = entity(kind), LIMITS[kind]

    def of(size):
        text = server.document({"Action": "s3:Get"})
        return text.replace("s3:Get", "s3:Get" + "x" * (size - len(text)))

    it.put("one", of(limit - 500))
    it.put("two", of(500) + "  \n")
    with refused("LimitExceeded", f"Maximum policy size of {limit} bytes exceeded for {kind} e", status=409):
        it.put("two", of(501))
    it.put("one", of(400))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ("{", "Syntax errors in policy."),
        (
            '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
            "Policy document must be version 2012-10-17 or greater.",
        ),
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}',
            "Policy document should not specify a principal.",
        ),
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}',
            "Policy statement must contain resources.",
        ),
        (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}]}',
            'Resource bucket must be in ARN format or "*".',
        ),
    ],
)
def test_a_document_that_is_no_policy_is_refused(entity, refused, document, text):
    it = entity("user")
    with refused("MalformedPolicyDocument", text, status=400):
        it.put("p", document)


def test_a_document_with_foreign_characters_is_a_validation_error(entity, server, refused):
    it = entity("user")
    with refused("ValidationError", status=400):
        it.put("p", server.document({"Sid": "x", "Action": "s3:☃"}))


def test_an_inline_policy_acts_at_once_and_no_longer_than_it_stands(iam, server, refused):
    caller = server.client("iam", server.user("u"))
    for _ in range(3):
        with refused("AccessDenied"):
            caller.list_users()
        iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=server.document({"Action": "iam:ListUsers"}))
        caller.list_users()
        iam.delete_user_policy(UserName="u", PolicyName="p")
