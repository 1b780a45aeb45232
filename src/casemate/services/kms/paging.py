"""Limit and Marker of KMS's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.services.kms import errors


class Page(NamedTuple):
    """Where a page begins, and how many entries it has."""

    context: Context
    after: str
    limit: int
    filters: tuple[str, ...]

    def rest(self, found: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """Truncated and NextMarker: `found` was asked for with one entry more than the page has."""
        if len(found) <= self.limit:
            return {"Truncated": False}
        return {"Truncated": True, "NextMarker": self.context.page_token(found[self.limit - 1][0], *self.filters)}


def of(
    context: Context, request: Mapping[str, Any], *, default: int, most: int = 1000, filters: tuple[str, ...] = ()
) -> Page:
    """The page that a request asks for. Raises InvalidMarkerException, ValidationException for too large a Limit."""
    limit = request.get("Limit") or default
    if limit > most:
        raise errors.validation(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have "
            f"value less than or equal to {most}"
        )
    marker = request.get("Marker")
    refused = ServiceError("InvalidMarkerException", f"Could not deserialize marker '{marker}'")
    after = context.page_after(marker, *filters, refused=refused)
    return Page(context, after, limit, filters)
