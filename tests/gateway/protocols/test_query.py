"""AWS Query and EC2 Query: forms in, XML or JSON out."""

from __future__ import annotations

import json

import pytest

from casemate.gateway.models import load
from casemate.gateway.protocols import InvalidRequest, MalformedRequest, Request, codec_for

IAM = codec_for(load("iam"), "query")
STS = codec_for(load("sts"), "query")
EC2 = codec_for(load("ec2"), "ec2")


def _parse(codec, operation, form):
    return codec.parse(operation, Request(b"POST", b"/", [], b"Action=%b&Version=1&" % operation.encode() + form))


def test_form_is_read_as_members():
    form = (
        b"RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fa&RoleSessionName=s+1&DurationSeconds=900&"
        b"Tags.member.2.Key=b&Tags.member.2.Value=&Tags.member.1.Key=a&Tags.member.1.Value=%C3%A9&TransitiveTagKeys="
    )
    with pytest.raises(InvalidRequest, match="Value 's 1' at 'roleSessionName'"):
        _parse(STS, "AssumeRole", form)
    assert _parse(STS, "AssumeRole", form.replace(b"s+1", b"s1")) == {
        "RoleArn": "arn:aws:iam::123456789012:role/a",
        "RoleSessionName": "s1",
        "DurationSeconds": 900,
        "Tags": [{"Key": "a", "Value": "é"}, {"Key": "b", "Value": ""}],
        "TransitiveTagKeys": [],
    }


def test_query_string_is_read_where_the_body_is_empty():
    request = Request(b"GET", b"/?Action=GetRole&Version=1&RoleName=a&X-Amz-Signature=0&X-Amz-Date=1", [], b"")
    assert IAM.parse("GetRole", request) == {"RoleName": "a"}


def test_parameters_of_body_and_query_string_are_read_together():
    request = Request(b"POST", b"/?Action=GetRole&RoleName=a", [], b"Version=2010-05-08")
    assert IAM.parse("GetRole", request) == {"RoleName": "a"}
    with pytest.raises(MalformedRequest, match="RoleName is given more than once"):
        IAM.parse("GetRole", Request(b"POST", b"/?RoleName=a", [], b"Action=GetRole&RoleName=b"))


@pytest.mark.parametrize(
    ("operation", "form"),
    [
        ("GetRole", b"RoleName=a&RoleName=b"),
        ("GetRole", b"RoleName.x=a"),
        ("GetRole", b"RoleName=a&RoleName.x=b"),
        ("GetRole", b"RoleName.x=b&RoleName=a"),
        ("GetRole", b"RoleName=%FF"),
        ("GetRole", b"RoleName" + b".a" * 100 + b"=1"),
        ("GetRole", b"&".join(b"a%d=1" % number for number in range(20_001))),
        ("ListRoles", b"MaxItems=a"),
        ("ListRoles", b"MaxItems=1.5"),
        ("ListRoles", b"MaxItems=99999999999"),
        ("ListRoles", b"MaxItems=%D9%A1"),
        ("UpdateAccountPasswordPolicy", b"RequireSymbols=yes"),
        ("TagRole", b"RoleName=a&Tags.member.x.Key=a"),
        ("TagRole", b"RoleName=a&Tags.member.1.Key=a&Tags.member.01.Key=b"),
        ("TagRole", b"RoleName=a&Tags.1.Key=a"),
        ("TagRole", b"RoleName=a&Tags.member=a"),
        ("TagRole", b"RoleName=a&Tags.member.1=a"),
        ("TagRole", b"RoleName=a&Tags=a"),
    ],
)
def test_malformed_form_is_refused(operation, form):
    with pytest.raises(MalformedRequest):
        _parse(IAM, operation, form)


def test_unknown_parameter_is_refused_by_name():
    with pytest.raises(InvalidRequest, match="Unknown member 'Role' in the request of GetRole"):
        _parse(IAM, "GetRole", b"RoleName=a&Role=b")
    with pytest.raises(InvalidRequest, match="Unknown member 'Id' in the request of GetAccountSummary"):
        _parse(IAM, "GetAccountSummary", b"Id=1")


