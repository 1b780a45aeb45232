"""Imported key material (KMS Developer Guide, "Importing key material for AWS KMS keys").

A symmetric key may have several materials: its first, and later ones that RotateKeyOnDemand makes current. Key pairs
and HMAC keys have one for life. A key that lacks any material that it ever had is PendingImport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.engines.keys import SPECS, CiphertextError, KeysError, material_id_for
from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, Heavy, operation
from casemate.foundation.records import Timer
from casemate.services.kms import errors, import_tokens
from casemate.services.kms.material import seal_for
from casemate.services.kms.pairs import library, new_pair
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import DAY, KEYS, RESOURCE_TYPE, BackingKey, Key, store_key
from casemate.services.kms.relatives import is_primary, say_held, tell
from casemate.services.kms.states import refuse_in

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

EXPIRE: Final = "kms.expire_material"
_OWN_KEY: Final = on_key(aliases=False, abroad=False)
_EXPIRES: Final = "KEY_MATERIAL_EXPIRES"
_STAYS: Final = "KEY_MATERIAL_DOES_NOT_EXPIRE"
_NEW: Final = "NEW_KEY_MATERIAL"
_EXISTING: Final = "EXISTING_KEY_MATERIAL"
_LONGEST: Final = 365 * DAY
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_UNFIT: Final = ("PendingDeletion", "PendingReplicaDeletion", "Creating", "Updating")
_READ: Final = AuditRule(read_only=True, keep=("KeyId", "WrappingAlgorithm", "WrappingKeySpec"))
_WRAPPED_OTHERWISE: Final = (
    "EncryptedKeyMaterial can't be unwrapped: wrap it with {}, as GetParametersForImport was asked, with the public "
    "key that came with this ImportToken."
)


def _answered(response: Any) -> Any:
    return response


def _require_external(key: Key) -> None:
    if key.origin != "EXTERNAL":
        raise errors.wrong_origin(key.arn, key.origin)


@operation(authorize=_OWN_KEY, audit=_READ)
def get_parameters_for_import(context: Context, request: shapes.GetParametersForImportRequest) -> Heavy:
    key: Key = context.loaded
    refuse_in(key, *_UNFIT)
    _require_external(key)
    algorithm, spec = request["WrappingAlgorithm"], request["WrappingKeySpec"]
    if algorithm == "RSAES_PKCS1_V1_5":
        raise errors.unsupported(f"{algorithm} is no longer supported. Use RSAES_OAEP_SHA_256 or an RSA_AES algorithm.")
    if spec == "SM2" or algorithm == "SM2PKE":
        raise errors.unsupported("SM2 needs a library that is not installed here.")

    def work() -> shapes.GetParametersForImportResponse:
        if not library().wraps(algorithm, spec, key.spec, SPECS[key.spec].family):
            raise errors.unsupported(f"{algorithm} with {spec} can't wrap the key material of a key of {key.spec}.")
        private = new_pair(context, spec)
        token, expires = import_tokens.issue(context, key, algorithm, spec, private)
        public = library().encode_public(library().load_pair(spec, private).public)
        return {"KeyId": key.arn, "ImportToken": token, "PublicKey": public, "ParametersValidTo": expires}

    return Heavy(work)


@operation(
    authorize=on_key(aliases=False, abroad=False, defaults={"kms:expirationmodel": (_EXPIRES,)}),
    audit=AuditRule(
        read_only=False,
        keep=("KeyId", "ValidTo", "ExpirationModel", "ImportType", "KeyMaterialDescription", "KeyMaterialId"),
        response=_answered,
    ),
)
def import_key_material(context: Context, request: shapes.ImportKeyMaterialRequest) -> Heavy:
    key: Key = context.loaded
    refuse_in(key, *_UNFIT)
    _require_external(key)
    token = import_tokens.read(context, key, request["ImportToken"])
    expires = _expiry(context, request)
    kind = _kind(key, request)

    def work() -> shapes.ImportKeyMaterialResponse:
        wrapping = library().load_pair(token.spec, token.private)
        try:
            material = library().unwrap(wrapping, token.algorithm, request["EncryptedKeyMaterial"])
        except CiphertextError:
            raise ServiceError("InvalidCiphertextException", _WRAPPED_OTHERWISE.format(token.algorithm)) from None
        _require_fitting(key, material)
        material_id = material_id_for(key.id, material)
        if kind == _NEW:
            imported = _with_new(context, key, material_id)
        else:
            imported = _with_existing(key, material_id, request.get("KeyMaterialId"))
        place = next(each for each in imported.backing if each.material_id == material_id)
        described = request.get("KeyMaterialDescription", place.description)
        _keep(context, imported, replace(place, expires=expires, description=described), material)
        answer: shapes.ImportKeyMaterialResponse = {"KeyId": key.arn, "KeyMaterialId": material_id}
        return answer

    return Heavy(work)


def _expiry(context: Context, request: shapes.ImportKeyMaterialRequest) -> float | None:
    """When the material goes; None where it stays. Raises ValidationException."""
    model, moment = request.get("ExpirationModel", _EXPIRES), request.get("ValidTo")
    if model == _STAYS:
        if moment is not None:
            raise errors.validation(f"A validTo date must not be set if the ExpirationModel is {_STAYS}")
        return None
    if moment is None:
        raise errors.validation(f"A validTo date must be set if the ExpirationModel is {_EXPIRES}")
    expires = float(moment)
    if not context.now < expires <= context.now + _LONGEST:
        raise errors.validation("ValidTo must be in the future, and within 365 days of the request.")
    return expires


def _kind(key: Key, request: shapes.ImportKeyMaterialRequest) -> str:
    """What is imported: something that the key never had, or something again. Raises by what does not go together."""
    if key.spec != _SYMMETRIC:
        for member in ("ImportType", "KeyMaterialId", "KeyMaterialDescription"):
            if member in request:
                raise errors.validation(f"{member} can be used with symmetric encryption keys only.")
    kind = request.get("ImportType") or (_EXISTING if key.backing else _NEW)
    if kind == _NEW and request.get("KeyMaterialId"):
        raise errors.validation(f"KeyMaterialId can't be specified with an ImportType of {_NEW}.")
    if kind == _NEW and not is_primary(key):
        raise errors.unsupported(f"{errors.not_primary(key.arn).message} New key material is imported there first.")
    return kind


def _require_fitting(key: Key, material: bytes) -> None:
    """Raises IncorrectKeyMaterialException for material that no key of this spec can have."""
    sizes = SPECS[key.spec].import_bytes
    if sizes is None:
        if not _is_pkcs8(material):
            raise _incorrect("The key material of a key pair is a PKCS #8 private key (RFC 5208) in DER.")
        try:
            library().read_pair(key.spec, material)
        except KeysError as error:
            raise ServiceError("IncorrectKeyMaterialException", f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    elif not sizes[0] <= len(material) <= sizes[1]:
        wanted = f"{sizes[0]}" if sizes[0] == sizes[1] else f"{sizes[0]} to {sizes[1]}"
        raise ServiceError(
            "IncorrectKeyMaterialException",
            f"The key material of a key of {key.spec} has {wanted} bytes, not {len(material)}.",
        )


def _is_pkcs8(material: bytes) -> bool:
    """Whether DER holds a version and then an algorithm, as PKCS #8 does; PKCS #1 and SEC 1 hold other things there."""
    body = material[2 + (material[1] & 0x7F if len(material) > 1 and material[1] & 0x80 else 0) :]
    return material[:1] == b"\x30" and body[:2] == b"\x02\x01" and body[3:4] == b"\x30"


