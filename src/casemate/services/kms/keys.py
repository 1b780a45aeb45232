"""Keys: made, described, listed, switched on and off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.engines.keys import SPECS
from casemate.foundation.context import Context, Resource
from casemate.foundation.ids import new_hex, new_uuid
from casemate.foundation.operation import AuditRule, Check, Heavy, operation
from casemate.services.kms import errors, material, paging, pairs, policies, rotation, sharing, tags
from casemate.services.kms.conditions import KeyConditions
from casemate.services.kms.custom_stores import keys as custom_keys
from casemate.services.kms.custom_stores.records import CustomKeyStore
from casemate.services.kms.metadata import audited, metadata_of
from casemate.services.kms.permissions import on_account, on_key
from casemate.services.kms.records import KEYS, RESOURCE_TYPE, Key, MultiRegion, place_for_key, store_key
from casemate.services.kms.states import refuse_in, state_of

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_OWN: Final = "SELF"
_SHARED: Final = "OTHER_ACCOUNTS_VIA_RAM"
_EXTERNAL: Final = "EXTERNAL"
_CREATED_DEFAULTS: Final = {
    "Origin": "AWS_KMS",
    "BypassPolicyLockoutSafetyCheck": False,
    "Description": "",
}


def _may_create(context: Context, request: Mapping[str, Any]) -> list[Check]:
    conditions = KeyConditions(context, None, request)
    actions = ["kms:CreateKey"]
    if request.get("Tags"):
        actions.append("kms:TagResource")
    return [Check(action=action, resource="*", owner=context.account, keys=conditions) for action in actions]


def _created_request(request: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = request.get("KeySpec") or request.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    usage = request.get("KeyUsage") or "ENCRYPT_DECRYPT"
    filled = {"KeySpec": spec, "CustomerMasterKeySpec": spec, "KeyUsage": usage}
    return {**_CREATED_DEFAULTS, **request, **filled, "Tags": tags.audited(request.get("Tags") or [])}


@operation(
    authorize=_may_create,
    audit=AuditRule(read_only=False, request=_created_request, response=audited),
)
def create_key(context: Context, request: shapes.CreateKeyRequest) -> shapes.CreateKeyResponse | Heavy:
    spec, usage = _spec_and_usage(request)
    _refuse_unfit(request, spec)
    store = custom_keys.store_asked_for(context, request, spec)
    if store is None and (SPECS[spec].material_bytes or request.get("Origin") == _EXTERNAL):
        return _create(context, request, spec, usage, None)
    return Heavy(lambda: _create(context, request, spec, usage, store))


def _create(
    context: Context, request: shapes.CreateKeyRequest, spec: str, usage: str, store: CustomKeyStore | None
) -> shapes.CreateKeyResponse:
    if request.get("MultiRegion"):
        key_id, place = "mrk-" + new_hex(32), MultiRegion(primary_region=context.region)
    else:
        key_id, place = new_uuid(), None
    account = context.account
    key = Key(
        id=key_id,
        arn=context.arn(f"key/{key_id}"),
        account=account,
        region=context.region,
        created=context.now,
        spec=spec,
        usage=usage,
        policy="",
        description=request.get("Description", ""),
        tags=tags.taken(request.get("Tags") or []),
        multi_region=place,
        origin=request.get("Origin", "AWS_KMS"),
        state="PendingImport" if request.get("Origin") == _EXTERNAL else "Enabled",
        place=place_for_key(context),
    )
    key = policies.with_policy(context, key, request)
    if key.origin == _EXTERNAL:
        pass  # its material is imported later
    elif pairs.is_pair(key):
        key = material.with_given(context.host.seal, key, context.now, pairs.new_pair(context, spec))
    else:
        key = material.with_new(context.host.seal, key, context.now)
    if store is not None:
        key = custom_keys.placed(context, store, key, request)
    store_key(context, key, new=True)
    context.resources.append(Resource(key.arn, RESOURCE_TYPE, account))
    return {"KeyMetadata": metadata_of(key)}


def _spec_and_usage(request: Mapping[str, Any]) -> tuple[str, str]:
    if "KeySpec" in request and "CustomerMasterKeySpec" in request:
        raise errors.validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is "
            "deprecated."
        )
    spec = request.get("KeySpec") or request.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    usage = request.get("KeyUsage")
    if usage is None:
        if spec != "SYMMETRIC_DEFAULT":
            raise errors.validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
            )
        usage = "ENCRYPT_DECRYPT"
    if usage not in SPECS[spec].usages:
        raise errors.validation(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    return spec, usage


def _refuse_unfit(request: Mapping[str, Any], spec: str) -> None:
    pairs.require_available(spec)
    origin = request.get("Origin", "AWS_KMS")
    if origin == _EXTERNAL and not SPECS[spec].importable:
        raise errors.unsupported(f"Key material can't be imported into keys of {spec}.")


@operation(authorize=on_key(), audit=AuditRule(read_only=True, hide=("GrantTokens",)))
def describe_key(context: Context, request: shapes.DescribeKeyRequest) -> shapes.DescribeKeyResponse:
    del request
    key: Key = context.loaded
    facts = metadata_of(key)
    state = state_of(context, key)
    if state == "Unavailable":
        facts["KeyState"], facts["Enabled"] = state, False
    return {"KeyMetadata": facts}


@operation(authorize=on_account, audit=AuditRule(read_only=True))
def list_keys(context: Context, request: shapes.ListKeysRequest) -> shapes.ListKeysResponse:
    owners = request.get("ResourceOwners") or [_OWN]
    page = paging.of(context, request, default=100, filters=tuple(sorted(set(owners))))
    found: list[tuple[str, dict[str, str]]] = []
    limit = page.limit + 1
    kind, _, after = page.after.partition("/")
    if _OWN in owners and kind != _SHARED:
        own = context.unit.page(KEYS, context.account, after=after, limit=limit)
        found = [(f"{_OWN}/{id_}", {"KeyId": key.id, "KeyArn": key.arn}) for id_, key in own]
    if _SHARED in owners and len(found) < limit:
        shared = sharing.shared_with(context, after if kind == _SHARED else "", limit - len(found))
        found += [(f"{_SHARED}/{name}", entry) for name, entry in shared]
    return {"Keys": [entry for _, entry in found[: page.limit]], **page.rest(found)}  # type: ignore[typeddict-item] # the paging members


@operation(
    authorize=on_key(aliases=False, abroad=False),
    audit=AuditRule(read_only=False, response=lambda response: response),
)
def enable_key(context: Context, request: shapes.EnableKeyRequest) -> None:
    del request
    _switch(context, "Enabled")


@operation(
    authorize=on_key(aliases=False, abroad=False),
    audit=AuditRule(read_only=False, response=lambda response: response),
)
def disable_key(context: Context, request: shapes.DisableKeyRequest) -> None:
    del request
    _switch(context, "Disabled")


def _switch(context: Context, state: Any) -> None:
    key: Key = context.loaded
    refuse_in(key, "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Creating", "Updating")
    if key.state != state:
        key = replace(key, state=state)
        store_key(context, key)
        if state == "Enabled":
            rotation.resume(context, key)
    context.audit_response = {"keyId": key.arn}


@operation(authorize=on_key(aliases=False, abroad=False), audit=AuditRule(read_only=False))
def update_key_description(context: Context, request: shapes.UpdateKeyDescriptionRequest) -> None:
    key: Key = context.loaded
    refuse_in(key, "PendingDeletion", "PendingReplicaDeletion")
    store_key(context, replace(key, description=request["Description"]))
    context.audit_response = {"keyId": key.arn}
