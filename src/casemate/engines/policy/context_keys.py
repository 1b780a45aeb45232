"""Where condition-key values come from: the request's context, asked for by name only when a policy needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Keys(Protocol):
    """The context of one request.

    `get` takes a key's name in lower case, the tag key after a slash included ("aws:principaltag/team"), and
    answers its values: None when the key is absent, a 1-tuple for a single-valued key, any length for a
    multivalued one. It must answer the same for as long as a decision made with it may be explained.
    """

    def get(self, name: str, /) -> tuple[str, ...] | None: ...


class DictKeys(dict[str, "tuple[str, ...]"]):
    """Keys known beforehand. Names must already be in lower case; `of` takes them as people write them."""

    @classmethod
    def of(cls, values: Mapping[str, str | Iterable[str]]) -> DictKeys:
        """Keys from names in any case, each with one value or several."""
        return cls(
            (name.lower(), (value,) if isinstance(value, str) else tuple(value)) for name, value in values.items()
        )


class LazyKeys:
    """Keys computed on the first question and remembered."""

    __slots__ = ("_known", "_sources")

    def __init__(self, sources: Mapping[str, Callable[[], tuple[str, ...] | None]]) -> None:
        self._sources = sources
        self._known: dict[str, tuple[str, ...] | None] = {}

    def get(self, name: str, /) -> tuple[str, ...] | None:
        known = self._known
        if name in known:
            return known[name]
        source = self._sources.get(name)
        if source is None:
            return None
        known[name] = values = source()
        return values


class ChainKeys:
    """Several sources asked in order; the first that knows a key answers."""

    __slots__ = ("_sources",)

    def __init__(self, *sources: Keys) -> None:
        self._sources = sources

    def get(self, name: str, /) -> tuple[str, ...] | None:
        for source in self._sources:
            values = source.get(name)
            if values is not None:
                return values
        return None
