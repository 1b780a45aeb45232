"""A line of the WAF log as the web ACL's data protection and its redacted fields let it be written.

Names are compared in lower case, those of arguments also as an application decodes them: what is spelt otherwise is the
same secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from casemate.engines.web import RequestView
from casemate.engines.web.compiler import LogPolicy, Protection
from casemate.engines.web.compiler.log_policy import REDACTED

LARGEST_VALUE: Final = 4_096
"""Bytes of a value that a line holds."""
_QUERY: Final = frozenset({"QUERY_STRING", "ALL_QUERY_ARGS", "SINGLE_QUERY_ARGUMENT"})
_COOKIES: Final = frozenset({"COOKIES", "COOKIE_HEADER"})
_BODIES: Final = frozenset({"BODY", "JSON_BODY"})
_HEADERS: Final = frozenset({"HEADER", "SINGLE_HEADER", "HEADERS"})
_REDACTED_FIELDS: Final = {"URI": "UriPath", "URI_PATH": "UriPath", "QUERY_STRING": "QueryString", "METHOD": "Method"}
_REDACTED_KEYS: Final = {"URIPATH": "UriPath", "QUERYSTRING": "QueryString", "HTTPMETHOD": "Method"}


def protect(line: dict[str, Any], policy: LogPolicy, view: RequestView) -> None:
    """Replace in a WAF log's line what the policy protects."""
    request = line["httpRequest"]
    request["headers"] = [
        {"name": told["name"], "value": _header(policy, name, value, told["value"])}
        for told, (name, value) in zip(request["headers"], view.headers, strict=True)
    ]
    if (host := _of_header(policy, "host")) is not None:
        request["host"] = host.replace(request["host"].encode(), policy.account)
    arguments = view.target.partition(b"?")[2]
    request["args"] = _arguments(policy, arguments, request["args"])
    for field, member in (("UriPath", "uri"), ("QueryString", "args"), ("Method", "httpMethod")):
        if field in policy.redacted:
            request[member] = REDACTED
    for details in _details(line):
        for detail in details:
            _match(policy, detail, arguments)
    for rate in line["rateBasedRuleList"]:
        for part in rate.get("customValues", ()):
            found = _of_key(policy, part["key"], str(part.get("name", "")).lower())
            if found is not None and found.in_rates:
                part["value"] = found.replace(part["value"].encode(), policy.account)


def _details(line: Mapping[str, Any]) -> Iterable[list[dict[str, Any]]]:
    yield line["terminatingRuleMatchDetails"]
    for rule in line["nonTerminatingMatchingRules"]:
        yield rule["ruleMatchDetails"] or []
    for group in line["ruleGroupList"]:
        for rule in (group["terminatingRule"], *group["nonTerminatingMatchingRules"]):
            yield (rule and rule["ruleMatchDetails"]) or []


# The request


def _of_header(policy: LogPolicy, name: str) -> Protection | None:
    return Protection() if name in policy.redacted_headers else policy.headers.get(name)


def _header(policy: LogPolicy, name: bytes, value: bytes, told: str) -> str:
    key = name.decode("latin-1").lower()
    found = _of_header(policy, key)
    if found is not None:
        return found.replace(value, policy.account)
    if key == "cookie" and policy.cookies:
        return _pairs(value, b";", policy.cookies, policy.account, lambda text: text.strip().decode("latin-1").lower())
    return told


def _arguments(policy: LogPolicy, query: bytes, told: str) -> str:
    if policy.query is not None:
        return policy.query.replace(query, policy.account) if query else told
    if not policy.arguments:
        return told
    return _pairs(query, b"&", policy.arguments, policy.account, _argument_name)


def _argument_name(name: bytes) -> str:
    return unquote_plus(name.decode("latin-1"), "latin-1").strip().lower()


def _pairs(
    text: bytes, separator: bytes, protected: Mapping[str, Protection], account: str, key: Callable[[bytes], str]
) -> str:
    """Name and value pairs with the values of some replaced."""
    parts = []
    for part in text.split(separator):
        name, equals, value = part.partition(b"=")
        found = protected.get(key(name)) if equals else None
        parts.append(part if found is None else name + b"=" + found.replace(value, account).encode())
    return separator.join(parts)[:LARGEST_VALUE].decode("utf-8", "replace")


# What rules say of it


def _match(policy: LogPolicy, detail: dict[str, Any], arguments: bytes) -> None:
    place, name = detail["location"], str(detail["matchedFieldName"] or "").lower()
    found = _in_matches(policy, place, name, arguments)
    if found is not None:
        detail["matchedData"] = [found.replace(data.encode(), policy.account) for data in detail["matchedData"]]


def _in_matches(policy: LogPolicy, place: str, name: str, arguments: bytes) -> Protection | None:
    """What protects the matched data of a place; the first of several that could."""
    if _REDACTED_FIELDS.get(place) in policy.redacted:
        return Protection()
    if place in {"HEADER", "SINGLE_HEADER"} and name in policy.redacted_headers:
        return Protection()
    return next((found for found in _candidates(policy, place, name, arguments) if found.in_matches), None)


def _candidates(policy: LogPolicy, place: str, name: str, arguments: bytes) -> list[Protection]:
    if place in _QUERY:
        return _of_query(policy, place, name, arguments)
    if place in _COOKIES or (place in _HEADERS and name == "cookie"):
        return _named(policy.headers, "cookie") + _named(policy.cookies, "" if name == "cookie" else name)
    if place in _HEADERS:
        return _named(policy.headers, name)
    return [policy.body] if place in _BODIES and policy.body is not None else []


def _of_query(policy: LogPolicy, place: str, name: str, arguments: bytes) -> list[Protection]:
    found = [policy.query] if policy.query is not None else []
    if place == "QUERY_STRING":  # of the whole it can't be told which argument matched
        names = {_argument_name(part.partition(b"=")[0]) for part in arguments.split(b"&")}
        return found + [one for key, one in policy.arguments.items() if key in names]
    return found + _named(policy.arguments, _argument_name(name.encode()) if name else "")


def _named(protected: Mapping[str, Protection], name: str) -> list[Protection]:
    """The protection of a name; of all where the name isn't known."""
    if not name:
        return list(protected.values())
    found = protected.get(name)
    return [found] if found is not None else []


def _of_key(policy: LogPolicy, key: str, name: str) -> Protection | None:
    """What protects a part of a rate-based rule's aggregation key."""
    if _REDACTED_KEYS.get(key) in policy.redacted or (key == "HEADER" and name in policy.redacted_headers):
        return Protection()
    kinds = {"HEADER": policy.headers, "COOKIE": policy.cookies, "QUERYARGUMENT": policy.arguments}
    if key in kinds:
        found = kinds[key].get(name)
        return policy.query if found is None and key == "QUERYARGUMENT" else found
    return policy.query if key == "QUERYSTRING" else None
