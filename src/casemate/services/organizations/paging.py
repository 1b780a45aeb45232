"""MaxResults and NextToken of Organizations' lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from casemate.foundation.context import Context
from casemate.services.organizations import errors

T = TypeVar("T")
MOST: Final = 20


class Page(NamedTuple):
    """Where a page begins, and how many entries it has at most."""

    context: Context
    after: str
    limit: int
    filters: tuple[str, ...]

    @property
    def wanted(self) -> int:
        """How many to ask for: one more than the page has tells whether there are more."""
        return self.limit + 1

    def of(self, found: Sequence[tuple[str, T]]) -> list[T]:
        return [item for _, item in found[: self.limit]]

    def rest(self, found: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """NextToken where there is more than the page holds."""
        if len(found) <= self.limit:
            return {}
        return {"NextToken": self.context.page_token(found[self.limit - 1][0], *self.filters)}


def page_of(context: Context, request: Mapping[str, Any], *filters: str) -> Page:
    """The page that a request asks for. Raises InvalidInputException for a token of another list, or none of ours."""
    after = context.page_after(request.get("NextToken"), *filters, refused=errors.invalid("INVALID_NEXT_TOKEN"))
    return Page(context, after, request.get("MaxResults") or MOST, filters)
