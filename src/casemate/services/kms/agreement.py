"""Shared secrets: DeriveSharedSecret (SP 800-56A), Encapsulate and Decapsulate (FIPS 203)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.keys import CiphertextError, MaterialError
from casemate.foundation.context import Context
from casemate.foundation.operation import AuditRule, Heavy, operation
from casemate.services.kms import errors
from casemate.services.kms.pairs import library, pair_of, require_algorithm
from casemate.services.kms.permissions import on_key
from casemate.services.kms.recipients import for_recipient
from casemate.services.kms.records import Key
from casemate.services.kms.states import require_usable

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_AGREEMENT: Final = "KEY_AGREEMENT"
_ENCAPSULATION: Final = "ENCAPSULATE_DECAPSULATE"
_QUICK: Final = "ECC_NIST_P256"


@operation(
    authorize=on_key(),
    audit=AuditRule(read_only=True, keep=("KeyId", "KeyAgreementAlgorithm", "PublicKey")),
    uses_key=True,
)
def derive_shared_secret(
    context: Context, request: shapes.DeriveSharedSecretRequest
) -> shapes.DeriveSharedSecretResponse | Heavy:
    key: Key = context.loaded
    require_usable(context, key, _AGREEMENT, "DeriveSharedSecret")
    algorithm = request["KeyAgreementAlgorithm"]
    require_algorithm(key, algorithm)

    def work() -> shapes.DeriveSharedSecretResponse:
        try:
            secret = library().derive_secret(pair_of(context, key), algorithm, request["PublicKey"])
        except MaterialError:
            raise errors.validation(None) from None
        if request.get("DryRun"):
            raise errors.dry_run()
        return {
            "KeyId": key.arn,
            "KeyAgreementAlgorithm": algorithm,
            "KeyOrigin": key.origin,
            **for_recipient(context, request, "SharedSecret", secret),  # type: ignore[typeddict-item] # either member
        }

    return work() if key.spec == _QUICK else Heavy(work)


@operation(authorize=on_key(), audit=AuditRule(read_only=True, keep=("KeyId", "EncapsulationAlgorithm")), uses_key=True)
def encapsulate(context: Context, request: shapes.EncapsulateRequest) -> shapes.EncapsulateResponse:
    key: Key = context.loaded
    require_usable(context, key, _ENCAPSULATION, "Encapsulate")
    algorithm = request["EncapsulationAlgorithm"]
    require_algorithm(key, algorithm)
    if request.get("DryRun"):
        raise errors.dry_run()
    secret, ciphertext = library().encapsulate(pair_of(context, key), algorithm)
    return {
        "KeyId": key.arn,
        "SharedSecret": secret,
        "SharedSecretCiphertextBlob": ciphertext,
        "EncapsulationAlgorithm": algorithm,
    }


@operation(authorize=on_key(), audit=AuditRule(read_only=True, keep=("KeyId", "EncapsulationAlgorithm")), uses_key=True)
def decapsulate(context: Context, request: shapes.DecapsulateRequest) -> shapes.DecapsulateResponse:
    """What was changed gives another secret, not an error: FIPS 203's implicit rejection."""
    key: Key = context.loaded
    require_usable(context, key, _ENCAPSULATION, "Decapsulate")
    algorithm = request["EncapsulationAlgorithm"]
    require_algorithm(key, algorithm)
    try:
        secret = library().decapsulate(pair_of(context, key), algorithm, request["SharedSecretCiphertextBlob"])
    except CiphertextError:
        raise errors.bad_ciphertext() from None
    if request.get("DryRun"):
        raise errors.dry_run()
    return {"KeyId": key.arn, "SharedSecret": secret, "EncapsulationAlgorithm": algorithm}
