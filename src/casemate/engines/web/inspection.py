"""One request under inspection: what was read and transformed once, and what is known about it so far."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from casemate.engines.web.components import body_values
from casemate.engines.web.components.query import Pair, parse_pairs
from casemate.engines.web.transformations import TRANSFORMATIONS
from casemate.engines.web.view import RequestView

if TYPE_CHECKING:
    from casemate.engines.web.counters import Counters
    from casemate.engines.web.scorer.features import Place

Address = IPv4Address | IPv6Address
Values = tuple[bytes, ...] | bool
"""The values of a component; True or False when oversize handling or a fallback has decided instead."""

LONGEST_EVIDENCE: Final = 256
MOST_HEADERS: Final = 200
LARGEST_HEADERS: Final = 8192
COMPARE: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "LE": operator.le,
    "LT": operator.lt,
    "GE": operator.ge,
    "GT": operator.gt,
}
"""SizeConstraintStatement's comparisons by name."""


class Component(Protocol):
    """A part of a request, as FieldToMatch says."""

    name: str

    def extract(self, request: Inspection) -> Values:
        """Its values in this request; empty when it isn't there."""

    def location(self, request: Inspection, index: int) -> str:
        """Which of its values has this index, for a person: a name of an argument or a header."""


class Unit:
    """A component after a chain of transformations; interned by a plan, so that each is computed once a request."""

    __slots__ = ("chain", "component", "parent", "transformation")

    def __init__(self, component: Component, chain: tuple[str, ...], parent: Unit | None) -> None:
        self.component = component
        self.chain = chain
        self.parent = parent
        self.transformation = TRANSFORMATIONS[chain[-1]] if chain else None


class Doubt(NamedTuple):
    """What a scorer looks at: the detector's finding and where it stands."""

    detector: str
    reason: str
    place: Place


class Evidence:
    """Why a statement matched: its path in the rule, the field, and the bytes that matched after transformation."""

    __slots__ = ("condition", "detail", "doubt", "field", "location", "matched", "path")

    def __init__(  # noqa: PLR0917 - a record; making one must cost little
        self, path: str, condition: str, field: str, location: str, matched: bytes, detail: str
    ) -> None:
        self.path = path
        self.condition = condition
        self.field = field
        self.location = location
        self.matched = matched[:LONGEST_EVIDENCE]
        self.detail = detail
        self.doubt: Doubt | None = None


class Inspection:
    """A request while a plan is evaluated against it. Not shared between threads; thrown away with the verdict."""

    __slots__ = (
        "_address",
        "_arguments",
        "_body_values",
        "_cookies",
        "_headers",
        "_limit",
        "_transformed",
        "body",
        "counters",
        "evidence",
        "labels",
        "path",
        "pending_labels",
        "query",
        "released",
        "scanned",
        "scans",
        "scorer",
        "view",
        "views",
    )

    def __init__(self, view: RequestView, body_limit: int, counters: Counters | None) -> None:
        self.view = view
        self.counters = counters
        self.scorer = True
        self.released = 0
        path, _, self.query = view.target.partition(b"?")
        self.path = _origin_form(path)
        self.body = view.body if len(view.body) <= body_limit else view.body[:body_limit]
        self.labels: dict[str, None] = {}
        self.pending_labels: list[str] = []
        self.evidence: list[Evidence] = []
        self.scans: dict[Any, Any] = {}
        self.scanned: dict[int, dict[bytes, dict[int, int]]] = {}
        self.views: dict[str, dict[bytes, tuple[bytes, ...]]] = {}
        self._limit = body_limit
        self._transformed: dict[Unit, Values] = {}
        self._headers: dict[bytes, list[bytes]] | None = None
        self._arguments: list[Pair] | None = None
        self._cookies: list[Pair] | None = None
        self._body_values: body_values.BodyValues | None = None
        self._address: Address | bool | None = False

    # What the request holds.

    @property
    def headers(self) -> dict[bytes, list[bytes]]:
        """Values of every header by its name in lower case."""
        if self._headers is None:
            headers: dict[bytes, list[bytes]] = {}
            for name, value in self.view.headers:
                headers.setdefault(name.lower(), []).append(value)
            self._headers = headers
        return self._headers

    @property
    def arguments(self) -> list[Pair]:
        """Query arguments as on the wire."""
        if self._arguments is None:
            self._arguments = parse_pairs(self.query)
        return self._arguments

    @property
    def cookies(self) -> list[Pair]:
        """Cookies as on the wire (RFC 6265 section 4.2.1)."""
        if self._cookies is None:
            self._cookies = [
                (name.strip(b" \t"), value.strip(b" \t"))
                for header in self.headers.get(b"cookie", ())
                for name, value in parse_pairs(header, b";")
            ]
        return self._cookies

    @property
    def body_values(self) -> body_values.BodyValues:
        """What an application would read from the inspected prefix of the body."""
        if self._body_values is None:
            content_type = self.headers.get(b"content-type", (b"",))[0]
            self._body_values = body_values.read(content_type, self.body)
        return self._body_values

    @property
    def body_size(self) -> int:
        """The whole body's size in bytes; at least the limit and one where it isn't known."""
        if self.view.body_size is not None:
            return max(self.view.body_size, len(self.view.body))
        return len(self.view.body) if self.view.body_complete else max(len(self.view.body), self._limit + 1)

    @property
    def body_oversize(self) -> bool:
        """Whether some of the body lies beyond what is inspected."""
        return self.body_size > len(self.body)

    @property
    def headers_oversize(self) -> bool:
        """More than 200 headers or 8 KB of them."""
        headers = self.view.headers
        return len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LARGEST_HEADERS

    @property
    def cookies_oversize(self) -> bool:
        """More than 200 cookies or 8 KB of them."""
        size = sum(len(header) for header in self.headers.get(b"cookie", ()))
        return size > LARGEST_HEADERS or len(self.cookies) > MOST_HEADERS

    @property
    def address(self) -> Address | None:
        """The client's address; None when it is none."""
        if self._address is False:
            self._address = parse_address(self.view.client_ip)
        return self._address  # type: ignore[return-value]  # False only before the line above

    # What was found.

    def values(self, unit: Unit) -> Values:
        """The unit's transformed values, computed at most once."""
        found = self._transformed.get(unit)
        if found is None:
            if unit.parent is None:
                found = unit.component.extract(self)
            else:
                found = self.values(unit.parent)
                transformation: Callable[[bytes], bytes] = unit.transformation or bytes
                if found is not True and found is not False:
                    found = tuple([transformation(value) for value in found])
            self._transformed[unit] = found
        return found

    def note(  # noqa: PLR0917 - called by every statement that matches
        self, path: str, condition: str, unit: Unit | None, index: int, matched: bytes = b"", detail: str = ""
    ) -> None:
        """Remember why a statement matched."""
        if unit is None:
            self.evidence.append(Evidence(path, condition, "", "", matched, detail))
            return
        location = unit.component.location(self, index) if index >= 0 else ""
        self.evidence.append(Evidence(path, condition, unit.component.name, location, matched, detail))


def _origin_form(path: bytes) -> bytes:
    # An absolute-form target (RFC 9112 section 3.2.2) names scheme and authority first.
    if path[:1] == b"/" or b"://" not in path:
        return path
    slash = path.find(b"/", path.index(b"://") + 3)
    return path[slash:] if slash >= 0 else b"/"


def parse_address(text: str) -> Address | None:
    """An IP address; an IPv4 one mapped into IPv6 as IPv4; None when `text` is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
