"""How new material becomes current (KMS Developer Guide, "Rotate AWS KMS keys").

A single-Region key's at once. A multi-Region primary's when every relative says that it has it, so that what the new
material encrypts decrypts everywhere; until then the old one goes on encrypting.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.services.kms import material
from casemate.services.kms.records import Key

Kind = Literal["AUTOMATIC", "ON_DEMAND"]


def begin(context: Context, key: Key, kind: Kind) -> Key:
    """The key with new random material: current, or waiting for the relatives."""
    rotated = material.with_new(context.host.seal, key, context.now, rotation=kind)
    fresh = replace(rotated.backing[-1], pending=True)
    return finish(context, rotated.with_backing(fresh))


def finish(context: Context, key: Key) -> Key:
    """The key with its waiting material current, where all relatives have it; and the record of that."""
    waiting = key.waiting
    if waiting is None or waiting.rotation is None or lacking(key):
        return key
    return _turn(context, key, waiting.rotation)


def turn_to_imported(context: Context, key: Key) -> Key:
    """The key with the imported material that waits as its current one."""
    waiting = key.waiting
    assert waiting is not None
    return _turn(context, key.with_backing(replace(waiting, rotation="ON_DEMAND")), "ON_DEMAND")


def lacking(key: Key) -> tuple[str, ...]:
    """The regions whose keys do not have the waiting material yet."""
    place, waiting = key.multi_region, key.waiting
    if place is None or waiting is None:
        return ()
    return tuple(region for region in place.replica_regions if region not in waiting.held_by)


def _turn(context: Context, key: Key, kind: Kind) -> Key:
    waiting, before = key.waiting, key.current
    assert waiting is not None
    details: dict[str, Any] = {
        "keyId": key.id,
        "rotationType": kind,
        "keyOrigin": key.origin,
        "previousKeyMaterialId": before.material_id if before is not None else None,
        "currentKeyMaterialId": waiting.material_id,
    }
    context.service_event("RotateKey", key.account, details)
    return key.with_backing(replace(waiting, pending=False, held_by=(), created=context.now))
