"""Which service, operation and protocol a request is for, before it is parsed.

The order is that of Smithy's "protocol resolution" as far as services of AWS need it: a `smithy-protocol` header, then
X-Amz-Target, then an Action in a form, then the method and path of a REST protocol. The name in the credential scope
says which service a REST request is for; without a signature the host's first label does.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from casemate.gateway.models import ServiceEntry, index
from casemate.gateway.protocols.codec import NO_LABELS, Labels
from casemate.gateway.protocols.errors import UnknownOperation
from casemate.gateway.protocols.forms import decode_form
from casemate.gateway.protocols.paths import normalised
from casemate.gateway.protocols.request import Request
from casemate.gateway.protocols.routes import match_route

_CBOR_PATH: Final = re.compile(rb"/service/([A-Za-z0-9_.]{1,128})/operation/([A-Za-z0-9_]{1,128})/?")
_FORM_TYPE: Final = b"application/x-www-form-urlencoded"
_ACTION: Final = re.compile(rb"(?:^|&)Action=([^&]{0,256})")
_VERSION: Final = re.compile(rb"(?:^|&)Version=([^&]{0,64})")
_HOST_SERVICE: Final = re.compile(r"[a-z0-9-]{2,32}")
# Most services parse only what they were asked in one of these; others answer to `Accept: application/json` with JSON.
_JSON_ANSWERS: Final = frozenset({"iam", "sts"})


class Recognised(NamedTuple):
    """What a request is for."""

    service: str
    """The model's name."""
    operation: str
    protocol: str
    """json, query, query+json (a form answered in JSON), ec2, rest-json, rest-xml, smithy-rpc-v2-cbor."""
    labels: Labels = NO_LABELS
    """What a REST path says, decoded."""

    @property
    def name(self) -> str:
        """As in `kms:Encrypt`."""
        return f"{self.service}:{self.operation}"


def recognise(request: Request, signing_name: str | None = None) -> Recognised:
    """The service, operation and protocol of a request; UnknownOperation where nothing answers to it.

    `signing_name` is the service in the credential scope, None for an anonymous request. It is not yet verified: the
    signature must be checked against the service that this returns.
    """
    target = request.header(b"x-amz-target")
    if target is not None:
        return _by_target(target)
    if request.header(b"smithy-protocol") is not None or request.path.startswith(b"/service/"):
        match = _CBOR_PATH.fullmatch(normalised(request.path))
        if match is not None:
            return _by_cbor_path(match[1].decode(), match[2].decode())
    action = _form_action(request)
    if action is not None and not _speaks_rest(signing_name):
        return _by_action(request, *action, signing_name)
    return _by_route(request, signing_name)


@cache
def _targets() -> dict[str, tuple[str, ServiceEntry]]:
    return {entry.target: (name, entry) for name, entry in index().services.items() if "json" in entry.protocols}


@cache
def _known_targets() -> dict[bytes, Recognised]:
    return {
        f"{target}.{operation}".encode(): Recognised(service, operation, "json")
        for target, (service, entry) in _targets().items()
        for operation in entry.operations
    }


def _by_target(target: bytes) -> Recognised:
    known = _known_targets().get(target)
    if known is not None:
        return known
    prefix, _, operation = target.decode("ascii", "replace").rpartition(".")
    service = _targets().get(prefix)
    raise UnknownOperation(
        f"The operation {operation[:128]!r} is not known." if service else "The X-Amz-Target is not known.",
        "json",
        None if service is None else service[0],
    )


@cache
def _cbor_services() -> dict[str, tuple[str, ServiceEntry]]:
    """By the name in the path: the target prefix, which is the Smithy model's name of the service."""
    return {
        entry.target: (name, entry)
        for name, entry in index().services.items()
        if "smithy-rpc-v2-cbor" in entry.protocols
    }


def _by_cbor_path(service_name: str, operation: str) -> Recognised:
    found = _cbor_services().get(service_name)
    if found is None or operation not in found[1].operations:
        raise UnknownOperation(
            f"The operation {operation!r} is not known.", "smithy-rpc-v2-cbor", None if found is None else found[0]
        )
    return Recognised(found[0], operation, "smithy-rpc-v2-cbor")


def _form_action(request: Request) -> tuple[str, str] | None:
    """Action and Version of a form in the body or in the query string."""
    for form in (request.body if request.method == b"POST" and _is_form(request) else b"", request.query):
        match = _ACTION.search(form) if b"Action=" in form else None
        if match is not None:
            version = _VERSION.search(form)
            pairs = decode_form(b"a=" + match[1] + b"&v=" + (version[1] if version else b""))
            return pairs[0][1], pairs[1][1]
    return None


def _is_form(request: Request) -> bool:
    content_type = request.header(b"content-type")
    return content_type is None or content_type.lower().startswith(_FORM_TYPE)


@cache
def _speaks_rest(signing_name: str | None) -> bool:
    """Whether every service of this signing name has a REST protocol: S3 keys may well be called `?Action=`."""
    entries = [entry for entry in index().services.values() if entry.signing == signing_name]
    return bool(entries) and all(entry.routes for entry in entries)


@cache
def _form_services() -> dict[str, list[tuple[str, ServiceEntry]]]:
    services: dict[str, list[tuple[str, ServiceEntry]]] = {}
    for name, entry in index().services.items():
        if not {"query", "ec2"}.isdisjoint(entry.protocols):
            services.setdefault(entry.version, []).append((name, entry))
    return services


def _by_action(request: Request, action: str, version: str, signing_name: str | None) -> Recognised:
    candidates = _form_services().get(version, [])
    if not version:
        candidates = [each for services in _form_services().values() for each in services]
    if signing_name is not None:
        candidates = [each for each in candidates if each[1].signing == signing_name] or candidates
    for name, entry in candidates:
        if action in entry.operations:
            protocol = "ec2" if "ec2" in entry.protocols else "query"
            if name in _JSON_ANSWERS and b"application/json" in (request.header(b"accept") or b""):
                protocol = "query+json"
            return Recognised(name, action, protocol)
    service = candidates[0][0] if len(candidates) == 1 else None
    raise UnknownOperation(
        f"Could not find operation {action[:128]} for version {version[:32] or 'NO_VERSION_SPECIFIED'}",
        "ec2" if service == "ec2" else "query",
        service,
    )


def _by_route(request: Request, signing_name: str | None) -> Recognised:
    if signing_name is None:
        signing_name = _service_of_host(request) or "s3"
    route = match_route(request, signing_name)
    if route is None:
        protocol, service = _protocol_of(signing_name)
        raise UnknownOperation("Unable to determine service/operation name to be authorized", protocol, service)
    return Recognised(*route)


def _service_of_host(request: Request) -> str | None:
    """The signing name by the host's labels (`lambda.us-east-1.amazonaws.com`, `lambda.localhost`), if they say one."""
    labels = (request.header(b"host") or b"").decode("ascii", "replace").lower().split(":")[0].split(".")
    for entry in index().services.values():
        if entry.prefix in labels:
            return entry.signing
    return None


def _protocol_of(signing_name: str) -> tuple[str, str | None]:
    """The protocol in which to refuse a request of a signing name, and the service if it is the only one."""
    found = [(name, entry) for name, entry in index().services.items() if entry.signing == signing_name]
    if not found:
        return "json", None
    return found[0][1].protocols[0], found[0][0]
