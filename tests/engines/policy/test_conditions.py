"""Operators, sets and absent keys: the whole table, beyond the documented examples."""

import pytest

from casemate.engines.policy import DictKeys
from casemate.engines.policy.conditions import OperatorName, compile_condition, take_apart
from casemate.engines.policy.grammar import ConditionSyntax
from casemate.engines.policy.operators import OPERATORS

ABSENT = {}


def holds(operator, values, keys, *, key="k:key", variables=True):
    values = (values,) if isinstance(values, str) else tuple(values)
    condition = compile_condition(ConditionSyntax(operator, key, values, "", mixed=False), variables=variables)
    return condition.test(DictKeys.of(keys))


VALUE = {
    "string": "a", "arn": "arn:aws:s3:::a", "numeric": "1", "date": "2020-01-01", "bool": "true", "binary": "QQ==",
    "address": "10.0.0.1",
}  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=list(OPERATORS))
def test_an_absent_key_follows_the_table_for_every_operator(operator):
    value = VALUE[operator.family]
    assert holds(operator.name, value, ABSENT) is operator.negated
    assert holds(f"{operator.name}IfExists", value, ABSENT) is True
    assert holds(f"ForAllValues:{operator.name}", value, ABSENT) is True
    assert holds(f"ForAnyValue:{operator.name}", value, ABSENT) is False
    assert holds(f"ForAnyValue:{operator.name}IfExists", value, ABSENT) is True


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=list(OPERATORS))
def test_several_values_without_a_set_operator_match_in_neither_polarity(operator):
    value = VALUE[operator.family]
    assert holds(operator.name, value, {"k:key": [value, value]}) is False
    assert holds(f"{operator.name}IfExists", value, {"k:key": [value, value]}) is False


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=list(OPERATORS))
def test_no_policy_value_is_matched_by_nothing(operator):
    assert holds(operator.name, [], {"k:key": VALUE[operator.family]}) is operator.negated


@pytest.mark.parametrize(
    ("operator", "policy", "request_", "result"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a*", "a*", True),
        ("StringEquals", "a*", "ab", False),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringEqualsIgnoreCase", "ÄB", "äb", True),
        ("StringNotEqualsIgnoreCase", "AB", "ab", False),
        ("StringLike", "a?c", "abc", True),
        ("StringLike", "A*", "abc", False),
        ("StringNotLike", ["a*", "b*"], "bc", False),
        ("StringLike", "${*}b", "*b", True),
        ("StringLike", "${*}b", "ab", False),
        ("StringLike", "a${?}", "a?", True),
        ("StringLike", "a${$}{x}", "a${x}", True),
        ("NumericEquals", "10", "10.0", True),
        ("NumericNotEquals", "10", "11", True),
        ("NumericNotEquals", "10", "ten", True),
        ("NumericLessThan", "10", "ten", False),
        ("NumericGreaterThan", "9", "10", True),
        ("NumericGreaterThanEquals", "0.1", "0.10", True),
        ("NumericEquals", "9007199254740993", "9007199254740992", False),
        ("DateEquals", "2020-01-01T00:00:00Z", "1577836800", True),
        ("DateNotEquals", "2020-01-01T00:00:00Z", "2020-01-01T01:00:00+01:00", False),
        ("DateLessThan", "2020-01-01T00:00:00Z", "2019-12-31T23:59:59.999Z", True),
        ("DateLessThanEquals", "2020-01-01", "2020-01-01T00:00:00Z", True),
        ("DateGreaterThanEquals", "2020-01-01", "never", False),
        ("Bool", "TRUE", "true", True),
        ("Bool", "true", "True", True),
        ("Bool", "true", "yes", False),
        ("Bool", ["true", "false"], "false", True),
        ("Bool", "${k:flag}", "true", True),
        ("BinaryEquals", "QUI=", "QUI=", True),
        ("BinaryEquals", "QUI=", "!!!", False),
        ("IpAddress", "10.0.0.0/8", "10.255.0.1", True),
        ("IpAddress", "10.0.0.0/8", "::ffff:10.0.0.1", False),
        ("IpAddress", "::/0", "10.0.0.1", False),
        ("IpAddress", "10.0.0.1", "10.0.0.1", True),
        ("IpAddress", "10.0.0.1", "10.0.0.2", False),
        ("NotIpAddress", ["10.0.0.0/8", "192.168.0.0/16"], "192.168.1.1", False),
        ("NotIpAddress", "10.0.0.0/8", "not an address", True),
        ("ArnEquals", "arn:aws:s3:::a*", "arn:aws:s3:::abc", True),
        ("ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:2:role/x", False),
        ("ArnLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a:b/c", True),
        ("ArnLike", "arn:aws:iam::*", "arn:aws:iam::1:role/x", False),
        ("ArnLike", "arn:*", "arn:aws:iam::1:role/x", False),
        ("ArnLike", "*", "arn:aws:iam::1:role/x", True),
        ("ArnLike", "arn:aws:s3:::a", "no arn", False),
        ("ArnNotLike", "arn:aws:s3:::a*", "arn:aws:s3:::b", True),
        ("ArnNotEquals", "arn:aws:s3:::a*", "arn:aws:s3:::ab", False),
        ("ArnLike", "arn:aws:iam::${k:account}:role/*", "arn:aws:iam::42:role/x", True),
        ("ArnLike", "${k:whole}", "arn:aws:s3:::a*", True),
        ("ArnLike", "${k:whole}", "arn:aws:s3:::ab", False),
        ("StringEquals", "${k:absent}", "x", False),
        ("StringNotEquals", "${k:absent}", "x", True),
        ("StringNotEquals", ["${k:absent}", "x"], "x", False),
        ("StringEquals", "${k:many}", "a", False),
        ("StringLike", "${k:star}", "anything", False),
        ("StringLike", "${k:star}", "*", True),
        ("StringEqualsIgnoreCase", "${k:name}", "ALICE", True),
    ],
)  # fmt: skip
def test_one_value_is_held_against_the_policy(operator, policy, request_, result):
    keys = {
        "k:account": "42",
        "k:whole": "arn:aws:s3:::a*",
        "k:many": ["a", "b"],
        "k:star": "*",
        "k:name": "alice",
        "k:flag": "true",
    }
    assert holds(operator, policy, {**keys, "k:key": request_}) is result