def test_answer_has_wrapper_and_request_id():
    status, headers, body = STS.serialize("GetCallerIdentity", {"UserId": "a&b", "Account": "1", "Arn": "x"}, "id-1")
    assert status == 200
    assert headers == [(b"x-amzn-RequestId", b"id-1"), (b"Content-Type", b"text/xml")]
    assert body == (
        b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        b"<UserId>a&amp;b</UserId><Account>1</Account><Arn>x</Arn></GetCallerIdentityResult>"
        b"<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )


def test_times_lists_and_booleans_are_written():
    role = {"RoleName": "r", "CreateDate": 1741263898.0, "Tags": [{"Key": "a", "Value": "b"}]}
    body = IAM.serialize("ListRoles", {"Roles": [role], "IsTruncated": False}, "r")[2].decode()
    assert "<CreateDate>2025-03-06T12:24:58Z</CreateDate>" in body
    assert "<Tags><member><Key>a</Key><Value>b</Value></member></Tags>" in body
    assert "<IsTruncated>false</IsTruncated>" in body


def test_broken_constraint_is_a_validation_error_whatever_the_operation_declares():
    assert "InvalidInputException" in load("iam").operation("CreateRole").errors
    assert (
        b"<Code>ValidationError</Code>"
        in IAM.error("ValidationException", "no", request_id="r", operation="CreateRole")[2]
    )


@pytest.mark.parametrize(
    ("code", "status", "wire", "kind"),
    [
        ("NoSuchEntityException", 404, "NoSuchEntity", "Sender"),
        ("ServiceFailureException", 500, "ServiceFailure", "Receiver"),
        ("AccessDeniedException", 403, "AccessDenied", "Sender"),
        ("ValidationException", 400, "ValidationError", "Sender"),
        ("SignatureDoesNotMatch", 403, "SignatureDoesNotMatch", "Sender"),
        ("ExpiredToken", 403, "ExpiredToken", "Sender"),
        ("UnknownOperationException", 400, "InvalidAction", "Sender"),
        ("SerializationException", 400, "MalformedInput", "Sender"),
        ("InternalFailure", 500, "InternalFailure", "Receiver"),
    ],
)
def test_error_has_wire_code_status_and_type(code, status, wire, kind):
    answered, _, body = IAM.error(code, "no <way>", request_id="id-1", operation="GetRole")
    assert answered == status
    assert body.decode() == (
        f'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>{kind}</Type><Code>{wire}</Code>'
        "<Message>no &lt;way&gt;</Message></Error><RequestId>id-1</RequestId></ErrorResponse>"
    )


def test_expired_token_of_a_service_is_not_that_of_a_session():
    assert (
        b"<Code>ExpiredTokenException</Code>"
        in STS.error("ExpiredTokenException", "no", request_id="r", operation="AssumeRoleWithSAML")[2]
    )
    assert b"<Code>ExpiredToken</Code>" in STS.error("ExpiredToken", "no", request_id="r", operation="AssumeRole")[2]


def test_json_answers_have_the_same_members():
    codec = codec_for(load("sts"), "query+json")
    _, headers, body = codec.serialize("GetSessionToken", {"Credentials": {"Expiration": 1741263898.0}}, "r")
    assert (b"Content-Type", b"application/json") in headers
    assert json.loads(body) == {
        "GetSessionTokenResponse": {
            "GetSessionTokenResult": {"Credentials": {"Expiration": 1741263898}},
            "ResponseMetadata": {"RequestId": "r"},
        }
    }
    status, _, body = codec.error("AccessDeniedException", "no", request_id="r", operation="GetSessionToken")
    assert status == 403
    assert json.loads(body) == {"Error": {"Code": "AccessDenied", "Message": "no", "Type": "Sender"}, "RequestId": "r"}


def test_ec2_names_lists_and_errors_its_own_way():
    form = b"InstanceId.1=i-1&InstanceId.2=i-2&Filter.1.Name=a&Filter.1.Value.1=b&DryRun=true"
    assert _parse(EC2, "DescribeInstances", form) == {
        "InstanceIds": ["i-1", "i-2"],
        "Filters": [{"Name": "a", "Values": ["b"]}],
        "DryRun": True,
    }
    body = EC2.serialize("DescribeInstances", {"Reservations": [{"ReservationId": "r-1"}]}, "id-1")[2].decode()
    assert "<reservationSet><item><reservationId>r-1</reservationId></item></reservationSet>" in body
    assert "<requestId>id-1</requestId>" in body
    status, _, body = EC2.error("AccessDeniedException", "no", request_id="id-1", operation="DescribeInstances")
    assert status == 403
    assert body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>UnauthorizedOperation</Code>'
        b"<Message>no</Message></Error></Errors><RequestID>id-1</RequestID></Response>"
    )
