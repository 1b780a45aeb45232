from __future__ import annotations

import botocore.session
import pytest

from casemate.gateway.models import UnknownOperationName, UnknownService, index, load

# What botocore adds to a model for itself: it presigns another request with it.
CLIENTS_OWN = {"SourceRegion"}


@pytest.mark.parametrize("service", sorted(index().services))
def test_model_says_what_botocore_says(service):
    ours, theirs = load(service), botocore.session.Session().get_service_model(service)
    assert sorted(ours.operation_names) == sorted(theirs.operation_names)
    for name in theirs.operation_names:
        operation, original = ours.operation(name), theirs.operation_model(name)
        assert operation.method == original.http["method"]
        assert operation.uri == original.http["requestUri"]
        assert list(operation.errors) == [shape.name for shape in original.error_shapes]
        for shape, model in ((operation.input, original.input_shape), (operation.output, original.output_shape)):
            assert (shape is None) == (model is None)
            if shape is not None:
                added = CLIENTS_OWN if service == "rds" else set()
                assert list(shape.members) == [name for name in model.members if name not in added]
                assert set(shape.required) == set(model.required_members)
                for member, definition in shape.members.items():
                    assert definition.location == model.members[member].serialization.get("location")
                    assert definition.location_name == model.members[member].serialization.get("name")


def test_unknown_names_are_refused():
    for name in ("nope", "index", "categories", "../iam", "", "iam.json"):
        with pytest.raises(UnknownService):
            load(name)
    with pytest.raises(UnknownOperationName):
        load("kms").operation("Nope")
    with pytest.raises(KeyError):
        load("kms").shape("Nope")


def test_error_shape_is_found_by_name_and_by_wire_code():
    iam = load("iam")
    assert iam.error_shape("NoSuchEntityException") is iam.error_shape("NoSuchEntity")
    assert iam.error_shape("NoSuchEntity", iam.operation("GetRole")) is iam.error_shape("NoSuchEntity")
    assert iam.error_shape("Nope") is None


def test_unsigned_operations_are_those_of_web_identity_and_saml():
    sts = load("sts")
    unsigned = {name for name in sts.operation_names if sts.operation(name).unsigned}
    assert unsigned == {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}


def test_pagination_names_its_members():
    paging = load("kms").operation("ListKeys").pagination
    assert (paging.input_tokens, paging.output_tokens, paging.limit_key) == (("Marker",), ("NextMarker",), "Limit")
    assert load("kms").operation("Encrypt").pagination is None
    assert load("route53").operation("ListResourceRecordSets").pagination.input_tokens == (
        "StartRecordName",
        "StartRecordType",
        "StartRecordIdentifier",
    )


def test_shape_that_contains_itself_is_one_object():
    statement = load("wafv2").shape("Statement")
    assert statement.members["NotStatement"].shape.members["Statement"].shape is statement


@pytest.mark.parametrize("service", ["ec2", "kms", "inspector-scan"])
def test_every_entry_of_a_file_is_found_by_its_name(service):
    model = load(service)
    for entries in (model._shape_entries, model._operation_entries):
        assert [name for name in entries.names() if entries.get(name) is None] == []
        assert [entries.get(name) for name in ("", "A", "Nope", "zzz", '"', "\n")] == [None] * 6
