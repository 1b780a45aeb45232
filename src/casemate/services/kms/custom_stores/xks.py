"""The protocol of external key stores, as its client (AWS KMS External Key Store Proxy API Specification, v1).

Each call is one signed POST over TLS, with a quarter of a second for everything. What the proxy says, or fails to say,
comes out as an XksError with the kind of failure; what it answers is believed only as far as it is well formed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

import msgspec

from casemate.engines.keys.outside import Outside
from casemate.foundation.outbound import (
    AddressRefusedError,
    AnswerTooLargeError,
    DeadlineError,
    MalformedAnswerError,
    OutboundError,
    SigningCredential,
    TlsError,
    signed,
)
from casemate.services.kms.custom_stores.links import Way

Failure = Literal[
    "unreachable",
    "timeout",
    "tls",
    "authentication",
    "path",
    "response",
    "key-not-found",
    "key-unfit",
    "ciphertext",
    "throttled",
]
SECONDS: Final = 0.25
"""The time that a proxy has (specification, "Time limits")."""
_SERVICE: Final = "kms-xks-proxy"
_ANSWER_BYTES: Final = 16_384
_ALGORITHM: Final = "AES_GCM"
_INTEGRITY: Final = "SHA_256"
_SAID: Final[Mapping[str, Failure]] = {
    "AuthenticationFailedException": "authentication",
    "AccessDeniedException": "authentication",
    "InvalidUriPathException": "path",
    "KeyNotFoundException": "key-not-found",
    "InvalidKeyUsageException": "key-unfit",
    "InvalidStateException": "key-unfit",
    "InvalidCiphertextException": "ciphertext",
    "ThrottlingException": "throttled",
}


class XksError(Exception):
    """A call to a proxy that came to nothing."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure: Failure = failure


class Proxy(NamedTuple):
    """A proxy, and the credential that it knows."""

    way: Way
    path: str
    credential: SigningCredential
    now: float
    """Real time, for the signature."""

    def health(self, about: Mapping[str, str]) -> None:
        """GetHealthStatus: whether the proxy answers as one."""
        told = {"kmsRequestId": about["kmsRequestId"], "kmsOperation": about["kmsOperation"]}
        answer = self._call("/health", {"requestMetadata": told})
        if not isinstance(answer.get("ekmFleetDetails"), list) or not isinstance(answer.get("xksProxyFleetSize"), int):
            raise XksError("response", "the proxy's health status is not one")

    def require_fit(self, key: str, about: Mapping[str, str]) -> None:
        """GetKeyMetadata: the key is an enabled AES-256 key that encrypts and decrypts. Raises XksError `key-unfit`."""
        answer = self._call(f"/keys/{key}/metadata", {"requestMetadata": about})
        usage = answer.get("keyUsage")
        fit = answer.get("keySpec") == "AES_256" and answer.get("keyStatus") == "ENABLED"
        if not fit or not isinstance(usage, list) or not {"ENCRYPT", "DECRYPT"} <= set(map(str, usage)):
            raise XksError("key-unfit", "the external key is not an enabled AES-256 key for encryption and decryption")

    def encrypt(self, key: str, plaintext: bytes, associated: bytes, about: Mapping[str, str]) -> Outside:
        answer = self._call(
            f"/keys/{key}/encrypt",
            {
                "requestMetadata": about,
                "additionalAuthenticatedData": _text(associated),
                "plaintext": _text(plaintext),
                "encryptionAlgorithm": _ALGORITHM,
                "ciphertextDataIntegrityValueAlgorithm": _INTEGRITY,
            },
        )
        made = Outside(
            iv=_bytes(answer, "initializationVector"),
            tag=_bytes(answer, "authenticationTag"),
            ciphertext=_bytes(answer, "ciphertext"),
            metadata=_bytes(answer, "ciphertextMetadata", needed=False),
        )
        stated = _bytes(answer, "ciphertextDataIntegrityValue", needed=False)
        whole = associated + made.metadata + made.iv + made.ciphertext + made.tag
        if stated and not hmac.compare_digest(stated, hashlib.sha256(whole).digest()):
            raise XksError("response", "the proxy's ciphertext was changed on its way: its integrity value differs")
        return made

    def decrypt(self, key: str, made: Outside, associated: bytes, about: Mapping[str, str]) -> bytes:
        asked = {
            "requestMetadata": about,
            "additionalAuthenticatedData": _text(associated),
            "encryptionAlgorithm": _ALGORITHM,
            "initializationVector": _text(made.iv),
            "authenticationTag": _text(made.tag),
            "ciphertext": _text(made.ciphertext),
        }
        if made.metadata:
            asked["ciphertextMetadata"] = _text(made.metadata)
        return _bytes(self._call(f"/keys/{key}/decrypt", asked), "plaintext")

    def _call(self, where: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        url, body = f"{self.way.base}{self.path}{where}", msgspec.json.encode(asked)
        headers = signed(self.credential, "POST", url, [("content-type", "application/json")], body, moment=self.now)
        try:
            answer = self.way.outbound.request(
                "POST", url, headers=headers, body=body, tls=self.way.tls, timeout=SECONDS, answer_bytes=_ANSWER_BYTES
            )
        except DeadlineError:
            raise XksError("timeout", "the external key store proxy did not answer within 250 milliseconds") from None
        except TlsError as error:
            raise XksError("tls", f"TLS with the external key store proxy failed: {error}") from None
        except (AnswerTooLargeError, MalformedAnswerError):
            raise XksError("response", "the external key store proxy's answer is not one") from None
        except AddressRefusedError as error:
            raise XksError("unreachable", f"the external key store proxy may not be called: {error}") from None
        except OutboundError as error:
            raise XksError("unreachable", f"the external key store proxy can't be reached: {error}") from None
        return _read(answer.status, answer.body)


def _read(status: int, body: bytes) -> Mapping[str, Any]:
    try:
        members = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        members = None
    if not isinstance(members, dict):
        raise XksError("response", f"the external key store proxy answered {status} with something else than JSON")
    if status == 200:
        return members
    name, said = str(members.get("errorName", "")), str(members.get("errorMessage", ""))[:200]
    failure = _SAID.get(name, "response")
    raise XksError(failure, f"the external key store proxy answered {status} {name}: {said}".rstrip(": "))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(members: Mapping[str, Any], name: str, *, needed: bool = True) -> bytes:
    value = members.get(name)
    if value is None and not needed:
        return b""
    try:
        return base64.b64decode(value, validate=True)  # type: ignore[arg-type] # a TypeError is one of ours
    except (TypeError, ValueError):
        raise XksError("response", f"the external key store proxy's answer has no proper {name}") from None
