"""Rate-based statements: which requests are counted together, and whether there are too many.

Source: AWS WAF Developer Guide, "Using rate-based rule statements in AWS WAF".
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from casemate.engines.web.inspection import Inspection, Unit

if TYPE_CHECKING:
    from casemate.engines.web.data import AddressData
    from casemate.engines.web.statements import ForwardedIP, Statement

KeyPart = bytes | bool
"""A part of a key; True when a fallback says that the request matches, False when the request isn't counted."""


class KeySource(Protocol):
    """Where a part of an aggregation key comes from."""

    name: str
    of: str
    """The header, cookie or argument that it is the value of; else empty."""

    def part(self, request: Inspection) -> KeyPart:
        """The part in this request."""

    def shown(self, part: bytes) -> str:
        """The part as logs say it."""


class UnitKey:
    """A header, cookie, query argument, query string, URI path, method or fingerprint after transformations."""

    def __init__(self, name: str, unit: Unit, of: str = "") -> None:
        self.name = name
        self.of = of
        self._unit = unit

    def part(self, request: Inspection) -> KeyPart:
        values = request.values(self._unit)
        if values is True or values is False:
            return values
        return b"\0".join(values) if values else False

    def shown(self, part: bytes) -> str:
        return _as_text(part)


class AddressKey:
    """The client's address, or a forwarded one."""

    of = ""

    def __init__(self, name: str, forwarded: ForwardedIP | None) -> None:
        self.name = name
        self._forwarded = forwarded

    def part(self, request: Inspection) -> KeyPart:
        if self._forwarded is None:
            return request.address.packed if request.address is not None else False
        addresses = self._forwarded.addresses(request)
        return addresses if isinstance(addresses, bool) else addresses[0].packed

    def shown(self, part: bytes) -> str:
        return str(ip_address(part))


class AsnKey:
    """The client's autonomous system number."""

    name = "ASN"
    of = ""

    def __init__(self, data: AddressData, forwarded: ForwardedIP | None) -> None:
        self._data = data
        self._forwarded = forwarded

    def part(self, request: Inspection) -> KeyPart:
        if not self._data.has_networks:
            return False  # else everybody would be counted together, as number 0
        if self._forwarded is None:
            return str(self._data.asn(request.address)).encode() if request.address is not None else False
        addresses = self._forwarded.addresses(request)
        return addresses if isinstance(addresses, bool) else str(self._data.asn(addresses[0])).encode()

    def shown(self, part: bytes) -> str:
        return _as_text(part)


class LabelNamespaceKey:
    """The labels directly within a namespace."""

    name = "LABEL_NAMESPACE"

    def __init__(self, namespace: str) -> None:
        self.of = namespace
        self._namespace = namespace

    def part(self, request: Inspection) -> KeyPart:
        found = sorted(label for label in request.labels if label.startswith(self._namespace))
        return "\0".join(found).encode() if found else False

    def shown(self, part: bytes) -> str:
        return _as_text(part)


def _as_text(part: bytes) -> str:
    return part.replace(b"\0", b",").decode("utf-8", "replace")


class RateStatement:
    """RateBasedStatement. Needs counters; without them it counts nothing and matches nothing."""

    __slots__ = ("_keys", "_scope_down", "counter", "limit", "path", "window")

    def __init__(
        self,
        *,
        path: str,
        counter: str,
        limit: int,
        window: int,
        keys: Sequence[KeySource],
        scope_down: Statement | None,
    ) -> None:
        self.path = path
        self.counter = counter
        self.limit = limit
        self.window = window
        self._keys = tuple(keys)
        self._scope_down = scope_down

    def matches(self, request: Inspection) -> bool:
        counters = request.counters
        if counters is None:
            return False
        if self._scope_down is not None and not self._scope_down.matches(request):
            return False
        parts: list[bytes] = []
        decided = False
        for key in self._keys:
            part = key.part(request)
            if part is False:
                return False
            if part is True:
                decided = True
            else:
                parts.append(len(part).to_bytes(4, "big") + part)
        if decided:
            request.note(self.path, "RATE", None, -1, detail="by fallback")
            return True
        count = counters.add(self.counter, self.window, b"".join(parts)[:1024], request.view.time)
        if count <= self.limit:
            return False
        request.note(self.path, "RATE", None, -1, detail=f"{count} in {self.window} s, limit {self.limit}")
        return True

    def details(self, request: Inspection) -> dict[str, object]:
        """What WAF logs say of a rate-based rule (rateBasedRuleList)."""
        known: dict[str, object] = {
            "limitKey": "CONSTANT",
            "maxRateAllowed": self.limit,
            "evaluationWindowSec": str(self.window),  # a text in AWS's examples
        }
        parts = [(key, part) for key in self._keys if isinstance(part := key.part(request), bytes)]
        # An address is never the only custom key: where it stands alone, it is the AggregateKeyType.
        if len(self._keys) == 1 and isinstance(self._keys[0], AddressKey):
            known["limitKey"] = self._keys[0].name
            if parts:
                known["limitValue"] = self._keys[0].shown(parts[0][1])
        elif self._keys:
            known["limitKey"] = "CUSTOMKEYS"
            known["customValues"] = [
                {"key": key.name, **({"name": key.of} if key.of else {}), "value": key.shown(part)}
                for key, part in parts
            ]
        return known
