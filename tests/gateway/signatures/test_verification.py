"""Requests signed by botocore's own signers verify; any byte changed, they are refused in AWS's words."""

from __future__ import annotations

from urllib.parse import urlsplit

import botocore.auth
import botocore.compat
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from casemate.gateway.protocols import Request, recognise
from casemate.gateway.signatures import (
    SignatureError,
    SigningKeys,
    check_payload,
    check_scope,
    parse_signature,
    verify,
)

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
NOW = 1440938160.0  # 2015-08-30T12:36:00Z
STAMP = "20150830T123600Z"


class _Clock(botocore.compat.datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2015, 8, 30, 12, 36, tzinfo=tz)

    @classmethod
    def utcnow(cls):
        return cls(2015, 8, 30, 12, 36)


@pytest.fixture(autouse=True)
def _fixed_time(monkeypatch):
    monkeypatch.setattr(
        botocore.auth, "get_current_datetime", lambda remove_tzinfo=True: _Clock(2015, 8, 30, 12, 36), raising=True
    )


def _signed(signer, service, *, method="POST", url="http://127.0.0.1:4566/", headers=None, body=b"{}", token=None):
    request = AWSRequest(method, url, headers=dict(headers or {}), data=body)
    signer(Credentials("AKIDEXAMPLE", SECRET, token), service, "eu-west-1").add_auth(request)
    parts = urlsplit(request.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    sent = [(name.lower().encode(), str(value).encode()) for name, value in request.headers.items()]
    if not any(name == b"host" for name, _ in sent):
        sent.append((b"host", parts.netloc.encode()))
    data = request.data if isinstance(request.data, bytes) else b""
    return Request(method.encode(), target.encode(), sent, data)


def _check(request, service="kms", now=NOW, secret=SECRET, **options):
    signed = parse_signature(request)
    check_scope(signed, now=now, signing_name=service, region_exists={"eu-west-1"}.__contains__)
    verify(signed, SigningKeys().get(signed, secret.encode()), request, **options)
    return signed


def _json():
    headers = {"X-Amz-Target": "TrentService.Encrypt", "Content-Type": "application/x-amz-json-1.1"}
    return _signed(SigV4Auth, "kms", headers=headers, body=b'{"KeyId":"alias/a","Plaintext":"YQ=="}')


def _query():
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return _signed(SigV4Auth, "sts", headers=headers, body=b"Action=GetCallerIdentity&Version=2011-06-15")


def _rest_json():
    url = "http://127.0.0.1:4566/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax/invocations?Qualifier=%24LATEST&b=&a=1"
    return _signed(SigV4Auth, "lambda", url=url, body=b"{}")


def _s3():
    url = "http://127.0.0.1:4566/bucket/a%20b//c/./d?partNumber=1&uploadId=x%2By"
    return _signed(S3SigV4Auth, "s3", method="PUT", url=url, body=b"content", headers={"x-amz-meta-a": "b  c"})


def _cbor():
    headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    url = "http://127.0.0.1:4566/service/AWSShield_20160616/operation/ListProtections"
    return _signed(SigV4Auth, "shield", url=url, headers=headers, body=b"\xa0")


def _presigned():
    url = "http://127.0.0.1:4566/?Action=GetCallerIdentity&Version=2011-06-15"
    return _signed(SigV4QueryAuth, "sts", method="GET", url=url, body=b"", token="the//token+==")


def _presigned_s3():
    return _signed(S3SigV4QueryAuth, "s3", method="GET", url="http://127.0.0.1:4566/bucket/a%20b//c", body=b"")


FORMS = {
    "kms": _json,
    "sts": _query,
    "lambda": _rest_json,
    "s3": _s3,
    "shield": _cbor,
    "sts presigned": _presigned,
    "s3 presigned": _presigned_s3,
}


@pytest.mark.parametrize("form", FORMS)
def test_request_signed_by_botocore_verifies(form):
    signed = _check(FORMS[form](), form.split()[0])
    assert signed.access_key_id == "AKIDEXAMPLE"
    assert signed.region == "eu-west-1"
    assert (signed.expires is not None) == ("presigned" in form)


@pytest.mark.parametrize("form", FORMS)
def test_request_with_one_byte_changed_anywhere_is_refused(form):
    request = FORMS[form]()
    service = form.split()[0]
    signed = parse_signature(request)
    changed = [
        Request(request.method, request.target, request.headers, _flipped(request.body, at))
        for at in range(len(request.body))
    ]
    changed += [
        Request(request.method, _flipped(request.target, at), request.headers, request.body)
        for at in range(1, len(request.target))
    ]
    for number, (name, value) in enumerate(request.headers):
        if name in (*signed.signed_headers.names, b"authorization"):
            for at in range(len(value)):
                headers = list(request.headers)
                headers[number] = (name, _flipped(value, at))
                changed.append(Request(request.method, request.target, headers, request.body))
    accepted = []
    for other in changed:
        try:
            signed = parse_signature(other)
            # Of another access key the secret would be another one too.
            if signed is not None and signed.access_key_id == "AKIDEXAMPLE":
                _check(other, service)
                accepted.append(other)
        except SignatureError:
            continue
    # The same request in other words: a blank more or less.
    assert [other for other in accepted if not _same(other, request)] == []


def _flipped(text, at):
    return text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :]


