"""ReplicateKey and UpdatePrimaryRegion (KMS Developer Guide, "Multi-Region keys in AWS KMS").

Each does its part in the other region first, in a unit of work of its own that can be done again, and then here, with
the message that completes it. How keys learn of each other: relatives.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context, Resource
from casemate.foundation.ids import partition_of
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.kms import errors, lookup, policies, tags
from casemate.services.kms.conditions import KeyConditions
from casemate.services.kms.metadata import audited, metadata_of
from casemate.services.kms.permissions import check_key, on_key
from casemate.services.kms.records import (
    GRANTS,
    KEYS,
    RESOURCE_TYPE,
    Key,
    MultiRegion,
    of_key,
    place_for_key,
    store_key,
)
from casemate.services.kms.relatives import NewReplica, await_primary, is_primary, promote, tell
from casemate.services.kms.states import refuse_in, require_enabled

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_OWN_KEY: Final = on_key(aliases=False, abroad=False)


def _require_primary(key: Key) -> MultiRegion:
    """The primary's place, if it can speak for its relatives now."""
    require_enabled(key)
    refuse_in(key, "Updating")
    if key.multi_region is None or not is_primary(key):
        raise errors.not_primary(key.arn)
    return key.multi_region


def _audited(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**request, "Tags": tags.audited(request["Tags"])} if "Tags" in request else request


def _audited_replica(response: Mapping[str, Any]) -> Mapping[str, Any]:
    return audited({**response, "ReplicaTags": tags.audited(response["ReplicaTags"])})


@operation(
    authorize=_OWN_KEY,
    audit=AuditRule(read_only=False, request=_audited, response=_audited_replica),
    runs="thread",
)
def replicate_key(context: Context, request: shapes.ReplicateKeyRequest) -> shapes.ReplicateKeyResponse:
    key: Key = context.loaded
    place, region = _require_primary(key), request["ReplicaRegion"]
    if not context.knows_region(region) or partition_of(region) != context.partition:
        raise errors.validation(f"The Region {region} is not one that the key can be replicated to.")
    if region == key.region or region in place.replica_regions:
        there = context.arn(f"key/{key.id}", region=region)
        raise errors.already_exists(f"Key {there} already exists.")
    asked = {name: value for name, value in request.items() if name not in {"KeyId", "ReplicaRegion"}}
    facts = {
        "KeyId": key.id,
        "Spec": key.spec,
        "Usage": key.usage,
        "Origin": key.origin,
        "PrimaryRegion": key.region,
        **asked,
    }
    made = context.call("kms", "CreateReplicaKey", facts, region=region)
    replica: Key = made["Key"]
    new = NewReplica(
        region=region,
        request=context.request_id,
        policy=replica.policy,
        principals=replica.principals,
        description=replica.description,
        tags=replica.tags,
    )
    key = replace(key, multi_region=replace(place, replica_regions=(*place.replica_regions, region)))
    store_key(context, tell(context, key, new))
    return {
        "ReplicaKeyMetadata": metadata_of(replica),
        "ReplicaPolicy": replica.policy,
        "ReplicaTags": tags.shown(replica.tags),
    }


def _may_create_replica(context: Context, request: Mapping[str, Any]) -> list[Check]:
    # In the replica's region this is recorded and permitted as what it is there: CreateKey.
    context.operation = "CreateKey"
    told = {
        "KeySpec": request["Spec"],
        "KeyUsage": request["Usage"],
        "Origin": request["Origin"],
        "MultiRegion": True,
        "Tags": request.get("Tags") or [],
        "BypassPolicyLockoutSafetyCheck": request.get("BypassPolicyLockoutSafetyCheck"),
    }
    conditions = KeyConditions(context, None, told, extra={"kms:multiregionkeytype": ("REPLICA",)})
    actions = ["kms:CreateKey", "kms:TagResource"] if request.get("Tags") else ["kms:CreateKey"]
    return [Check(action=action, resource="*", owner=context.account, keys=conditions) for action in actions]


def _replica_request(request: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = request["Spec"]
    return {
        "KeySpec": spec,
        "CustomerMasterKeySpec": spec,
        "KeyUsage": request["Usage"],
        "Origin": request["Origin"],
        "MultiRegion": True,
        "Description": request.get("Description", ""),
        "BypassPolicyLockoutSafetyCheck": bool(request.get("BypassPolicyLockoutSafetyCheck")),
        "Tags": tags.audited(request.get("Tags") or []),
        **({"Policy": request["Policy"]} if "Policy" in request else {}),
    }


@operation(
    authorize=_may_create_replica,
    audit=AuditRule(
        read_only=False,
        request=_replica_request,
        response=lambda made: audited({"KeyMetadata": metadata_of(made["Key"])}),
    ),
    internal=True,
)
def create_replica_key(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the record of a replica that waits for its material; again, if the one before came to nothing."""
    key_id: str = request["KeyId"]
    arn = context.arn(f"key/{key_id}")
    found = context.unit.get(KEYS, context.account, key_id)
    if found is not None and (found.state != "Creating" or found.backing):
        raise errors.already_exists(f"Key {arn} already exists.")
    if found is None and context.unit.find(GRANTS, "key", "", of_key(context.account, key_id), limit=1):
        # Grants of a replica that was here before are still being removed; they must not be for this one.
        raise errors.already_exists(f"Key {arn} is still being deleted.")
    key = Key(
        id=key_id,
        arn=arn,
        account=context.account,
        region=context.region,
        created=context.now,
        spec=request["Spec"],
        usage=request["Usage"],
        origin=request["Origin"],
        policy="",
        state="Creating",
        description=request.get("Description", ""),
        tags=tags.taken(request.get("Tags") or []),
        multi_region=MultiRegion(
            primary_region=request["PrimaryRegion"],
            replica_regions=(context.region,),
            request=context.request_id,
        ),
        place=place_for_key(context) if found is None else found.place,
    )
    key = policies.with_policy(context, key, request)
    store_key(context, key)
    await_primary(context, key)
    context.resources.append(Resource(arn, RESOURCE_TYPE, context.account))
    return {"Key": key}


@operation(authorize=_OWN_KEY, audit=AuditRule(read_only=False), runs="thread")
def update_primary_region(context: Context, request: shapes.UpdatePrimaryRegionRequest) -> None:
    key: Key = context.loaded
    place, region = _require_primary(key), request["PrimaryRegion"]
    if region == key.region:
        raise errors.validation(f"{key.arn} is the primary key already: name the Region of one of its replicas.")
    if region not in place.replica_regions:
        raise errors.absent_key(context.arn(f"key/{key.id}", region=region))
    context.call("kms", "PreparePromotion", {"KeyId": key.id, "PrimaryRegion": region}, region=region)
    store_key(context, promote(context, key, region))
    context.audit_response = {"keyId": key.arn}


def _may_be_promoted(context: Context, request: Mapping[str, Any]) -> Check:
    context.operation = "UpdatePrimaryRegion"
    named = lookup.find(context, request["KeyId"], aliases=False, abroad=False)
    context.loaded = named.key
    return check_key(context, request, named)


@operation(authorize=_may_be_promoted, audit=AuditRule(read_only=False), internal=True)
def prepare_promotion(context: Context, request: Mapping[str, Any]) -> None:
    """The right to make this replica the primary, and the state in which it waits to be."""
    del request
    key: Key = context.loaded
    require_enabled(key)
    store_key(context, replace(key, state="Updating"))
    await_primary(context, key)
    context.audit_response = {"keyId": key.arn}
