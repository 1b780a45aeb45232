"""AWS JSON: what is malformed, what is taken, how answers and errors look."""

from __future__ import annotations

import json
import time

import pytest

from casemate.gateway.models import load
from casemate.gateway.protocols import InvalidRequest, MalformedRequest, Request, codec_for
from casemate.gateway.protocols.json import MAX_DEPTH, decode_json

KMS = codec_for(load("kms"), "json")


def _parse(operation, body, service="kms"):
    return codec_for(load(service), "json").parse(operation, Request(b"POST", b"/", [], body))


def _nested(depth, around=b"[%b]"):
    document = b"1"
    for _ in range(depth):
        document = around % document
    return document


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"1", b'"a"', b"{}x", b"\xff", b'{"KeyId":"\xff"}', b"\xef\xbb\xbf{}", b'{"KeyId":"\\ud800"}', b"{'a':1}", b'{"KeyId":NaN}', b"{" * 100_000])  # fmt: skip
def test_body_that_is_no_json_object_is_malformed(body):
    with pytest.raises(MalformedRequest) as caught:
        _parse("DescribeKey", body)
    assert caught.value.code == "SerializationException"


def test_document_is_as_deep_as_allowed_and_no_deeper():
    assert decode_json(_nested(MAX_DEPTH)) is not None
    with pytest.raises(MalformedRequest, match="nested deeper"):
        decode_json(_nested(MAX_DEPTH + 1))


def test_brackets_in_strings_are_no_depth():
    assert decode_json(b'{"a":"' + b"[{" * 1000 + b'\\"[","b":' + _nested(MAX_DEPTH - 1) + b"}") is not None


@pytest.mark.parametrize(
    "body",
    [
        b'{"KeyId":"a","KeyId":"b"}',
        b'{"KeyId" :"a", "KeyId":"b"}',
        b'{"KeyId":"a","Key\\u0049d":"b"}',
        b'{"EncryptionContext":{"a":"1","a":"2"},"KeyId":"a"}',
        b'{"Tags":[{"TagKey":"a","TagKey":"b"}]}',
        b'{"a":{"b":{"c":1,"c":2}}}',
        b'{"":1,"":2}',
    ],
)
def test_key_said_twice_is_malformed(body):
    with pytest.raises(MalformedRequest, match="says a key twice"):
        decode_json(body)


@pytest.mark.parametrize(
    "body",
    [b'{"a":"\\"b\\":","c":1}', b'{"a":[{"b":1},{"b":2}]}', b'{"a":{"x":1},"b":{"x":1}}', b'{"a":":::"}', b"[1,1]"],
)
def test_like_keys_of_different_objects_are_taken(body):
    assert decode_json(body) == json.loads(body)


@pytest.mark.parametrize(
    "number", [b"9" * 4000, b"9" * 1_000_000, b"-" + b"9" * 100, b"1e999", b"1" + b"0" * 400 + b"e5"]
)
def test_huge_number_is_refused_soon(number):
    began = time.process_time()
    with pytest.raises(MalformedRequest):
        _parse("ListKeys", b'{"Limit":%b}' % number)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("DescribeKey", b'{"KeyId":1}', "NUMBER_VALUE can not be converted to a String"),
        ("DescribeKey", b'{"KeyId":true}', "TRUE_VALUE can not be converted to a String"),
        ("DescribeKey", b'{"KeyId":{}}', "START_OBJECT can not be converted to a String"),
        ("DescribeKey", b'{"KeyId":[]}', "START_ARRAY can not be converted to a String"),
        ("ListKeys", b'{"Limit":"1"}', "STRING_VALUE can not be converted to an Integer"),
        ("ListKeys", b'{"Limit":1.5}', "NUMBER_VALUE can not be converted to an Integer"),
        ("ListKeys", b'{"Limit":true}', "TRUE_VALUE can not be converted to an Integer"),
        ("ListKeys", b'{"Limit":2147483648}', "NUMBER_VALUE can not be converted to an Integer"),
        ("CreateKey", b'{"MultiRegion":"true"}', "STRING_VALUE can not be converted to a Boolean"),
        ("CreateKey", b'{"Tags":{}}', "Expected list or null"),
        ("Encrypt", b'{"EncryptionContext":[]}', "Expected map or null"),
        ("Encrypt", b'{"Plaintext":1}', "Expected a string of base64"),
        ("Encrypt", b'{"Plaintext":"YQ"}', "A member of type blob is not base64."),
        ("Encrypt", b'{"Plaintext":"YQ==\\n"}', "A member of type blob is not base64."),
        ("Encrypt", '{"Plaintext":"é"}'.encode(), "A member of type blob is not base64."),
        ("ImportKeyMaterial", b'{"ValidTo":"2020-01-01T00:00:00Z"}', "A timestamp has another form than the model's."),
        ("ImportKeyMaterial", b'{"ValidTo":1e300}', "A timestamp can not be read."),
    ],
)
def test_member_of_another_type_is_malformed(operation, body, message):
    with pytest.raises(MalformedRequest) as caught:
        _parse(operation, body)
    assert caught.value.message == message


