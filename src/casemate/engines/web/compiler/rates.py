"""Rate-based statements, compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from casemate.engines.web.compiler.fields import FALLBACK, chain_of
from casemate.engines.web.compiler.shapes import items, number, one_of, option, text
from casemate.engines.web.compiler.statements import StatementCompiler
from casemate.engines.web.components import fields
from casemate.engines.web.components.cookie import SingleCookie
from casemate.engines.web.errors import DUPLICATE, ILLEGAL_COMBINATION, NOT_EXACTLY_ONE, NOT_VALID, InvalidParameter
from casemate.engines.web.rates import AddressKey, AsnKey, KeySource, LabelNamespaceKey, RateStatement, UnitKey

FIELD: Final = "RATE_BASED_STATEMENT"
WINDOWS: Final = (60, 120, 300, 600)
TYPES: Final = ("IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT")
CUSTOM_KEYS: Final = (
    "Header",
    "Cookie",
    "QueryArgument",
    "QueryString",
    "HTTPMethod",
    "ForwardedIP",
    "IP",
    "LabelNamespace",
    "UriPath",
    "JA3Fingerprint",
    "JA4Fingerprint",
    "ASN",
)


def rate_statement(
    c: StatementCompiler, member: Mapping[str, Any], path: str, context: str, rule: str
) -> RateStatement:
    """A RateBasedStatement; `rule` names its counters together with its settings. Raises InvalidParameter."""
    limit = number(member.get("Limit"), 10, 2_000_000_000, FIELD, "Limit", path)
    window = number(member.get("EvaluationWindowSec") or 300, 60, 600, FIELD, "EvaluationWindowSec", path)
    if window not in WINDOWS:
        raise InvalidParameter(FIELD, str(window), NOT_VALID, path=path, detail="60, 120, 300 or 600 seconds")
    kind = option(member.get("AggregateKeyType"), TYPES, FIELD, "AggregateKeyType", path)
    scope_down = member.get("ScopeDownStatement")
    if kind == "CONSTANT" and scope_down is None:
        detail = "CONSTANT counts everything; it takes a ScopeDownStatement"
        raise InvalidParameter("SCOPE_DOWN", kind, ILLEGAL_COMBINATION, path=path, detail=detail)
    if (kind == "CUSTOM_KEYS") != bool(member.get("CustomKeys")):
        raise InvalidParameter("CUSTOM_KEYS", kind, ILLEGAL_COMBINATION, path=path)
    keys = _keys(c, member, kind, path)
    compiled = None
    if scope_down is not None:
        compiled = c.compile(scope_down, f"{path}.ScopeDownStatement", context)
    settings = hashlib.sha256(msgspec.json.encode(_plain(member))).hexdigest()[:16]
    return RateStatement(
        path=path, counter=f"{rule}:{settings}", limit=limit, window=window, keys=keys, scope_down=compiled
    )


def _plain(value: Any) -> Any:
    """The settings with their members in order, so that equal ones count on after an update."""
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _keys(c: StatementCompiler, member: Mapping[str, Any], kind: str, path: str) -> list[KeySource]:
    forwarded = c.forwarded(member.get("ForwardedIPConfig"), path)
    if kind == "FORWARDED_IP" and forwarded is None:
        raise InvalidParameter(
            "FORWARDED_IP_CONFIG", kind, NOT_EXACTLY_ONE, path=path, detail="ForwardedIPConfig is missing"
        )
    if kind == "IP":
        return [AddressKey("IP", None)]
    if kind == "FORWARDED_IP":
        return [AddressKey("FORWARDEDIP", forwarded)]
    if kind == "CONSTANT":
        return []
    entries = items(member.get("CustomKeys"), 1, 5, "CUSTOM_KEYS", "CustomKeys", path)
    found: list[KeySource] = []
    names: list[str] = []
    seen: set[bytes] = set()
    for index, entry in enumerate(entries):
        where = f"{path}.CustomKeys[{index}]"
        name, key = one_of(entry, CUSTOM_KEYS, "CUSTOM_KEYS", "CustomKey", where)
        if name == "ForwardedIP" and forwarded is None:
            raise InvalidParameter("FORWARDED_IP_CONFIG", name, NOT_EXACTLY_ONE, path=where)
        same = msgspec.json.encode([name, _plain({**key, "Name": str(key.get("Name", "")).lower()})])
        if same in seen:
            raise InvalidParameter("CUSTOM_KEYS", name, DUPLICATE, path=where)
        seen.add(same)
        names.append(name)
        if name == "ForwardedIP":
            found.append(AddressKey("FORWARDEDIP", forwarded))
        elif name == "ASN":
            if not c.resources.data.has_networks:
                c.notes.append(f"{where}: no file of networks was supplied (Data.asn); this rule counts nothing")
            found.append(AsnKey(c.resources.data, forwarded))
        else:
            found.append(_custom(c, name, key, where))
    if names in (["IP"], ["ForwardedIP"]):
        detail = "an address alone is the AggregateKeyType IP or FORWARDED_IP"
        raise InvalidParameter("CUSTOM_KEYS", names[0], ILLEGAL_COMBINATION, path=path, detail=detail)
    return found


def _custom(c: StatementCompiler, name: str, key: Mapping[str, Any], path: str) -> KeySource:
    match name:
        case "IP":
            return AddressKey("IP", None)
        case "LabelNamespace":
            namespace = text(key.get("Namespace"), "CUSTOM_KEYS", "Namespace", path)
            if not namespace.endswith(":"):
                raise InvalidParameter(
                    "CUSTOM_KEYS", namespace, NOT_VALID, path=path, detail="a namespace ends with ':'"
                )
            return LabelNamespaceKey(namespace)
        case "HTTPMethod":
            return UnitKey("HTTPMETHOD", c.units.unit(fields.Method(), ()))
        case "JA3Fingerprint" | "JA4Fingerprint":
            fallback = option(key.get("FallbackBehavior"), FALLBACK, "FALLBACK_BEHAVIOR", "FallbackBehavior", path)
            kind = "JA3_FINGERPRINT" if name.startswith("JA3") else "JA4_FINGERPRINT"
            return UnitKey(kind.removesuffix("_FINGERPRINT"), c.units.unit(fields.Fingerprint(kind, fallback), ()))
    chain = chain_of(key.get("TextTransformations"), path)
    if name == "QueryString":
        return UnitKey("QUERYSTRING", c.units.unit(fields.QueryString(), chain))
    if name == "UriPath":
        return UnitKey("URIPATH", c.units.unit(fields.UriPath(), chain))
    given = text(key.get("Name"), "CUSTOM_KEYS", "Name", path, most=64)
    if name == "Header":
        return UnitKey("HEADER", c.units.unit(fields.SingleHeader(given.lower().encode()), chain), given)
    if name == "Cookie":
        return UnitKey("COOKIE", c.units.unit(SingleCookie(given.encode()), chain), given)
    return UnitKey("QUERYARGUMENT", c.units.unit(fields.QueryArguments(given.lower().encode()), chain), given)
