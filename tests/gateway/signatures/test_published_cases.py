"""The published Signature Version 4 cases: every one verifies, in both forms, and no byte of it may change."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path

import pytest

from casemate.gateway.protocols import Request
from casemate.gateway.signatures import SignatureError, SigningKeys, check_scope, parse_signature, verify
from casemate.gateway.signatures.canonical import PathRules

DATA = Path(__file__).parents[2] / "data/sigv4"
SIGNED_AT = 1440938160.0  # 2015-08-30T12:36:00Z, the time of every case
BOTOCORE_SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def _files(archive_name):
    with tarfile.open(DATA / archive_name) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}


def _aws_cases():
    files = _files("aws-signing-test-suite.tar.xz")
    for name in sorted(files):
        if name.endswith("context.json"):
            folder = name.rpartition("/")[0]
            context = json.loads(files[name])
            rules = PathRules(normalise=context["normalize"], encode_twice=True)
            secret = context["credentials"]["secret_access_key"].encode()
            for form in ("header", "query"):
                request = _request(files[f"{folder}/{form}-signed-request.txt"])
                yield pytest.param(request, secret, rules, id=f"{folder.rpartition('/')[2]}-{form}")


def _botocore_cases():
    files = _files("botocore-aws4-testsuite.tar.xz")
    for name in sorted(files):
        if name.endswith(".sreq"):
            request = _request(files[name])
            # One case's signed request has a signature that is cut short; its .authz is whole.
            authorization = files[name.replace(".sreq", ".authz")].strip()
            headers = [each for each in request.headers if each[0] != b"authorization"]
            request = Request(
                request.method, request.target, [*headers, (b"authorization", authorization)], request.body
            )
            yield pytest.param(request, BOTOCORE_SECRET, None, id=name.rpartition("/")[2])


def _request(text):
    head, _, body = text.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.split(b"\n")
    method, target = re.fullmatch(rb"(\S+) (.*) HTTP/1.1", lines[0]).groups()
    headers: list[tuple[bytes, bytes]] = []
    for line in lines[1:]:
        if line[:1] in (b" ", b"\t"):  # a folded header (RFC 7230, 3.2.4)
            name, value = headers[-1]
            headers[-1] = (name, value + b" " + line.strip())
        elif line:
            name, _, value = line.partition(b":")
            headers.append((name.strip().lower(), value.strip()))
    return Request(method, target, headers, body)


CASES = [*_aws_cases(), *_botocore_cases()]


def _verify(request, secret, rules):
    signed = parse_signature(request)
    check_scope(signed, now=SIGNED_AT + 1, signing_name="service", region_exists={"us-east-1"}.__contains__)
    verify(signed, SigningKeys().get(signed, secret), request, rules=rules)


def test_every_published_case_is_here():
    assert len([case for case in CASES if case.id.endswith("-header")]) == 38
    assert len([case for case in CASES if case.id.endswith("-query")]) == 38
    assert len([case for case in CASES if case.id.endswith(".sreq")]) == 34


@pytest.mark.parametrize(("request_", "secret", "rules"), CASES)
def test_published_case_verifies(request_, secret, rules):
    _verify(request_, secret, rules)


@pytest.mark.parametrize(("request_", "secret", "rules"), CASES)
def test_published_case_with_another_secret_is_refused(request_, secret, rules):
    with pytest.raises(SignatureError):
        _verify(request_, secret + b"x", rules)


@pytest.mark.parametrize(("request_", "secret", "rules"), CASES)
def test_published_case_with_another_method_body_or_signed_header_is_refused(request_, secret, rules):
    signed = parse_signature(request_)
    changed = [
        Request(b"PUT", request_.target, request_.headers, request_.body),
        Request(request_.method, request_.target, request_.headers, request_.body + b"x"),
        Request(
            request_.method,
            request_.target + (b"&" if request_.query else b"?") + b"y=1",
            request_.headers,
            request_.body,
        ),
    ]
    for name in signed.signed_headers.names:
        headers = [(field, value + b"x" if field == name else value) for field, value in request_.headers]
        changed.append(Request(request_.method, request_.target, headers, request_.body))
    for other in changed:
        with pytest.raises(SignatureError):
            _verify(other, secret, rules)
