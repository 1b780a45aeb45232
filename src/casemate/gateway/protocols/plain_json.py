"""The usual JSON request in one pass: flat members and maps of strings, every constraint kept.

A reader compiled here gives the members of a document, or None for whatever is not plainly right: unknown or missing
members, other types, broken constraints, keys said twice, deeper documents. None is no verdict; the careful way, which
also knows what to say about it, then reads the document again. What is taken here is taken there, with the same value.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any, Final

from casemate.gateway.models import Member, Shape
from casemate.gateway.protocols.validation import Check, Checks

Read = Callable[[Any], Any]
PlainReader = Callable[[dict[str, Any], bytes], "dict[str, Any] | None"]

_WHOLE: Final = {"integer": (-(1 << 31), (1 << 31) - 1), "long": (-(1 << 63), (1 << 63) - 1)}


class _NotPlain(Exception):
    """Something that the careful way must look at."""


def plain_reader(shape: Shape, checks: Checks) -> PlainReader:
    """A reader of a structure; members that are neither flat nor maps of strings make it give None."""
    members: dict[str, tuple[str, Read]] = {}
    for name, member in shape.members.items():
        read = _reader(member, checks.compile(member.shape))
        if read is not None:
            members[member.location_name or name] = name, read
    get, required = members.get, tuple(shape.required)
    if shape.trait("union"):
        return lambda _document, _body: None

    def read_plain(document: dict[str, Any], body: bytes) -> dict[str, Any] | None:
        value = {}
        quotes = 0
        try:
            for key, item in document.items():
                name, read = get(key) or _unknown()
                value[name] = read(item)
                kind = type(item)
                quotes += 4 if kind is str else 2 + 4 * len(item) if kind is dict else 2
        except (_NotPlain, ValueError, TypeError):
            return None
        for name in required:
            if name not in value:
                return None
        # Without backslashes every quote begins or ends a key or a text. If the body has two for each that the
        # document has, no key was said twice.
        return value if body.count(b'"') == quotes and b"\\" not in body else None

    return read_plain


def _unknown() -> tuple[str, Read]:
    raise _NotPlain


def _reader(member: Member, check: Check | None) -> Read | None:
    match member.shape.type:
        case "string":
            return _string(check)
        case "blob":
            return _blob(check)
        case "boolean":
            return _boolean
        case "integer" | "long" as kind:
            return _whole(check, *_WHOLE[kind])
        case "map" if member.shape.value.shape.type == "string":
            return _map(check)
        case _:
            return None


def _string(check: Check | None) -> Read:
    def read(item: Any) -> str:
        if type(item) is not str or (check is not None and not check(item)):
            raise _NotPlain
        return item

    return read


def _blob(check: Check | None) -> Read:
    decode = binascii.a2b_base64

    def read(item: Any) -> bytes:
        value = decode(item, strict_mode=True)
        if type(item) is not str or (check is not None and not check(value)):
            raise _NotPlain
        return value

    return read


def _boolean(item: Any) -> bool:
    if type(item) is not bool:
        raise _NotPlain
    return item


def _whole(check: Check | None, least: int, most: int) -> Read:
    def read(item: Any) -> int:
        if type(item) is not int or not least <= item <= most or (check is not None and not check(item)):
            raise _NotPlain
        return item

    return read


def _map(check: Check | None) -> Read:
    def read(item: Any) -> dict[str, str]:
        if type(item) is not dict:
            raise _NotPlain
        for text in item.values():
            if type(text) is not str:
                raise _NotPlain
        if check is not None and not check(item):
            raise _NotPlain
        return item

    return read
