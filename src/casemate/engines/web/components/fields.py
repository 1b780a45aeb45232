"""The fourteen components of FieldToMatch.

Source: API reference, FieldToMatch; AWS WAF Developer Guide, "Request component options" and "Handling oversize web
request components". Each is a value: two with the same settings are equal, which is how a plan computes them once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from casemate.engines.web.components import json_body
from casemate.engines.web.components.query import PRE_PARSE, Pair, parse_pairs

if TYPE_CHECKING:
    from casemate.engines.web.inspection import Inspection, Values

CONTINUE: Final = "CONTINUE"
MATCH: Final = "MATCH"
_DECIDED: Final = {"MATCH": True, "NO_MATCH": False}
_MOST: Final = 200
_LARGEST: Final = 8192


class _Component(msgspec.Struct, frozen=True, tag=True):
    def location(self, _request: Inspection, _index: int) -> str:
        return ""


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")[:128]


class Method(_Component, frozen=True):
    """The method."""

    name = "METHOD"

    def extract(self, request: Inspection) -> Values:
        return (request.view.method,)


class UriPath(_Component, frozen=True):
    """The path, as on the wire."""

    name = "URI_PATH"

    def extract(self, request: Inspection) -> Values:
        return (request.path,)


class QueryString(_Component, frozen=True):
    """What follows the first `?`; absent without one."""

    name = "QUERY_STRING"

    def extract(self, request: Inspection) -> Values:
        return (request.query,) if b"?" in request.view.target else ()


class SingleHeader(_Component, frozen=True):
    """Each value of the header with this name (in lower case)."""

    header: bytes
    name = "SINGLE_HEADER"

    def extract(self, request: Inspection) -> Values:
        return tuple(request.headers.get(self.header, ()))

    def location(self, _request: Inspection, _index: int) -> str:
        return _text(self.header)


class QueryArguments(_Component, frozen=True):
    """All query arguments, or those called `argument` (in lower case), after the pre-parse transformations."""

    argument: bytes | None = None
    pre_parse: tuple[str, ...] = ()
    name = "ALL_QUERY_ARGUMENTS"

    def pairs(self, request: Inspection) -> list[Pair]:
        """The arguments that are inspected."""
        if self.pre_parse:
            query = request.query
            for step in self.pre_parse:
                query = PRE_PARSE[step](query)
            found = parse_pairs(query)
        else:
            found = request.arguments
        if self.argument is None:
            return found
        return [pair for pair in found if pair[0].lower() == self.argument]

    def extract(self, request: Inspection) -> Values:
        return tuple([value for _, value in self.pairs(request)])

    def location(self, request: Inspection, index: int) -> str:
        return _text(self.pairs(request)[index][0])


class Body(_Component, frozen=True):
    """The part of the body that the kind of resource lets WAF see."""

    oversize: str = CONTINUE
    name = "BODY"

    def extract(self, request: Inspection) -> Values:
        if self.oversize != CONTINUE and request.body_oversize:
            return _DECIDED[self.oversize]
        return (request.body,) if request.body else ()


class JsonBody(_Component, frozen=True):
    """`pointers` None for everything; `scope` ALL, KEY or VALUE; `fallback` None reads up to the first failure."""

    pointers: tuple[tuple[str, ...], ...] | None = None
    scope: str = "ALL"
    fallback: str | None = None
    oversize: str = CONTINUE
    name = "JSON_BODY"

    def extract(self, request: Inspection) -> Values:
        if self.oversize != CONTINUE and request.body_oversize:
            return _DECIDED[self.oversize]
        if not request.body:
            return ()
        document = request.scans.get(JsonBody)
        if document is None:
            document = request.scans[JsonBody] = json_body.parse(request.body)
        if not document.complete and self.fallback is not None:
            return _DECIDED.get(self.fallback, (request.body,))
        if document.root is None:
            return ()
        parts = [document.root] if self.pointers is None else json_body.at_pointers(document.root, self.pointers)
        keys, values = self.scope != "VALUE", self.scope != "KEY"
        return tuple([item for part in parts for item in json_body.elements(part, keys=keys, values=values)])


class _Filtered(_Component, frozen=True):
    """`included` None and `excluded` None mean all."""

    scope: str = "ALL"
    included: tuple[bytes, ...] | None = None
    excluded: tuple[bytes, ...] | None = None
    oversize: str = CONTINUE

    def chosen(self, pairs: list[Pair], key: Callable[[bytes], bytes]) -> list[bytes]:
        """Keys and (or) values of those of the first 200 and first 8 KB of `pairs` that the pattern takes."""
        found: list[bytes] = []
        room = _LARGEST
        for name, value in pairs[:_MOST]:
            if room <= 0:
                break
            kept, value = name[:room], value[: max(0, room - len(name))]  # noqa: PLW2901 - the loop's own view of them
            room -= len(name) + len(value)
            compared = key(name)
            if self.included is not None and compared not in self.included:
                continue
            if self.excluded is not None and compared in self.excluded:
                continue
            if self.scope != "VALUE":
                found.append(kept)
            if self.scope != "KEY":
                found.append(value)
        return found


class Headers(_Filtered, frozen=True):
    """All headers, or some by name; included and excluded names are in lower case."""

    name = "HEADERS"

    def extract(self, request: Inspection) -> Values:
        if self.oversize != CONTINUE and request.headers_oversize:
            return _DECIDED[self.oversize]
        return tuple(self.chosen(request.view.headers, bytes.lower))

    def location(self, request: Inspection, index: int) -> str:
        if self.scope == "ALL":
            index //= 2
        names = msgspec.structs.replace(self, scope="KEY").chosen(request.view.headers, bytes.lower)
        return _text(names[index]) if index < len(names) else ""


class Cookies(_Filtered, frozen=True):
    """All cookies, or some by name, compared exactly."""

    name = "COOKIES"

    def extract(self, request: Inspection) -> Values:
        if self.oversize != CONTINUE and request.cookies_oversize:
            return _DECIDED[self.oversize]
        return tuple(self.chosen(request.cookies, bytes))

    def location(self, request: Inspection, index: int) -> str:
        if self.scope == "ALL":
            index //= 2
        names = msgspec.structs.replace(self, scope="KEY").chosen(request.cookies, bytes)
        return _text(names[index]) if index < len(names) else ""


class HeaderOrder(_Component, frozen=True):
    """The names of the headers in wire order, in lower case, between colons."""

    oversize: str = CONTINUE
    name = "HEADER_ORDER"

    def extract(self, request: Inspection) -> Values:
        if self.oversize != CONTINUE and request.headers_oversize:
            return _DECIDED[self.oversize]
        return (b":".join([name.lower() for name, _ in request.view.headers[:_MOST]])[:_LARGEST],)


class Fingerprint(_Component, frozen=True):
    """JA3 (32 characters) or JA4 (36); `fallback` decides when it isn't known."""

    kind: str
    fallback: str
    name = "FINGERPRINT"

    def extract(self, request: Inspection) -> Values:
        known = request.view.ja3 if self.kind == "JA3_FINGERPRINT" else request.view.ja4
        return _DECIDED[self.fallback] if known is None else (known.encode(),)

    def location(self, _request: Inspection, _index: int) -> str:
        return self.kind


class UriFragment(_Component, frozen=True):
    """The fragment where the front knows one; `fallback` decides when it doesn't."""

    fallback: str | None = None
    name = "URI_FRAGMENT"

    def extract(self, request: Inspection) -> Values:
        if request.view.uri_fragment is None:
            return _DECIDED[self.fallback] if self.fallback is not None else ()
        return (request.view.uri_fragment[:_LARGEST],)
