"""REST requests matched to operations by method, path, query string and headers.

Several operations may share method and template (S3's `PUT /{Bucket}/{Key+}`); what tells them apart are the query
parameters in the template, and the parameters and headers that the model requires.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import unquote_to_bytes

from casemate.gateway.models import Route, index
from casemate.gateway.protocols.codec import Labels
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.paths import normalised
from casemate.gateway.protocols.request import Request

_LABEL: Final = re.compile(r"\{([^}+]+)(\+?)\}")
# Names that a bucket's host name may end in; what stands before is the bucket.
_BUCKET_HOST: Final = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9._-]{1,61}?[a-z0-9])\.(?:s3(?:[.-][a-z0-9-]+)?(?:\.dualstack)?(?:\.[a-z0-9-]+)?"
    r"\.amazonaws\.com(?:\.cn)?|(?:s3\.)?(?:[a-z0-9-]+\.)?localhost)"
)
_NO_BUCKETS: Final = re.compile(r"(?:s3|[a-z]{2}(?:-[a-z]+)+-\d)(?:\..*)?")


@dataclass(frozen=True, slots=True)
class _Route:
    service: str
    operation: str
    protocol: str
    path: re.Pattern[bytes]
    labels: tuple[str, ...]
    literals: int
    """How many characters of the template are no label: the more, the more specific."""
    query: tuple[tuple[str, str | None], ...]
    """Parameters of the template, with the value that they must have."""
    required_query: frozenset[str]
    required_headers: tuple[bytes, ...]
    deprecated: bool

    def rank(self) -> tuple[int, ...]:
        return (
            self.literals,
            len(self.query),
            len(self.required_query),
            len(self.required_headers),
            -self.deprecated,
        )


Match = tuple[str, str, str, Labels]
"""Service, operation, protocol, labels."""


def match_route(request: Request, signing_name: str) -> Match | None:
    """The most specific operation that a request's method, path, parameters and headers fit, or None."""
    routes = _routes(signing_name).get(request.method, ())
    if not routes:
        return None
    path = _with_bucket_of_host(request) if signing_name == "s3" else normalised(request.path)
    parameters = _parameters(request.query)
    for route in routes:
        found = route.path.fullmatch(path)
        if found is not None and _fits(route, request, parameters):
            return route.service, route.operation, route.protocol, _labels(route, found)
    return None


def _fits(route: _Route, request: Request, parameters: dict[str, str]) -> bool:
    for name, value in route.query:
        if name not in parameters or (value is not None and parameters[name] != value):
            return False
    return route.required_query <= parameters.keys() and all(
        request.header(header) is not None for header in route.required_headers
    )


def _labels(route: _Route, found: re.Match[bytes]) -> Labels:
    try:
        return {name: unquote_to_bytes(text).decode() for name, text in zip(route.labels, found.groups(), strict=True)}
    except UnicodeDecodeError as error:
        raise MalformedRequest("The path is not UTF-8.") from error


def _parameters(query: bytes) -> dict[str, str]:
    parameters = {}
    for pair in query.split(b"&") if query else ():
        name, _, value = pair.partition(b"=")
        parameters[_lenient(name)] = _lenient(value)
    return parameters


def _lenient(text: bytes) -> str:
    return (unquote_to_bytes(text) if b"%" in text else text).decode("utf-8", "replace")


def _with_bucket_of_host(request: Request) -> bytes:
    """The path with the bucket in front, where the host names one (Amazon S3 guide, "Virtual hosting of buckets")."""
    host = (request.header(b"host") or b"").decode("ascii", "replace").lower().partition(":")[0]
    found = _BUCKET_HOST.fullmatch(host)
    if found is None or _NO_BUCKETS.fullmatch(found["bucket"]):
        return request.path
    return b"/" + found["bucket"].encode() + (b"" if request.path == b"/" else request.path)


@cache
def _routes(signing_name: str) -> dict[bytes, tuple[_Route, ...]]:
    by_method: dict[bytes, list[_Route]] = {}
    for service, entry in index().services.items():
        if entry.signing == signing_name:
            protocol = next((each for each in entry.protocols if each.startswith("rest-")), "")
            for route in entry.routes:
                compiled = _compile(service, protocol, route)
                by_method.setdefault(route.method.encode(), []).append(compiled)
    return {method: tuple(sorted(routes, key=_Route.rank, reverse=True)) for method, routes in by_method.items()}


def _compile(service: str, protocol: str, route: Route) -> _Route:
    template = route.template
    path, _, query = template.partition("?")
    pattern, position = b"", 0
    labels = []
    for label in _LABEL.finditer(path):
        pattern += re.escape(path[position : label.start()].encode())
        pattern += b"(.+)" if label[2] else b"([^/]+)"
        labels.append(label[1])
        position = label.end()
    pattern += re.escape(path[position:].encode())
    if not path.endswith("/") and not pattern.endswith(b"(.+)"):
        pattern += b"/?"
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return _Route(
        service=service,
        operation=route.operation,
        protocol=protocol,
        path=re.compile(pattern, re.DOTALL),
        labels=tuple(labels),
        literals=len(_LABEL.sub("", path)),
        query=tuple((name, value if equals else None) for name, equals, value in pairs),
        required_query=frozenset(route.required_query),
        required_headers=tuple(header.encode() for header in route.required_headers),
        deprecated=route.deprecated,
    )
