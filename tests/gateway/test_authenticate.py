"""Who is calling: what is remembered of a caller saves work and decides nothing."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.contracts.identity import Credential, CredentialRefused
from casemate.foundation.caller import Caller, Session
from casemate.foundation.http import Request as HttpRequest
from casemate.foundation.records import Collection, Reader, Store
from casemate.foundation.stores import Stores
from casemate.gateway.authenticate import Authenticator, Signer
from casemate.gateway.protocols import Request
from casemate.gateway.signatures import SignatureError
from casemate.gateway.signatures.keys import derive

NOW = 1_780_000_000
STAMP = "20260528T202640Z"
USER = Caller(kind="user", account="111122223333", arn="arn:aws:iam::111122223333:user/a", access_key_id="AKIAEXAMPLE")


class AccessKey(msgspec.Struct):
    secret: str


ACCESS_KEYS = Collection("test.access_keys", AccessKey)


class RecordedIdentities:
    """Long-lived credentials from records; the only session there is ends a minute from now."""

    def long_lived(self, reader: Reader, partition: str, access_key_id: str) -> Credential:
        del partition
        found = reader.get(ACCESS_KEYS, "", access_key_id)
        if found is None:
            raise CredentialRefused("unknown", "unknown")
        return Credential(USER, found.secret)

    def temporary(self, reader: Reader, access_key_id: str, token: str, now: float) -> Credential:
        del reader
        session = Session(issued=NOW, expires=NOW + 60)
        if token != "token":
            raise CredentialRefused("unknown", "unknown")
        if session.expires <= now:
            raise CredentialRefused("expired", "expired")
        caller = msgspec.structs.replace(USER, kind="role_session", access_key_id=access_key_id, session=session)
        return Credential(caller, "secret")


class Node:
    """An authenticator over a store of access keys."""

    def __init__(self, stores: Stores) -> None:
        self.store = stores.all_of_partition("aws")
        self.authenticator = Authenticator(stores=stores, identities=RecordedIdentities(), open_account=None)  # type: ignore[arg-type] # what is not asked here is left out

    def keep(self, secret: str | None) -> None:
        unit = self.store.unit()
        if secret is None:
            unit.delete(ACCESS_KEYS, "", "AKIAEXAMPLE")
        else:
            unit.put(ACCESS_KEYS, "", "AKIAEXAMPLE", AccessKey(secret))
        self.store.submit(unit).result()

    def full(self, request: HttpRequest, now: float = NOW) -> Signer:
        raw = Request(request.method, request.target, request.headers, request.body)
        return self.authenticator.verify(raw, self.authenticator.read(raw), "kms", now)

    def again(self, request: HttpRequest, now: float = NOW) -> Signer | None:
        return self.authenticator.verify_again(request, "kms", now)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    def open_store(path: Path, name: str) -> Store:
        return Store.open(path / "store.db", name=name, create=True)

    with contextlib.closing(Stores(tmp_path, open_store)) as stores:
        made = Node(stores)
        made.keep("secret")
        yield made


def signed(body: bytes, *, secret: str = "secret", key: str = "AKIAEXAMPLE", token: str | None = None) -> HttpRequest:
    scope = "20260528/us-east-1/kms/aws4_request"
    fields = {"host": "kms.localhost", "x-amz-date": STAMP, "x-amz-target": "TrentService.Encrypt"}
    if token is not None:
        fields["x-amz-security-token"] = token
    names = ";".join(sorted(fields))
    lines = "".join(f"{name}:{fields[name]}\n" for name in sorted(fields))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    to_sign = f"AWS4-HMAC-SHA256\n{STAMP}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = derive(secret.encode(), "20260528", "us-east-1", "kms").sign(to_sign.encode())
    fields["authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    headers = [(name.encode(), value.encode()) for name, value in fields.items()]
    request = HttpRequest(b"POST", b"/", headers, dict(headers), "1.1", ("127.0.0.1", 1), None)
    request.body = body
    return request


def test_a_caller_is_remembered_only_after_a_request_that_was_verified_in_full(node):
    assert node.again(signed(b"1")) is None
    with pytest.raises(SignatureError):
        node.full(signed(b"1", secret="wrong"))
    assert node.again(signed(b"1")) is None
    assert node.full(signed(b"1")).caller == USER
    assert node.again(signed(b"2")) == Signer(USER, "us-east-1", "aws")


def test_a_forged_signature_of_a_remembered_caller_is_refused(node):
    node.full(signed(b"1"))
    forged = signed(b"2", secret="wrong")
    assert node.again(forged) is None
    with pytest.raises(SignatureError):
        node.full(forged)


def test_an_access_key_that_was_deleted_stops_at_once(node):
    node.full(signed(b"1"))
    assert node.again(signed(b"2")) is not None
    node.keep(None)
    assert node.again(signed(b"3")) is None
    with pytest.raises(CredentialRefused):
        node.full(signed(b"3"))


def test_a_secret_that_was_replaced_signs_nothing_any_more(node):
    node.full(signed(b"1"))
    assert node.again(signed(b"2")) is not None
    node.keep("other")
    assert node.again(signed(b"2")) is None
    assert node.again(signed(b"2", secret="other")) is not None


def test_a_session_ends_while_it_is_remembered(node):
    request = signed(b"1", key="ASIAEXAMPLE", token="token")
    node.full(request)
    assert node.again(request, NOW + 59) is not None
    assert node.again(request, NOW + 60) is None
    with pytest.raises(CredentialRefused):
        node.full(request, NOW + 60)


def test_a_remembered_session_with_another_token_is_another_caller(node):
    node.full(signed(b"1", key="ASIAEXAMPLE", token="token"))
    assert node.again(signed(b"2", key="ASIAEXAMPLE", token="forged")) is None


@pytest.mark.parametrize(("member", "value"), [("target", b"/?a=b"), ("target", b"/x"), ("method", b"PUT")])
def test_only_a_plain_post_is_verified_the_short_way(node, member, value):
    request = signed(b"1")
    node.full(request)
    setattr(request, member, value)
    assert node.again(request) is None


def test_a_header_sent_twice_is_left_to_the_full_verification(node):
    request = signed(b"1")
    node.full(request)
    request.headers.append((b"x-amz-target", b"TrentService.Decrypt"))
    assert node.again(request) is None


def test_what_is_remembered_is_bounded(node, monkeypatch):
    monkeypatch.setattr("casemate.gateway.authenticate._KEPT", 2)
    for number in range(5):
        node.full(signed(b"1", key=f"ASIAEXAMPLE{number}", token="token"))
    assert len(node.authenticator._known) <= 2
