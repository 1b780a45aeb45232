"""Encrypt, Decrypt, ReEncrypt, data keys and random bytes under symmetric keys."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from casemate.engines.keys import CiphertextError, Header, Material, open_message, parse_header, seal_message
from casemate.foundation.context import Context
from casemate.foundation.errors import AccessDenied
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.kms import errors, grant_tokens, lookup
from casemate.services.kms.material import materials_of
from casemate.services.kms.permissions import check_key, on_account
from casemate.services.kms.records import KEYS, Key
from casemate.services.kms.states import require_enabled, require_usable

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

SYMMETRIC = "SYMMETRIC_DEFAULT"
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


def _may_encrypt(context: Context, request: Mapping[str, Any]) -> Check:
    named = lookup.find(context, request["KeyId"])
    context.loaded = named.key
    return check_key(context, request, named, encryption_context=request.get("EncryptionContext") or {})


@operation(authorize=_may_encrypt, audit=_audit("KeyId", "EncryptionContext", "EncryptionAlgorithm"))
def encrypt(context: Context, request: shapes.EncryptRequest) -> shapes.EncryptResponse:
    key: Key = context.loaded
    require_usable(key, USAGE, "Encrypt")
    _require_algorithm(key, request.get("EncryptionAlgorithm"))
    _refuse_dry_run(request)
    material = materials_of(context, key).current
    context.note_extra(keyMaterialId=material.material_id)
    blob = seal_message(material, request["Plaintext"], request.get("EncryptionContext"))
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
)
def decrypt(context: Context, request: shapes.DecryptRequest) -> shapes.DecryptResponse:
    key: Key = context.loaded
    _refuse_recipient(request)
    _require_own_key(key, request)
    require_usable(key, USAGE, "Decrypt")
    _require_algorithm(key, request.get("EncryptionAlgorithm"))
    _refuse_dry_run_without_ciphertext(request)
    material, plaintext = _open(context, key, request["CiphertextBlob"], request.get("EncryptionContext"))
    context.note_extra(keyMaterialId=material.material_id)
    _refuse_dry_run(request)
    return {
        "KeyId": key.arn,
        "Plaintext": plaintext,
        "EncryptionAlgorithm": SYMMETRIC,
        "KeyMaterialId": material.material_id,
    }


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
)
def re_encrypt(context: Context, request: shapes.ReEncryptRequest) -> shapes.ReEncryptResponse:
    source: Key
    destination: Key
    source, destination = context.loaded
    _require_own_key(source, request)
    for key in (source, destination):
        require_usable(key, USAGE, "ReEncrypt")
    _require_algorithm(source, request.get("SourceEncryptionAlgorithm"))
    _require_algorithm(destination, request.get("DestinationEncryptionAlgorithm"))
    _refuse_dry_run_without_ciphertext(request)
    old, plaintext = _open(context, source, request["CiphertextBlob"], request.get("SourceEncryptionContext"))
    new = materials_of(context, destination).current
    context.note_extra(sourceKeyMaterialId=old.material_id, destinationKeyMaterialId=new.material_id)
    _refuse_dry_run(request)
    blob = seal_message(new, plaintext, request.get("DestinationEncryptionContext"))
    return {
        "CiphertextBlob": blob,
        "SourceKeyId": source.arn,
        "KeyId": destination.arn,
        "SourceEncryptionAlgorithm": SYMMETRIC,
        "DestinationEncryptionAlgorithm": SYMMETRIC,
        "SourceKeyMaterialId": old.material_id,
        "DestinationKeyMaterialId": new.material_id,
    }


# -- data keys


@operation(authorize=_may_encrypt, audit=_audit("KeyId", "EncryptionContext", "KeySpec", "NumberOfBytes"))
def generate_data_key(context: Context, request: shapes.GenerateDataKeyRequest) -> shapes.GenerateDataKeyResponse:
    _refuse_recipient(request)
    key, material, plaintext = _new_data_key(context, request, "GenerateDataKey")
    return {
        "CiphertextBlob": seal_message(material, plaintext, request.get("EncryptionContext")),
        "Plaintext": plaintext,
        "KeyId": key.arn,
        "KeyMaterialId": material.material_id,
    }


@operation(authorize=_may_encrypt, audit=_audit("KeyId", "EncryptionContext", "KeySpec", "NumberOfBytes"))
def generate_data_key_without_plaintext(
    context: Context, request: shapes.GenerateDataKeyWithoutPlaintextRequest
) -> shapes.GenerateDataKeyWithoutPlaintextResponse:
    key, material, plaintext = _new_data_key(context, request, "GenerateDataKeyWithoutPlaintext")
    return {
        "CiphertextBlob": seal_message(material, plaintext, request.get("EncryptionContext")),
        "KeyId": key.arn,
        "KeyMaterialId": material.material_id,
    }


def _new_data_key(context: Context, request: Mapping[str, Any], operation_name: str) -> tuple[Key, Material, bytes]:
    key: Key = context.loaded
    require_usable(key, USAGE, operation_name)
    _require_algorithm(key, None)
    spec, length = request.get("KeySpec"), request.get("NumberOfBytes")
    if (spec is None) == (length is None):
        raise errors.validation("Please specify either number of bytes or key spec.")
    material = materials_of(context, key).current
    context.note_extra(keyMaterialId=material.material_id)
    _refuse_dry_run(request)
    return key, material, os.urandom(length or _DATA_KEY_BYTES[spec or ""])


@operation(authorize=on_account, audit=AuditRule(read_only=True, keep=()))
def generate_random(context: Context, request: shapes.GenerateRandomRequest) -> shapes.GenerateRandomResponse:
    del context
    _refuse_recipient(request)
    if request.get("CustomKeyStoreId"):
        raise errors.unsupported("This server has no custom key stores.")
    length = request.get("NumberOfBytes")
    if length is None:
        raise errors.validation("NumberOfBytes is required.")
    return {"Plaintext": os.urandom(length)}


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
    """The key that the caller names, else the one that the ciphertext names."""
    if key_id:
        return lookup.find(context, key_id)
    assert blob is not None
    header = _header(blob)
    key = context.unit.get(KEYS, header.account, header.key_id)
    if key is None:
        raise AccessDenied(_NO_ACCESS.format(caller=context.caller.arn, action=action))
    return lookup.Named(key, None)


def _require_own_key(key: Key, request: Mapping[str, Any]) -> None:
    """A ciphertext of ours is another key's, of whatever kind the one named is. Raises IncorrectKeyException."""
    require_enabled(key)
    blob: bytes | None = request.get("CiphertextBlob")
    if blob is None or key.usage == USAGE:
        return  # where the key is of the right kind, opening it tells
    with suppress(CiphertextError):
        header = parse_header(blob)
        if (header.account, header.key_id) != (key.account, key.id):
            raise errors.wrong_key()


