"""MaxItems and Marker of IAM's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from casemate.foundation.context import Context
from casemate.services.iam import errors

T = TypeVar("T")

_DEFAULT = 100
_CHUNK = 200


class Page(NamedTuple):
    """Where a page begins, and how many entries it has at most."""

    context: Context
    after: str
    limit: int
    filters: tuple[str, ...]

    def of(self, entries: Iterable[tuple[str, T]]) -> list[tuple[str, T]]:
        """The entries of this page and one more if there is one, from all of the list by their positions in order."""
        found: list[tuple[str, T]] = []
        for entry in entries:
            if entry[0] > self.after:
                found.append(entry)
                if len(found) > self.limit:
                    break
        return found

    def rest(self, found: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        """IsTruncated, and Marker where there is more than the page holds."""
        if len(found) <= self.limit:
            return {"IsTruncated": False}
        return {"IsTruncated": True, "Marker": self.context.page_token(found[self.limit - 1][0], *self.filters)}


def page_of(context: Context, request: Mapping[str, Any], *filters: str) -> Page:
    """The page that a request asks for. Raises ValidationError for a marker of another list, or none of ours."""
    after = context.page_after(request.get("Marker"), *filters, refused=errors.validation("Invalid Marker."))
    return Page(context, after, request.get("MaxItems") or _DEFAULT, filters)


def chosen(
    page: Page,
    fetch: Callable[[str, int], Sequence[tuple[str, T]]],
    keep: Callable[[T], bool],
) -> list[tuple[str, T]]:
    """The page's entries, and one more if there is one, of those that `keep` wants.

    `fetch(after, limit)` gives entries in order of position.
    """
    found: list[tuple[str, T]] = []
    after = page.after
    size = min(page.limit + 1, _CHUNK)
    while True:
        entries = fetch(after, size)
        for entry in entries:
            if keep(entry[1]):
                found.append(entry)
                if len(found) > page.limit:
                    return found
        if len(entries) < size:
            return found
        after = entries[-1][0]
