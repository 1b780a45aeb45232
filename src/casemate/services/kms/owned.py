"""AWS owned keys: what services encrypt by when nobody names a key (KMS Developer Guide, "AWS owned keys").

One a service and region, made when first used, in no account: no list shows it, no identifier of a caller's reaches it.
It rotates every year. Only services call these two operations; each names itself, and gets nothing of another's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from casemate.engines.keys import CiphertextError, Material, open_message, seal_message
from casemate.foundation.context import Context
from casemate.foundation.ids import new_uuid
from casemate.foundation.operation import AuditRule, operation
from casemate.foundation.records import Collection, Timer
from casemate.services.kms import errors, material
from casemate.services.kms.headers import header_of
from casemate.services.kms.records import DAY, KEYS, ROTATE, Alias, Key, Rotation, timer_key

OWNER: Final = "000000000000"
"""The account that owned keys are kept under: nobody's."""
OWNED: Final = Collection("kms.owned", Alias)
"""Which key is a service's; scope is OWNER, id the service."""
_PERIOD_DAYS: Final = 365
_DATA_KEY_BYTES: Final = 32
_SILENT: Final = AuditRule(read_only=True, keep=())


@operation(authorize=None, audit=_SILENT, internal=True)
def generate_owned_data_key(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """A data key under the calling service's owned key: `Plaintext` and `CiphertextBlob`, bound to the context."""
    plaintext = os.urandom(_DATA_KEY_BYTES)
    key = _key(context, _service(context))
    sealed = seal_message(_material(context, key), plaintext, request.get("EncryptionContext"))
    return {"Plaintext": plaintext, "CiphertextBlob": sealed}


@operation(authorize=None, audit=_SILENT, internal=True)
def decrypt_owned(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """`Plaintext` of what the calling service's owned key sealed. Raises InvalidCiphertextException."""
    blob = request["CiphertextBlob"]
    named = context.unit.get(OWNED, OWNER, _service(context))
    header = header_of(context, blob)
    if named is None or (header.account, header.key_id) != (OWNER, named.key_id):
        raise errors.bad_ciphertext()
    key = context.unit.get(KEYS, OWNER, named.key_id)
    assert key is not None
    opened = material.materials_of(context, key).by_id.get(header.material_id)
    if opened is None:
        raise errors.bad_ciphertext()
    try:
        plaintext = open_message(opened, blob, request.get("EncryptionContext"))
    except CiphertextError:
        raise errors.bad_ciphertext() from None
    return {"Plaintext": plaintext}


def _service(context: Context) -> str:
    """The service that calls: it stands last on the way here, and can't be given by a request."""
    return context.via[-1] if context.via else context.caller.service or ""


def _material(context: Context, key: Key) -> Material:
    if context.unit.has_writes:  # the key is being made in this very unit
        assert key.current is not None
        return material.material_from(context.host, key, key.current)
    return material.materials_of(context, key).current


def _key(context: Context, service: str) -> Key:
    named = context.unit.get(OWNED, OWNER, service)
    if named is not None:
        key = context.unit.get(KEYS, OWNER, named.key_id)
        assert key is not None
        return key
    key_id = new_uuid()
    key = Key(
        id=key_id,
        arn=context.arn(f"key/{key_id}", account=OWNER),
        account=OWNER,
        region=context.region,
        created=context.now,
        spec="SYMMETRIC_DEFAULT",
        usage="ENCRYPT_DECRYPT",
        policy='{"Version":"2012-10-17","Statement":[]}',
        manager="AWS",
        rotation=Rotation(_PERIOD_DAYS, context.now + _PERIOD_DAYS * DAY, context.now),
    )
    key = material.with_new(context.host.seal, key, context.now)
    assert key.rotation is not None
    context.unit.add(KEYS, OWNER, key_id, key)
    context.unit.put(OWNED, OWNER, service, Alias(service, key_id, context.now, context.now))
    context.unit.schedule(Timer(key.rotation.next_due, ROTATE, timer_key(key)))
    return key
