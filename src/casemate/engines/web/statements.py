"""The statements of rules, compiled: each answers whether a request matches, and notes why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from casemate.engines.web.components.fields import Body
from casemate.engines.web.inspection import COMPARE, Address, Inspection, Unit, parse_address

if TYPE_CHECKING:
    from casemate.engines.web.data import AddressData, AddressSet
    from casemate.engines.web.detectors import Detector
    from casemate.engines.web.patterns import PatternSet

MOST_FORWARDED: Final = 10
AROUND: Final = 64  # bytes shown before a match


class Statement(Protocol):
    """A compiled statement."""

    def matches(self, request: Inspection) -> bool:
        """Whether it holds; what it notes as evidence counts only when it does."""


class FieldStatement:
    """A test on each value of a component after its transformations."""

    __slots__ = ("condition", "path", "unit")

    def __init__(self, path: str, condition: str, unit: Unit) -> None:
        self.path = path
        self.condition = condition
        self.unit = unit

    def found(self, value: bytes) -> tuple[bytes, str] | None:
        """(the bytes that matched, a detail) or None."""
        raise NotImplementedError

    def matches(self, request: Inspection) -> bool:
        values = request.values(self.unit)
        if values is True or values is False:
            if values:
                request.note(self.path, self.condition, self.unit, -1, detail="by oversize handling or fallback")
            return values
        for index, value in enumerate(values):
            found = self.found(value)
            if found is not None:
                request.note(self.path, self.condition, self.unit, index, found[0], found[1])
                return True
        return False


class ByteMatch(FieldStatement):
    """ByteMatchStatement."""

    __slots__ = ("_constraint", "_search", "_word")

    def __init__(self, path: str, unit: Unit, search: bytes, constraint: str) -> None:
        super().__init__(path, constraint, unit)
        self._search = search
        self._constraint = constraint
        self._word = re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(search) + rb"(?![A-Za-z0-9_])")

    def found(self, value: bytes) -> tuple[bytes, str] | None:
        search = self._search
        match self._constraint:
            case "EXACTLY":
                held = value == search
            case "STARTS_WITH":
                held = value.startswith(search)
            case "ENDS_WITH":
                held = value.endswith(search)
            case "CONTAINS":
                held = search in value
            case _:
                held = search in value and self._word.search(value) is not None
        return (search, "") if held else None


class SizeConstraint(FieldStatement):
    """SizeConstraintStatement. The untransformed body counts whole, beyond what is inspected."""

    __slots__ = ("_compare", "_operator", "_size", "_whole_body")

    def __init__(self, path: str, unit: Unit, comparison: str, size: int) -> None:
        super().__init__(path, "SIZE_CONSTRAINT", unit)
        self._operator = comparison
        self._compare = COMPARE[comparison]
        self._size = size
        self._whole_body = isinstance(unit.component, Body) and not unit.chain

    def found(self, value: bytes) -> tuple[bytes, str] | None:
        size = len(value)
        return (value, f"{size} bytes {self._operator} {self._size}") if self._compare(size, self._size) else None

    def matches(self, request: Inspection) -> bool:
        if self._whole_body and request.body_oversize and not isinstance(request.values(self.unit), bool):
            held = self._compare(request.body_size, self._size)
            if held:
                detail = f"{request.body_size} bytes {self._operator} {self._size}"
                request.note(self.path, self.condition, self.unit, 0, b"", detail)
            return held
        return super().matches(request)


class PatternBank:
    """The regular expressions that an ACL's statements look for in one unit, matched in one pass over each value."""

    __slots__ = ("patterns", "unit")

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.patterns: PatternSet | None = None

    def hits(self, request: Inspection) -> dict[int, tuple[int, bytes]]:
        """(index of the value, bytes up to the end of a match) by pattern."""
        found: dict[int, tuple[int, bytes]] | None = request.scans.get(self)
        if found is None:
            found = request.scans[self] = {}
            values = request.values(self.unit)
            assert self.patterns is not None
            if values is not True and values is not False:
                for index, value in enumerate(values):
                    for number, end in self.patterns.scan(value):
                        found.setdefault(number, (index, value[max(0, end - AROUND) : end]))
        return found


class RegexMatch:
    """RegexMatchStatement and RegexPatternSetReferenceStatement: any of some patterns of a bank."""

    __slots__ = ("_bank", "_expressions", "_numbers", "path")

    def __init__(self, path: str, bank: PatternBank, numbers: Sequence[int], expressions: Sequence[str]) -> None:
        self.path = path
        self._bank = bank
        self._numbers = tuple(numbers)
        self._expressions = tuple(expressions)

    def matches(self, request: Inspection) -> bool:
        unit = self._bank.unit
        values = request.values(unit)
        if values is True or values is False:
            if values:
                request.note(self.path, "REGEX", unit, -1, detail="by oversize handling or fallback")
            return values
        if not values:
            return False
        hits = self._bank.hits(request)
        for number, expression in zip(self._numbers, self._expressions, strict=True):
            hit = hits.get(number)
            if hit is not None:
                request.note(self.path, "REGEX", unit, hit[0], hit[1], expression)
                return True
        return False


class Detection(FieldStatement):
    """SqliMatchStatement and XssMatchStatement."""

    __slots__ = ("_detector",)

    def __init__(self, path: str, condition: str, unit: Unit, detector: Detector) -> None:
        super().__init__(path, condition, unit)
        self._detector = detector

    def found(self, value: bytes) -> tuple[bytes, str] | None:
        said = self._detector(value)
        return None if said is None else (said.excerpt, said.reason)


