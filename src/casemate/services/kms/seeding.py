"""Keys with chosen ids and material, for tests (`POST /_casemate/seed` on a test server)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final

from casemate.engines.keys import SPECS, KeysError
from casemate.foundation import inventory
from casemate.foundation.errors import CasemateError
from casemate.foundation.ids import partition_of
from casemate.foundation.records import AuditEntry, Unit
from casemate.foundation.seal import Seal
from casemate.services.kms import material, pairs, policies
from casemate.services.kms.records import KEYS, Key, MultiRegion

_ID: Final = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")
_ACCOUNT: Final = re.compile(r"\d{12}\Z")


class SeedRefused(CasemateError):
    """A key that can't be seeded; the text says which member is wrong."""


def seed(unit: Unit, seal: Seal, now: float, given: Mapping[str, Any]) -> None:
    """Make one key from `account`, `region`, `id`, `spec`, `usage` and base64 `material`. Raises SeedRefused."""
    account, region, key_id = (str(given.get(name, "")) for name in ("account", "region", "id"))
    spec = str(given.get("spec", "SYMMETRIC_DEFAULT"))
    usage = str(given.get("usage", "ENCRYPT_DECRYPT"))
    if not _ACCOUNT.match(account):
        raise SeedRefused(f"account '{account}' is not 12 digits")
    if not _ID.match(key_id):
        raise SeedRefused(f"id '{key_id}' is neither a UUID nor mrk- and 32 hex digits")
    if spec not in SPECS:
        raise SeedRefused(f"spec '{spec}' is none of AWS KMS")
    if usage not in SPECS[spec].usages:
        raise SeedRefused(f"usage '{usage}' does not fit spec '{spec}'")
    arn = f"arn:{partition_of(region)}:kms:{region}:{account}:key/{key_id}"
    key = Key(
        id=key_id,
        arn=arn,
        account=account,
        region=region,
        created=now,
        spec=spec,
        usage=usage,
        policy=policies.default_policy(partition_of(region), account),
        multi_region=MultiRegion(primary_region=region) if key_id.startswith("mrk-") else None,
    )
    unit.put(KEYS, account, key_id, material.with_given(seal, key, now, _bytes(given, spec)))
    inventory.register(unit, arn=arn, type="AWS::KMS::Key", account=account, region=region)
    unit.audit(AuditEntry(account, now, b'{"eventName":"Seed","resources":[{"ARN":"%b"}]}' % arn.encode()))


def _bytes(given: Mapping[str, Any], spec: str) -> bytes:
    try:
        raw = base64.b64decode(str(given.get("material", "")), validate=True)
    except ValueError:
        raise SeedRefused("material is not base64") from None
    sizes = SPECS[spec].import_bytes
    if sizes is None:
        try:
            pairs.library().read_pair(spec, raw)
        except KeysError as error:
            raise SeedRefused(str(error)) from None
    elif not sizes[0] <= len(raw) <= sizes[1]:
        raise SeedRefused(f"material of {spec} has {sizes[0]} to {sizes[1]} bytes, not {len(raw)}")
    return raw
