"""The published protocol cases, answers: what our codecs serialise, botocore parses to the case's result."""

from __future__ import annotations

import base64
import json
import math
import tarfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from botocore.awsrequest import HeadersDict
from botocore.model import NoShapeFoundError, OperationModel
from botocore.model import ServiceModel as BotocoreModel
from botocore.parsers import PROTOCOL_PARSERS
from botocore.utils import parse_timestamp

from casemate.gateway.models import ServiceModel
from casemate.gateway.protocols import codec_for
from casemate.gateway.protocols.cbor_documents import decode_cbor

CASES = Path(__file__).parents[2] / "data/protocols/botocore-protocols.tar.xz"

# Cases whose result no server can bring about; the list may only shrink. Case: why.
ELEMENT_NAME = "botocore looks for a flattened list under its element's name and skips the case itself"
SKIPPED = "botocore can not parse what the case publishes and skips the case itself"
NO_BLOB = "botocore makes an empty payload of an absent one and skips the case itself"
NOT_OURS: dict[str, str] = {
    "Ec2XmlLists": ELEMENT_NAME,
    "QueryXmlLists": ELEMENT_NAME,
    "XmlLists": ELEMENT_NAME,
    "RestJsonHttpPayloadTraitsWithNoBlobBody": NO_BLOB,
    "HttpPayloadTraitsWithNoBlobBody": NO_BLOB,
    "RestJsonHttpPayloadWithUnsetUnion": SKIPPED,
    "RestXmlHttpPayloadWithUnsetUnion": SKIPPED,
    "RestJsonInputAndOutputWithQuotedStringHeaders": SKIPPED,
    "RestJsonInputAndOutputWithTimestampHeaders": SKIPPED,
    "InputAndOutputWithTimestampHeaders": SKIPPED,
    "HttpPrefixHeadersResponse": "a map of all headers takes in the request id and the content type",
}

# Cases that show what a client must bear, or write one thing in another way than we do; the list may only shrink.
OTHER_ZONE = "we write times in UTC"
BEARS = "the case shows what a client must bear of a server"
FULL_ANSWER = "services of AWS answer with the wrapper and the request id; the case shows that a client bears nothing"
ROOT_NAME = "botocore's models name the root where the payload is bound, and S3 holds them to it"
NULLS = "the case's answer is full of nulls, which we leave out"
NOT_ALIKE: dict[str, str] = {
    "Ec2QueryDateTimeWithNegativeOffset": OTHER_ZONE,
    "Ec2QueryDateTimeWithPositiveOffset": OTHER_ZONE,
    "AwsJson11DateTimeWithNegativeOffset": OTHER_ZONE,
    "AwsJson11DateTimeWithPositiveOffset": OTHER_ZONE,
    "AwsQueryDateTimeWithNegativeOffset": OTHER_ZONE,
    "AwsQueryDateTimeWithPositiveOffset": OTHER_ZONE,
    "RestJsonDateTimeWithNegativeOffset": OTHER_ZONE,
    "RestJsonDateTimeWithPositiveOffset": OTHER_ZONE,
    "RestXmlDateTimeWithNegativeOffset": OTHER_ZONE,
    "RestXmlDateTimeWithPositiveOffset": OTHER_ZONE,
    "handles_unexpected_json_output": BEARS,
    "AwsJson10HandlesUnexpectedJsonOutput": BEARS,
    "SimpleScalarPropertiesWithXMLPreamble": BEARS,
    "RpcV2CborExtraFieldsInTheBodyShouldBeSkippedByClients": BEARS,
    "RpcV2CborPayloadWithUnsetUnion": BEARS,
    "empty_output_no_body": BEARS,
    "NoOutputClientAllowsEmptyCbor": BEARS,
    "NoOutputClientAllowsEmptyBody": BEARS,
    "QueryEmptyInputAndEmptyOutput": FULL_ANSWER,
    "QueryNoInputAndNoOutput": FULL_ANSWER,
    "QueryNoInputAndOutput": FULL_ANSWER,
    "RestXmlHttpPayloadWithUnion": ROOT_NAME,
    "HttpPayloadWithXmlName": ROOT_NAME,
    "HttpPayloadWithXmlNamespace": ROOT_NAME,
    "HttpPayloadWithXmlNamespaceAndPrefix": ROOT_NAME,
    "BodyWithXmlName": "to botocore a name that a structure has for itself counts wherever it is used",
    "AwsJson11StructuresDontDeserializeNullValues": NULLS,
    "RestJsonDoesntDeserializeNullStructureValues": NULLS,
    "MediaTypeHeaderOutputBase64": "botocore's model says jsonvalue: the member is the document, not its text",
    "Ec2XmlEmptyLists": "the case has another charset than all others of EC2",
    "RestXmlHttpResponseCode": "an answer without a body has no content type",
}


def _suites():
    with tarfile.open(CASES) as archive:
        for member in sorted(archive.getnames()):
            if "/output/" in member and member.endswith(".json"):
                yield from json.load(archive.extractfile(member))


def _cases(kind, exceptions):
    for suite in _suites():
        for case in suite["cases"]:
            if kind in case:
                why = exceptions.get(case["id"])
                marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
                yield pytest.param(suite, case, id=f"{suite['metadata']['protocol']}-{case['id']}", marks=marks)


@pytest.mark.parametrize(("suite", "case"), list(_cases("result", NOT_OURS)))
def test_answer_is_parsed_by_botocore_to_the_result(suite, case):
    model, codec = _codec(suite, case)
    name = case["given"]["name"]
    output = model.operation(name).output
    response = {} if output is None else _typed(output, case["result"])
    status, headers, body = codec.serialize(name, response, "request-id")
    assert status == case["response"]["status_code"]
    assert _parsed(suite, case, status, headers, body) == _comparable(case["result"])