def _with_new(context: Context, key: Key, material_id: str) -> Key:
    """The key with the place of a new material: its first, or one that waits for its rotation."""
    if any(each.material_id == material_id for each in key.backing):
        raise _incorrect("The key material is one that the key has already: import it as EXISTING_KEY_MATERIAL.")
    waiting = key.waiting
    if waiting is not None:
        raise ServiceError(
            "KMSInvalidStateException",
            f"New key material (id: {material_id}) cannot be imported into KMS key {key.id}, because another key "
            f"material (id: {waiting.material_id}) is pending rotation.",
        )
    fresh = BackingKey(material_id, b"", context.now, pending=bool(key.backing))
    return replace(key, backing=(*key.backing, fresh))


def _with_existing(key: Key, material_id: str, stated: str | None) -> Key:
    known = any(each.material_id == material_id for each in key.backing)
    if not known or (stated is not None and stated != material_id):
        raise _incorrect(
            "The key material is not the same as was imported into this KMS key before."
            if not known
            else f"The key material is not the one that has the id {stated}."
        )
    return key


def _incorrect(message: str) -> ServiceError:
    return ServiceError("IncorrectKeyMaterialException", message)


def _keep(context: Context, key: Key, place: BackingKey, material: bytes) -> None:
    """Seal the material to its place, and let the key be used if now it lacks none."""
    place = seal_for(context.host.seal, key, key.region, place, material)
    key = key.with_backing(place)
    if key.state == "PendingImport" and key.complete:
        key = replace(key, state="Enabled")
    named = f"{key.account}/{key.id}/{place.material_id}"
    if place.expires is None:
        context.unit.cancel(EXPIRE, named)
    else:
        context.unit.schedule(Timer(place.expires, EXPIRE, named))
    if is_primary(key):
        key = tell(context, key)
    elif place.pending:
        say_held(context, key, place.material_id)
    store_key(context, key)