def _same(one, other):
    """Whether two requests differ in nothing but what canonicalisation takes away."""
    blank = [(name, b" ".join(value.split())) for name, value in one.headers]
    return (one.method, one.target, one.body) == (other.method, other.target, other.body) and blank == [
        (name, b" ".join(value.split())) for name, value in other.headers
    ]


def test_dot_segments_mean_the_same_to_signature_and_route():
    url = "http://127.0.0.1:4566/2015-03-31/x/../functions//f/./invocations"
    request = _signed(SigV4Auth, "lambda", url=url)
    _check(request, "lambda")
    assert recognise(request, "lambda").labels == {"FunctionName": "f"}
    other = Request(request.method, request.target.replace(b"/x/", b"/y/"), request.headers, request.body)
    _check(other, "lambda")
    assert recognise(other, "lambda") == recognise(request, "lambda")


def test_unsigned_request_has_no_signature():
    assert parse_signature(Request(b"POST", b"/?a=b", [(b"host", b"h")], b"")) is None


def test_request_of_temporary_credentials_carries_its_token():
    request = _signed(SigV4Auth, "kms", token="the//token+==")
    assert _check(request).session_token == "the//token+=="
    assert _check(_presigned(), "sts").session_token == "the//token+=="


def test_token_added_after_signing_is_taken():
    header = _signed(SigV4Auth, "kms")
    header = Request(header.method, header.target, [*header.headers, (b"x-amz-security-token", b"t")], header.body)
    assert _check(header).session_token == "t"
    query = _presigned_s3()
    query = Request(query.method, query.target + b"&X-Amz-Security-Token=t", query.headers, b"")
    assert _check(query, "s3").session_token == "t"


def test_amz_header_that_is_not_signed_is_refused():
    request = _json()
    request = Request(request.method, request.target, [*request.headers, (b"x-amz-acl", b"public-read")], request.body)
    with pytest.raises(SignatureError, match="headers present in the request which were not signed: x-amz-acl"):
        _check(request)


def test_missing_signed_header_is_refused():
    request = _json()
    headers = [each for each in request.headers if each[0] != b"content-type"]
    with pytest.raises(SignatureError, match="signature we calculated"):
        _check(Request(request.method, request.target, headers, request.body))


def test_header_sent_twice_is_joined_in_order():
    request = _signed(SigV4Auth, "kms", headers={"X-Amz-Meta": "a,b"})
    headers = [each for each in request.headers if each[0] != b"x-amz-meta"]
    twice = [*headers, (b"x-amz-meta", b"a"), (b"x-amz-meta", b" b")]
    _check(Request(request.method, request.target, twice, request.body))
    with pytest.raises(SignatureError):
        _check(
            Request(
                request.method, request.target, [*headers, (b"x-amz-meta", b"b"), (b"x-amz-meta", b"a")], request.body
            )
        )


