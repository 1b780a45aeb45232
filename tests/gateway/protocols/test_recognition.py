"""Which service and operation a request is for, where it is not as plain as what SDKs send."""

from __future__ import annotations

import pytest

from casemate.gateway.protocols import Recognised, Request, UnknownOperation, recognise


def _post(body=b"", target=b"/", **headers):
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(b"POST", target, fields, body)


def _get(target, host="127.0.0.1:4566", method=b"GET"):
    return Request(method, target, [(b"host", host.encode())], b"")


def test_target_names_service_and_operation():
    request = _post(b"{}", x_amz_target="TrentService.Encrypt")
    assert recognise(request, "kms") == Recognised("kms", "Encrypt", "json")
    assert recognise(request, None) == Recognised("kms", "Encrypt", "json")


@pytest.mark.parametrize(
    "target", ["TrentService.Nope", "Nope.Encrypt", "Encrypt", "", "TrentService.", "TrentService.Encrypt.x"]
)
def test_unknown_target_is_refused_in_json(target):
    with pytest.raises(UnknownOperation) as caught:
        recognise(_post(b"{}", x_amz_target=target), "kms")
    assert (caught.value.code, caught.value.protocol) == ("UnknownOperationException", "json")


def test_action_names_the_operation_in_body_and_query_string():
    form = b"Action=GetCallerIdentity&Version=2011-06-15"
    assert recognise(_post(form), "sts") == Recognised("sts", "GetCallerIdentity", "query")
    assert recognise(_get(b"/?" + form), "sts") == Recognised("sts", "GetCallerIdentity", "query")
    assert recognise(_post(b"", b"/?" + form), "sts") == Recognised("sts", "GetCallerIdentity", "query")


def test_action_without_version_is_that_of_the_signing_name():
    assert recognise(_post(b"Action=ListRoles"), "iam").service == "iam"


def test_same_action_of_several_services_follows_the_version():
    assert recognise(_post(b"Action=DescribeTags&Version=2015-12-01"), "elasticloadbalancing").service == "elbv2"
    assert recognise(_post(b"Action=DescribeTags&Version=2016-11-15"), "ec2") == Recognised(
        "ec2", "DescribeTags", "ec2"
    )


def test_iam_and_sts_answer_json_on_demand_and_nobody_else():
    form = b"Action=GetCallerIdentity&Version=2011-06-15"
    assert recognise(_post(form, accept="application/json"), "sts").protocol == "query+json"
    assert (
        recognise(_post(b"Action=ListTopics&Version=2010-03-31", accept="application/json"), "sns").protocol == "query"
    )


def test_unknown_action_is_refused_in_query():
    with pytest.raises(UnknownOperation) as caught:
        recognise(_post(b"Action=Nope&Version=2010-05-08"), "iam")
    assert caught.value.message == "Could not find operation Nope for version 2010-05-08"
    assert (caught.value.protocol, caught.value.service) == ("query", "iam")


def test_cbor_path_names_service_and_operation():
    path = b"/service/AWSShield_20160616/operation/ListProtections"
    assert recognise(_post(b"\xa0", path, smithy_protocol="rpc-v2-cbor"), "shield") == Recognised(
        "shield", "ListProtections", "smithy-rpc-v2-cbor"
    )
    with pytest.raises(UnknownOperation):
        recognise(_post(b"\xa0", path + b"x", smithy_protocol="rpc-v2-cbor"), "shield")


