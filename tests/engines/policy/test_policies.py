"""Compiled policies: scopes, caches and their bounds."""

import json

import pytest

from casemate.engines.policy import DictKeys, PolicySyntaxError, compile_policy, evaluate, permit
from casemate.engines.policy.policies import MAX_CANDIDATES, MAX_HEARINGS, MAX_NAME, MAX_SELECTIONS, PolicyCache
from casemate.engines.policy.requests import Standing, Target


def document(*statements, version="2012-10-17"):
    return json.dumps({"Version": version, "Statement": list(statements)})


def identity(action="s3:*", resource="*", **more):
    return compile_policy(document({"Effect": "Allow", "Action": action, "Resource": resource, **more}), "identity")


def covers(policy, action, resource="*", **keys):
    (statement,) = policy.statements
    return statement.covers(action.lower(), resource, DictKeys.of(keys))


@pytest.mark.parametrize(
    ("pattern", "action", "result"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:*Object", "s3:GetObject", True),
        ("s3:G?tObject", "s3:GetObject", True),
        ("s3:Get", "s3:GetObject", False),
        ("*", "anything:AtAll", True),
        ("s3:*", "s3express:GetObject", False),
        (["a:B", "s3:List*"], "s3:ListBucket", True),
    ],
)
def test_actions_match_without_case(pattern, action, result):
    assert covers(identity(action=pattern), action) is result


