from __future__ import annotations

import pytest

from casemate.gateway.models import load
from casemate.gateway.protocols.responses import problems


@pytest.mark.parametrize(
    ("operation", "response", "found"),
    [
        ("Encrypt", {"CiphertextBlob": b"x", "KeyId": "k"}, []),
        ("Encrypt", {"CiphertextBlob": "x"}, ["CiphertextBlob: str is no blob"]),
        ("Encrypt", {"Nope": 1}, ["Nope: not in the model"]),
        ("Encrypt", {"KeyId": None}, ["KeyId: NoneType is no string"]),
        ("CreateAlias", {"a": 1}, ["a: the operation has no output"]),
        ("DescribeKey", {"KeyMetadata": {"KeyId": "k", "Enabled": True, "CreationDate": 1.0}}, []),
        ("DescribeKey", {"KeyMetadata": {}}, ["KeyMetadata.KeyId: required and missing"]),
        ("DescribeKey", {"KeyMetadata": {"KeyId": "k", "Enabled": 1}}, ["KeyMetadata.Enabled: int is no boolean"]),
        ("DescribeKey", {"KeyMetadata": {"KeyId": "k", "KeyState": "X"}}, ["KeyMetadata.KeyState: 'X' is none of"]),
        ("ListKeys", {"Keys": [{}, {"KeyId": 1}], "Truncated": False}, ["Keys[1].KeyId: int is no string"]),
        ("ListKeys", {"Keys": {}}, ["Keys: dict is no list"]),
        ("DescribeKey", {"KeyMetadata": []}, ["KeyMetadata: list is no structure"]),
    ],
)
def test_response_is_held_against_its_model(operation, response, found):
    said = problems(load("kms"), operation, response)
    assert len(said) == len(found)
    assert all(text.startswith(start) for text, start in zip(said, found, strict=True))
