"""REST-JSON and REST-XML: members in path, query string, headers and body, and what must not be where."""

from __future__ import annotations

import json

import pytest

from casemate.gateway.models import load
from casemate.gateway.protocols import InvalidRequest, MalformedRequest, Request, codec_for, recognise

S3 = codec_for(load("s3"), "rest-xml")
LAMBDA = codec_for(load("lambda"), "rest-json")
ROUTE53 = codec_for(load("route53"), "rest-xml")


def _parse(codec, method, target, headers=(), body=b""):
    signing = {"s3": "s3", "lambda": "lambda", "route53": "route53", "apigateway": "apigateway"}[codec.model.service]
    request = Request(method, target, list(headers), body)
    found = recognise(request, signing)
    return codec.parse(found.operation, request, found.labels)


def test_members_come_from_path_query_headers_and_body():
    members = _parse(
        LAMBDA,
        b"POST",
        b"/2015-03-31/functions/my%3Afn/invocations?Qualifier=v1",
        [(b"x-amz-invocation-type", b"Event"), (b"x-amz-client-context", b"e30=")],
        b"\x00raw",
    )
    assert members == {
        "FunctionName": "my:fn",
        "Qualifier": "v1",
        "InvocationType": "Event",
        "ClientContext": "e30=",
        "Payload": b"\x00raw",
    }


def test_headers_with_a_prefix_are_one_map():
    members = _parse(
        S3, b"PUT", b"/b/k", [(b"x-amz-meta-a", b"1"), (b"x-amz-meta-b", "é".encode()), (b"content-type", b"x")], b"c"
    )
    assert members == {"Bucket": "b", "Key": "k", "Metadata": {"a": "1", "b": "é"}, "ContentType": "x", "Body": b"c"}


def test_dates_in_headers_are_http_dates():
    members = _parse(S3, b"GET", b"/b/k", [(b"if-modified-since", b"Mon, 16 Dec 2019 23:48:18 GMT")])
    assert members["IfModifiedSince"] == 1576540098.0
    with pytest.raises(MalformedRequest):
        _parse(S3, b"GET", b"/b/k", [(b"if-modified-since", b"yesterday")])


def test_parameters_that_are_no_members_are_refused_but_for_signatures_and_logs():
    signed = b"X-Amz-Signature=0&X-Amz-Expires=1&x-id=GetObject&x-user=a"
    assert _parse(S3, b"GET", b"/b/k?versionId=v&" + signed) == {"Bucket": "b", "Key": "k", "VersionId": "v"}
    with pytest.raises(InvalidRequest, match="Unknown member 'nope'"):
        _parse(S3, b"GET", b"/b/k?nope=1")
    with pytest.raises(InvalidRequest, match="Unknown member 'x-amz-nope'"):
        _parse(S3, b"GET", b"/b/k", [(b"x-amz-nope", b"1")])


def test_parameter_or_header_given_twice_is_malformed():
    with pytest.raises(MalformedRequest):
        _parse(S3, b"GET", b"/b/k?versionId=v&versionId=w")
    with pytest.raises(MalformedRequest):
        _parse(S3, b"GET", b"/b/k", [(b"if-match", b"a"), (b"if-match", b"b")])


def test_plus_in_the_query_string_is_a_blank():
    assert _parse(S3, b"GET", b"/b?list-type=2&prefix=a+b%2Bc")["Prefix"] == "a b+c"


def test_map_of_parameters_takes_what_no_other_member_does():
    codec = codec_for(load("apigateway"), "rest-json")
    members = _parse(codec, b"POST", b"/restapis?mode=import&failonwarnings=true&basepath=a", body=b"{}")
    assert members == {"failOnWarnings": True, "parameters": {"basepath": "a"}, "body": b"{}"}


def test_xml_body_is_read_with_attributes_and_flat_lists():
    body = (
        b'<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><AccessControlList><Grant>'
        b'<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>a</ID></Grantee>'
        b"<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"
    )
    assert _parse(S3, b"PUT", b"/b?acl", body=body)["AccessControlPolicy"] == {
        "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": "a"}, "Permission": "READ"}]
    }
    body = b"<Delete><Object><Key>a</Key></Object><Quiet>true</Quiet><Object><Key> b </Key></Object></Delete>"
    assert _parse(S3, b"POST", b"/b?delete", body=body)["Delete"] == {
        "Objects": [{"Key": "a"}, {"Key": " b "}],
        "Quiet": True,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"<Delete>",
        b"<Delete/><Delete/>",
        b"Delete",
        b"<Other/>",
        b"<Delete>text</Delete>",
        b"<Delete><Quiet>true</Quiet><Quiet>true</Quiet></Delete>",
        b"<Delete><Quiet><a/></Quiet></Delete>",
        b"<Delete><Quiet>yes</Quiet></Delete>",
        b"<!DOCTYPE Delete><Delete/>",
        b'<!DOCTYPE Delete [<!ENTITY a "b">]><Delete>&a;</Delete>',
        b'<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>',
        b"<?php x?><Delete/>",
        b"<Delete>&a;</Delete>",
        b"<Delete>" + b"<a>" * 100_000,
        b"<Delete>" + b"<Object/>" * 100_001 + b"</Delete>",
        b'<?xml version="1.0" encoding="utf-16"?>\xff\xfe<',
    ],
)
def test_hostile_or_malformed_xml_is_refused(body):
    with pytest.raises(MalformedRequest):
        _parse(S3, b"POST", b"/b?delete", body=body)


