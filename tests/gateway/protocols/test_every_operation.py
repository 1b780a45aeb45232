"""Every operation of every service, in every protocol that its model lists: recognised as botocore serialises it, its
request parsed back to what was given, and answered 501 in a form that botocore reads."""

from __future__ import annotations

from functools import cache

import botocore.session
import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import PROTOCOL_PARSERS
from botocore.serialize import SERIALIZERS
from botocore.utils import percent_encode_sequence
from hypothesis import Phase, find, settings
from hypothesis import strategies as st

from casemate.gateway.models import index, load
from casemate.gateway.models.patterns import _compile, matcher
from casemate.gateway.protocols import Request, codec_for, recognise

# Operations whose requests look like another's: what tells them apart is not in the request. Operation: what is taken.
ALIKE = {
    ("s3", "ListDirectoryBuckets"): "ListBuckets",
    ("s3", "GetBucketLifecycle"): "GetBucketLifecycleConfiguration",
    ("s3", "GetBucketNotification"): "GetBucketNotificationConfiguration",
    ("s3", "PutBucketLifecycle"): "PutBucketLifecycleConfiguration",
    ("s3", "PutBucketNotification"): "PutBucketNotificationConfiguration",
}

SERVICES = [(name, protocol) for name, entry in index().services.items() for protocol in entry.protocols]


@cache
def _botocore(service):
    return botocore.session.Session().get_service_model(service)


@pytest.mark.parametrize(("service", "protocol"), SERVICES)
def test_every_operation_is_recognised_and_parsed(service, protocol):
    wrong = []
    for name in _botocore(service).operation_names:
        operation = _botocore(service).operation_model(name)
        params = {} if operation.input_shape is None else _sample(operation.input_shape)
        request = _request(operation, protocol, params)
        found = recognise(request, index().services[service].signing)
        if (found.service, found.operation, found.protocol) != (service, ALIKE.get((service, name), name), protocol):
            wrong.append((name, request.method, request.target, found))
        elif (service, name) not in ALIKE:
            parsed = codec_for(load(service), protocol).parse(name, request, found.labels)
            # An optional structure that is the whole payload is sent as {}, given or not.
            if {member: value for member, value in parsed.items() if member in params or value != {}} != params:
                wrong.append((name, request.target, request.body, parsed, params))
    assert wrong == []


@pytest.mark.parametrize(("service", "protocol"), SERVICES)
def test_every_operation_is_answered_501_in_its_own_protocol(service, protocol):
    codec = codec_for(load(service), protocol)
    parser = PROTOCOL_PARSERS[protocol]()
    for name in _botocore(service).operation_names:
        operation = _botocore(service).operation_model(name)
        status, headers, body = codec.error(
            "NotImplemented", f"{name} is not built", request_id="r", status=501, operation=name
        )
        fields = HeadersDict({field.decode(): value.decode() for field, value in headers})
        response = {"status_code": status, "headers": fields, "body": body, "context": {"operation_name": name}}
        parsed = parser.parse(response, operation.output_shape)
        assert status == 501
        if operation.http["method"] != "HEAD":
            assert parsed["Error"]["Code"] == "NotImplemented"
            assert parsed["Error"]["Message"] == f"{name} is not built"
        else:
            assert body == b""


def _request(operation, protocol, params):
    operation.service_model.metadata.setdefault("targetPrefix", "")
    request = SERIALIZERS[protocol]().serialize_to_request(_sendable(operation.input_shape, params), operation)
    body = request["body"]
    if isinstance(body, dict):
        body = percent_encode_sequence(body).encode()
    target = request["url_path"]
    if request["query_string"]:
        target += ("&" if "?" in target else "?") + percent_encode_sequence(request["query_string"])
    headers = [(name.lower().encode(), str(value).encode()) for name, value in request["headers"].items()]
    headers.append((b"host", b"127.0.0.1:4566"))
    return Request(request["method"].encode(), target.encode(), headers, body)


def _sendable(shape, value):
    """The params in the types that botocore's serializers take: timestamps as dates."""
    if shape is None:
        return {}
    match shape.type_name:
        case "structure" if not shape.is_document_type:
            return {name: _sendable(shape.members[name], item) for name, item in value.items()}
        case "list":
            return [_sendable(shape.member, item) for item in value]
        case "map":
            return {key: _sendable(shape.value, item) for key, item in value.items()}
        case _:
            return value


def _sample(shape, within=()):
    """Params with every required member and no other, within the model's constraints."""
    match shape.type_name:
        case "structure":
            if shape.is_document_type:
                return {"a": 1}
            members = shape.required_members
            if within and not members:  # forms can't say an empty structure
                members = [name for name, member in shape.members.items() if member.name not in within][:1]
            return {name: _sample(shape.members[name], (*within, shape.name)) for name in members}
        case "list":
            return [_sample(shape.member, (*within, shape.name))] * max(1, shape.metadata.get("min", 1))
        case "map":
            return {_sample(shape.key): _sample(shape.value, (*within, shape.name))}
        case "string":
            return _text(shape)
        case "blob":
            return b"x" * max(1, shape.metadata.get("min", 1))
        case "boolean":
            return True
        case "timestamp":
            return 1440938160.0
        case "integer" | "long":
            return int(max(1, shape.metadata.get("min", 1)))
        case _:
            return float(max(1, shape.metadata.get("min", 1)))


def _text(shape):
    if shape.enum:
        return shape.enum[0]
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return "a" * max(1, shape.metadata.get("min", 1))
    return _matching(pattern, shape.metadata.get("min", 1), shape.metadata.get("max", 1 << 30))


CANDIDATES = [
    "a", "1", "A", "ab", "abc", "abcd", "a-b", "true", "/", "/a/", "*", "0.0.0.0/0", "10.0.0.1", "2020-01-01", "123456789012",
    "a" * 32, "0" * 32, "1" * 36, "example.com", "a.example.com", "a@example.com", "https://example.com", "s3://bucket/key",
    "12345678-1234-1234-1234-123456789012", "arn:aws:iam::123456789012:role/a", "arn:aws:s3:::bucket", "[a]", "{}",
]  # fmt: skip


def _matching(pattern, least, most):
    for candidate in CANDIDATES:
        for text in (candidate, candidate * -(-least // len(candidate))):
            if least <= len(text) <= most and matcher(pattern)(text):
                return text
    return _generated(pattern, least, most)


def _generated(pattern, least, most):
    compiled = _compile(pattern, ascii_only=True)
    return find(
        st.from_regex(compiled, fullmatch=True),
        lambda text: least <= len(text) <= most and bool(matcher(pattern)(text)),
        settings=settings(max_examples=300, phases=[Phase.generate], database=None, derandomize=True),
    )
