"""The published protocol cases, requests: what a client serialises, our codecs parse back to what it was given.

Every case runs twice: as published, and as botocore's own serializer writes it.
"""

from __future__ import annotations

import base64
import json
import math
import tarfile
from pathlib import Path
from typing import Any

import pytest
from botocore.model import OperationModel
from botocore.model import ServiceModel as BotocoreModel
from botocore.serialize import SERIALIZERS
from botocore.utils import percent_encode_sequence

from casemate.gateway.models import Route, ServiceModel
from casemate.gateway.protocols import Request, codec_for
from casemate.gateway.protocols.routes import _compile

CASES = Path(__file__).parents[2] / "data/protocols/botocore-protocols.tar.xz"

# Cases that no server can satisfy; the lists may only shrink. Case: why.
FILLED_BY_THE_CLIENT = "the client fills the token in; a server sees it like any other"
NO_BODY = "the case says nothing of the body"
WIRE_HAS_EMPTY = "{} on the wire is an empty structure, not an absent one"
PRECEDENCE = "which of two members wins is the client's affair; it sends one"
REPEATED = "the client repeats other members' parameters in the map; the map of a request holds what is no other member"
JSON_HEADER = "botocore's model says jsonvalue: the member is the document, not its text"
REPEATING = {
    "RestJsonAllQueryStringTypes": REPEATED,
    "RestJsonQueryStringEscaping": REPEATED,
    "RestJsonSupportsNaNFloatQueryValues": REPEATED,
    "RestJsonSupportsInfinityFloatQueryValues": REPEATED,
    "RestJsonSupportsNegativeInfinityFloatQueryValues": REPEATED,
    "RestJsonZeroAndFalseQueryValues": REPEATED,
}
NOT_AS_PUBLISHED: dict[str, str] = {
    **REPEATING,
    "Ec2ProtocolIdempotencyTokenAutoFill": FILLED_BY_THE_CLIENT,
    "QueryProtocolIdempotencyTokenAutoFill": FILLED_BY_THE_CLIENT,
    "RestJsonQueryIdempotencyTokenAutoFill": FILLED_BY_THE_CLIENT,
    "QueryIdempotencyTokenAutoFill": FILLED_BY_THE_CLIENT,
    "RestJsonHttpWithEmptyStructurePayload": WIRE_HAS_EMPTY,
    "RestJsonHttpWithHeadersButNoPayload": WIRE_HAS_EMPTY,
    "RestJsonQueryPrecedence": PRECEDENCE,
    "RestXmlQueryPrecedence": PRECEDENCE,
    "MediaTypeHeaderInputBase64": JSON_HEADER,
    "RestJsonHostWithPath": "the path of the client's endpoint is no part of the operation's",
    **{
        f"{case}_{protocol}": NO_BODY
        for case in ("SDKAppliedContentEncoding", "SDKAppendsGzipAndIgnoresHttpProvidedEncoding")
        for protocol in ("ec2Query", "awsJson1_0", "awsJson1_1", "awsQuery")
    },
    **{
        f"{case}_{protocol}": NO_BODY
        for case in ("SDKAppliedContentEncoding", "SDKAppendedGzipAfterProvidedEncoding")
        for protocol in ("restJson1", "restXml")
    },
}
BOTOCORE_DIFFERS = "botocore writes something else than the case; it skips the case itself"
NOT_AS_BOTOCORE_DOES: dict[str, str] = {
    **REPEATING,
    "DocumentTypeAsPayloadInput": BOTOCORE_DIFFERS,
    "DocumentTypeAsPayloadInputString": BOTOCORE_DIFFERS,
    "RestJsonHttpPayloadWithUnsetUnion": BOTOCORE_DIFFERS,
    "RestJsonHttpWithEmptyStructurePayload": WIRE_HAS_EMPTY,
    "RestJsonHttpWithHeadersButNoPayload": WIRE_HAS_EMPTY,
    "RestJsonQueryPrecedence": PRECEDENCE,
    "RestXmlQueryPrecedence": PRECEDENCE,
}


def _suites():
    with tarfile.open(CASES) as archive:
        for member in sorted(archive.getnames()):
            if "/input/" in member and member.endswith(".json"):
                yield from json.load(archive.extractfile(member))


def _cases(exceptions):
    for suite in _suites():
        for case in suite["cases"]:
            why = exceptions.get(case["id"])
            marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
            yield pytest.param(suite, case, id=f"{suite['metadata']['protocol']}-{case['id']}", marks=marks)