@pytest.mark.parametrize(
    ("pattern", "resource", "result"),
    [
        ("*", "*", True),
        ("*", "arn:aws:s3:::b", True),
        ("arn:aws:s3:::*", "*", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::B", "arn:aws:s3:::b", False),
        ("arn:aws:kms:*:111122223333:key/*", "arn:aws:kms:us-east-1:111122223333:key/1", True),
        ("arn:aws:kms:*:key/*", "arn:aws:kms:us-east-1:111122223333:key/1", False),
        ("arn:aws:kms:*", "arn:aws:kms:us-east-1:111122223333:key/1", False),
        ("arn:aws:kms:us-east-?:*:key/?", "arn:aws:kms:us-east-1:111122223333:key/1", True),
        ("arn:*:iam::*:role/*", "arn:aws-cn:iam::1:role/a", True),
        ("arn:aws:iam::1:role/*", "arn:aws:iam::1:role/path/a", True),
        ("arn:aws:s3:::a*c*e", "arn:aws:s3:::abcde", True),
        ("arn:aws:s3:::a*c*e", "arn:aws:s3:::abde", False),
    ],
)
def test_resources_match_part_by_part(pattern, resource, result):
    assert covers(identity(resource=pattern), "s3:x", resource) is result


def test_variables_count_behind_the_fifth_colon_only():
    keys = {"aws:username": "alice", "aws:principalaccount": "111122223333"}
    behind = identity(resource="arn:aws:s3:::b/${aws:username}")
    assert covers(behind, "s3:x", "arn:aws:s3:::b/alice", **keys)
    before = identity(resource="arn:aws:iam::${aws:PrincipalAccount}:role/x")
    assert not covers(before, "s3:x", "arn:aws:iam::111122223333:role/x", **keys)


def test_a_substituted_star_is_no_wildcard():
    policy = identity(resource="arn:aws:s3:::b/${aws:username}/*")
    assert not covers(policy, "s3:x", "arn:aws:s3:::b/bob/x", **{"aws:username": "*"})
    assert covers(policy, "s3:x", "arn:aws:s3:::b/*/x", **{"aws:username": "*"})


def test_a_not_resource_without_value_applies_to_everything():
    body = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/${aws:username}"}
    policy = compile_policy(document(body), "identity")
    assert covers(policy, "s3:x", "arn:aws:s3:::b/alice")
    assert not covers(policy, "s3:x", "arn:aws:s3:::b/alice", **{"aws:username": "alice"})


def test_a_policy_is_compiled_once_by_content():
    text = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    assert compile_policy(text, "identity") is compile_policy(str(text), "identity")
    assert compile_policy(text, "identity") is not compile_policy(text, "session")


def test_a_named_policy_shares_what_was_compiled():
    policy = identity()
    named = policy.with_source("arn:aws:iam::111122223333:policy/p")
    assert (policy.source, named.source) == (None, "arn:aws:iam::111122223333:policy/p")
    assert named.statements is policy.statements
    assert named.selection(("s3:x", "*")) is policy.selection(("s3:x", "*"))


def test_the_cache_forgets_the_oldest_when_the_text_outgrows_it():
    texts = [document({"Effect": "Allow", "Action": f"s3:x{n:04}", "Resource": "*"}) for n in range(10)]
    cache = PolicyCache(len(texts[0]) * 3)
    kept = [cache.get(text, "identity") for text in texts]
    assert len(cache) == 3
    assert cache.get(texts[-1], "identity") is kept[-1]
    assert cache.get(texts[0], "identity") is not kept[0]
    assert len(cache) == 3


def test_what_is_no_policy_is_not_cached():
    cache = PolicyCache(1000)
    with pytest.raises(PolicySyntaxError):
        cache.get("{}", "identity")
    assert len(cache) == 0


def test_remembered_questions_are_bounded(callers):
    allow = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
    policy = compile_policy(document({**allow, "Principal": "*"}), "resource")
    standing = Standing((identity(resource="arn:aws:s3:::b/*"),))
    for number in range(1000):
        target = Target("s3:GetObject", f"arn:aws:s3:::b/{number}", None, policy)
        assert evaluate(callers["session"](name=f"s{number}"), standing, target, DictKeys())
    assert len(policy._selections) <= MAX_SELECTIONS
    assert len(standing._plans) <= MAX_SELECTIONS
    for number in range(1000):
        assert evaluate(
            callers["session"](name=f"s{number}"),
            standing,
            Target("s3:GetObject", "arn:aws:s3:::b/1", None, policy),
            DictKeys(),
        )
    assert len(policy.selection(("s3:GetObject", "arn:aws:s3:::b/1")).hearings) <= MAX_HEARINGS


def test_a_policy_of_many_statements_remembers_fewer_questions():
    policy = compile_policy(document(*[{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}] * 1000), "identity")
    for number in range(50):
        policy.selection(("s3:GetObject", f"arn:aws:s3:::b/{number}"))
    assert len(policy._selections) <= MAX_CANDIDATES // 1000


def test_long_resources_are_answered_but_not_remembered():
    policy = identity(resource="arn:aws:s3:::long/*")
    before = len(policy._selections)
    assert policy.selection(("s3:x", "arn:aws:s3:::long/" + "a" * MAX_NAME)).grants
    assert len(policy._selections) == before


def test_callers_of_one_arn_and_different_roles_are_told_apart(callers):
    statement = {"Effect": "Allow", "Principal": {"AWS": "AROANEWXXXXXXXXXXXXX"}, "Action": "s3:*", "Resource": "*"}
    policy = compile_policy(document(statement), "resource")
    target = Target("s3:GetObject", "arn:aws:s3:::b/1", None, policy)
    new, old = callers["session"]("new"), callers["session"]("new")
    object.__setattr__(old, "unique_id", "AROAOLDXXXXXXXXXXXXX")
    old.__post_init__()
    assert evaluate(new, Standing(), target, DictKeys()).allowed
    assert not evaluate(old, Standing(), target, DictKeys()).allowed
    assert evaluate(new, Standing(), target, DictKeys()).allowed


def test_a_policy_about_all_resources_remembers_one_answer_an_action(callers):
    policy = compile_policy(
        document({"Sid": "Unshared", "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"}),
        "resource",
    )
    standing = Standing((identity(),))
    for number in range(1000):
        target = Target("s3:GetObject", f"arn:aws:s3:::b/{number}", None, policy)
        assert evaluate(callers["user"](), standing, target, DictKeys())
    assert standing.everywhere
    assert len(policy._selections) == len(standing._plans) == 1


@pytest.mark.parametrize(
    ("resource", "everywhere"), [("*", True), (["arn:aws:s3:::b", "*"], True), ("arn:aws:s3:::*", False), ("**", True)]
)
def test_a_policy_is_about_all_resources_only_with_a_star(resource, everywhere):
    assert identity(resource=resource).everywhere is everywhere


def test_one_statement_about_one_resource_makes_answers_differ_by_resource(callers):
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    but = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret"}
    standing = Standing((identity(),), None, None, ((compile_policy(document(everything, but), "scp"),),))
    assert not standing.everywhere
    for name, allowed in (("open", True), ("secret", False), ("open", True)):
        target = Target("s3:GetObject", f"arn:aws:s3:::b/{name}")
        assert evaluate(callers["user"](), standing, target, DictKeys()).allowed is allowed
        assert (permit(callers["user"](), standing, target, DictKeys()) is not None) is allowed


def test_a_not_resource_of_everything_is_about_nothing():
    statement = {"Effect": "Allow", "Action": "s3:*", "NotResource": "*"}
    policy = compile_policy(document(statement), "identity")
    assert not policy.everywhere
    assert policy.selection(("s3:GetObject", "arn:aws:s3:::b/1")).grants is None
