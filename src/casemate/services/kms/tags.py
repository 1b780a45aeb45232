"""Tags of keys (KMS Developer Guide, "Tags in AWS KMS")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casemate.foundation.errors import ServiceError

MOST = 50


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


def audited(tags: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"tagKey": tag["TagKey"], "tagValue": tag["TagValue"]} for tag in tags]
