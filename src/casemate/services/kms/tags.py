"""Tags of keys (KMS Developer Guide, "Tags in AWS KMS")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, operation
from casemate.services.kms import paging
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import Key, store_key
from casemate.services.kms.states import refuse_in

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

MOST: Final = 50
_OWN_KEY: Final = on_key(aliases=False, abroad=False)


def taken(tags: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    """The tags of a request. Raises TagException."""
    pairs = tuple((tag["TagKey"], tag["TagValue"]) for tag in tags)
    check([key for key, _ in pairs])
    return pairs


def check(keys: Sequence[str]) -> None:
    """Raises TagException for keys that a key's tags can't have together."""
    if any(key.lower().startswith("aws:") for key in keys):
        raise ServiceError("TagException", "Tags beginning with aws: are reserved")
    if len(set(keys)) != len(keys):
        raise ServiceError("TagException", "Duplicate tag keys")
    if len(keys) > MOST:
        raise ServiceError("TagException", "Too many tags")


def shown(tags: Sequence[tuple[str, str]]) -> list[shapes.Tag]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags]


def audited(tags: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"tagKey": tag["TagKey"], "tagValue": tag["TagValue"]} for tag in tags]


def _audited_request(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**request, "Tags": audited(request["Tags"])}


@operation(authorize=_OWN_KEY, audit=AuditRule(read_only=False, request=_audited_request))
def tag_resource(context: Context, request: shapes.TagResourceRequest) -> None:
    key: Key = context.loaded
    refuse_in(key, "PendingDeletion", "PendingReplicaDeletion")
    merged = {**dict(key.tags), **dict(taken(request["Tags"]))}
    if len(merged) > MOST:
        raise ServiceError("TagException", "Too many tags")
    store_key(context, replace(key, tags=tuple(merged.items())))
    context.audit_response = {"keyId": key.arn}


@operation(authorize=_OWN_KEY, audit=AuditRule(read_only=False))
def untag_resource(context: Context, request: shapes.UntagResourceRequest) -> None:
    key: Key = context.loaded
    refuse_in(key, "PendingDeletion", "PendingReplicaDeletion")
    gone = set(request["TagKeys"])
    if any(name.lower().startswith("aws:") for name in gone):
        raise ServiceError("TagException", "Tags beginning with aws: are reserved")
    store_key(context, replace(key, tags=tuple(pair for pair in key.tags if pair[0] not in gone)))
    context.audit_response = {"keyId": key.arn}


@operation(authorize=_OWN_KEY, audit=AuditRule(read_only=True))
def list_resource_tags(context: Context, request: shapes.ListResourceTagsRequest) -> shapes.ListResourceTagsResponse:
    key: Key = context.loaded
    page = paging.of(context, request, default=50, most=50, filters=(key.arn,))
    found = [(name, (name, value)) for name, value in sorted(key.tags) if name > page.after][: page.limit + 1]
    entries = shown([pair for _, pair in found[: page.limit]])
    return {"Tags": entries, **page.rest(found)}  # type: ignore[typeddict-item] # the paging members
