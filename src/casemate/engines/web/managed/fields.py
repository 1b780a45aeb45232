"""The fields that managed rules inspect, by the names that their files use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from casemate.engines.web.managed.credentials import readable

if TYPE_CHECKING:
    from casemate.engines.web.inspection import Inspection

Reader = Callable[["Inspection"], list[bytes]]
_HEADER: Final = "header:"
_HEADERS_APART: Final = frozenset({b"cookie"})


def _one(value: bytes) -> list[bytes]:
    return [value] if value else []


def _headers(request: Inspection) -> list[bytes]:
    found = [value for name, values in request.headers.items() if name not in _HEADERS_APART for value in values]
    for name in _CREDENTIALS:
        given = request.headers.get(name)
        if given is not None:
            for value in given:
                found.remove(value)
                found += readable(value)
    return found


_CREDENTIALS: Final = (b"authorization", b"proxy-authorization")
_UNUSUAL: Final = re.compile(rb"[^\w./~-]")
_TAILS: Final = 3  # how many segments may stand before what is looked at
# Where proxies say who asks for what; no browser writes them, and applications log or follow them.
_FORWARDING: Final = frozenset((
    b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-server", b"x-real-ip", b"x-client-ip", b"x-originating-ip",
    b"x-remote-ip", b"x-remote-addr", b"x-original-url", b"x-rewrite-url", b"x-host", b"x-api-version",
    b"x-wap-profile",
    b"client-ip", b"true-client-ip", b"forwarded", b"from", b"contact", b"destination",
))  # fmt: skip


def _path_tails(request: Inspection) -> list[bytes]:
    """What stands after the first segments of a path, where it has other characters than names of files do."""
    path = request.path
    if _UNUSUAL.search(path) is None:
        return []
    tails, start = [], 0
    for _ in range(_TAILS):
        start = path.find(b"/", start) + 1
        if start == 0:
            break
        tail = path[start:]
        if _UNUSUAL.search(tail) is None:
            break
        tails.append(tail)
    return tails


def _in_json(request: Inspection) -> bool:
    return b"json" in request.headers.get(b"content-type", (b"",))[0].lower()


def _json_among(request: Inspection) -> list[bytes]:
    values = request.body_values.values if _in_json(request) else ()
    return list(values) if len(values) > 1 else []


def _json_alone(request: Inspection) -> list[bytes]:
    values = request.body_values.values if _in_json(request) else ()
    return list(values) if len(values) == 1 else []


def _other_body_values(request: Inspection) -> list[bytes]:
    return [] if _in_json(request) else list(request.body_values.values)


def _forwarding(request: Inspection) -> list[bytes]:
    headers = request.headers
    return [value for name in _FORWARDING & headers.keys() for value in headers[name]]


READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "path_tails": _path_tails,
        "forwarding_headers": _forwarding,
        "method": lambda request: [request.view.method],
        "uri_path": lambda request: [request.path],
        "query_string": lambda request: _one(request.query),
        "query_arguments": lambda request: [value for _, value in request.arguments if value],
        "query_argument_names": lambda request: [name for name, _ in request.arguments if name],
        "cookies": lambda request: [value for _, value in request.cookies if value],
        "cookie_names": lambda request: [name for name, _ in request.cookies if name],
        "headers": _headers,
        "header_names": lambda request: list(request.headers),
        "body": lambda request: _one(request.body),
        "body_values": lambda request: list(request.body_values.values),
        "json_values_among": _json_among,
        "json_value_alone": _json_alone,
        "other_body_values": _other_body_values,
        "body_names": lambda request: list(request.body_values.names),
        "file_names": lambda request: list(request.body_values.file_names),
        "file_contents": lambda request: list(request.body_values.file_contents),
        "ja3": lambda request: _one((request.view.ja3 or "").encode()),
        "ja4": lambda request: _one((request.view.ja4 or "").encode()),
        "uri_fragment": lambda request: _one(request.view.uri_fragment or b""),
        "host": lambda request: list(request.headers.get(b"host", ())),
    }
)
_NAMES: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "query_arguments": lambda request: [name for name, value in request.arguments if value],
        "cookies": lambda request: [name for name, value in request.cookies if value],
        "headers": lambda request: [
            name for name, values in request.headers.items() if name not in _HEADERS_APART for _ in values
        ],
    }
)


def known_field(field: str) -> bool:
    """Whether a rule's file may say this."""
    return field in READERS or (field.startswith(_HEADER) and len(field) > len(_HEADER))


def reader(field: str) -> Reader:
    """How the field's values are read from a request."""
    if field.startswith(_HEADER):
        name = field.removeprefix(_HEADER).lower().encode()
        return lambda request: list(request.headers.get(name, ()))
    return READERS[field]


def location(field: str, request: Inspection, index: int) -> str:
    """The name of the value at `index`: of an argument, a cookie, a header."""
    if field.startswith(_HEADER):
        return field.removeprefix(_HEADER)
    names = _NAMES.get(field)
    found = names(request) if names else []
    return found[index].decode("utf-8", "replace")[:128] if index < len(found) else ""


def _cookie_size(request: Inspection) -> int:
    return max((len(value) for value in request.headers.get(b"cookie", ())), default=0)


_SIZES: Final[Mapping[str, Callable[[Inspection], int]]] = MappingProxyType(
    {
        "body": lambda request: request.body_size,
        "cookies": _cookie_size,
        "uri_path": lambda request: len(request.path),
        "query_string": lambda request: len(request.query),
    }
)


def measure(field: str) -> Callable[[Inspection], int]:
    """How the field's size in bytes is found: of the whole body and the cookie header, else of the largest value."""
    known = _SIZES.get(field)
    if known is not None:
        return known
    read = reader(field)
    return lambda request: max((len(value) for value in read(request)), default=0)
