"""The four calls of the proxy API: bytes in, status and members out. It blocks on the token: it is for threads."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from casemate.foundation.outbound import SigningCredential, signed
from casemate.foundation.pkcs11 import KeyAbsentError, Pkcs11Error, SealedWrongError

_SERVICE: Final = "kms-xks-proxy"
_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([A-Z2-7]{20,30})/(\d{8})/([a-z0-9-]{1,40})/kms-xks-proxy/aws4_request, ?"
    r"SignedHeaders=([a-z0-9;-]{1,400}), ?Signature=([0-9a-f]{64})\Z"
)
_ALGORITHM: Final = "AES_GCM"
_IV_BYTES: Final = 12
_TAG_BYTES: Final = 16
_MOST_PLAINTEXT: Final = 4300
_MOST_BODY: Final = 16_384
_AGE: Final = 300.0
"""Seconds that a signature's time may be off (specification, "Authentication")."""
_MODEL: Final = "Casemate"


class Token(Protocol):
    """What the calls need of a token."""

    def has_key(self, label: str) -> bool: ...
    def encrypt(self, label: str, iv: bytes, plaintext: bytes, associated: bytes) -> bytes: ...
    def decrypt(self, label: str, iv: bytes, sealed: bytes, associated: bytes) -> bytes: ...


class Call(NamedTuple):
    """A request to the proxy. Header names are in lower case."""

    method: str
    path: str
    host: str
    headers: Mapping[str, str]
    body: bytes


