"""GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext: pairs for use outside, made ahead by a pool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from casemate.engines.keys import MAX_PLAINTEXT, seal_message
from casemate.foundation.context import Context
from casemate.foundation.operation import AuditRule, Heavy, operation
from casemate.services.kms import errors
from casemate.services.kms.cryptography import may_encrypt, require_symmetric
from casemate.services.kms.material import materials_of
from casemate.services.kms.pairs import library, new_pair, require_available
from casemate.services.kms.recipients import for_recipient
from casemate.services.kms.records import Key
from casemate.services.kms.states import require_usable

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_USAGE: Final = "ENCRYPT_DECRYPT"
_AUDIT: Final = AuditRule(read_only=True, keep=("KeyId", "EncryptionContext", "KeyPairSpec"))


@operation(authorize=may_encrypt, audit=_AUDIT, uses_key=True)
def generate_data_key_pair(
    context: Context, request: shapes.GenerateDataKeyPairRequest
) -> shapes.GenerateDataKeyPairResponse | Heavy:
    _check(context, request, "GenerateDataKeyPair")

    def work() -> shapes.GenerateDataKeyPairResponse:
        private, answer = _made(context, request)
        told = for_recipient(context, request, "PrivateKeyPlaintext", private)
        return {**answer, **told}  # type: ignore[typeddict-item] # the members of both answers

    return Heavy(work)


@operation(authorize=may_encrypt, audit=_AUDIT, uses_key=True)
def generate_data_key_pair_without_plaintext(
    context: Context, request: shapes.GenerateDataKeyPairWithoutPlaintextRequest
) -> shapes.GenerateDataKeyPairWithoutPlaintextResponse | Heavy:
    _check(context, request, "GenerateDataKeyPairWithoutPlaintext")

    def work() -> shapes.GenerateDataKeyPairWithoutPlaintextResponse:
        return _made(context, request)[1]  # type: ignore[return-value] # the members of both answers

    return Heavy(work)


def _check(context: Context, request: Mapping[str, Any], operation_name: str) -> None:
    key: Key = context.loaded
    require_usable(context, key, _USAGE, operation_name)
    require_symmetric(key)
    if key.custom_key_store is not None:
        raise errors.unsupported("A data key pair can't be protected by a key in a custom key store.")
    require_available(request["KeyPairSpec"])
    context.note_extra(keyMaterialId=materials_of(context, key).current.material_id)
    if request.get("DryRun"):
        raise errors.dry_run()


def _made(context: Context, request: Mapping[str, Any]) -> tuple[bytes, dict[str, Any]]:
    key: Key = context.loaded
    spec = request["KeyPairSpec"]
    private = new_pair(context, spec)
    assert len(private) <= MAX_PLAINTEXT
    material = materials_of(context, key).current
    return private, {
        "PrivateKeyCiphertextBlob": seal_message(material, private, request.get("EncryptionContext")),
        "PublicKey": library().encode_public(library().load_pair(spec, private).public),
        "KeyId": key.arn,
        "KeyPairSpec": spec,
        "KeyMaterialId": material.material_id,
    }
