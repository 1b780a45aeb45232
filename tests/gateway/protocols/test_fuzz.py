"""Hostile requests: whatever comes in, parsers answer with members or with a typed refusal, soon.

    python tests/gateway/protocols/test_fuzz.py PROTOCOL COUNT SEED

runs as many mutants of one protocol as one likes.
"""

from __future__ import annotations

import json
import random
import sys
import time
from functools import cache

import botocore.session
import cbor2
import pytest
from botocore.serialize import SERIALIZERS
from botocore.utils import percent_encode_sequence

from casemate.foundation.errors import ServiceError
from casemate.gateway.models import index, load
from casemate.gateway.protocols import Request, codec_for, recognise

CORPUS = {
    "json": ("kms", "organizations", "dynamodb", "wafv2", "sqs"),
    "query": ("sts", "iam", "elbv2", "rds"),
    "ec2": ("ec2",),
    "rest-json": ("lambda", "apigateway", "securityhub", "ebs", "macie2"),
    "rest-xml": ("s3", "s3control", "cloudfront", "route53"),
    "smithy-rpc-v2-cbor": ("cloudwatch", "shield", "network-firewall", "acm-pca"),
}
# No request of this size may take longer; ordinary ones take a thousandth of it.
SECONDS = 1.0

TOKENS = [
    b"", b"\0", b"\xff", b"\xc3(", b"\xed\xa0\x80", b"null", b"true", b"-1", b"1e999", b"9" * 40, b"9" * 5000, b"0x10",
    b"NaN", b"Infinity", b'"', b"\\", b"\\ud800", b"{", b"}", b"[", b"]", b"[" * 300, b'{"a":' * 300, b",", b":", b"<", b">",
    b"<a>" * 300, b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<?x y?>", b"&b;", b"&#0;", b"&#xD800;", b"<![CDATA[", b"]]>", b"<!--",
    b"%", b"%0", b"%00", b"%FF", b"+", b"&", b"=", b".", b".member.1", b".1" * 100, b".999999999", b".entry.1.key", b"/..",
    b"//", b"?", b"#", b"\xbf", b"\x9f", b"\x5f", b"\x7f", b"\xa1", b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", b"\x81" * 300, b"\xc1",
    b"\xd8\x1c", b"\xd8\x23", b"\xf9\x7e\x00", b"\xfb\x7f\xf0\0\0\0\0\0\0", b"2020-13-45T99:99:99Z", b"\r\n", b" " * 100,
    "\u2028".encode(), "\U0001f600".encode(), b"a" * 70000, b"gzip",
    b"application/json", b"1e5", b"2020-01-01", b"2020-01-01T00:00:00.5+01:00", b"Mon, 16 Dec 2019 23:48:18 GMT", b"YQ==",
    b'"a, b", c', b"1.0", b"\x81\xf6", b"\x58\x01a", b"\x7f\x61a\xff", b"\x5f\x41a\xff", b"\x9f\x01\xff", b"\xbf\x61a\x01\xff",
]  # fmt: skip
VALUES = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x" * 70000,
    [],
    {},
    [None],
    {"": None},
    [[[]]],
    "2020-01-01",
    b"".hex(),
]


@cache
def seeds(protocol):
    """Requests as botocore serialises them, with as many members as there are, and the name that signs each."""
    return [
        (request, index().services[service].signing)
        for service in CORPUS[protocol]
        for request in _serialised(service, protocol)
    ]


def _serialised(service, protocol):
    model = botocore.session.Session().get_service_model(service)
    for name in list(model.operation_names)[:60]:
        operation = model.operation_model(name)
        params = {} if operation.input_shape is None else _full(operation.input_shape, 0)
        request = SERIALIZERS[protocol]().serialize_to_request(params, operation)
        body = request["body"]
        if isinstance(body, dict):
            body = percent_encode_sequence(body).encode()
        target = request["url_path"]
        if request["query_string"]:
            target += ("&" if "?" in target else "?") + percent_encode_sequence(request["query_string"])
        headers = [(field.lower().encode(), str(value).encode()) for field, value in request["headers"].items()]
        yield Request(request["method"].encode(), target.encode(), [*headers, (b"host", b"127.0.0.1")], body)


def _full(shape, depth):
    match shape.type_name:
        case "structure":
            if shape.is_document_type:
                return {"a": 1}
            members = {*shape.required_members, *(() if depth > 2 else list(shape.members)[:12])}
            return {name: _full(shape.members[name], depth + 1) for name in sorted(members) if depth < 6}
        case "list":
            return [] if depth > 4 else [_full(shape.member, depth + 1)] * 2
        case "map":
            return {} if depth > 4 else {"key": _full(shape.value, depth + 1)}
        case "string":
            return shape.enum[0] if shape.enum else "value"
        case "blob":
            return b"blob"
        case "boolean":
            return True
        case "timestamp":
            return 1440938160
        case "integer" | "long":
            return 1
        case _:
            return 1.5


def mutants(protocol, count, seed):
    """Mutated requests, the same for the same seed."""
    chance = random.Random(seed)
    corpus = seeds(protocol)
    for _ in range(count):
        request, signing = chance.choice(corpus)
        for _ in range(chance.choice([1, 1, 1, 2, 3, 8])):
            request = chance.choice(MUTATIONS)(request, chance, protocol)
        yield request, signing