@pytest.mark.parametrize(("suite", "case"), list(_cases("result", NOT_ALIKE)))
def test_answer_is_written_as_published(suite, case):
    model, codec = _codec(suite, case)
    name = case["given"]["name"]
    output = model.operation(name).output
    response = {} if output is None else _typed(output, case["result"])
    _, headers, body = codec.serialize(name, response, "request-id")
    published = case["response"]
    sent = {field.decode().lower(): value.decode() for field, value in headers}
    for field, value in published.get("headers", {}).items():
        if field.lower() not in {"x-amz-target", "x-amzn-requestid", "content-length"}:
            assert sent.get(field.lower()) == value, field
    protocol = suite["metadata"]["protocol"]
    assert _document(protocol, body) == _document(protocol, _body(protocol, published.get("body", "")))


def _body(protocol, text):
    return base64.b64decode(text) if protocol == "smithy-rpc-v2-cbor" else text.encode()


def _document(protocol, body):
    """A body's content without how it may be written: order of members, blanks, prefixes, nulls, request ids."""
    if not body or body == b"{}":
        return None
    if protocol == "smithy-rpc-v2-cbor":
        return _without_nulls(_comparable(decode_cbor(body)))
    if protocol in {"json", "rest-json"}:
        try:
            return _without_nulls(_comparable(json.loads(body)))
        except ValueError:
            return body
    try:
        return _tree(ET.fromstring(body))
    except ET.ParseError:
        return body


def _without_nulls(document):
    if not isinstance(document, dict):
        return document
    return {key: _without_nulls(item) for key, item in document.items() if item is not None and key != "__type"}


def _tree(element):
    children = [_tree(child) for child in element if not child.tag.lower().endswith(("requestid", "responsemetadata"))]
    text = (element.text or "").strip()
    return element.tag.rpartition("}")[2], dict(element.attrib), text, sorted(children, key=repr)


@pytest.mark.parametrize(("suite", "case"), list(_cases("error", NOT_OURS)))
def test_error_is_parsed_by_botocore_to_code_message_and_members(suite, case):
    model, codec = _codec(suite, case)
    name = case["given"]["name"]
    shape = model.error_shape(case["errorCode"], model.operation(name))
    members = dict(case["error"])
    text = case.get("errorMessage")
    for alias in ("message", "Message"):
        if text is not None:
            members.pop(alias, None)
    members = members if shape is None else _typed(shape, members)
    status, headers, body = codec.error(
        case["errorCode"], text, request_id="request-id", members=members, operation=name
    )
    parsed = _parsed(suite, case, status, headers, body)
    error = parsed.pop("Error")
    assert error["Code"] == case["errorCode"]
    assert error.get("Message", "") == (text or "")
    assert {key: value for key, value in parsed.items() if key.lower() != "message"} == _comparable(
        {key: value for key, value in case["error"].items() if key.lower() != "message"}
    )
    assert status == (case["response"]["status_code"] if shape.trait("error", {}).get("httpStatusCode") else status)


def test_lists_of_exceptions_name_published_cases_only():
    assert NOT_OURS.keys() | NOT_ALIKE.keys() <= {case["id"] for suite in _suites() for case in suite["cases"]}


def _codec(suite, case):
    model = ServiceModel.from_dict("cases", {**suite, "operations": {case["given"]["name"]: case["given"]}})
    return model, codec_for.__wrapped__(model, suite["metadata"]["protocol"])


def _parsed(suite, case, status, headers, body):
    """The answer as botocore sees it, in the words of the cases."""
    name = case["given"]["name"]
    model = BotocoreModel({**suite, "operations": {name: case["given"]}})
    operation = OperationModel(case["given"], model)
    parser = PROTOCOL_PARSERS[suite["metadata"]["protocol"]](timestamp_parser=_seconds)
    folded: dict[str, str] = {}
    for field, value in headers:
        assert field.lower() not in {known.lower() for known in folded}, field
        folded[field.decode().lower()] = value.decode()
    response = {
        "status_code": status,
        "headers": HeadersDict(folded),
        "body": body,
        "context": {"operation_name": name},
    }
    output = operation.output_shape
    if "result" in case and suite["metadata"]["protocol"] == "query" and output is not None and output.members:
        output.serialization["resultWrapper"] = f"{name}Result"
    parsed = parser.parse(response, output)
    if "error" in case:
        try:
            shape = model.shape_for_error_code(parsed["Error"]["Code"])
        except NoShapeFoundError:
            shape = None
        if shape is not None:
            parsed |= parser.parse(response, shape)
    metadata = parsed.pop("ResponseMetadata")
    # Of answers without output in CBOR botocore keeps no metadata.
    assert metadata.get("RequestId") == "request-id" or (output is None and "smithy-protocol" in folded)
    return _comparable(parsed)


def _seconds(value):
    return parse_timestamp(value).timestamp()


def _typed(shape, value):
    """The case's result in the types that services answer with."""
    match shape.type:
        case "structure" if shape.trait("document"):
            return value
        case "structure":
            return {
                name: _typed(shape.members[name].shape, item)
                for name, item in value.items()
                if item is not None and name in shape.members
            }
        case "list":
            return [None if item is None else _typed(shape.element.shape, item) for item in value]
        case "map":
            return {key: None if item is None else _typed(shape.value.shape, item) for key, item in value.items()}
        case "blob":
            return value.encode()
        case "float" | "double" | "timestamp":
            return float(value)
        case _:
            return value


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