def test_members_have_pythons_types():
    assert _parse("ListKeys", b'{"Limit":5.0}') == {"Limit": 5}
    assert type(_parse("ListKeys", b'{"Limit":5.0}')["Limit"]) is int
    body = b'{"KeyId":"a","Plaintext":"YQ==","EncryptionContext":{"k":"v"},"GrantTokens":["t"],"DryRun":false}'
    assert _parse("Encrypt", body) == {
        "KeyId": "a",
        "Plaintext": b"a",
        "EncryptionContext": {"k": "v"},
        "GrantTokens": ["t"],
        "DryRun": False,
    }
    body = b'{"KeyId":"a","ImportToken":"YQ==","EncryptedKeyMaterial":"YQ==","ValidTo":1566160362.5}'
    assert _parse("ImportKeyMaterial", body)["ValidTo"] == 1566160362.5


def test_null_member_is_absent_and_empty_body_is_no_members():
    assert _parse("ListKeys", b'{"Limit":null}') == {}
    assert _parse("ListKeys", b"") == {}
    with pytest.raises(InvalidRequest, match="Value null at 'keyId'"):
        _parse("DescribeKey", b'{"KeyId":null}')


def test_null_in_a_list_is_a_validation_error():
    with pytest.raises(InvalidRequest, match="Member must not be null"):
        _parse("Encrypt", b'{"KeyId":"a","Plaintext":"YQ==","GrantTokens":[null]}')


def test_answer_is_json_with_request_id_and_content_type():
    status, headers, body = KMS.serialize("Encrypt", {"CiphertextBlob": b"\x00\xff", "KeyId": "k"}, "id-1")
    assert status == 200
    assert headers == [(b"x-amzn-RequestId", b"id-1"), (b"Content-Type", b"application/x-amz-json-1.1")]
    assert body == b'{"CiphertextBlob":"AP8=","KeyId":"k"}'


def test_operation_without_output_answers_nothing():
    assert KMS.serialize("CreateAlias", {}, "id-1")[2] == b""


def test_times_are_epoch_seconds_to_the_millisecond():
    _, _, body = KMS.serialize("GetParametersForImport", {"ParametersValidTo": 1566160362.6641}, "r")
    assert body == b'{"ParametersValidTo":1566160362.664}'
    _, _, body = KMS.serialize("GetParametersForImport", {"ParametersValidTo": 1566160362.0}, "r")
    assert body == b'{"ParametersValidTo":1566160362}'


@pytest.mark.parametrize(
    ("code", "message", "options", "status", "document"),
    [
        ("NotFoundException", "no", {}, 400, {"__type": "NotFoundException", "message": "no"}),
        ("KMSInternalException", "no", {}, 500, {"__type": "KMSInternalException", "message": "no"}),
        (
            "DependencyTimeoutException",
            "no",
            {"status": 503},
            503,
            {"__type": "DependencyTimeoutException", "message": "no"},
        ),
        ("AccessDeniedException", "no", {}, 400, {"__type": "AccessDeniedException", "Message": "no"}),
        ("ExpiredToken", "no", {}, 400, {"__type": "ExpiredTokenException", "message": "no"}),
        ("InvalidClientTokenId", "no", {}, 400, {"__type": "UnrecognizedClientException", "message": "no"}),
        ("RequestTimeTooSkewed", "no", {}, 400, {"__type": "InvalidSignatureException", "message": "no"}),
        ("Whatever", None, {"fault": True}, 500, {"__type": "Whatever"}),
        ("NotImplemented", "no", {"status": 501}, 501, {"__type": "NotImplemented", "message": "no"}),
        ("SerializationException", None, {}, 400, {"__type": "SerializationException"}),
    ],
)
def test_error_has_shape_name_status_and_message(code, message, options, status, document):
    answered, headers, body = KMS.error(code, message, request_id="r", operation="Encrypt", **options)
    assert (answered, json.loads(body)) == (status, document)
    assert (b"x-amzn-RequestId", b"r") in headers


def test_error_of_a_service_that_spoke_query_has_the_old_code_in_a_header():
    codec = codec_for(load("sqs"), "json")
    _, headers, body = codec.error("QueueDoesNotExist", "no", request_id="r", operation="GetQueueUrl")
    assert json.loads(body)["__type"] == "QueueDoesNotExist"
    assert dict(headers)[b"x-amzn-query-error"].endswith(b";Sender")
    assert (b"Content-Type", b"application/x-amz-json-1.0") in headers
