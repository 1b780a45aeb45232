"""Requests for parsers to break on: of every service that is recognised, nearly right, and then made wrong."""

from __future__ import annotations

import gzip
import json
import random
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import cbor2
from botocore.serialize import SERIALIZERS
from botocore.utils import percent_encode_sequence

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.gateway.protocols.test_fuzz import MUTATIONS, mutants

from casemate.gateway.models import index
from casemate.gateway.protocols import Request

Hostile = tuple[Request, str | None]
DEEPEST = 5
TEXTS = ("", "value", "ünï\u2028", "a, b", '"quoted"', "a\\b", "x" * 300, "true", "1", "arn:aws:kms:eu-west-1:1:key/a")
NUMBERS = (0, 1, -1, 100, 2**31 - 1, 2**31, -(2**63), 10**19)
MOMENTS = (0, 1440938160, 1440938160.25, -1, 253402300799)
STAMPS = (
    "2020-01-01T00:00:00.123456789Z", "2020-01-01t23:59:60z", "2020-01-01T00:00:00-05:30", "2020-01-01T00:00:00+99:00",
    "2020-02-30T00:00:00Z", "2020-01-01", "0001-01-01T00:00:00+23:59", "Mon, 16 Dec 2019 23:48:18 GMT",
    "Mon, 16 Dec 2019 23:48:18.5 GMT", "Mon, 16 Xxx 2019 23:48:18 GMT", "1e3", "-1.5", "99999999999999", "NaN",
)  # fmt: skip
CBOR_ITEMS = (
    1.5, -0.0, float("inf"), float("nan"), 2**64, -(2**64) - 1, b"bytes", True, None, cbor2.undefined,
    cbor2.CBORTag(1, 1440938160), cbor2.CBORTag(1, 1.5), cbor2.CBORTag(1, "x"), cbor2.CBORTag(1, 1e300),
    cbor2.CBORTag(2, b"12"), cbor2.CBORSimpleValue(99), [], {}, {1: 2}, [[1]], "text",
)  # fmt: skip
CBOR_BYTES = (
    b"\x5f\x41a\x41b\xff", b"\x7f\x61a\x62bc\xff", b"\x7f\x41a\xff", b"\x5f\x5f\xff\xff", b"\x9f\x01\x02\xff",
    b"\x9f\xff", b"\x81\xff", b"\xbf\x61a\x01\xff", b"\xbf\x61a\xff", b"\xa2\x61a\x01\x61a\x02", b"\xa1\x01\x02",
    b"\xf9\x3c\x00", b"\xfa\x3f\x80\x00\x00", b"\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00", b"\xf7", b"\xf8\x20", b"\xff",
    b"\x1b" + b"\xff" * 8, b"\x3b" + b"\xff" * 8, b"\xc1\x1a\x55\xe2\x1d\xf0", b"\x7f\x62\xc3(\xff", b"\x1c",
    b"\x62\xc3(",
)  # fmt: skip


