"""Constraints of the models, in AWS's words."""

from __future__ import annotations

import pytest

from casemate.gateway.models import ServiceModel, load
from casemate.gateway.protocols import InvalidRequest, Request, codec_for
from casemate.gateway.protocols.validation import Checks, message, violations

SHAPES = {
    "Input": {
        "type": "structure",
        "required": ["Name"],
        "members": {
            "Name": {"shape": "Name"},
            "Count": {"shape": "Count"},
            "Kind": {"shape": "Kind"},
            "Secret": {"shape": "Secret"},
            "Blob": {"shape": "Blob"},
            "Names": {"shape": "Names"},
            "Tags": {"shape": "Tags"},
            "Labels": {"shape": "Labels"},
            "Ratio": {"shape": "Ratio"},
            "Tree": {"shape": "Tree"},
            "Choice": {"shape": "Choice"},
            "Nested": {"shape": "NestedMap"},
        },
    },
    "Name": {"type": "string", "min": 2, "max": 5, "pattern": "[a-z]+"},
    "Count": {"type": "integer", "min": 1, "max": 10},
    "Ratio": {"type": "double", "min": 0.5},
    "Kind": {"type": "string", "enum": ["A", "B"]},
    "Secret": {"type": "string", "min": 3, "sensitive": True},
    "Blob": {"type": "blob", "max": 2},
    "Names": {"type": "list", "member": {"shape": "Name"}, "max": 2},
    "Tag": {"type": "structure", "required": ["Key"], "members": {"Key": {"shape": "Name"}}},
    "Tags": {"type": "list", "member": {"shape": "Tag"}},
    "Labels": {"type": "map", "key": {"shape": "Name"}, "value": {"shape": "Name"}, "max": 2},
    "NestedMap": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Tag"}},
    "Text": {"type": "string"},
    "Tree": {"type": "structure", "members": {"Name": {"shape": "Name"}, "Tree": {"shape": "Tree"}}},
    "Choice": {"type": "structure", "union": True, "members": {"A": {"shape": "Name"}, "B": {"shape": "Name"}}},
}
MODEL = ServiceModel.from_dict("t", {"metadata": {"protocol": "json"}, "operations": {}, "shapes": SHAPES})
SHAPE = MODEL.shape("Input")
CHECK = Checks().compile(SHAPE)
ALL_OF_NAME = (
    "[Member must have length less than or equal to 5, Member must have length greater than or equal to 2, "
    "Member must satisfy regular expression pattern: [a-z]+, Member must not be null]"
)


