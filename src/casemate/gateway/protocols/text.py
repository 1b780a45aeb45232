"""Scalars as text: in forms, in XML, in headers, paths and query strings."""

from __future__ import annotations

import binascii
import math
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Final

from casemate.gateway.models import Member
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.timestamps import (
    format_epoch,
    format_iso8601,
    format_rfc822,
    parse_epoch,
    parse_iso8601,
    parse_rfc822,
)

TextReader = Callable[[str], Any]
TextWriter = Callable[[Any], str]

_INTEGER: Final = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_FLOAT: Final = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,4})?", re.ASCII)
_INT_RANGE: Final = {"integer": (-(1 << 31), (1 << 31) - 1), "long": (-(1 << 63), (1 << 63) - 1)}
_SPECIAL_FLOATS: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_BOOLEANS: Final = {"true": True, "false": False, "True": True, "False": False}
_TIMESTAMPS: Final[dict[str, Callable[[str], float]]] = {
    "iso8601": parse_iso8601,
    "rfc822": parse_rfc822,
    "unixTimestamp": parse_epoch,
}


def text_reader(member: Member, timestamp_format: str) -> TextReader:
    """A reader of one scalar; `timestamp_format` is the place's usual form, which the model may overrule."""
    match member.shape.type:
        case "string":
            return str
        case "boolean":
            return _read_boolean
        case "integer" | "long":
            return _integer_reader(member.shape.type)
        case "float" | "double":
            return _read_float
        case "blob":
            return _read_blob
        case "timestamp":
            return _timestamp_reader(member.trait("timestampFormat", timestamp_format))
        case kind:
            raise TypeError(f"{member.target} is a {kind}, which is no scalar")


def _read_boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text]
    except KeyError:
        raise MalformedRequest(f"Invalid boolean: {text[:64]!r}; expected true or false") from None


def _integer_reader(kind: str) -> TextReader:
    least, most = _INT_RANGE[kind]

    def read_integer(text: str) -> int:
        if not _INTEGER.fullmatch(text) or not least <= (value := int(text)) <= most:
            raise MalformedRequest(f'For input string: "{text[:64]}"')
        return value

    return read_integer


def _read_float(text: str) -> float:
    if text in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[text]
    if not _FLOAT.fullmatch(text):
        raise MalformedRequest(f'For input string: "{text[:64]}"')
    return float(text)


def _read_blob(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise MalformedRequest("A blob is not base64.") from error


def _timestamp_reader(form: str) -> TextReader:
    parse = _TIMESTAMPS[form]

    def read_timestamp(text: str) -> float:
        try:
            return parse(text)
        except (ValueError, OverflowError) as error:
            raise MalformedRequest(f"Invalid timestamp: {text[:64]!r}") from error

    return read_timestamp


def text_writer(member: Member, timestamp_format: str) -> TextWriter:
    """A writer of one scalar."""
    match member.shape.type:
        case "string":
            return str
        case "boolean":
            return _write_boolean
        case "integer" | "long":
            return str
        case "float" | "double":
            return write_float
        case "blob":
            return _write_blob
        case "timestamp":
            return _timestamp_writer(member.trait("timestampFormat", timestamp_format))
        case kind:
            raise TypeError(f"{member.target} is a {kind}, which is no scalar")


def _write_boolean(value: bool) -> str:
    return "true" if value else "false"


def write_float(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)


def _write_blob(value: bytes) -> str:
    return b64encode(value).decode()


def _timestamp_writer(form: str) -> TextWriter:
    if form == "iso8601":
        return format_iso8601
    if form == "rfc822":
        return format_rfc822
    return lambda seconds: str(format_epoch(seconds))
