"""Key material: made, sealed, opened, and kept open only as long as its record stands unchanged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NamedTuple

from casemate.engines.keys import Material, material_id_for
from casemate.foundation.context import Context
from casemate.foundation.records import Reader
from casemate.foundation.seal import Place, Seal
from casemate.services.kms.records import KEYS, BackingKey, Key

SYMMETRIC_BYTES = 32


class Materials(NamedTuple):
    """A key's backing keys, opened: the current one, and all by id."""

    current: Material
    by_id: Mapping[str, Material]


def place_of(account: str, region: str, key_id: str, material_id: str) -> Place:
    """Where sealed key material belongs: it opens nowhere else."""
    return Place("kms.keys", account, region, key_id, material_id)


def make(
    seal: Seal,
    account: str,
    region: str,
    key_id: str,
    now: float,
    *,
    length: int = SYMMETRIC_BYTES,
    rotation: Literal["AUTOMATIC", "ON_DEMAND"] | None = None,
) -> BackingKey:
    """New random key material of that many bytes, sealed to its place."""
    return keep(seal, account, region, key_id, now, os.urandom(length), rotation=rotation)


def keep(
    seal: Seal,
    account: str,
    region: str,
    key_id: str,
    now: float,
    material: bytes,
    *,
    rotation: Literal["AUTOMATIC", "ON_DEMAND"] | None = None,
) -> BackingKey:
    """Given key material, sealed to its place."""
    material_id = material_id_for(key_id, material)
    sealed = seal.wrap(material, place_of(account, region, key_id, material_id))
    return BackingKey(material_id=material_id, sealed=sealed, created=now, rotation=rotation)


def open_backing(seal: Seal, key: Key, backing: BackingKey) -> bytes:
    return seal.open(backing.sealed, place_of(key.account, key.region, key.id, backing.material_id))


def materials_of(context: Context, key: Key) -> Materials:
    """The key's material, opened once a process and dropped when the key's record changes."""
    seal, account, key_id = context.host.seal, key.account, key.id
    return context.unit.memo(("kms.material", account, key_id), lambda reader: _opened(reader, seal, account, key_id))


def _opened(reader: Reader, seal: Seal, account: str, key_id: str) -> Materials:
    key = reader.get(KEYS, account, key_id)
    assert key is not None
    opened = {
        backing.material_id: Material(account, key_id, open_backing(seal, key, backing)) for backing in key.backing
    }
    return Materials(opened[key.backing[-1].material_id], opened)