@pytest.mark.parametrize(
    ("method", "target", "headers", "operation"),
    [
        (b"GET", b"/", [], "ListBuckets"),
        (b"GET", b"/b", [], "ListObjects"),
        (b"GET", b"/b/", [], "ListObjects"),
        (b"GET", b"/b?list-type=2&prefix=a", [], "ListObjectsV2"),
        (b"GET", b"/b?versions", [], "ListObjectVersions"),
        (b"GET", b"/b?location=", [], "GetBucketLocation"),
        (b"GET", b"/b?analytics", [], "ListBucketAnalyticsConfigurations"),
        (b"GET", b"/b?analytics&id=x", [], "GetBucketAnalyticsConfiguration"),
        (b"GET", b"/b/k", [], "GetObject"),
        (b"GET", b"/b/k?x-id=GetObject", [], "GetObject"),
        (b"GET", b"/b/k?uploadId=u", [], "ListParts"),
        (b"GET", b"/b/k?acl", [], "GetObjectAcl"),
        (b"GET", b"/b/k?Action=x", [], "GetObject"),
        (b"HEAD", b"/b/k", [], "HeadObject"),
        (b"PUT", b"/b/k", [], "PutObject"),
        (b"PUT", b"/b/k", [(b"x-amz-copy-source", b"/a/b")], "CopyObject"),
        (b"PUT", b"/b/k?partNumber=1&uploadId=u", [], "UploadPart"),
        (b"PUT", b"/b/k?partNumber=1&uploadId=u", [(b"x-amz-copy-source", b"/a/b")], "UploadPartCopy"),
        (b"POST", b"/b?delete", [], "DeleteObjects"),
        (b"POST", b"/b/k?uploads", [], "CreateMultipartUpload"),
        (b"POST", b"/b/k?uploadId=u", [], "CompleteMultipartUpload"),
        (b"DELETE", b"/b/k?tagging", [], "DeleteObjectTagging"),
    ],
)
def test_s3_operations_are_told_apart_by_parameters_and_headers(method, target, headers, operation):
    assert recognise(Request(method, target, headers, b""), "s3").operation == operation


@pytest.mark.parametrize(
    ("host", "target", "labels"),
    [
        ("127.0.0.1:4566", b"/bucket/a%2Fb//c", {"Bucket": "bucket", "Key": "a/b//c"}),
        ("localhost:4566", b"/bucket/k", {"Bucket": "bucket", "Key": "k"}),
        ("s3.localhost:4566", b"/bucket/k", {"Bucket": "bucket", "Key": "k"}),
        ("s3.eu-west-1.localhost", b"/bucket/k", {"Bucket": "bucket", "Key": "k"}),
        ("bucket.s3.localhost:4566", b"/k", {"Bucket": "bucket", "Key": "k"}),
        ("my.bucket.s3.eu-west-1.localhost", b"/k", {"Bucket": "my.bucket", "Key": "k"}),
        ("bucket.localhost", b"/k", {"Bucket": "bucket", "Key": "k"}),
        ("bucket.s3.amazonaws.com", b"/k", {"Bucket": "bucket", "Key": "k"}),
        ("bucket.s3.us-west-2.amazonaws.com", b"/k", {"Bucket": "bucket", "Key": "k"}),
        ("s3.us-west-2.amazonaws.com", b"/bucket/k", {"Bucket": "bucket", "Key": "k"}),
    ],
)
def test_bucket_is_in_the_path_or_in_the_host(host, target, labels):
    assert recognise(_get(target, host), "s3") == Recognised("s3", "GetObject", "rest-xml", labels)


def test_s3control_shares_the_signing_name_of_s3():
    request = Request(b"GET", b"/v20180820/accesspoint", [(b"x-amz-account-id", b"1" * 12)], b"")
    assert recognise(request, "s3")[:2] == ("s3control", "ListAccessPoints")


def test_rest_request_without_signature_goes_by_the_host():
    assert recognise(_get(b"/2015-03-31/functions/", "lambda.us-east-1.amazonaws.com"), None).service == "lambda"
    assert recognise(_get(b"/bucket/k"), None).service == "s3"


def test_unknown_route_is_refused_in_the_services_protocol():
    with pytest.raises(UnknownOperation) as caught:
        recognise(_get(b"/nope"), "lambda")
    assert (caught.value.protocol, caught.value.service) == ("rest-json", "lambda")
    with pytest.raises(UnknownOperation):
        recognise(_get(b"/"), "nope")
