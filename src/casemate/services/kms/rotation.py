"""Rotation (KMS Developer Guide, "Rotate AWS KMS keys"): new material for the same key, by calendar or on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, operation
from casemate.foundation.records import Timer
from casemate.services.kms import errors, paging, turnover
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import DAY, KEYS, ROTATE, BackingKey, Key, Rotation, store_key, timer_key
from casemate.services.kms.relatives import is_primary, tell
from casemate.services.kms.states import refuse_in

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_DEFAULT_DAYS: Final = 365
_MOST_ON_DEMAND: Final = 25
_UNFIT: Final = ("Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Creating", "Updating")
_WRITES: Final = AuditRule(read_only=False)


def _require_rotatable(key: Key) -> None:
    """Raises by state, then UnsupportedOperationException for keys that do not rotate, or not here."""
    refuse_in(key, *_UNFIT)
    if key.spec != "SYMMETRIC_DEFAULT":
        raise errors.unsupported()
    if not is_primary(key):
        raise errors.not_primary(key.arn)


def _require_own_material(key: Key) -> None:
    """The same, for rotation that makes new material by itself."""
    _require_rotatable(key)
    if key.origin != "AWS_KMS":
        raise errors.wrong_origin(key.arn, key.origin)


@operation(
    authorize=on_key(aliases=False, abroad=False, defaults={"kms:rotationperiodindays": (str(_DEFAULT_DAYS),)}),
    audit=_WRITES,
)
def enable_key_rotation(context: Context, request: shapes.EnableKeyRotationRequest) -> None:
    """Switch automatic rotation on, or change its period: it then counts from when it was on or last rotated."""
    key: Key = context.loaded
    _require_own_material(key)
    days = request.get("RotationPeriodInDays", _DEFAULT_DAYS)
    since = key.rotation.since if key.rotation is not None else context.now
    rotation = Rotation(period_days=days, next_due=since + days * DAY, since=since)
    if rotation != key.rotation:
        _set(context, key, rotation)
        context.unit.schedule(Timer(max(rotation.next_due, context.now), ROTATE, timer_key(key)))
    context.audit_response = {"keyId": key.arn}


@operation(authorize=on_key(aliases=False, abroad=False), audit=_WRITES)
def disable_key_rotation(context: Context, request: shapes.DisableKeyRotationRequest) -> None:
    del request
    key: Key = context.loaded
    _require_own_material(key)
    if key.rotation is not None:
        _set(context, key, None)
        context.unit.cancel(ROTATE, timer_key(key))
    context.audit_response = {"keyId": key.arn}


def _set(context: Context, key: Key, rotation: Rotation | None) -> None:
    store_key(context, tell(context, replace(key, rotation=rotation)))


@operation(authorize=on_key(aliases=False), audit=AuditRule(read_only=True))
def get_key_rotation_status(
    context: Context, request: shapes.GetKeyRotationStatusRequest
) -> shapes.GetKeyRotationStatusResponse:
    del request
    key: Key = context.loaded
    if key.origin != "AWS_KMS":
        raise errors.wrong_origin(key.arn, key.origin)
    rotation, waiting = key.rotation, key.waiting
    answer: shapes.GetKeyRotationStatusResponse = {"KeyId": key.id, "KeyRotationEnabled": False}
    if waiting is not None and waiting.rotation == "ON_DEMAND":
        answer["OnDemandRotationStartDate"] = waiting.created
    if rotation is not None and key.state not in {"PendingDeletion", "PendingReplicaDeletion"}:
        answer["KeyRotationEnabled"] = True
        answer["RotationPeriodInDays"] = rotation.period_days
        answer["NextRotationDate"] = rotation.next_due
    return answer


@operation(authorize=on_key(aliases=False, abroad=False), audit=AuditRule(read_only=True))
def list_key_rotations(context: Context, request: shapes.ListKeyRotationsRequest) -> shapes.ListKeyRotationsResponse:
    key: Key = context.loaded
    if key.spec != "SYMMETRIC_DEFAULT":
        raise errors.unsupported()
    include = request.get("IncludeKeyMaterial", "ROTATIONS_ONLY")
    page = paging.of(context, request, default=100, most=1000, filters=(key.arn, include))
    entries = [
        (f"{number:06d}", _entry(key, each))
        for number, each in enumerate(key.backing)
        if _is_listed(key, each, include)
    ]
    found = [entry for entry in entries if entry[0] > page.after][: page.limit + 1]
    return {"Rotations": [entry for _, entry in found[: page.limit]], **page.rest(found)}  # type: ignore[typeddict-item] # the paging members


def _is_listed(key: Key, backing: BackingKey, include: str) -> bool:
    """Rotations are; the first material, and imported material that waits for its own, where all is asked for."""
    if backing.pending and key.origin == "AWS_KMS":
        return False
    return include == "ALL_KEY_MATERIAL" or (backing.rotation is not None and not backing.pending)


def _entry(key: Key, backing: BackingKey) -> shapes.RotationsListEntry:
    state = "CURRENT" if backing is key.current else "NON_CURRENT"
    if backing.pending:
        state = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" if turnover.lacking(key) else "PENDING_ROTATION"
    entry: shapes.RotationsListEntry = {
        "KeyId": key.id,
        "KeyMaterialId": backing.material_id,
        "KeyMaterialState": state,
    }
    if backing.rotation is not None and not backing.pending:
        entry["RotationDate"] = backing.created
        entry["RotationType"] = backing.rotation
    if key.origin == "EXTERNAL":
        entry["ImportState"] = "IMPORTED" if backing.sealed else "PENDING_IMPORT"
        entry["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE"
        if backing.expires is not None:
            entry["ExpirationModel"] = "KEY_MATERIAL_EXPIRES"
            entry["ValidTo"] = backing.expires
        if backing.description is not None:
            entry["KeyMaterialDescription"] = backing.description
    return entry


@operation(authorize=on_key(aliases=False, abroad=False), audit=_WRITES)
def rotate_key_on_demand(
    context: Context, request: shapes.RotateKeyOnDemandRequest
) -> shapes.RotateKeyOnDemandResponse:
    """Rotate now. The automatic schedule stays as it is."""
    del request
    key: Key = context.loaded
    _require_rotatable(key)
    if key.on_demand_rotations >= _MOST_ON_DEMAND:
        raise errors.limit_exceeded(
            "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be "
            f"performed for this key: {key.arn}"
        )
    key = _rotated_on_demand(context, key)
    store_key(context, tell(context, replace(key, on_demand_rotations=key.on_demand_rotations + 1)))
    context.audit_response = {"keyId": key.arn}
    return {"KeyId": key.arn}


def _rotated_on_demand(context: Context, key: Key) -> Key:
    waiting = key.waiting
    if key.origin not in {"AWS_KMS", "EXTERNAL"}:
        raise errors.wrong_origin(key.arn, key.origin)
    if key.origin == "AWS_KMS":
        if waiting is not None:
            raise ServiceError("ConflictException", f"A rotation of {key.arn} is in progress.")
        return turnover.begin(context, key, "ON_DEMAND")
    if waiting is None or not waiting.sealed:
        raise ServiceError(
            "KMSInvalidStateException", f"No available key material pending rotation for the key: {key.arn}."
        )
    missing = turnover.lacking(key)
    if missing:
        raise ServiceError(
            "KMSInvalidStateException",
            f"Key material {waiting.material_id} has not been imported into the replica keys in {', '.join(missing)}.",
        )
    return turnover.turn_to_imported(context, key)


def on_rotate(context: Context, timer: Timer) -> None:
    """Rotate a key that is due. One that is disabled or waits for deletion rotates when it is enabled again."""
    account, _, key_id = timer.key.partition("/")
    key = context.unit.get(KEYS, account, key_id)
    if key is None or key.rotation is None or key.state != "Enabled" or not is_primary(key):
        return
    context.resources.append(Resource(key.arn, "AWS::KMS::Key", key.account))
    period = key.rotation.period_days * DAY
    due = key.rotation.next_due + period
    rotation = Rotation(key.rotation.period_days, due if due > context.now else context.now + period, context.now)
    if key.waiting is None:  # else one is under way, and that is this one's
        key = turnover.begin(context, key, "AUTOMATIC")
    key = replace(key, rotation=rotation)
    context.unit.schedule(Timer(rotation.next_due, ROTATE, timer.key))
    store_key(context, tell(context, key))


def resume(context: Context, key: Key) -> None:
    """Go on with the schedule of a key that is enabled again; what fell due meanwhile is done at once."""
    if key.rotation is not None and is_primary(key):
        context.unit.schedule(Timer(max(key.rotation.next_due, context.now), ROTATE, timer_key(key)))
