"""Rotation (KMS Developer Guide, "Rotate AWS KMS keys"): new material for the same key, by calendar or on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec.structs import replace

from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import AuditRule, operation
from casemate.foundation.records import Timer
from casemate.services.kms import errors, material, paging
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import DAY, KEYS, Key, Rotation, store_key
from casemate.services.kms.relatives import ROTATE, is_primary, tell, timer_key
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
    if key.spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS":
        raise errors.unsupported()
    if not is_primary(key):
        raise errors.not_primary(key.arn)


@operation(
    authorize=on_key(aliases=False, abroad=False, defaults={"kms:rotationperiodindays": (str(_DEFAULT_DAYS),)}),
    audit=_WRITES,
)
def enable_key_rotation(context: Context, request: shapes.EnableKeyRotationRequest) -> None:
    """Switch automatic rotation on, or change its period: it then counts from when it was on or last rotated."""
    key: Key = context.loaded
    _require_rotatable(key)
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
    _require_rotatable(key)
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
    rotation = key.rotation
    if rotation is None or key.state in {"PendingDeletion", "PendingReplicaDeletion"}:
        return {"KeyId": key.id, "KeyRotationEnabled": False}
    return {
        "KeyId": key.id,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": rotation.period_days,
        "NextRotationDate": rotation.next_due,
    }


@operation(authorize=on_key(aliases=False, abroad=False), audit=AuditRule(read_only=True))
def list_key_rotations(context: Context, request: shapes.ListKeyRotationsRequest) -> shapes.ListKeyRotationsResponse:
    key: Key = context.loaded
    if key.spec != "SYMMETRIC_DEFAULT":
        raise errors.unsupported()
    include = request.get("IncludeKeyMaterial", "ROTATIONS_ONLY")
    page = paging.of(context, request, default=100, most=1000, filters=(key.arn, include))
    entries = [
        (f"{number:06d}", _entry(key, number))
        for number, backing in enumerate(key.backing)
        if include == "ALL_KEY_MATERIAL" or backing.rotation is not None
    ]
    found = [entry for entry in entries if entry[0] > page.after][: page.limit + 1]
    return {"Rotations": [entry for _, entry in found[: page.limit]], **page.rest(found)}  # type: ignore[typeddict-item] # the paging members


def _entry(key: Key, number: int) -> shapes.RotationsListEntry:
    backing = key.backing[number]
    entry: shapes.RotationsListEntry = {
        "KeyId": key.id,
        "KeyMaterialId": backing.material_id,
        "KeyMaterialState": "CURRENT" if number == len(key.backing) - 1 else "NON_CURRENT",
    }
    if backing.rotation is not None:
        entry["RotationDate"] = backing.created
        entry["RotationType"] = backing.rotation
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
    key = _rotated(context, key, "ON_DEMAND")
    store_key(context, tell(context, replace(key, on_demand_rotations=key.on_demand_rotations + 1)))
    context.audit_response = {"keyId": key.arn}
    return {"KeyId": key.arn}


def _rotated(context: Context, key: Key, kind: Literal["AUTOMATIC", "ON_DEMAND"]) -> Key:
    """The key with new current material, and the record of that."""
    rotated = material.with_new(context.host.seal, key, context.now, rotation=kind)
    details: dict[str, Any] = {
        "keyId": key.id,
        "rotationType": kind,
        "keyOrigin": key.origin,
        "previousKeyMaterialId": key.backing[-1].material_id,
        "currentKeyMaterialId": rotated.backing[-1].material_id,
    }
    context.service_event("RotateKey", key.account, details)
    return rotated


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
    key = replace(_rotated(context, key, "AUTOMATIC"), rotation=rotation)
    context.unit.schedule(Timer(rotation.next_due, ROTATE, timer.key))
    store_key(context, tell(context, key))


def resume(context: Context, key: Key) -> None:
    """Go on with the schedule of a key that is enabled again; what fell due meanwhile is done at once."""
    if key.rotation is not None and is_primary(key):
        context.unit.schedule(Timer(max(key.rotation.next_due, context.now), ROTATE, timer_key(key)))