@pytest.mark.parametrize(
    ("operator", "policy", "values", "result"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("ForAllValues:StringEquals", ["a"], [""], True),
        ("ForAllValues:StringEquals", ["a"], ["", "a"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a"], ["c", "a"], True),
        ("ForAnyValue:StringEquals", ["a"], ["c"], False),
        ("ForAnyValue:StringEquals", [""], [""], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a"], False),
        ("ForAnyValue:StringNotEquals", ["a"], [], False),
        ("ForAnyValue:ArnLike", ["arn:aws:s3:::*"], ["x", "arn:aws:s3:::b"], True),
        ("ForAllValues:NumericLessThan", ["10"], ["1", "9"], True),
        ("ForAnyValue:IpAddress", ["10.0.0.0/8"], ["1.1.1.1", "10.1.1.1"], True),
        ("ForAllValues:StringEquals", ["a"], ["a"], True),
    ],
)
def test_sets_of_values_follow_the_table(operator, policy, values, result):
    assert holds(operator, policy, {"k:key": values}) is result


@pytest.mark.parametrize(
    ("wanted", "keys", "result"),
    [
        ("true", {}, True),
        ("false", {}, False),
        ("true", {"k:key": ""}, True),
        ("false", {"k:key": ""}, False),
        ("true", {"k:key": []}, True),
        ("true", {"k:key": "x"}, False),
        ("false", {"k:key": "x"}, True),
        ("FALSE", {"k:key": ["", "x"]}, True),
        (["true", "false"], {}, True),
    ],
)
def test_null_asks_for_absence(wanted, keys, result):
    assert holds("Null", wanted, keys) is result


def test_key_names_are_not_case_sensitive_and_tag_keys_neither():
    assert holds("StringEquals", "x", {"AWS:principaltag/TEAM": "x"}, key="aws:PrincipalTag/Team")


def test_2008_documents_compare_variables_as_text():
    assert holds("StringEquals", "${k:name}", {"k:key": "${k:name}", "k:name": "a"}, variables=False)
    assert not holds("StringEquals", "${k:name}", {"k:key": "a", "k:name": "a"}, variables=False)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "stringequals",
        "StringEqualsIfExistsIfExists",
        "ForAllValues:",
        "ForAllValues:Null",
        "NullIfExists",
        "NotBool",
        "BinaryNotEquals",
        "forallvalues:StringEquals",
        "ForAllValues:ForAnyValue:StringEquals",
    ],
)
def test_other_names_are_no_operators(name):
    assert take_apart(name) is None


def test_an_operator_is_taken_apart():
    assert take_apart("ForAnyValue:StringLikeIfExists") == OperatorName("ForAnyValue:", "StringLike", if_exists=True)