def test_unknown_elements_and_attributes_are_refused_by_name():
    with pytest.raises(InvalidRequest, match="Unknown member 'Nope'"):
        _parse(S3, b"POST", b"/b?delete", body=b"<Delete><Nope/></Delete>")
    with pytest.raises(InvalidRequest, match="Unknown member 'nope'"):
        _parse(S3, b"POST", b"/b?delete", body=b'<Delete nope="1"/>')


def test_json_body_of_an_operation_that_takes_none_is_refused():
    with pytest.raises(InvalidRequest, match="Unknown member 'a'"):
        _parse(LAMBDA, b"GET", b"/2015-03-31/functions/", body=b'{"a":1}')
    assert _parse(LAMBDA, b"GET", b"/2015-03-31/functions/", body=b"{}") == {}


def test_answer_binds_status_headers_and_payload():
    status, headers, body = LAMBDA.serialize(
        "Invoke", {"StatusCode": 202, "ExecutedVersion": "1", "Payload": b"x"}, "r"
    )
    assert (status, body) == (202, b"x")
    assert dict(headers)[b"X-Amz-Executed-Version"] == b"1"
    status, headers, body = S3.serialize(
        "GetObject", {"Body": b"c", "LastModified": 1576540098.0, "Metadata": {"a": "1"}}, "r"
    )
    assert dict(headers) == {
        b"x-amz-request-id": b"r",
        b"x-amz-id-2": b"r",
        b"Last-Modified": b"Mon, 16 Dec 2019 23:48:18 GMT",
        b"x-amz-meta-a": b"1",
        b"Content-Type": b"application/octet-stream",
    }


def test_header_value_can_not_split_the_answer():
    _, headers, _ = S3.serialize("GetObject", {"Body": b"", "CacheControl": "a\r\nSet-Cookie: b\x00"}, "r")
    assert dict(headers)[b"Cache-Control"] == b"a  Set-Cookie: b "


def test_s3_answers_have_its_root_elements():
    body = S3.serialize("ListBuckets", {"Buckets": [{"Name": "b"}]}, "r")[2]
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<Buckets><Bucket><Name>b</Name></Bucket></Buckets></ListAllMyBucketsResult>"
    )
    body = S3.serialize("GetBucketLocation", {"LocationConstraint": "eu-west-1"}, "r")[2]
    assert body.endswith(
        b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>'
    )


@pytest.mark.parametrize(
    ("code", "status", "wire"),
    [
        ("NoSuchKey", 404, b"NoSuchKey"),
        ("AccessDeniedException", 403, b"AccessDenied"),
        ("InvalidClientTokenId", 403, b"InvalidAccessKeyId"),
        ("RequestTimeTooSkewed", 403, b"RequestTimeTooSkewed"),
        ("ContentSha256Mismatch", 400, b"XAmzContentSHA256Mismatch"),
        ("SerializationException", 400, b"MalformedXML"),
    ],
)
def test_s3_errors_have_no_wrapper(code, status, wire):
    answered, headers, body = S3.error(code, "no", request_id="r", operation="GetObject")
    assert answered == status
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%b</Code><Message>no</Message>'
        b"<RequestId>r</RequestId><HostId>r</HostId></Error>" % wire
    )
    assert dict(headers)[b"x-amz-request-id"] == b"r"


def test_error_to_a_head_request_has_no_body():
    assert S3.error("NoSuchKey", "no", request_id="r", operation="HeadObject")[2] == b""


def test_route53_errors_have_a_wrapper():
    status, _, body = ROUTE53.error("NoSuchHostedZone", "no", request_id="r", operation="GetHostedZone")
    assert status == 404
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
        b"<Error><Type>Sender</Type><Code>NoSuchHostedZone</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    )


def test_rest_json_error_names_itself_in_a_header_and_binds_members():
    status, headers, body = LAMBDA.error(
        "TooManyRequestsException",
        "no",
        request_id="r",
        members={"retryAfterSeconds": "5", "Reason": "x"},
        operation="Invoke",
    )
    assert status == 429
    assert dict(headers)[b"x-amzn-ErrorType"] == b"TooManyRequestsException"
    assert dict(headers)[b"Retry-After"] == b"5"
    assert json.loads(body) == {"message": "no", "Reason": "x"}
