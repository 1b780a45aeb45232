"""Key material: made, sealed, opened, and kept open only as long as its record stands unchanged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, NamedTuple

from msgspec.structs import replace

from casemate.engines.keys import SPECS, Material, material_id_for
from casemate.foundation.context import Context, Host
from casemate.foundation.records import Reader
from casemate.foundation.seal import Place, Seal
from casemate.services.kms.headers import headers_of
from casemate.services.kms.records import KEYS, BackingKey, Key


class Materials(NamedTuple):
    """A key's backing keys, opened: the current one, and all by id."""

    current: Material
    by_id: Mapping[str, Material]


def place_of(account: str, region: str, key_id: str, material_id: str) -> Place:
    """Where sealed key material belongs: it opens nowhere else."""
    return Place("kms.keys", account, region, key_id, material_id)


def with_new(seal: Seal, key: Key, now: float, *, rotation: Literal["AUTOMATIC", "ON_DEMAND"] | None = None) -> Key:
    """The key with new random key material as its current one."""
    return with_given(seal, key, now, os.urandom(SPECS[key.spec].material_bytes), rotation=rotation)


def with_given(
    seal: Seal, key: Key, now: float, material: bytes, *, rotation: Literal["AUTOMATIC", "ON_DEMAND"] | None = None
) -> Key:
    """The key with given key material as its current one."""
    material_id = material_id_for(key.id, material)
    backing = seal_for(seal, key, key.region, BackingKey(material_id, b"", now, rotation), material)
    return replace(key, backing=(*key.backing, backing))


def seal_for(seal: Seal, key: Key, region: str, backing: BackingKey, material: bytes) -> BackingKey:
    """Key material sealed to its place in a region: the key's own, or a relative's."""
    place = place_of(key.account, region, key.id, backing.material_id)
    return replace(backing, sealed=seal.wrap(material, place))


def open_backing(seal: Seal, key: Key, backing: BackingKey) -> bytes:
    return seal.open(backing.sealed, place_of(key.account, key.region, key.id, backing.material_id))


def material_from(host: Host, key: Key, backing: BackingKey) -> Material:
    """A backing key of a symmetric key, ready for use."""
    return Material(key.account, key.id, open_backing(host.seal, key, backing), headers_of(host))


def materials_of(context: Context, key: Key) -> Materials:
    """The key's material, opened once a process and dropped when the key's record changes."""
    host, account, key_id = context.host, key.account, key.id
    return context.unit.memo(("kms.material", account, key_id), lambda reader: _opened(reader, host, account, key_id))


def _opened(reader: Reader, host: Host, account: str, key_id: str) -> Materials:
    key = reader.get(KEYS, account, key_id)
    assert key is not None
    assert key.current is not None
    opened = {backing.material_id: material_from(host, key, backing) for backing in key.backing if backing.sealed}
    return Materials(opened[key.current.material_id], opened)


def secret_of(context: Context, key: Key) -> bytes:
    """The current material of a key itself, opened once a process: what an HMAC key is used by."""
    seal, account, key_id = context.host.seal, key.account, key.id
    return context.unit.memo(("kms.secret", account, key_id), lambda reader: _secret(reader, seal, account, key_id))


def _secret(reader: Reader, seal: Seal, account: str, key_id: str) -> bytes:
    key = reader.get(KEYS, account, key_id)
    assert key is not None
    assert key.current is not None
    return open_backing(seal, key, key.current)
