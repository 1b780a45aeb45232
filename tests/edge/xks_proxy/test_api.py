"""The proxy API without a socket: a token of the test's own, calls signed by the specification."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import Any

import pytest
from Cryptodome.Cipher import AES

from casemate.edge.xks_proxy.api import Call, XksApi
from casemate.foundation.outbound import SigningCredential, signed
from casemate.foundation.pkcs11 import Pkcs11Error, SealedWrongError

BASE = "/example/kms/xks/v1"
NOW = 1_790_000_000.0
ACCESS, SECRET = "ABCDEFGHIJKLMNOPQRST", "s" * 43
OLD, OLD_SECRET = "ZYXWVUTSRQPONMLKJIHG", "t" * 43


class Token:
    """Keys in memory, by labels."""

    def __init__(self) -> None:
        self.keys = {"label": os.urandom(32)}
        self.broken = False

    def has_key(self, label: str) -> bool:
        return label in self.keys

    def encrypt(self, label: str, iv: bytes, plaintext: bytes, associated: bytes) -> bytes:
        if self.broken:
            raise Pkcs11Error("the token failed")
        cipher = AES.new(self.keys[label], AES.MODE_GCM, nonce=iv)
        cipher.update(associated)
        return b"".join(cipher.encrypt_and_digest(plaintext))

    def decrypt(self, label: str, iv: bytes, sealed: bytes, associated: bytes) -> bytes:
        cipher = AES.new(self.keys[label], AES.MODE_GCM, nonce=iv)
        cipher.update(associated)
        try:
            return cipher.decrypt_and_verify(sealed[:-16], sealed[-16:])
        except ValueError:
            raise SealedWrongError from None


@pytest.fixture
def token() -> Token:
    return Token()


@pytest.fixture
def api(token: Token) -> XksApi:
    return XksApi(token, base=BASE, keys={"key": "label", "gone": "x"}, credentials={ACCESS: SECRET, OLD: OLD_SECRET})


def call(
    path: str, members: Any, *, method: str = "POST", access: str = ACCESS, secret: str = SECRET, at: float = NOW
) -> Call:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    credential = SigningCredential(access, secret, "eu-central-1", "kms-xks-proxy")
    headers = signed(
        credential, "POST", f"https://proxy{path}", [("content-type", "application/json")], body, moment=at
    )
    return Call(method, path, "proxy", dict(headers), body)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


ABOUT = {"kmsRequestId": "r", "kmsOperation": "Encrypt"}
ASKED: dict[str, Any] = {
    "requestMetadata": ABOUT,
    "additionalAuthenticatedData": text(b"aad"),
    "plaintext": text(b"hello"),
    "encryptionAlgorithm": "AES_GCM",
    "ciphertextDataIntegrityValueAlgorithm": "SHA_256",
}


def answered(api: XksApi, asked: Call, now: float = NOW) -> tuple[int, dict[str, Any]]:
    status, body = api.answer(asked, now)
    return status, json.loads(body)


def test_encrypt_and_decrypt_are_each_others(api: XksApi, token: Token) -> None:
    status, made = answered(api, call(f"{BASE}/keys/key/encrypt", ASKED))
    assert status == 200
    whole = {name: base64.b64decode(value) for name, value in made.items()}
    joined = b"aad" + whole["initializationVector"] + whole["ciphertext"] + whole["authenticationTag"]
    assert whole["ciphertextDataIntegrityValue"] == hashlib.sha256(joined).digest()
    back = {name: made[name] for name in ("initializationVector", "ciphertext", "authenticationTag")}
    asked = {name: ASKED[name] for name in ("requestMetadata", "additionalAuthenticatedData", "encryptionAlgorithm")}
    assert answered(api, call(f"{BASE}/keys/key/decrypt", {**asked, **back})) == (200, {"plaintext": text(b"hello")})
    changed = {**asked, **back, "additionalAuthenticatedData": text(b"aae")}
    status, refusal = answered(api, call(f"{BASE}/keys/key/decrypt", changed))
    assert (status, refusal["errorName"]) == (400, "InvalidCiphertextException")


def test_health_and_metadata(api: XksApi) -> None:
    status, health = answered(api, call(f"{BASE}/health", {"requestMetadata": ABOUT}))
    assert (status, health["ekmFleetDetails"][0]["healthStatus"]) == (200, "ACTIVE")
    status, told = answered(api, call(f"{BASE}/keys/key/metadata", {"requestMetadata": ABOUT}))
    assert told == {"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}


@pytest.mark.parametrize(
    ("asked", "status", "name"),
    [
        (call(f"{BASE}/health", {}, secret="x" * 43), 401, "AuthenticationFailedException"),
        (call(f"{BASE}/health", {}, access="A" * 20), 401, "AuthenticationFailedException"),
        (call(f"{BASE}/health", {"requestMetadata": {}}, at=NOW - 301), 401, "AuthenticationFailedException"),
        (call(f"{BASE}/health", {"requestMetadata": {}}, at=NOW + 301), 401, "AuthenticationFailedException"),
        (call(f"{BASE}/health", {"requestMetadata": {}})._replace(body=b"{}"), 401, "AuthenticationFailedException"),
        (call(f"{BASE}/health", {"requestMetadata": {}})._replace(host="other"), 401, "AuthenticationFailedException"),
        (call(f"{BASE}/health", {"requestMetadata": {}})._replace(headers={}), 401, "AuthenticationFailedException"),
        (call(f"{BASE}/health", {}, method="GET"), 405, "UnsupportedOperationException"),
        (call("/kms/xks/v1/health", {}), 404, "InvalidUriPathException"),
        (call(f"{BASE}/nothing", {"requestMetadata": {}}), 404, "InvalidUriPathException"),
        (call(f"{BASE}/keys/key/destroy", {"requestMetadata": {}}), 404, "InvalidUriPathException"),
        (call(f"{BASE}/keys/absent/metadata", {"requestMetadata": {}}), 404, "KeyNotFoundException"),
        (call(f"{BASE}/keys/gone/metadata", {"requestMetadata": {}}), 404, "KeyNotFoundException"),
        (call(f"{BASE}/health", b"nonsense"), 400, "ValidationException"),
        (call(f"{BASE}/health", b"[" * 9000), 400, "ValidationException"),
        (call(f"{BASE}/health", []), 400, "ValidationException"),
        (call(f"{BASE}/health", {"requestMetadata": 1}), 400, "ValidationException"),
        (call(f"{BASE}/keys/key/encrypt", {**ASKED, "plaintext": ""}), 400, "ValidationException"),
        (call(f"{BASE}/keys/key/encrypt", {**ASKED, "plaintext": text(b"x" * 4301)}), 400, "ValidationException"),
        (call(f"{BASE}/keys/key/encrypt", {**ASKED, "plaintext": "%%"}), 400, "ValidationException"),
        (call(f"{BASE}/keys/key/encrypt", {**ASKED, "encryptionAlgorithm": "RSA"}), 400, "ValidationException"),
        (call(f"{BASE}/keys/key/decrypt", {**ASKED, "initializationVector": text(b"x")}), 400, "ValidationException"),
    ],
)
def test_refusal_has_the_specifications_form(api: XksApi, asked: Call, status: int, name: str) -> None:
    got, refusal = answered(api, asked)
    assert (got, refusal["errorName"]) == (status, name)
    assert SECRET not in json.dumps(refusal)


def test_each_of_two_credentials_is_good(api: XksApi) -> None:
    asked = {"requestMetadata": ABOUT}
    assert answered(api, call(f"{BASE}/health", asked, access=OLD, secret=OLD_SECRET))[0] == 200
    assert answered(api, call(f"{BASE}/health", asked))[0] == 200


def test_token_that_fails_is_a_dependency(api: XksApi, token: Token) -> None:
    token.broken = True
    status, refusal = answered(api, call(f"{BASE}/keys/key/encrypt", ASKED))
    assert (status, refusal["errorName"]) == (503, "DependencyTimeoutException")