@operation(authorize=_OWN_KEY, audit=AuditRule(read_only=False, keep=("KeyId", "KeyMaterialId"), response=_answered))
def delete_imported_key_material(
    context: Context, request: shapes.DeleteImportedKeyMaterialRequest
) -> shapes.DeleteImportedKeyMaterialResponse:
    key: Key = context.loaded
    refuse_in(key, "Creating", "Updating")
    _require_external(key)
    stated = request.get("KeyMaterialId")
    if stated is None:
        found = key.current
        if found is None:
            return {"KeyId": key.arn}
    else:
        found = next((each for each in key.backing if each.material_id == stated), None)
        if found is None:
            raise ServiceError("NotFoundException", f"Key material {stated} is not one of {key.arn}.")
    _drop(context, key, found)
    return {"KeyId": key.arn, "KeyMaterialId": found.material_id}


def _drop(context: Context, key: Key, gone: BackingKey) -> None:
    """Forget a material; the key stays unusable until it is imported again, unless it had not been rotated to yet."""
    if gone.pending and is_primary(key):
        left = tuple(each for each in key.backing if each.material_id != gone.material_id)
        store_key(context, tell(context, replace(key, backing=left)))
        return
    key = key.with_backing(replace(gone, sealed=b"", expires=None))
    if key.state in {"Enabled", "Disabled"} and not key.complete:
        key = replace(key, state="PendingImport")
    store_key(context, key)


def on_expire(context: Context, timer: Timer) -> None:
    """Imported material comes to its end (CloudTrail: DeleteExpiredKeyMaterial)."""
    account, key_id, material_id = timer.key.split("/")
    key = context.unit.get(KEYS, account, key_id)
    if key is None:
        return
    gone = next((each for each in key.backing if each.material_id == material_id and each.sealed), None)
    if gone is None or gone.expires is None or gone.expires > context.now:
        return
    context.resources.append(Resource(key.arn, RESOURCE_TYPE, account))
    _drop(context, key, gone)
    context.service_event("DeleteExpiredKeyMaterial", account, {"keyId": key_id, "keyMaterialId": material_id})