def test_wrong_signature_shows_the_canonical_request_where_asked():
    request = _json()
    with pytest.raises(SignatureError) as caught:
        _check(request, secret="another", explain=True)
    assert "The Canonical String for this request should have been\n'POST\n/\n\ncontent-type:" in caught.value.message
    assert (
        f"The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n{STAMP}\n20150830/eu-west-1/kms/"
        in caught.value.message
    )
    with pytest.raises(SignatureError, match=r"Consult the service documentation for details\.$"):
        _check(request, secret="another")


@pytest.mark.parametrize(
    ("service", "offset", "message"),
    [
        (
            "kms",
            901,
            "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)",
        ),
        (
            "kms",
            -301,
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T123059Z + 5 min.)",
        ),
        (
            "sts",
            -901,
            "Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)",
        ),
    ],
)
def test_signature_of_another_time_is_refused(service, offset, message):
    request = {"kms": _json, "sts": _query}[service]()
    with pytest.raises(SignatureError) as caught:
        _check(request, service, now=NOW + offset)
    assert (caught.value.code, caught.value.message) == ("RequestTimeTooSkewed", message)


@pytest.mark.parametrize(("service", "offset"), [("kms", 900), ("kms", -300), ("sts", -900)])
def test_signature_at_the_edge_of_its_time_is_taken(service, offset):
    _check({"kms": _json, "sts": _query}[service](), service, now=NOW + offset)


def test_presigned_request_holds_as_long_as_it_says():
    _check(_presigned(), "sts", now=NOW + 3599)
    with pytest.raises(SignatureError, match="Signature expired"):
        _check(_presigned(), "sts", now=NOW + 3600)


def test_scope_of_another_service_is_refused():
    with pytest.raises(SignatureError) as caught:
        _check(_json(), "sts")
    assert caught.value.message == "Credential should be scoped to correct service: 'sts'."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"/eu-west-1/", b"/mars-1/", "Credential should be scoped to a valid region, not 'mars-1'."),
        (b"/aws4_request", b"/aws5_request", "Credential should be scoped with a valid terminator: 'aws4_request'."),
        (
            b"/20150830/",
            b"/20150831/",
            (
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                "'20150831' != '20150830', from '20150830T123600Z'."
            ),
        ),
    ],
)
def test_scope_that_is_wrong_is_refused_in_its_words(old, new, message):
    with pytest.raises(SignatureError) as caught:
        _check(_with_authorization(_json(), lambda value: value.replace(old, new)))
    assert (caught.value.code, caught.value.message) == ("SignatureDoesNotMatch", message)


def _with_authorization(request, change):
    headers = [(name, change(value) if name == b"authorization" else value) for name, value in request.headers]
    return Request(request.method, request.target, headers, request.body)


GOOD = (
    "AWS4-HMAC-SHA256 Credential=A/20150830/eu-west-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature="
    + "0" * 64
)


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (
            "AWS4-HMAC-SHA256 x",
            "'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 x'.",
        ),
        ("Bearer abc", "Unsupported AWS 'algorithm': 'Bearer'."),
        ("AWS AKID:c2ln", "Unsupported AWS 'algorithm': 'AWS'."),
        (
            "AWS4-HMAC-SHA256 SignedHeaders=host",
            (
                "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "
                "Authorization=AWS4-HMAC-SHA256 SignedHeaders=host"
            ),
        ),
        (GOOD.replace("0" * 64, "0" * 63), "Signature must be 64 hexadecimal digits."),
        (
            GOOD.replace("A/2015", "2015"),
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '20150830/eu-west-1/kms/aws4_request'",
        ),
        (GOOD.replace("host;", "Host;"), "SignedHeaders is not a list of header names: 'Host;x-amz-date'."),
        (GOOD.replace("host;", "host;host;"), "SignedHeaders names a header twice."),
        (GOOD.replace("host;", ""), "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
        (GOOD + "a" * 9000, "Authorization header is too long."),
    ],
)
def test_malformed_authorization_is_refused_in_its_words(authorization, message):
    headers = [(b"host", b"h"), (b"x-amz-date", STAMP.encode()), (b"authorization", authorization.encode())]
    with pytest.raises(SignatureError) as caught:
        parse_signature(Request(b"POST", b"/", headers, b""))
    assert caught.value.message == message


