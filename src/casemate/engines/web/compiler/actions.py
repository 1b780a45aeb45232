"""Actions of rules and of the web ACL, compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from casemate.engines.web.compiler.shapes import items, number, one_of, option
from casemate.engines.web.errors import DUPLICATE, NOT_VALID, InvalidParameter
from casemate.engines.web.plan import Action
from casemate.engines.web.verdicts import CustomResponse

KINDS: Final = {
    "Allow": "ALLOW",
    "Block": "BLOCK",
    "Count": "COUNT",
    "Captcha": "CAPTCHA",
    "Challenge": "CHALLENGE",
    "Monetize": "MONETIZE",
}
CONTENT_TYPES: Final = {
    "TEXT_PLAIN": "text/plain",
    "TEXT_HTML": "text/html",
    "APPLICATION_JSON": "application/json",
}
PREFIX: Final = "x-amzn-waf-"
LARGEST_BODY: Final = 10_240
_HEADER: Final = re.compile(r"[a-zA-Z0-9._$-]{1,64}")
Bodies = Mapping[str, tuple[bytes, str]]


def response_bodies(value: Any, path: str) -> Bodies:
    """CustomResponseBodies: (content, content type) by key. Raises InvalidParameter."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidParameter("CUSTOM_RESPONSE_BODY", "CustomResponseBodies", NOT_VALID, path=path)
    found: dict[str, tuple[bytes, str]] = {}
    for key, body in value.items():
        where = f"{path}.{key}"
        content = body.get("Content") if isinstance(body, Mapping) else None
        if not isinstance(content, str) or not 1 <= len(content) <= LARGEST_BODY:
            raise InvalidParameter(
                "CUSTOM_RESPONSE_BODY", key, NOT_VALID, path=where, detail=f"Content has 1 to {LARGEST_BODY} characters"
            )
        kind = option(body.get("ContentType"), CONTENT_TYPES, "RESPONSE_CONTENT_TYPE", "ContentType", where)
        found[key] = (content.encode(), CONTENT_TYPES[kind])
    return found


def action(value: Any, bodies: Bodies, path: str, *, field: str = "RULE_ACTION", default: bool = False) -> Action:
    """A RuleAction, or a DefaultAction when `default`. Raises InvalidParameter."""
    options = ("Allow", "Block") if default else tuple(KINDS)
    parameter = "DefaultAction" if default else "RuleAction"
    name, member = one_of(value, options, field, parameter, path)
    if name == "Block":
        return Action("BLOCK", response=_response(member.get("CustomResponse"), bodies, f"{path}.Block"))
    handling = member.get("CustomRequestHandling")
    return Action(KINDS[name], insert_headers=_inserted(handling, f"{path}.{name}"))


def _headers(value: Any, field: str, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for header in items(value, 1, 10, field, "headers", path):
        name = header.get("Name") if isinstance(header, Mapping) else None
        text = header.get("Value") if isinstance(header, Mapping) else None
        if not isinstance(name, str) or not _HEADER.fullmatch(name):
            raise InvalidParameter("HEADER_NAME", str(name), NOT_VALID, path=path)
        if not isinstance(text, str) or not 1 <= len(text) <= 255 or "\n" in text or "\r" in text or "\0" in text:
            raise InvalidParameter(field, str(text), NOT_VALID, path=path)
        if any(name.lower() == other.lower() for other, _ in found):
            raise InvalidParameter("HEADER_NAME", name, DUPLICATE, path=path)
        found.append((name, text))
    return found


def _inserted(handling: Any, path: str) -> tuple[tuple[str, str], ...]:
    if handling is None:
        return ()
    inserted = handling.get("InsertHeaders") if isinstance(handling, Mapping) else None
    where = f"{path}.CustomRequestHandling"
    return tuple((PREFIX + name, value) for name, value in _headers(inserted, "CUSTOM_REQUEST_HANDLING", where))


def _response(value: Any, bodies: Bodies, path: str) -> CustomResponse | None:
    if value is None:
        return None
    where = f"{path}.CustomResponse"
    if not isinstance(value, Mapping):
        raise InvalidParameter("CUSTOM_RESPONSE", "CustomResponse", NOT_VALID, path=where)
    status = number(value.get("ResponseCode"), 200, 599, "CUSTOM_RESPONSE", "ResponseCode", where)
    headers = value.get("ResponseHeaders")
    found = _headers(headers, "CUSTOM_RESPONSE", where) if headers is not None else []
    if any(name.lower() == "content-type" for name, _ in found):
        raise InvalidParameter("HEADER_NAME", "content-type", NOT_VALID, path=where, detail="the body's key says it")
    key = value.get("CustomResponseBodyKey")
    if key is None:
        return CustomResponse(status, tuple(found))
    if key not in bodies:
        raise InvalidParameter(
            "CUSTOM_RESPONSE_BODY", str(key), NOT_VALID, path=where, detail="CustomResponseBodies has no such key"
        )
    return CustomResponse(status, tuple(found), *bodies[key])
