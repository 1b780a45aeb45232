"""KeyMetadata: what CreateKey, DescribeKey and ReplicateKey answer about a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from casemate.engines.keys import SPECS, KeyUsage
from casemate.foundation.audit import spelled
from casemate.foundation.ids import partition_of
from casemate.services.kms.records import Key

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes


def metadata_of(key: Key) -> shapes.KeyMetadata:
    """The facts about a key, each present only for the kinds of key that have it."""
    facts: dict[str, Any] = {
        "AWSAccountId": key.account,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.created,
        "Enabled": key.state == "Enabled",
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "MultiRegion": key.multi_region is not None,
        **algorithms_of(key),
    }
    if key.deletion is not None and key.state == "PendingDeletion":
        facts["DeletionDate"] = key.deletion
    if key.state == "PendingReplicaDeletion":
        facts["PendingDeletionWindowInDays"] = key.pending_window_days
    if key.spec == "SYMMETRIC_DEFAULT" and key.current is not None:
        facts["CurrentKeyMaterialId"] = key.current.material_id
    if key.origin == "EXTERNAL" and key.complete:
        ends = [each.expires for each in key.backing if each.expires is not None and not each.pending]
        facts["ExpirationModel"] = "KEY_MATERIAL_EXPIRES" if ends else "KEY_MATERIAL_DOES_NOT_EXPIRE"
        if ends:
            facts["ValidTo"] = min(ends)
    if key.multi_region is not None:
        facts["MultiRegionConfiguration"] = _multi_region(key)
    if key.custom_key_store is not None:
        facts.pop("CurrentKeyMaterialId", None)
        facts["CustomKeyStoreId"] = key.custom_key_store
        if key.cluster is not None:
            facts["CloudHsmClusterId"] = key.cluster
        if key.xks_key is not None:
            facts["XksKeyConfiguration"] = {"Id": key.xks_key}
    return cast("shapes.KeyMetadata", facts)


_TIMES: Final = frozenset(("creationDate", "deletionDate", "validTo"))
_NESTED: Final = frozenset((dict, list))


def audited(response: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as an audit record has it: nested names in lower case too, times as the texts that KMS writes there."""
    members = dict(zip(map(spelled, response), response.values(), strict=True))
    for name, value in members.items():
        if type(value) in _NESTED or name in _TIMES:
            members[name] = _audited_value(value)
    return members


def _audited_value(value: Any) -> Any:
    if isinstance(value, dict):
        return audited(value)
    if isinstance(value, list):
        return [audited(each) if isinstance(each, dict) else each for each in value]
    return datetime.fromtimestamp(value, UTC).strftime("%b %-d, %Y, %-I:%M:%S %p")


def algorithms_of(key: Key) -> dict[str, Any]:
    """The member that lists what a key of this spec and usage does."""
    member = {
        "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
        "SIGN_VERIFY": "SigningAlgorithms",
        "GENERATE_VERIFY_MAC": "MacAlgorithms",
        "KEY_AGREEMENT": "KeyAgreementAlgorithms",
        "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
    }[key.usage]
    return {member: list(SPECS[key.spec].algorithms(KeyUsage(key.usage)))}


def _multi_region(key: Key) -> dict[str, Any]:
    place = key.multi_region
    assert place is not None

    def entry(region: str) -> dict[str, str]:
        return {"Arn": f"arn:{partition_of(region)}:kms:{region}:{key.account}:key/{key.id}", "Region": region}

    return {
        "MultiRegionKeyType": "PRIMARY" if place.primary_region == key.region else "REPLICA",
        "PrimaryKey": entry(place.primary_region),
        "ReplicaKeys": [entry(region) for region in place.replica_regions],
    }