@pytest.mark.parametrize(("suite", "case"), list(_cases(NOT_AS_PUBLISHED)))
def test_request_as_published_parses_to_its_params(suite, case):
    assert _parsed(suite, case, _published_request(suite, case)) == _expected(suite, case)


@pytest.mark.parametrize(("suite", "case"), list(_cases(NOT_AS_BOTOCORE_DOES)))
def test_request_as_botocore_serialises_it_parses_to_its_params(suite, case):
    assert _parsed(suite, case, _botocore_request(suite, case)) == _expected(suite, case)


def test_lists_of_exceptions_name_published_cases_only():
    assert NOT_AS_PUBLISHED.keys() | NOT_AS_BOTOCORE_DOES.keys() <= {
        case["id"] for suite in _suites() for case in suite["cases"]
    }


def _model(suite, case):
    operations = {case["given"]["name"]: case["given"]}
    return ServiceModel.from_dict("cases", {**suite, "operations": operations})


def _parsed(suite, case, request):
    model = _model(suite, case)
    protocol = suite["metadata"]["protocol"]
    codec = codec_for.__wrapped__(model, protocol)
    name = case["given"]["name"]
    labels = {}
    if protocol.startswith("rest-"):
        http = case["given"]["http"]
        route = _compile("cases", protocol, Route(name, http["method"], http["requestUri"], (), (), False))
        found = route.path.fullmatch(request.path)
        assert found is not None, (http["requestUri"], request.path)
        labels = {label: _unquoted(text) for label, text in zip(route.labels, found.groups(), strict=True)}
    parsed = codec.parse(name, request, labels)
    shape = model.operation(name).input
    return {} if shape is None else _comparable(_without_empties(model, shape, parsed))


def _unquoted(text):
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(text).decode()


def _published_request(suite, case):
    serialized = case["serialized"]
    body = serialized.get("body", "")
    raw = base64.b64decode(body) if suite["metadata"]["protocol"] == "smithy-rpc-v2-cbor" else body.encode()
    headers = [(name.lower().encode(), str(value).encode()) for name, value in serialized.get("headers", {}).items()]
    return Request(serialized["method"].encode(), serialized["uri"].encode(), headers, raw)


def _botocore_request(suite, case):
    model = BotocoreModel({**suite, "operations": {case["given"]["name"]: case["given"]}})
    serializer = SERIALIZERS[suite["metadata"]["protocol"]]()
    params = {name: _special(value) for name, value in case["params"].items()}
    request = serializer.serialize_to_request(params, OperationModel(case["given"], model))
    body = request["body"]
    if isinstance(body, dict):
        body = percent_encode_sequence(body).encode()
    target = request["url_path"]
    if request["query_string"]:
        target += ("&" if "?" in target else "?") + percent_encode_sequence(request["query_string"])
    headers = [(name.lower().encode(), str(value).encode()) for name, value in request["headers"].items()]
    return Request(request["method"].encode(), target.encode(), headers, body)


def _special(value: Any) -> Any:
    return float(value) if value in ("NaN", "Infinity", "-Infinity") else value


def _expected(suite, case):
    shape = case["given"].get("input")
    if shape is None:
        return {}
    model = _model(suite, case)
    target = model.shape(shape["shape"])
    return _comparable(_without_empties(model, target, _typed(target, case["params"])))


def _without_empties(model, shape, params):
    """Params without empty lists and maps where the wire has no way to say them."""
    unspoken = {
        name
        for name, member in shape.members.items()
        if model.metadata["protocol"] in {"ec2", "query"} or member.location is not None
    }
    return {name: value for name, value in params.items() if not (name in unspoken and value in ([], {}))}


def _typed(shape, value):
    """The case's params in the types that codecs parse to."""
    if value is None:
        return None
    match shape.type:
        case "structure" if shape.trait("document"):
            return value
        case "structure":
            members = {name: (shape.members[name].shape, item) for name, item in value.items() if item is not None}
            return {name: _typed(member, item) for name, (member, item) in members.items()}
        case "list":
            return [_typed(shape.element.shape, item) for item in value]
        case "map":
            return {key: _typed(shape.value.shape, item) for key, item in value.items()}
        case "blob":
            return value.encode()
        case "float" | "double" | "timestamp":
            return float(value)
        case _:
            return value


def _comparable(value: Any) -> Any:
    """NaN made equal to itself."""
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return "NaN" if isinstance(value, float) and math.isnan(value) else value
