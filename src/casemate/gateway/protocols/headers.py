"""Members that travel as header values (Smithy, "httpHeader trait")."""

from __future__ import annotations

import binascii
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Final

import msgspec

from casemate.gateway.models import Member
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.text import text_reader, text_writer

HeaderReader = Callable[[list[bytes]], Any]
HeaderWriter = Callable[[Any], bytes]

# An element is quoted (with backslashes inside) or runs to the next comma.
_ELEMENT: Final = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^",][^,]*)|)\s*(?:,|$)')
_HTTP_DATE: Final = re.compile(r"\s*([A-Z][a-z]{2}, [^,]+?)\s*(?:,|$)")
_ESCAPED: Final = re.compile(r"\\(.)")
# What would end a header early: a response is never split.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def header_text(value: bytes) -> str:
    """A header's value as text: UTF-8 as S3's metadata is, else Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def header_reader(member: Member) -> HeaderReader:
    """A reader of every value that a header was sent with."""
    if member.shape.type == "list":
        return _list_reader(member.shape.element)
    read = _json_value if member.trait("jsonvalue") else text_reader(member, "rfc822")

    def read_header(values: list[bytes]) -> Any:
        if len(values) > 1:
            raise MalformedRequest("A header is given more than once.")
        return read(header_text(values[0]).strip())

    return read_header


def _list_reader(element: Member) -> HeaderReader:
    read = text_reader(element, "rfc822")
    dates = element.shape.type == "timestamp" and element.trait("timestampFormat", "rfc822") == "rfc822"
    pattern = _HTTP_DATE if dates else _ELEMENT

    def read_list(values: list[bytes]) -> list[Any]:
        return [read(text) for value in values for text in _elements(header_text(value), pattern)]

    return read_list


def _elements(text: str, pattern: re.Pattern[str]) -> list[str]:
    elements = []
    position = 0
    while position < len(text):
        found = pattern.match(text, position)
        if found is None or found.end() == position:
            raise MalformedRequest("A header is not a list.")
        quoted, *plain = found.groups()
        if pattern is _ELEMENT and quoted is not None:
            elements.append(_ESCAPED.sub(r"\1", quoted))
        else:
            elements.append((plain[0] if plain else quoted or "").strip() if (plain and plain[0]) or quoted else "")
        position = found.end()
    return elements


def _json_value(text: str) -> Any:
    """A JSON document in base64."""
    try:
        return msgspec.json.decode(binascii.a2b_base64(text, strict_mode=True))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise MalformedRequest("A header is not JSON in base64.") from error


def header_writer(member: Member) -> HeaderWriter:
    if member.shape.type == "list":
        element = member.shape.element
        write_element = text_writer(element, "rfc822")
        quote = element.shape.type == "string"
        return lambda value: _safe(
            ", ".join(_quoted(item) if quote else write_element(item) for item in value if item is not None)
        )
    if member.trait("jsonvalue"):
        return lambda value: b64encode(msgspec.json.encode(value))
    write = text_writer(member, "rfc822")
    return lambda value: _safe(write(value))


def _quoted(text: str) -> str:
    if "," not in text and '"' not in text:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _safe(text: str) -> bytes:
    return _CONTROL.sub(" ", text).encode()
