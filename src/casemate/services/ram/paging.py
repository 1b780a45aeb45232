"""MaxResults and NextToken of RAM's lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError

_MOST: Final = 500
_PAGING: Final = frozenset(("nextToken", "maxResults"))


def answer(
    context: Context, request: Mapping[str, Any], member: str, found: Sequence[tuple[str, Any]]
) -> dict[str, Any]:
    """A page of a list, whose entries are known by what they are sorted by. Raises InvalidNextTokenException."""
    filters = msgspec.json.encode({name: request[name] for name in sorted(request) if name not in _PAGING}).decode()
    limit = request.get("maxResults") or _MOST
    refused = ServiceError("InvalidNextTokenException", "The specified value for nextToken isn't valid.")
    after = context.page_after(request.get("nextToken"), filters, refused=refused)
    rest = sorted((each for each in found if each[0] > after), key=lambda each: each[0])
    page = {member: [entry for _, entry in rest[:limit]]}
    if len(rest) > limit:
        page["nextToken"] = context.page_token(rest[limit - 1][0], filters)  # type: ignore[assignment] # a string
    return page