def _header(blob: bytes) -> Header:
    try:
        return parse_header(blob)
    except CiphertextError:
        raise errors.bad_ciphertext() from None


def _open(
    context: Context, key: Key, blob: bytes, encryption_context: Mapping[str, str] | None
) -> tuple[Material, bytes]:
    header = _header(blob)
    if (header.account, header.key_id) != (key.account, key.id):
        raise errors.wrong_key()
    material = materials_of(context, key).by_id.get(header.material_id)
    if material is None:
        raise errors.bad_ciphertext()
    try:
        return material, open_message(material, blob, encryption_context)
    except CiphertextError:
        raise errors.bad_ciphertext() from None


def _require_algorithm(key: Key, algorithm: str | None) -> None:
    if (algorithm or SYMMETRIC) != key.spec:
        raise errors.invalid_usage(f"Algorithm {algorithm} is incompatible with key spec {key.spec}.")


def _refuse_dry_run_without_ciphertext(request: Mapping[str, Any]) -> None:
    if request.get("DryRunModifiers"):
        _refuse_dry_run(request)


def _refuse_dry_run(request: Mapping[str, Any]) -> None:
    if request.get("DryRun"):
        raise errors.dry_run()


def _refuse_recipient(request: Mapping[str, Any]) -> None:
    if request.get("Recipient"):
        raise errors.unsupported(
            "Recipient attestation documents are not supported: no attestation root is configured."
        )
