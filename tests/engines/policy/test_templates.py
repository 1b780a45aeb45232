"""Policy variables: parsing, defaults, literals, and what has no value."""

import time

import pytest

from casemate.engines.policy.context_keys import DictKeys
from casemate.engines.policy.templates import Variable, parse_template, plain_text, resolve, variables_of

KEYS = DictKeys.of({"aws:username": "alice", "aws:PrincipalTag/Team": "red*", "aws:TagKeys": ["a", "b"], "empty": ""})


def resolved(text, *, wildcards=True):
    tokens = resolve(parse_template(text, variables=True, wildcards=wildcards), KEYS)
    return None if tokens is None else plain_text(tokens)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("home/${aws:username}/x", "home/alice/x"),
        ("${AWS:UserName}", "alice"),
        ("${aws:PrincipalTag/team}", "red*"),
        ("${aws:absent, 'none'}", "none"),
        ("${aws:absent,'none'}", "none"),
        ("${aws:absent, 'a}b'}", "a}b"),
        ("${aws:absent, ''}", ""),
        ("${aws:username, 'none'}", "alice"),
        ("${empty, 'none'}", ""),
        ("${*}${?}${$}", "*?$"),
        ("$${aws:username}", "$alice"),
        ("no variable", "no variable"),
        ("${unclosed", "${unclosed"),
        ("a}b", "a}b"),
    ],
)
def test_a_template_resolves_to_text(text, result):
    assert resolved(text) == result


@pytest.mark.parametrize(
    "text",
    [
        "${aws:absent}",
        "${aws:TagKeys}",
        "${aws:TagKeys, 'x'}",
        "${}",
        "${ aws:username}",
        "${aws:username, none}",
        "${a b}",
        "x${aws:username ,}y",
    ],
)
def test_a_variable_without_single_value_or_default_resolves_to_nothing(text):
    assert resolved(text) is None


def test_a_substituted_wildcard_is_literal_and_a_written_one_is_not():
    tokens = resolve(parse_template("${aws:PrincipalTag/team}-*", variables=True, wildcards=True), KEYS)
    assert tokens is not None
    assert tokens[0] == "red*-"
    assert len(tokens) == 2


def test_documents_of_2008_have_no_variables():
    assert parse_template("${aws:username}", variables=False, wildcards=False) == ("${aws:username}",)


def test_variables_are_listed_with_their_default_and_text():
    (variable,) = variables_of(parse_template("a${K, 'd'}b", variables=True, wildcards=True))
    assert variable == Variable("k", "d", "${K, 'd'}")


@pytest.mark.parametrize("text", ["${" * 60000, "${a, '" * 20000, "${a" * 40000 + "}", "${a,      " * 12000])
def test_values_of_nothing_but_beginnings_are_read_in_linear_time(text):
    started = time.perf_counter()
    parse_template(text, variables=True, wildcards=True)
    assert time.perf_counter() - started < 1
