"""Encrypt, Decrypt, ReEncrypt, data keys and random bytes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from casemate.engines.keys import CiphertextError, Material, open_message, seal_message
from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import AccessDenied
from casemate.foundation.operation import AuditRule, Check, Heavy, operation
from casemate.services.kms import asymmetric_encryption, errors, grant_tokens, lookup, pairs
from casemate.services.kms.custom_stores import use as outside
from casemate.services.kms.headers import header_of, headers_of
from casemate.services.kms.material import materials_of
from casemate.services.kms.permissions import check_key, on_account
from casemate.services.kms.recipients import for_recipient
from casemate.services.kms.records import KEYS, Key
from casemate.services.kms.states import require_available, require_usable

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
USAGE = "ENCRYPT_DECRYPT"
_DATA_KEY_BYTES = {"AES_256": 32, "AES_128": 16}
_NO_ACCESS = (
    "User: {caller} is not authorized to perform: kms:{action} on the resource associated with this ciphertext because "
    "the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy "
    "explicitly denies access"
)


def _audit(*keep: str) -> AuditRule:
    return AuditRule(read_only=True, keep=keep)


# -- Encrypt


def may_encrypt(context: Context, request: Mapping[str, Any]) -> Check:
    named = lookup.find(context, request["KeyId"])
    context.loaded = named.key
    return check_key(context, request, named, encryption_context=request.get("EncryptionContext") or {})


@operation(authorize=may_encrypt, audit=_audit("KeyId", "EncryptionContext", "EncryptionAlgorithm"), uses_key=True)
def encrypt(context: Context, request: shapes.EncryptRequest) -> shapes.EncryptResponse | Heavy:
    key: Key = context.loaded
    require_usable(context, key, USAGE, "Encrypt")
    algorithm = request.get("EncryptionAlgorithm", SYMMETRIC)
    _require_algorithm(key, algorithm)
    if algorithm != SYMMETRIC:
        blob = asymmetric_encryption.encrypt(
            context, key, algorithm, request["Plaintext"], request.get("EncryptionContext")
        )
        _refuse_dry_run(request)
        return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": algorithm}
    _refuse_dry_run(request)
    if key.custom_key_store is not None:
        return Heavy(lambda: _encrypt_outside(context, key, request))
    material = materials_of(context, key).current
    context.note_extra(keyMaterialId=material.material_id)
    blob = seal_message(material, request["Plaintext"], request.get("EncryptionContext"))
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": SYMMETRIC}


def _encrypt_outside(context: Context, key: Key, request: shapes.EncryptRequest) -> shapes.EncryptResponse:
    blob = outside.seal(context, key, request["Plaintext"], request.get("EncryptionContext"))
    return {"CiphertextBlob": blob, "KeyId": key.arn, "EncryptionAlgorithm": SYMMETRIC}


# -- Decrypt


def _may_decrypt(context: Context, request: Mapping[str, Any]) -> Check:
    _require_ciphertext(request, "KeyId")
    named = _key_of_ciphertext(context, request.get("KeyId"), request.get("CiphertextBlob"), "Decrypt")
    context.loaded = named.key
    return check_key(
        context,
        request,
        named,
        encryption_context=request.get("EncryptionContext") or {},
        denial=None if request.get("KeyId") else _NO_ACCESS.format(caller=context.caller.arn, action="Decrypt"),
    )


def _decrypt_request(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return request if "EncryptionAlgorithm" in request else {**request, "EncryptionAlgorithm": SYMMETRIC}


@operation(
    authorize=_may_decrypt,
    audit=AuditRule(
        read_only=True, keep=("KeyId", "EncryptionContext", "EncryptionAlgorithm"), request=_decrypt_request
    ),
    uses_key=True,
)
def decrypt(context: Context, request: shapes.DecryptRequest) -> shapes.DecryptResponse | Heavy:
    key: Key = context.loaded
    _require_own_key(context, key, request)
    require_usable(context, key, USAGE, "Decrypt")
    algorithm: str = request.get("EncryptionAlgorithm", "SYMMETRIC_DEFAULT")
    _require_algorithm(key, algorithm)
    _refuse_dry_run_without_ciphertext(request)
    if algorithm != SYMMETRIC:
        return Heavy(lambda: _decrypt_by_pair(context, key, algorithm, request))
    if key.custom_key_store is not None:
        return Heavy(lambda: _decrypt_outside(context, key, request))
    material, plaintext = _open(context, key, request["CiphertextBlob"], request.get("EncryptionContext"))
    context.note_extra(keyMaterialId=material.material_id)
    _refuse_dry_run(request)
    answer: shapes.DecryptResponse = {
        "KeyId": key.arn,
        "EncryptionAlgorithm": SYMMETRIC,
        "KeyMaterialId": material.material_id,
    }
    if "Recipient" in request:
        answer.update(for_recipient(context, request, "Plaintext", plaintext))  # type: ignore[typeddict-item] # either
    else:
        answer["Plaintext"] = plaintext
    return answer


def _decrypt_outside(context: Context, key: Key, request: shapes.DecryptRequest) -> shapes.DecryptResponse:
    told = request.get("EncryptionContext")
    plaintext = outside.unseal(context, key, request["CiphertextBlob"], told)
    _refuse_dry_run(request)
    told_to = for_recipient(context, request, "Plaintext", plaintext)
    return {"KeyId": key.arn, "EncryptionAlgorithm": SYMMETRIC, **told_to}  # type: ignore[typeddict-item] # either


def _decrypt_by_pair(
    context: Context, key: Key, algorithm: str, request: shapes.DecryptRequest
) -> shapes.DecryptResponse:
    plaintext = asymmetric_encryption.decrypt(
        context, key, algorithm, request["CiphertextBlob"], request.get("EncryptionContext")
    )
    _refuse_dry_run(request)
    told_to = for_recipient(context, request, "Plaintext", plaintext)
    return {"KeyId": key.arn, "EncryptionAlgorithm": algorithm, **told_to}  # type: ignore[typeddict-item] # either


# -- ReEncrypt


def _may_re_encrypt(context: Context, request: Mapping[str, Any]) -> list[Check]:
    _require_ciphertext(request, "SourceKeyId")
    source = _key_of_ciphertext(context, request.get("SourceKeyId"), request.get("CiphertextBlob"), "ReEncryptFrom")
    destination = lookup.find(context, request["DestinationKeyId"])
    grant_tokens.check(context, request.get("GrantTokens") or (), source.key, destination.key)
    context.loaded = source.key, destination.key
    same = {"kms:reencryptonsamekey": ("true" if source.key.arn == destination.key.arn else "false",)}
    return [
        check_key(
            context,
            {"EncryptionAlgorithm": request.get("SourceEncryptionAlgorithm")},
            source,
            action="ReEncryptFrom",
            encryption_context=request.get("SourceEncryptionContext") or {},
            extra=same,
            denial=None
            if request.get("SourceKeyId")
            else _NO_ACCESS.format(caller=context.caller.arn, action="ReEncryptFrom"),
        ),
        check_key(
            context,
            {"EncryptionAlgorithm": request.get("DestinationEncryptionAlgorithm")},
            destination,
            action="ReEncryptTo",
            encryption_context=request.get("DestinationEncryptionContext") or {},
            extra=same,
        ),
    ]


@operation(
    authorize=_may_re_encrypt,
    audit=_audit(
        "SourceKeyId",
        "DestinationKeyId",
        "SourceEncryptionContext",
        "DestinationEncryptionContext",
        "SourceEncryptionAlgorithm",
        "DestinationEncryptionAlgorithm",
    ),
    uses_key=True,
)
def re_encrypt(context: Context, request: shapes.ReEncryptRequest) -> shapes.ReEncryptResponse | Heavy:
    source: Key
    destination: Key
    source, destination = context.loaded
    _require_own_key(context, source, request)
    for key in (source, destination):
        require_usable(context, key, USAGE, "ReEncrypt")
    _require_algorithm(source, request.get("SourceEncryptionAlgorithm", SYMMETRIC))
    _require_algorithm(destination, request.get("DestinationEncryptionAlgorithm", SYMMETRIC))
    _refuse_dry_run_without_ciphertext(request)
    if source.spec == SYMMETRIC and source.custom_key_store is None and destination.custom_key_store is None:
        return _re_encrypt(context, source, destination, request)
    return Heavy(lambda: _re_encrypt(context, source, destination, request))


def _re_encrypt(
    context: Context, source: Key, destination: Key, request: shapes.ReEncryptRequest
) -> shapes.ReEncryptResponse:
    opened_by = request.get("SourceEncryptionAlgorithm", SYMMETRIC)
    sealed_by = request.get("DestinationEncryptionAlgorithm", SYMMETRIC)
    answer: shapes.ReEncryptResponse = {
        "SourceKeyId": source.arn,
        "KeyId": destination.arn,
        "SourceEncryptionAlgorithm": opened_by,
        "DestinationEncryptionAlgorithm": sealed_by,
    }
    blob, told = request["CiphertextBlob"], request.get("SourceEncryptionContext")
    if source.custom_key_store is not None:
        plaintext = outside.unseal(context, source, blob, told)
    elif opened_by == SYMMETRIC:
        old, plaintext = _open(context, source, blob, told)
        context.note_extra(sourceKeyMaterialId=old.material_id)
        answer["SourceKeyMaterialId"] = old.material_id
    else:
        plaintext = asymmetric_encryption.decrypt(context, source, opened_by, blob, told)
    told = request.get("DestinationEncryptionContext")
    if destination.custom_key_store is not None:
        answer["CiphertextBlob"] = outside.seal(context, destination, plaintext, told)
    elif sealed_by == SYMMETRIC:
        new = materials_of(context, destination).current
        context.note_extra(destinationKeyMaterialId=new.material_id)
        answer["DestinationKeyMaterialId"] = new.material_id
        answer["CiphertextBlob"] = seal_message(new, plaintext, told)
    else:
        answer["CiphertextBlob"] = asymmetric_encryption.encrypt(context, destination, sealed_by, plaintext, told)
    _refuse_dry_run(request)
    return answer


# -- data keys


_DATA_KEY_AUDIT: Final = _audit("KeyId", "EncryptionContext", "KeySpec", "NumberOfBytes")


@operation(authorize=may_encrypt, audit=_DATA_KEY_AUDIT, uses_key=True)
def generate_data_key(
    context: Context, request: shapes.GenerateDataKeyRequest
) -> shapes.GenerateDataKeyResponse | Heavy:
    key, plaintext = _new_data_key(context, request, "GenerateDataKey")
    if key.custom_key_store is not None:
        return Heavy(
            lambda: {
                **_data_key_outside(context, request, key, plaintext),
                **for_recipient(context, request, "Plaintext", plaintext),
            }
        )
    material = materials_of(context, key).current
    answer: shapes.GenerateDataKeyResponse = {
        "CiphertextBlob": seal_message(material, plaintext, request.get("EncryptionContext")),
        "KeyId": key.arn,
        "KeyMaterialId": material.material_id,
    }
    if "Recipient" in request:
        answer.update(for_recipient(context, request, "Plaintext", plaintext))  # type: ignore[typeddict-item] # either
    else:
        answer["Plaintext"] = plaintext
    return answer


@operation(authorize=may_encrypt, audit=_DATA_KEY_AUDIT, uses_key=True)
def generate_data_key_without_plaintext(
    context: Context, request: shapes.GenerateDataKeyWithoutPlaintextRequest
) -> shapes.GenerateDataKeyWithoutPlaintextResponse | Heavy:
    key, plaintext = _new_data_key(context, request, "GenerateDataKeyWithoutPlaintext")
    if key.custom_key_store is not None:
        return Heavy(lambda: _data_key_outside(context, request, key, plaintext))
    material = materials_of(context, key).current
    return {
        "CiphertextBlob": seal_message(material, plaintext, request.get("EncryptionContext")),
        "KeyId": key.arn,
        "KeyMaterialId": material.material_id,
    }


def _data_key_outside(context: Context, request: Mapping[str, Any], key: Key, plaintext: bytes) -> Mapping[str, Any]:
    told = request.get("EncryptionContext")
    return {"CiphertextBlob": outside.seal(context, key, plaintext, told), "KeyId": key.arn}


def _new_data_key(context: Context, request: Mapping[str, Any], operation_name: str) -> tuple[Key, bytes]:
    key: Key = context.loaded
    require_usable(context, key, USAGE, operation_name)
    require_symmetric(key)
    spec, length = request.get("KeySpec"), request.get("NumberOfBytes")
    if (spec is None) == (length is None):
        raise errors.validation("Please specify either number of bytes or key spec.")
    if key.custom_key_store is None:
        context.note_extra(keyMaterialId=materials_of(context, key).current.material_id)
    _refuse_dry_run(request)
    return key, os.urandom(length or _DATA_KEY_BYTES[spec or ""])


@operation(authorize=on_account, audit=AuditRule(read_only=True, keep=()))
def generate_random(context: Context, request: shapes.GenerateRandomRequest) -> shapes.GenerateRandomResponse | Heavy:
    length = request.get("NumberOfBytes")
    if length is None:
        raise errors.validation("NumberOfBytes is required.")
    store = request.get("CustomKeyStoreId")
    if store is not None:
        return Heavy(lambda: for_recipient(context, request, "Plaintext", outside.random(context, store, length)))
    return for_recipient(context, request, "Plaintext", os.urandom(length))  # type: ignore[return-value] # either member


# -- steps


def _require_ciphertext(request: Mapping[str, Any], key_member: str) -> None:
    """A ciphertext may be missing only where a dry run is told to look at the key alone."""
    modifiers = request.get("DryRunModifiers")
    if modifiers and not request.get("DryRun"):
        raise errors.validation("DryRunModifiers can be specified only when DryRun is true.")
    if modifiers and not request.get(key_member):
        raise errors.validation(f"{key_member} is required when the ciphertext is ignored.")
    if not modifiers and request.get("CiphertextBlob") is None:
        raise errors.validation("CiphertextBlob is required.")


def _key_of_ciphertext(context: Context, key_id: str | None, blob: bytes | None, action: str) -> lookup.Named:
    """The key that the caller names, else the one that the ciphertext names.

    Raises InvalidCiphertextException for a header that was changed, whatever it names now: this tells nothing of keys.
    """
    if key_id:
        return lookup.find(context, key_id)
    assert blob is not None
    header = header_of(context, blob)
    key = context.unit.get(KEYS, header.account, header.key_id)
    if key is None:  # recorded as a key that is there would be: no trail tells the one from the other
        arn = context.arn(f"key/{header.key_id}", account=header.account)
        context.resources.append(Resource(arn, "AWS::KMS::Key", header.account))
        raise AccessDenied(_NO_ACCESS.format(caller=context.caller.arn, action=action))
    return lookup.Named(key, None)


def _require_own_key(context: Context, key: Key, request: Mapping[str, Any]) -> None:
    """A ciphertext of ours is another key's, of whatever kind the one named is. Raises IncorrectKeyException."""
    require_available(context, key)
    blob: bytes | None = request.get("CiphertextBlob")
    if blob is None or key.spec == SYMMETRIC:
        return  # where the key is of the right kind, opening it tells
    with suppress(CiphertextError):
        headers_of(context.host).read(blob)
        raise errors.wrong_key()


def _open(
    context: Context, key: Key, blob: bytes, encryption_context: Mapping[str, str] | None
) -> tuple[Material, bytes]:
    header = header_of(context, blob)
    if (header.account, header.key_id) != (key.account, key.id):
        raise errors.wrong_key()
    material = materials_of(context, key).by_id.get(header.material_id)
    if material is None:
        raise errors.bad_ciphertext()
    try:
        return material, open_message(material, blob, encryption_context)
    except CiphertextError:
        raise errors.bad_ciphertext() from None


def _require_algorithm(key: Key, algorithm: str) -> None:
    if algorithm != key.spec:
        pairs.require_algorithm(key, algorithm)


def require_symmetric(key: Key) -> None:
    """Raises InvalidKeyUsageException for key pairs."""
    if key.spec != SYMMETRIC:
        raise errors.invalid_usage(f"Algorithm {SYMMETRIC} is incompatible with key spec {key.spec}.")


def _refuse_dry_run_without_ciphertext(request: Mapping[str, Any]) -> None:
    if request.get("DryRunModifiers"):
        _refuse_dry_run(request)


def _refuse_dry_run(request: Mapping[str, Any]) -> None:
    if request.get("DryRun"):
        raise errors.dry_run()
