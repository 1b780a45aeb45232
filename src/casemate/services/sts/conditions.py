"""The condition keys of STS's requests (Service Authorization Reference, "AWS Security Token Service")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casemate.foundation.operation import Values, value_under

Tags = tuple[tuple[str, str], ...]


class SessionConditions:
    """The keys of one request, by name in lower case. `resource_tags` are those of the role."""

    __slots__ = ("_request", "_resource_tags", "_source_identity", "_transitive")

    def __init__(
        self,
        request: Mapping[str, Any],
        *,
        resource_tags: Tags = (),
        source_identity: str | None = None,
        transitive: tuple[str, ...] = (),
    ) -> None:
        self._request = request
        self._resource_tags = resource_tags
        self._source_identity = source_identity
        self._transitive = transitive

    def __call__(self, name: str) -> Values | None:
        known = _KEYS.get(name)
        if known is not None:
            return known(self)
        prefix, _, key = name.partition("/")
        if prefix == "aws:requesttag":
            given = self._request.get("Tags") or ()
            return value_under(((tag["Key"], tag["Value"]) for tag in given), key)
        if prefix in {"aws:resourcetag", "iam:resourcetag"}:
            return value_under(self._resource_tags, key)
        return None

    def _member(self, name: str) -> Values | None:
        value = self._request.get(name)
        return (value,) if value else None

    def _tag_keys(self) -> Values | None:
        return tuple(tag["Key"] for tag in self._request.get("Tags") or ()) or None


_KEYS: dict[str, Callable[[SessionConditions], Values | None]] = {
    "sts:externalid": lambda self: self._member("ExternalId"),
    "sts:rolesessionname": lambda self: self._member("RoleSessionName"),
    "sts:sourceidentity": lambda self: (self._source_identity,) if self._source_identity else None,
    "sts:transitivetagkeys": lambda self: self._transitive or None,
    "aws:tagkeys": SessionConditions._tag_keys,
}