class LabelMatch:
    """LabelMatchStatement: a label, the end of one, or namespaces within one; of this context unless it says more."""

    __slots__ = ("_context", "_key", "_scope", "path")

    def __init__(self, path: str, scope: str, key: str, context: str) -> None:
        self.path = path
        self._scope = scope
        self._context = "" if key.startswith("awswaf:") else context
        self._key = key

    def matches(self, request: Inspection) -> bool:
        for label in request.labels:
            if not label.startswith(self._context):
                continue
            if self._holds(label[len(self._context) :]):
                request.note(self.path, "LABEL", None, -1, label.encode(), self._scope)
                return True
        return False

    def _holds(self, label: str) -> bool:
        key = self._key
        if self._scope == "LABEL":
            return label == key or (not key.startswith("awswaf:") and label.endswith(":" + key))
        namespaces = label[: label.rfind(":") + 1]
        if key.startswith("awswaf:"):
            return namespaces.startswith(key)
        return (":" + key) in (":" + namespaces)


class ForwardedIP:
    """Where a forwarded address is found: a header, a fallback for a malformed one, a position."""

    __slots__ = ("_fallback", "_header", "_position")

    def __init__(self, header: str, fallback: str, position: str = "FIRST") -> None:
        self._header = header.lower().encode()
        self._fallback = fallback == "MATCH"
        self._position = position

    def addresses(self, request: Inspection) -> list[Address] | bool:
        """The addresses to look at; True or False when the fallback or an absent header has decided."""
        values = request.headers.get(self._header)
        if not values:
            return False
        texts = [part.strip() for value in values for part in value.decode("latin-1").split(",")]
        if self._position == "FIRST":
            texts = texts[:1]
        else:
            texts = texts[-1:] if self._position == "LAST" else texts[-MOST_FORWARDED:]
        found: list[Address] = []
        for text in texts:
            address = parse_address(text)
            if address is None:
                return self._fallback
            found.append(address)
        return found


class _AddressMatch:
    """What statements about the client's address share: whose it is, and the fallback for a malformed one."""

    __slots__ = ("_forwarded", "path")
    KIND: ClassVar[str]

    def __init__(self, path: str, forwarded: ForwardedIP | None) -> None:
        self.path = path
        self._forwarded = forwarded

    def matches(self, request: Inspection) -> bool:
        if self._forwarded is not None:
            addresses = self._forwarded.addresses(request)
        else:
            addresses = [request.address] if request.address is not None else False
        if isinstance(addresses, bool):
            if addresses:
                request.note(self.path, self.KIND, None, -1, detail="by fallback")
            return addresses
        return self._holds(request, addresses)

    def _holds(self, request: Inspection, addresses: list[Address]) -> bool:
        raise NotImplementedError


class IPSetMatch(_AddressMatch):
    """IPSetReferenceStatement."""

    __slots__ = ("_set",)
    KIND = "IP_SET"

    def __init__(self, path: str, addresses: AddressSet, forwarded: ForwardedIP | None) -> None:
        super().__init__(path, forwarded)
        self._set = addresses

    def _holds(self, request: Inspection, addresses: list[Address]) -> bool:
        for address in addresses:
            if address in self._set:
                request.note(self.path, self.KIND, None, -1, str(address).encode())
                return True
        return False


class GeoMatch(_AddressMatch):
    """GeoMatchStatement; adds country and region labels whether it matches or not."""

    __slots__ = ("_countries", "_data")
    KIND = "GEO"

    def __init__(self, path: str, countries: frozenset[str], data: AddressData, forwarded: ForwardedIP | None) -> None:
        super().__init__(path, forwarded)
        self._countries = countries
        self._data = data

    def _holds(self, request: Inspection, addresses: list[Address]) -> bool:
        country, region = self._data.country(addresses[0])
        prefix = "awswaf:forwardedip:geo:" if self._forwarded is not None else "awswaf:clientip:geo:"
        request.pending_labels += [
            f"{prefix}country:{country or 'XX'}",
            f"{prefix}region:{country or 'XX'}-{region or 'XX'}",
        ]
        if country in self._countries:
            request.note(self.path, self.KIND, None, -1, str(addresses[0]).encode(), country)
            return True
        return False


class AsnMatch(_AddressMatch):
    """AsnMatchStatement; an address whose network isn't known has the number 0."""

    __slots__ = ("_data", "_numbers")
    KIND = "ASN"

    def __init__(self, path: str, numbers: frozenset[int], data: AddressData, forwarded: ForwardedIP | None) -> None:
        super().__init__(path, forwarded)
        self._numbers = numbers
        self._data = data

    def _holds(self, request: Inspection, addresses: list[Address]) -> bool:
        for address in addresses:
            number = self._data.asn(address)
            if number in self._numbers:
                request.note(self.path, self.KIND, None, -1, str(address).encode(), f"AS{number}")
                return True
        return False


class AllOf:
    """AndStatement."""

    __slots__ = ("_statements",)

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = tuple(statements)

    def matches(self, request: Inspection) -> bool:
        before = len(request.evidence)
        for statement in self._statements:
            if not statement.matches(request):
                del request.evidence[before:]
                return False
        return True


class AnyOf:
    """OrStatement."""

    __slots__ = ("_statements",)

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = tuple(statements)

    def matches(self, request: Inspection) -> bool:
        return any(statement.matches(request) for statement in self._statements)


class NoneOf:
    """NotStatement."""

    __slots__ = ("_statement", "path")

    def __init__(self, path: str, statement: Statement) -> None:
        self.path = path
        self._statement = statement

    def matches(self, request: Inspection) -> bool:
        before = len(request.evidence)
        if self._statement.matches(request):
            del request.evidence[before:]
            return False
        request.note(self.path, "NOT", None, -1, detail="what it holds did not match")
        return True
