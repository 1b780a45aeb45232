"""Sign, Verify and GetPublicKey (KMS Developer Guide, "Asymmetric keys in AWS KMS")."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from casemate.engines.keys import MessageError, SignatureError
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, Heavy, operation
from casemate.services.kms import errors
from casemate.services.kms.metadata import algorithms_of
from casemate.services.kms.pairs import is_pair, library, pair_of, require_algorithm
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import Key
from casemate.services.kms.states import require_available, require_usable

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_USAGE: Final = "SIGN_VERIFY"
_RAW: Final = "RAW"
_AUDIT: Final = AuditRule(read_only=True, keep=("KeyId", "MessageType", "SigningAlgorithm"))
_DEFAULTS: Final = {"kms:messagetype": (_RAW,)}
_QUICK_TO_SIGN: Final = frozenset(("ECC_NIST_P256", "ECC_NIST_EDWARDS25519"))
_QUICK_TO_VERIFY: Final = _QUICK_TO_SIGN | {"RSA_2048", "RSA_3072", "RSA_4096"}
_SLOW: Final = "ED25519_PH_SHA_512"


@operation(authorize=on_key(defaults=_DEFAULTS), audit=_AUDIT, uses_key=True)
def sign(context: Context, request: shapes.SignRequest) -> shapes.SignResponse | Heavy:
    key: Key = context.loaded
    require_usable(context, key, _USAGE, "Sign")
    algorithm, message = request["SigningAlgorithm"], request["Message"]
    kind = request.get("MessageType", _RAW)
    require_algorithm(key, algorithm)

    def work() -> shapes.SignResponse:
        pair = pair_of(context, key)
        _check(lambda: library().check_message(pair, algorithm, message, kind))
        if request.get("DryRun"):
            raise errors.dry_run()
        signature = library().sign(pair, algorithm, message, kind)
        return {"KeyId": key.arn, "Signature": signature, "SigningAlgorithm": algorithm}

    return work() if key.spec in _QUICK_TO_SIGN and algorithm != _SLOW else Heavy(work)


@operation(authorize=on_key(defaults=_DEFAULTS), audit=_AUDIT, uses_key=True)
def verify(context: Context, request: shapes.VerifyRequest) -> shapes.VerifyResponse | Heavy:
    """A signature that is not the message's is an error, never an answer that says false."""
    key: Key = context.loaded
    require_usable(context, key, _USAGE, "Verify")
    algorithm = request["SigningAlgorithm"]
    kind = request.get("MessageType", _RAW)
    require_algorithm(key, algorithm)

    def work() -> shapes.VerifyResponse:
        pair = pair_of(context, key)
        try:
            _check(lambda: library().verify(pair, algorithm, request["Message"], request["Signature"], kind))
        except SignatureError:
            raise ServiceError("KMSInvalidSignatureException") from None
        if request.get("DryRun"):
            raise errors.dry_run()
        return {"KeyId": key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm}

    return work() if key.spec in _QUICK_TO_VERIFY and algorithm != _SLOW else Heavy(work)


def _check(look: Callable[[], Any]) -> None:
    try:
        look()
    except MessageError as error:
        raise errors.validation(str(error)) from None


@operation(authorize=on_key(), audit=AuditRule(read_only=True, hide=("GrantTokens",)))
def get_public_key(context: Context, request: shapes.GetPublicKeyRequest) -> shapes.GetPublicKeyResponse:
    del request
    key: Key = context.loaded
    if not is_pair(key):
        raise errors.unsupported(f"{key.arn} is not an asymmetric key: it has no public key.")
    require_available(context, key)
    public = library().encode_public(pair_of(context, key).public)
    answer: dict[str, Any] = {
        "KeyId": key.arn,
        "PublicKey": public,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        **algorithms_of(key),
    }
    return cast("shapes.GetPublicKeyResponse", answer)
