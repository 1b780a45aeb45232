"""Documents from strangers: nothing but PolicySyntaxError comes out, and soon."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemate.engines.policy import (
    DictKeys,
    PolicySyntaxError,
    Standing,
    Subject,
    Target,
    compile_policy,
    evaluate,
    validate,
)
from casemate.engines.policy.grammar import MAX_CHARACTERS, MAX_STATEMENTS, parse
from casemate.engines.policy.linting import lint

KINDS = ["identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint"]
SUBJECT = Subject("user", "111122223333", "arn:aws:iam::111122223333:user/alice")


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"))


def statement(**more):
    return {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **more}


NAMES = st.sampled_from(
    ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
     "NotResource", "Condition", "AWS", "Service", "StringLike", "DateLessThan", "ForAllValues:ArnLike", "Null", "aws:k"]
)  # fmt: skip
TEXTS = st.sampled_from(
    ["", "*", "Allow", "Deny", "2012-10-17", "s3:Get*", "arn:aws:s3:::${aws:k}", "111122223333", "${", "${a, '", "true", "1e5"]
) | st.text(max_size=8)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(NAMES | TEXTS, children, max_size=4),
    max_leaves=20,
)
STATEMENTS = st.dictionaries(NAMES, VALUES, max_size=5).map(lambda more: {**statement(), **more})
DOCUMENTS = st.one_of(
    st.text(max_size=40),
    VALUES.map(json.dumps),
    st.lists(STATEMENTS, max_size=3).map(lambda found: document(*found)),
)


def outcome(text, kind, profile):
    """The compiled policy, or the refusal; any other exception fails the test."""
    try:
        return validate(text, kind, profile=profile)
    except PolicySyntaxError as error:
        return error


@settings(max_examples=500, deadline=None)
@given(
    DOCUMENTS,
    st.sampled_from(KINDS),
    st.sampled_from(["iam", "kms", "organizations", "secretsmanager", "s3", "generic"]),
)
def test_any_text_is_a_policy_or_a_syntax_error(text, kind, profile):
    policy = outcome(text, kind, profile)
    if isinstance(policy, PolicySyntaxError):
        assert policy.message == str(policy) != ""
        return
    lint(text, kind)
    list(policy.principals())
    keys = DictKeys.of({"aws:k": "x"})
    target = Target("s3:Get", "arn:aws:s3:::x", None, policy if kind in {"resource", "trust"} else None)
    standing = Standing((policy,)) if kind in {"identity", "boundary", "session", "scp"} else Standing()
    evaluate(SUBJECT, standing, target, keys).explain()


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 20_000, '{"Statement":' + "[" * 50_000 + "]" * 50_000 + "}", " " * (MAX_CHARACTERS + 1)],
)
def test_depth_and_length_are_bounded(text):
    with pytest.raises(PolicySyntaxError):
        compile_policy(text, "identity")


def test_the_number_of_statements_is_bounded():
    small = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    parse(document(*[small] * MAX_STATEMENTS), "identity")
    with pytest.raises(PolicySyntaxError) as caught:
        parse(document(*[small] * (MAX_STATEMENTS + 1)), "identity")
    assert "statements" in caught.value.detail


def test_an_element_that_comes_twice_is_refused_at_any_depth():
    text = document(statement(Condition={"StringEquals": {"aws:k": "a"}}))
    with pytest.raises(PolicySyntaxError) as caught:
        compile_policy(text.replace('"aws:k":"a"', '"aws:k":"a","aws:k":"b"'), "identity")
    assert "comes twice" in caught.value.detail


def test_huge_numbers_are_text_and_cost_nothing():
    big = "9" * 50_000
    with pytest.raises(PolicySyntaxError):
        compile_policy(document(statement()).replace('"s3:*"', big), "identity")
    text = document(statement(Condition={"StringEquals": {"aws:k": 1}})).replace(":1}", f":{big}}}")
    assert compile_policy(text, "identity").statements[0].conditions[0].values == (big,)


def patterns(count, pattern):
    return [f"{pattern}{number}" for number in range(count)]


@pytest.mark.parametrize(
    "body",
    [
        statement(Resource=["arn:aws:s3:::" + "a?*" * 40_000]),
        statement(Resource=["arn:aws:s3:::" + "*a" * 60_000]),
        statement(Resource=patterns(2_000, "arn:aws:s3:::" + "*a" * 20)),
        statement(Resource=["arn:aws:s3:::" + "${aws:k}*" * 12_000]),
        statement(Action=patterns(10_000, "s3:*a?")),
        statement(Condition={"StringLike": {"aws:k": ["?*" * 50_000 + "b"]}}),
        statement(Condition={"ForAllValues:StringNotLike": {"aws:many": patterns(1_500, "*a?b*" * 10)}}),
        statement(Condition={"ArnLike": {"aws:k": ["*:" * 60_000]}}),
        statement(Condition={"StringLike": {f"aws:k{number}": "*a*" for number in range(5_000)}}),
        statement(Condition={"StringEquals": {"aws:k": ["${" * 60_000]}}),
        statement(Condition={"NumericEquals": {"aws:k": ["1"] * 30_000}}),
    ],
    ids=range(11),
)  # fmt: skip
def test_hostile_documents_are_compiled_and_evaluated_in_bounded_time(body):
    text = document(body)
    assert len(text) <= MAX_CHARACTERS
    keys = DictKeys.of({"aws:k": "a" * 2_000, "aws:many": ["a" * 256] * 50})
    started = time.perf_counter()
    try:
        policy = compile_policy(text, "identity")
    except PolicySyntaxError:
        pytest.fail("the document should compile")
    evaluate(SUBJECT, Standing((policy,)), Target("s3:" + "a" * 100, "arn:aws:s3:::" + "a" * 1_000), keys)
    assert time.perf_counter() - started < 3