class Refusal(Exception):
    """An answer of the specification's error form."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name = status, name


class XksApi:
    """Answers calls by the keys of one token."""

    def __init__(self, token: Token, *, base: str, keys: Mapping[str, str], credentials: Mapping[str, str]) -> None:
        self._token = token
        self._base = base
        self._keys = keys
        self._credentials = credentials

    def answer(self, call: Call, now: float) -> tuple[int, bytes]:
        """Status and body; real time `now` in seconds."""
        try:
            return 200, msgspec.json.encode(self._answered(call, now))
        except Refusal as refusal:
            return refusal.status, msgspec.json.encode({"errorName": refusal.name, "errorMessage": str(refusal)})

    def _answered(self, call: Call, now: float) -> Mapping[str, Any]:
        if call.method != "POST":
            raise Refusal(405, "UnsupportedOperationException", f"{call.method} is not a method of this API: use POST.")
        self._authenticate(call, now)
        if not call.path.startswith(self._base + "/"):
            raise Refusal(404, "InvalidUriPathException", f"The path of this proxy is {self._base}.")
        asked = _members(call.body)
        where = call.path[len(self._base) :].split("/")[1:]
        if where == ["health"]:
            return self._health()
        if len(where) != 3 or where[0] != "keys" or where[2] not in {"metadata", "encrypt", "decrypt"}:
            raise Refusal(404, "InvalidUriPathException", "There is no such call.")
        label = self._label(where[1])
        try:
            match where[2]:
                case "metadata":
                    return {"keySpec": "AES_256", "keyUsage": ["ENCRYPT", "DECRYPT"], "keyStatus": "ENABLED"}
                case "encrypt":
                    return self._encrypt(label, asked)
                case _:
                    return self._decrypt(label, asked)
        except KeyAbsentError as error:
            raise Refusal(404, "KeyNotFoundException", str(error)) from None
        except Pkcs11Error:
            raise Refusal(503, "DependencyTimeoutException", "The token does not answer.") from None

    def _authenticate(self, call: Call, now: float) -> None:
        wrong = Refusal(
            401, "AuthenticationFailedException", "The request is not signed by a credential of this proxy."
        )
        found = _AUTHORIZATION.match(call.headers.get("authorization", ""))
        if found is None:
            raise wrong
        access, day, region, names, signature = found.groups()
        secret = self._credentials.get(access)
        others = [(name, call.headers.get(name, "")) for name in names.split(";") if name not in {"host", "x-amz-date"}]
        stamp = call.headers.get("x-amz-date", "")
        moment = _moment(stamp)
        listed = set(names.split(";"))
        if secret is None or moment is None or stamp[:8] != day or not {"host", "x-amz-date"} <= listed:
            raise wrong
        credential = SigningCredential(access, secret, region, _SERVICE)
        url = f"https://{call.host}{call.path}"
        expected = dict(signed(credential, "POST", url, others, call.body, moment=moment))["authorization"]
        if not hmac.compare_digest(expected.rpartition("=")[2], signature) or abs(now - moment) > _AGE:
            raise wrong

    def _label(self, external: str) -> str:
        label = self._keys.get(external)
        if label is None:
            raise Refusal(404, "KeyNotFoundException", f"There is no external key {external[:128]!r} here.")
        if not self._token.has_key(label):
            raise Refusal(404, "KeyNotFoundException", f"The token has no key for {external!r}.")
        return label

    @staticmethod
    def _health() -> Mapping[str, Any]:
        fleet = [{"id": "token", "model": "PKCS#11", "healthStatus": "ACTIVE"}]
        return {
            "xksProxyFleetSize": 1,
            "xksProxyVendor": _MODEL,
            "xksProxyModel": _MODEL,
            "ekmVendor": "PKCS#11",
            "ekmFleetDetails": fleet,
        }

    def _encrypt(self, label: str, asked: Mapping[str, Any]) -> Mapping[str, str]:
        associated, plaintext = _bytes(asked, "additionalAuthenticatedData"), _bytes(asked, "plaintext")
        _require_algorithm(asked)
        if not 0 < len(plaintext) <= _MOST_PLAINTEXT:
            raise Refusal(400, "ValidationException", f"A plaintext has 1 to {_MOST_PLAINTEXT} bytes.")
        iv = os.urandom(_IV_BYTES)
        sealed = self._token.encrypt(label, iv, plaintext, associated)
        ciphertext, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
        made = {"initializationVector": iv, "ciphertext": ciphertext, "authenticationTag": tag}
        integrity = asked.get("ciphertextDataIntegrityValueAlgorithm")
        if integrity is not None:
            if integrity != "SHA_256":
                raise Refusal(400, "ValidationException", "The integrity value is made by SHA_256.")
            made["ciphertextDataIntegrityValue"] = hashlib.sha256(associated + iv + ciphertext + tag).digest()
        return {name: base64.b64encode(value).decode() for name, value in made.items()}

    def _decrypt(self, label: str, asked: Mapping[str, Any]) -> Mapping[str, str]:
        _require_algorithm(asked)
        iv, tag = _bytes(asked, "initializationVector"), _bytes(asked, "authenticationTag")
        associated, ciphertext = _bytes(asked, "additionalAuthenticatedData"), _bytes(asked, "ciphertext")
        wrong = Refusal(400, "InvalidCiphertextException", "The ciphertext does not open.")
        if len(iv) != _IV_BYTES or len(tag) != _TAG_BYTES or asked.get("ciphertextMetadata"):
            raise wrong
        try:
            plaintext = self._token.decrypt(label, iv, ciphertext + tag, associated)
        except SealedWrongError:
            raise wrong from None
        return {"plaintext": base64.b64encode(plaintext).decode()}


def _members(body: bytes) -> Mapping[str, Any]:
    try:
        members = msgspec.json.decode(body) if len(body) <= _MOST_BODY else None
    except (msgspec.MsgspecError, RecursionError):
        members = None
    if not isinstance(members, dict) or not isinstance(members.get("requestMetadata"), dict):
        raise Refusal(400, "ValidationException", "The body is a JSON object with requestMetadata.")
    return members


def _bytes(asked: Mapping[str, Any], name: str) -> bytes:
    try:
        return base64.b64decode(asked[name], validate=True)
    except (KeyError, TypeError, ValueError):
        raise Refusal(400, "ValidationException", f"{name} is needed, in base64.") from None


def _require_algorithm(asked: Mapping[str, Any]) -> None:
    if asked.get("encryptionAlgorithm") != _ALGORITHM:
        raise Refusal(400, "ValidationException", f"encryptionAlgorithm is {_ALGORITHM}.")


def _moment(stamp: str) -> float | None:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