def _bytes(text, chance):
    at = chance.randrange(len(text) + 1)
    end = min(len(text), at + chance.choice([0, 1, 1, 2, 8, 64]))
    match chance.randrange(6):
        case 0:
            return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
        case 1:
            return text[:at] + text[end:]
        case 2:
            return text[:at] + chance.choice(TOKENS) + text[end:]
        case 3:
            return text[:at] + text[at:end] * 3 + text[end:]
        case 4:
            return text[:at]
        case _:
            other = chance.randrange(len(text) + 1)
            return text[:at] + text[other : other + 40] + text[at:]


def _body(request, chance, _protocol):
    return Request(request.method, request.target, request.headers, _bytes(request.body, chance))


def _target(request, chance, _protocol):
    return Request(request.method, _bytes(request.target, chance), request.headers, request.body)


def _header(request, chance, _protocol):
    headers = [*request.headers, (b"accept", b"application/json")]
    at = chance.randrange(len(headers))
    name, value = headers[at]
    match chance.randrange(4):
        case 0:
            headers[at] = (name, _bytes(value, chance))
        case 1:
            headers.append((name, value))
        case 2:
            del headers[at]
        case _:
            extra = [
                b"x-amz-meta-a",
                b"x-amz-unknown",
                b"content-encoding",
                b"smithy-protocol",
                b"accept",
                b"x-amz-acl",
            ]
            headers.append((chance.choice(extra), chance.choice(TOKENS)))
    return Request(request.method, request.target, headers, request.body)


def _method(request, chance, _protocol):
    method = chance.choice([b"GET", b"POST", b"PUT", b"DELETE", b"HEAD", b"PATCH", b"X"])
    return Request(method, request.target, request.headers, request.body)


def _typed(request, chance, protocol):
    """A well-formed body in which a value is of another type, or a member has another name."""
    try:
        if protocol == "smithy-rpc-v2-cbor":
            return _replaced(request, cbor2.dumps(_twisted(cbor2.loads(request.body), chance)))
        if protocol in {"json", "rest-json"}:
            return _replaced(request, json.dumps(_twisted(json.loads(request.body), chance)).encode())
    except (ValueError, cbor2.CBORError):
        return request
    pairs = request.body.split(b"&")
    at = chance.randrange(len(pairs))
    pairs[at] = pairs[at].replace(b".1", chance.choice(TOKENS)) if chance.random() < 0.5 else _bytes(pairs[at], chance)
    return _replaced(request, b"&".join(pairs))


def _replaced(request, body):
    return Request(request.method, request.target, request.headers, body)


def _twisted(document, chance):
    if isinstance(document, dict) and document and chance.random() < 0.8:
        key = chance.choice(sorted(document, key=repr))
        value = document[key]
        if chance.random() < 0.2:
            return {name: item for name, item in document.items() if name != key} | {f"{key}x": value}
        return document | {key: _twisted(value, chance)}
    if isinstance(document, list) and document and chance.random() < 0.7:
        return [_twisted(document[0], chance), *document[1:]]
    return chance.choice(VALUES)


MUTATIONS = [_body, _body, _typed, _typed, _target, _header, _method]


def answer(shape, depth=0):
    """A response with every member, its texts full of what must be escaped."""
    match shape.type:
        case "structure" if shape.trait("document"):
            return {"a": [1, None]}
        case "structure":
            members = shape.members.items() if depth < 4 else ()
            return {name: answer(member.shape, depth + 1) for name, member in members}
        case "list":
            return [answer(shape.element.shape, depth + 1)] * 2 if depth < 4 else []
        case "map":
            return {"k<&": answer(shape.value.shape, depth + 1)} if depth < 4 else {}
        case "string":
            return 'a<&>"\r\n\0\u2028\ufffe\U0001f600, '
        case "blob":
            return b"\0\xff"
        case "boolean":
            return True
        case "integer" | "long":
            return -1
        case "float" | "double":
            return float("-inf") if depth % 2 else float("nan")
        case _:
            return 1440938160.25


def survive(request, signing):
    """Take a request as the gateway does. Returns what became of it; anything but a typed refusal comes out as it is."""
    began = time.process_time()
    try:
        found = recognise(request, signing)
        codec = codec_for(load(found.service), found.protocol)
        try:
            codec.parse(found.operation, request, found.labels)
            output = codec.model.operation(found.operation).output
            codec.serialize(found.operation, {} if output is None else answer(output), "r")
            outcome = "parsed"
        except ServiceError as error:
            status, _, _ = codec.error(
                error.code, error.message, request_id="r", members=error.members, operation=found.operation
            )
            assert 400 <= status < 500
            outcome = "refused"
    except ServiceError:
        outcome = "not recognised"
    took = time.process_time() - began
    assert took < SECONDS, (took, request.method, request.target[:500], request.headers, request.body[:500])
    return outcome


def fuzz(protocol, count, seed):
    """Runs that many mutants of a protocol; how many were parsed, refused and not recognised."""
    outcomes = {"parsed": 0, "refused": 0, "not recognised": 0}
    for request, signing in mutants(protocol, count, seed):
        try:
            outcomes[survive(request, signing)] += 1
        except Exception as error:
            error.add_note(f"{request.method!r} {request.target!r} {request.headers!r} {request.body!r}")
            raise
    return outcomes


@pytest.mark.parametrize("protocol", CORPUS)
def test_mutated_requests_are_parsed_or_refused(protocol):
    outcomes = fuzz(protocol, 400, seed=1)
    assert outcomes["refused"] > 80


@pytest.mark.parametrize("protocol", CORPUS)
def test_requests_are_recognised_before_they_are_mutated(protocol):
    for request, signing in seeds(protocol):
        assert survive(request, signing) != "not recognised"


if __name__ == "__main__":
    sys.stdout.write(f"{fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))}\n")