def test_authorization_without_any_date_is_refused():
    with pytest.raises(SignatureError, match="requires existence of either a 'X-Amz-Date' or a 'Date' header"):
        parse_signature(Request(b"POST", b"/", [(b"host", b"h"), (b"authorization", GOOD.encode())], b""))


def test_http_date_stands_in_for_the_amz_date():
    headers = [(b"host", b"h"), (b"date", b"Sun, 30 Aug 2015 12:36:00 GMT"), (b"authorization", GOOD.encode())]
    signed = parse_signature(Request(b"POST", b"/", headers, b""))
    assert (signed.timestamp, signed.amz_date) == (int(NOW), STAMP)


def test_two_mechanisms_are_refused():
    request = _presigned()
    with pytest.raises(SignatureError, match="Only one auth mechanism allowed"):
        parse_signature(Request(b"GET", request.target, [*request.headers, (b"authorization", GOOD.encode())], b""))
    twice = [(b"authorization", GOOD.encode())] * 2
    with pytest.raises(SignatureError, match="Only one auth mechanism allowed"):
        parse_signature(Request(b"GET", b"/", [(b"host", b"h"), (b"x-amz-date", STAMP.encode()), *twice], b""))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda q: q.replace(b"X-Amz-Signature=", b"X-Amz-Sig="), "must include 'X-Amz-Signature'. Re-examine"),
        (lambda q: q.replace(b"X-Amz-Expires=3600", b"X-Amz-Expires=604801"), "X-Amz-Expires must be between"),
        (lambda q: q.replace(b"X-Amz-Expires=3600", b"X-Amz-Expires=0"), "X-Amz-Expires must be between"),
        (lambda q: q.replace(b"X-Amz-Expires=3600", b"X-Amz-Expires=-1"), "X-Amz-Expires must be between"),
        (lambda q: q.replace(b"AWS4-HMAC-SHA256", b"AWS4-ECDSA-P256-SHA256"), "Unsupported AWS 'algorithm'"),
        (lambda q: q.replace(b"20150830T123600Z", b"2015-08-30"), "must be in ISO-8601 'basic format'"),
        (lambda q: q + b"&X-Amz-Expires=3600", "X-Amz-Expires more than once"),
    ],
)
def test_malformed_presigned_request_is_refused_in_its_words(change, message):
    request = _presigned()
    with pytest.raises(SignatureError, match=message):
        parse_signature(Request(b"GET", change(request.target), request.headers, b""))


def test_s3_body_other_than_its_stated_hash_is_refused():
    request = _s3()
    with pytest.raises(SignatureError) as caught:
        _check(Request(request.method, request.target, request.headers, b"other"), "s3")
    assert caught.value.code == "ContentSha256Mismatch"


def test_s3_body_that_is_still_to_come_is_checked_later():
    request = _s3()
    bare = Request(request.method, request.target, request.headers, b"")
    _check(bare, "s3", streamed=True)
    stated = bare.header(b"x-amz-content-sha256")
    check_payload(stated, b"content")
    with pytest.raises(SignatureError):
        check_payload(stated, b"contents")


def test_s3_request_without_a_stated_hash_is_refused():
    request = _signed(SigV4Auth, "s3", method="PUT", url="http://127.0.0.1/b/k", body=b"c")
    headers = [each for each in request.headers if each[0] != b"x-amz-content-sha256"]
    with pytest.raises(SignatureError, match="Missing required header for this request: x-amz-content-sha256"):
        _check(Request(request.method, request.target, headers, request.body), "s3")


def test_keys_are_bounded_and_follow_the_secret():
    keys = SigningKeys(capacity=2)
    signed = parse_signature(_json())
    first = keys.get(signed, b"one")
    assert keys.get(signed, b"one") is first
    assert keys.get(signed, b"two") is not first
    keys.get(signed, b"three")
    assert keys.get(signed, b"one") is not first