def requests(protocol: str, count: int, seed: int) -> Iterator[Hostile]:
    """Half of them mutants of the requests in tests/gateway/protocols/test_fuzz, half of all services' operations."""
    yield from mutants(protocol, count // 2, seed)
    chance = random.Random(seed)
    for _ in range(count - count // 2):
        request, signing = nearly_right(protocol, chance)
        for _ in range(chance.choice([0, 1, 1, 1, 2])):
            request = chance.choice([*MUTATIONS, *(4 * OWN_MUTATIONS), *(6 * WRONG[protocol])])(
                request, chance, protocol
            )
        yield request, None if chance.random() < 0.1 else signing


@cache
def _services(protocol: str) -> tuple[str, ...]:
    return tuple(name for name, entry in index().services.items() if protocol in entry.protocols)


@cache
def _model(service: str) -> Any:
    return _SESSION.get_service_model(service)


_SESSION = botocore.session.Session()


def nearly_right(protocol: str, chance: random.Random) -> Hostile:
    """A request as botocore serialises it, with members and values by chance."""
    while True:
        service = chance.choice(_services(protocol))
        try:
            model = _model(service)
        except botocore.exceptions.UnknownServiceError:
            continue
        operation = model.operation_model(chance.choice(model.operation_names))
        params = {} if operation.input_shape is None else _value(operation.input_shape, chance, 0)
        try:
            made = SERIALIZERS[protocol]().serialize_to_request(params, operation)
        except (ValueError, TypeError, OverflowError, AttributeError, botocore.exceptions.BotoCoreError):
            continue  # more than botocore itself can say
        return _request(made), index().services[service].signing


def _request(made: dict[str, Any]) -> Request:
    body = made["body"]
    if isinstance(body, dict):
        body = percent_encode_sequence(body).encode()
    target = made["url_path"]
    if made["query_string"]:
        target += ("&" if "?" in target else "?") + percent_encode_sequence(made["query_string"])
    headers = [(name.lower().encode(), str(value).encode()) for name, value in made["headers"].items()]
    content = body.encode() if isinstance(body, str) else body
    return Request(made["method"].encode(), target.encode(), [*headers, (b"host", b"127.0.0.1")], content)


def _value(shape: Any, chance: random.Random, depth: int) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, chance, depth)
    if kind == "list":
        return [
            _value(shape.member, chance, depth + 1) for _ in range(0 if depth > DEEPEST else chance.choice([0, 1, 3]))
        ]
    if kind == "map":
        return {} if depth > DEEPEST else {text: _value(shape.value, chance, depth + 1) for text in ("k", "l")}
    if kind == "string":
        return chance.choice(shape.enum) if shape.enum and chance.random() < 0.9 else chance.choice(TEXTS)
    scalars: dict[str, tuple[Any, ...]] = {
        "blob": (b"", b"blob", b"\xff" * 40),
        "boolean": (True, False),
        "timestamp": MOMENTS,
        "integer": NUMBERS,
        "long": NUMBERS,
    }
    return chance.choice(scalars.get(kind, (1.5, -2.0, float("inf"), float("nan"))))


def _structure(shape: Any, chance: random.Random, depth: int) -> Any:
    if shape.is_document_type:
        return {"a": [1, None, {"b": True}]}
    members = {*shape.required_members}
    if depth < DEEPEST:
        members.update(name for name in shape.members if chance.random() < (0.5 if depth < 2 else 0.2))
    if getattr(shape, "is_tagged_union", False):
        members = {chance.choice(list(shape.members))}
    return {name: _value(shape.members[name], chance, depth + 1) for name in sorted(members) if depth <= DEEPEST + 3}


# -- mutations of every protocol


def _with_body(request: Request, body: bytes, *headers: tuple[bytes, bytes]) -> Request:
    return Request(request.method, request.target, [*request.headers, *headers], body)


def _gzip(request: Request, chance: random.Random, _protocol: str) -> Request:
    """Whole, cut off, with something behind it, a bomb, and no gzip at all."""
    body = bytes(request.body)
    packed = gzip.compress(body)
    forms = (packed, packed[:-4], packed + b"more", gzip.compress(bytes(9_000_000)), body)
    encoding = chance.choice([b"gzip", b"aws-chunked, gzip", b"GZIP", b"gzip, br"])
    return _with_body(request, chance.choice(forms), (b"content-encoding", encoding))


def _absolute(request: Request, chance: random.Random, _protocol: str) -> Request:
    origin = chance.choice([b"http://127.0.0.1", b"HTTPS://h:1", b"ftp://x", b"http://?"])
    return Request(request.method, origin + bytes(request.target), request.headers, request.body)


def _host(request: Request, chance: random.Random, _protocol: str) -> Request:
    name = chance.choice(
        [b"lambda.us-east-1.amazonaws.com", b"s3.localhost:1", b"a.s3.eu-west-1.amazonaws.com", b"\xff", b""]
    )
    return Request(request.method, request.target, [*request.headers[:-1], (b"host", name)], request.body)


def _stamp(request: Request, chance: random.Random, _protocol: str) -> Request:
    """One value of the body or the target is a date of some form."""
    parts = bytes(request.body).split(b"1440938160")
    if len(parts) > 1:
        return _with_body(request, chance.choice(STAMPS).encode().join(parts))
    return Request(
        request.method,
        bytes(request.target).replace(b"value", chance.choice(STAMPS).encode()),
        request.headers,
        request.body,
    )


def _header_value(request: Request, chance: random.Random, _protocol: str) -> Request:
    """A header's value is of another type."""
    headers = list(request.headers)
    at = chance.randrange(len(headers))
    values = (*STAMPS, *TEXTS, '"a", b, "c\\"d"', '"open', "e30=", "bnVsbA==", "{", "1, 2, x", ",,")
    headers[at] = (headers[at][0], chance.choice(values).encode())
    return Request(request.method, request.target, headers, request.body)


# -- mutations of one protocol


def _json(request: Request, chance: random.Random, _protocol: str) -> Request:
    body = bytes(request.body)
    try:
        document = json.loads(body)
    except ValueError:
        return request
    if not isinstance(document, dict):
        return request
    key = chance.choice(sorted(document)) if document else "x"
    twisted = (
        1.5, "Infinity", "NaN", "-Infinity", 2**63, True, None, *STAMPS, "not base64!", "YQ=", [None], [[1]],
        {"a": "b"}, {"a": 1}, {"a": {"b": [{"c": {}}]}}, [1, "x"], ["x", "y"], "\u0000",
    )  # fmt: skip
    whole = json.dumps(document | {key: chance.choice(twisted)}).encode()
    forms = (
        whole,
        whole.replace(b"{", b'{"%b":1,' % key.encode(), 1),
        whole.replace(b'"a": "b"', b'"a": "b", "a": "c"'),
        body.replace(b"a", b"\\u0061"),
        b"[" * 100 + body,
        b'{"a":' * 120 + b"1" + b"}" * 120,
        whole + b" x",
        b"[]",
        b'"text"',
        b"",
    )
    return _with_body(request, chance.choice((*forms, whole, whole, whole)))


def _form(request: Request, chance: random.Random, _protocol: str) -> Request:
    pairs = bytes(request.body).split(b"&")
    at = chance.randrange(len(pairs))
    name, _, value = pairs[at].partition(b"=")
    extra = (
        name + b".deeper=1",
        name + b"=again",
        name.rpartition(b".")[0] + b"=flat",
        name + b"=",
        name.replace(b".1", b".x") + b"=" + value,
        name.replace(b".1", b".01") + b"=" + value,
        name.replace(b".member", b".other") + b"=" + value,
        name.replace(b".key", b".other") + b"=" + value,
        name.lower() + b"=" + value,
        name + b"=" + chance.choice(STAMPS).encode(),
        name + b"=1.5",
        b"%zz=%",
        b"=x",
        b"a=%FF",
        b".".join([b"a"] * 200) + b"=1",
    )
    pairs.insert(at, chance.choice(extra))
    if chance.random() < 0.5:
        del pairs[at + 1 : at + 2]
    if chance.random() < 0.02:
        pairs = [b"a.%d=1" % number for number in range(20_000)]
    if chance.random() < 0.1:
        return Request(b"GET", b"/?" + b"&".join(pairs), request.headers, b"")
    return _with_body(request, b"&".join(pairs), (b"accept", b"application/json"))


def _cbor(request: Request, chance: random.Random, _protocol: str) -> Request:
    try:
        document = cbor2.loads(request.body)
    except (cbor2.CBORError, ValueError):
        return request
    if not isinstance(document, dict) or not document:
        return _with_body(request, chance.choice(CBOR_BYTES))
    key = chance.choice(sorted(document))
    item = cbor2.dumps(chance.choice(CBOR_ITEMS)) if chance.random() < 0.5 else chance.choice(CBOR_BYTES)
    others = [(name, cbor2.dumps(value)) for name, value in document.items() if name != key]
    pairs = b"".join(cbor2.dumps(name) + value for name, value in [*others, (key, item)])
    head = bytes([0xA0 | (len(document))]) if len(document) < 24 else b"\xbf"
    end = b"" if len(document) < 24 else b"\xff"
    return _with_body(
        request, chance.choice((head + pairs + end, b"\xbf" + pairs + b"\xff", item, b"\x81" * 200 + item))
    )


def _xml(request: Request, chance: random.Random, _protocol: str) -> Request:
    body = bytes(request.body)
    tags = body.split(b"<")
    at = chance.randrange(len(tags))
    name = tags[at].partition(b">")[0].strip(b"/")
    extra = (
        b"<%b>1</%b>" % (name, name),
        b"<unknown/>",
        b"text",
        b"<%b/>" % name,
        b'<%b xsi:type="x" a="b">v</%b>' % (name, name),
        b"<![CDATA[1]]>",
        b"<!-- c -->",
        chance.choice(STAMPS).encode(),
        b"&amp;&#65;&unknown;",
        b"<p:%b xmlns:p='urn:x'>1</p:%b>" % (name, name),
    )
    pieces = [*tags[:at], tags[at] + chance.choice(extra), *tags[at + 1 :]]
    return _with_body(request, b"<".join(pieces) if body else chance.choice(extra))


OWN_MUTATIONS: list[Callable[[Request, random.Random, str], Request]] = [_gzip, _absolute, _host, _stamp, _header_value]
WRONG: dict[str, list[Callable[[Request, random.Random, str], Request]]] = {
    "json": [_json],
    "query": [_form],
    "ec2": [_form],
    "rest-json": [_json],
    "rest-xml": [_xml],
    "smithy-rpc-v2-cbor": [_cbor],
}
