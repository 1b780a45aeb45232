from __future__ import annotations

import hashlib

import pytest

from casemate.gateway.protocols import Request
from casemate.gateway.signatures import parse_signature, recurring, signed_again, verify
from casemate.gateway.signatures.keys import derive

NOW = 1_780_000_000
STAMP = b"20260528T202640Z"
SCOPE = "20260528/eu-central-1/kms/aws4_request"
KEY = derive(b"secret", "20260528", "eu-central-1", "kms")


def signed_fields(
    body: bytes, *, stamp: bytes = STAMP, agent: bytes | None = None, **more: bytes
) -> dict[bytes, bytes]:
    """The headers of a signed POST to /."""
    fields = {b"host": b"kms.localhost", b"x-amz-date": stamp, b"x-amz-target": b"TrentService.Encrypt"}
    if agent is not None:
        fields[b"amz-sdk-request"] = agent
    names = b";".join(sorted(fields))
    lines = b"".join(b"%b:%b\n" % (name, b" ".join(fields[name].split())) for name in sorted(fields))
    canonical = b"POST\n/\n\n%b\n%b\n%b" % (lines, names, hashlib.sha256(body).hexdigest().encode())
    to_sign = f"AWS4-HMAC-SHA256\n{stamp.decode()}\n{SCOPE}\n{hashlib.sha256(canonical).hexdigest()}"
    signature = KEY.sign(to_sign.encode())
    fields |= {name.replace("_", "-").encode(): value for name, value in more.items()}
    fields[b"authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/{SCOPE}, SignedHeaders={names.decode()}, Signature={signature}"
    ).encode()
    return fields


def known(fields: dict[bytes, bytes], body: bytes):
    request = Request(b"POST", b"/", list(fields.items()), body)
    signed = parse_signature(request)
    assert signed is not None
    verify(signed, KEY, request)
    form = recurring(signed)
    assert form is not None
    return form


@pytest.fixture
def form():
    return known(signed_fields(b"first"), b"first")


def test_another_request_of_the_same_caller_holds(form):
    assert signed_again(form, KEY, signed_fields(b"second"), b"second", NOW)


def test_blanks_in_values_are_folded_as_the_full_verification_does():
    first = signed_fields(b"first", agent=b"attempt=1;  max=3")
    form = known(first, b"first")
    assert signed_again(form, KEY, signed_fields(b"x", agent=b"attempt=2;  max=3"), b"x", NOW)


def test_a_changed_body_does_not_hold(form):
    assert not signed_again(form, KEY, signed_fields(b"second"), b"secone", NOW)


def test_another_key_does_not_hold(form):
    other = derive(b"other", "20260528", "eu-central-1", "kms")
    assert not signed_again(form, other, signed_fields(b"second"), b"second", NOW)


@pytest.mark.parametrize("name", [b"host", b"x-amz-target"])
def test_a_changed_or_missing_header_does_not_hold(form, name):
    fields = signed_fields(b"second")
    assert not signed_again(form, KEY, fields | {name: b"other"}, b"second", NOW)
    del fields[name]
    assert not signed_again(form, KEY, fields, b"second", NOW)


def test_an_unsigned_amz_header_does_not_hold_but_the_session_token_may_be_unsigned(form):
    assert not signed_again(form, KEY, signed_fields(b"s", x_amz_other=b"1"), b"s", NOW)
    assert signed_again(form, KEY, signed_fields(b"s", x_amz_security_token=b"1"), b"s", NOW)


@pytest.mark.parametrize(("at", "holds"), [(-301, False), (-300, True), (0, True), (900, True), (901, False)])
def test_the_time_must_be_near(form, at, holds):
    assert signed_again(form, KEY, signed_fields(b"s"), b"s", NOW + at) is holds


def test_a_time_of_another_day_than_the_scopes_does_not_hold(form):
    stamp = b"20260529T000000Z"
    assert not signed_again(form, KEY, signed_fields(b"s", stamp=stamp), b"s", NOW + 12_800)


@pytest.mark.parametrize("stamp", [b"", b"20260528", b"20260528T999999Z", b"20260528T202640"])
def test_a_malformed_time_does_not_hold(form, stamp):
    assert not signed_again(form, KEY, signed_fields(b"s", stamp=stamp), b"s", NOW)


def test_a_signature_that_is_no_text_does_not_hold(form):
    fields = signed_fields(b"s")
    fields[b"authorization"] = fields[b"authorization"][:-64] + b"\xff" * 64
    assert not signed_again(form, KEY, fields, b"s", NOW)