@pytest.mark.parametrize(
    "members",
    [
        {"Name": "ab"},
        {"Name": "abcde", "Count": 1, "Kind": "A", "Secret": "abc", "Blob": b"xx", "Names": ["ab"], "Ratio": 0.5},
        {"Name": "ab", "Tags": [{"Key": "ab"}], "Labels": {"ab": "cd"}, "Nested": {"": {"Key": "ab"}}},
        {"Name": "ab", "Tree": {"Tree": {"Tree": {"Name": "ab"}}}, "Choice": {"A": "ab"}, "Names": [], "Labels": {}},
    ],
)
def test_valid_members_break_nothing(members):
    assert CHECK(members)
    assert violations(SHAPE, members) == []


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({}, "Value null at 'name' failed to satisfy constraint: Member must not be null"),
        ({"Name": "a"}, "Value 'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2"),
        ({"Name": "abcdef"}, "Value 'abcdef' at 'name' failed to satisfy constraint: Member must have length less than or equal to 5"),
        ({"Name": "AB"}, "Value 'AB' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+"),
        ({"Count": 0}, "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"),
        ({"Count": 11}, "Value '11' at 'count' failed to satisfy constraint: Member must have value less than or equal to 10"),
        ({"Ratio": 0.25}, "Value '0.25' at 'ratio' failed to satisfy constraint: Member must have value greater than or equal to 0.5"),
        ({"Ratio": float("nan")}, "Value 'nan' at 'ratio' failed to satisfy constraint: Member must have value greater than or equal to 0.5"),
        ({"Kind": "C"}, "Value 'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]"),
        ({"Secret": "ab"}, "Value at 'secret' failed to satisfy constraint: Member must have length greater than or equal to 3"),
        ({"Blob": b"xxx"}, "Value at 'blob' failed to satisfy constraint: Member must have length less than or equal to 2"),
        ({"Names": ["ab", "cd", "ef"]}, "Value '[ab, cd, ef]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 2"),
        ({"Names": ["ab", "C"]}, f"Value '[ab, C]' at 'names' failed to satisfy constraint: Member must satisfy constraint: {ALL_OF_NAME}"),
        ({"Names": [None]}, f"Value '[null]' at 'names' failed to satisfy constraint: Member must satisfy constraint: {ALL_OF_NAME}"),
        ({"Tags": [{"Key": "ab"}, {"Key": "a"}]}, "Value 'a' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 2"),
        ({"Tags": [{}]}, "Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null"),
        ({"Tags": [None]}, "Value null at 'tags.1.member' failed to satisfy constraint: Member must not be null"),
        ({"Labels": {"A": "ab"}}, f"Value '{{A=ab}}' at 'labels' failed to satisfy constraint: Map keys must satisfy constraint: {ALL_OF_NAME}"),
        ({"Labels": {"ab": "A"}}, f"Value '{{ab=A}}' at 'labels' failed to satisfy constraint: Map value must satisfy constraint: {ALL_OF_NAME}"),
        ({"Nested": {"k": {"Key": "a"}}}, "Value 'a' at 'nested.k.member.key' failed to satisfy constraint: Member must have length greater than or equal to 2"),
        ({"Nested": {"k": None}}, "Value null at 'nested.k.member' failed to satisfy constraint: Member must not be null"),
        ({"Tree": {"Tree": {"Name": "a"}}}, "Value 'a' at 'tree.tree.name' failed to satisfy constraint: Member must have length greater than or equal to 2"),
        ({"Choice": {}}, "Value at 'choice' failed to satisfy constraint: Member must have exactly one of its members set"),
        ({"Choice": {"A": "ab", "B": "ab"}}, "Value at 'choice' failed to satisfy constraint: Member must have exactly one of its members set"),
    ],
)  # fmt: skip
def test_broken_constraint_is_said_in_the_words_of_aws(members, text):
    if "Name" not in members and members:
        members = {"Name": "ab", **members}
    assert not CHECK(members)
    assert message(violations(SHAPE, members)) == f"1 validation error detected: {text}"


def test_several_broken_constraints_are_counted_and_joined():
    found = violations(SHAPE, {"Name": "A", "Count": 0})
    assert message(found) == (
        "3 validation errors detected: "
        "Value 'A' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2; "
        "Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; "
        "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1"
    )


def test_hostile_value_makes_no_long_message():
    found = violations(SHAPE, {"Name": "x" * 1_000_000, "Tags": [{"Key": "A"}] * 100_000})
    assert len(found) == 10
    assert len(message(found)) < 5_000


def test_check_and_violations_agree_on_real_requests():
    model = load("kms")
    shape = model.operation("Encrypt").input
    check = Checks().compile(shape)
    cases = [
        {"KeyId": "a", "Plaintext": b"x"},
        {"KeyId": "", "Plaintext": b"x"},
        {"KeyId": "a", "Plaintext": b"x" * 4097},
    ]
    cases += [{"KeyId": "a", "Plaintext": b"x", "EncryptionAlgorithm": text} for text in ("SYMMETRIC_DEFAULT", "X")]
    for members in cases:
        assert check(members) == (violations(shape, members) == [])


def _refusal(service, operation, body):
    codec = codec_for(load(service), "json")
    with pytest.raises(InvalidRequest) as caught:
        codec.parse(operation, Request(b"POST", b"/", [], body))
    error = caught.value
    return codec.error(error.code, error.message, request_id="r", members=error.members, operation=operation)


def test_organizations_calls_it_invalid_input_with_a_reason():
    status, _, body = _refusal("organizations", "CreateAccount", b'{"Email":"a@example.com"}')
    assert status == 400
    assert body == (
        b'{"__type":"InvalidInputException","Reason":"INPUT_REQUIRED","Message":"1 validation error detected: '
        b"Value null at 'accountName' failed to satisfy constraint: Member must not be null\"}"
    )


def test_kms_calls_it_a_validation_exception():
    status, _, body = _refusal("kms", "ListKeys", b'{"Limit":0}')
    assert status == 400
    assert body == (
        b'{"__type":"ValidationException","message":"1 validation error detected: '
        b"Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1\"}"
    )


def test_unknown_member_is_named():
    _, _, body = _refusal("kms", "ListKeys", b'{"Limits":1}')
    assert b"Unknown member 'Limits' in the request of ListKeys; this server knows the API of botocore " in body
