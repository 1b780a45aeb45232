"""AWS JSON 1.0 and 1.1 (Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol")."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from casemate.gateway.models import Member, ServiceModel, Shape
from casemate.gateway.protocols.codec import Codec, Labels, Refusal, Reply
from casemate.gateway.protocols.documents import (
    DocumentReader,
    DocumentWriter,
    Reader,
    UnknownMember,
    Writer,
    integer_reader,
)
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.plain_json import PlainReader, plain_reader
from casemate.gateway.protocols.request import Request
from casemate.gateway.protocols.timestamps import (
    format_epoch,
    format_iso8601,
    format_rfc822,
    in_range,
    parse_iso8601,
    parse_rfc822,
)

# AWS's services refuse deeper documents; no model needs half of it.
MAX_DEPTH: Final = 64
_BRACKET_OR_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
_OPENING: Final = frozenset(b"[{")
_CONTAINERS: Final = frozenset({dict, list})
_SPECIAL_FLOATS: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}

_decode: Final = msgspec.json.decode
_encode: Final = msgspec.json.encode


def decode_json(body: bytes) -> Any:
    """A JSON document; MalformedRequest where it is none, too deep, or says a key twice."""
    try:
        document = _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedRequest("The request body is not a JSON document.") from error
    if type(document) is dict and _is_plain(document, body):
        return document
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _refuse_depth(body)
    _refuse_repeated_keys(body)
    return document


def _refuse_depth(body: bytes) -> None:
    depth = 0
    for token in _BRACKET_OR_STRING.finditer(body):
        first = body[token.start()]
        if first in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedRequest(f"The request body is nested deeper than {MAX_DEPTH} levels.")
        elif first != 0x22:
            depth -= 1


def _is_plain(document: dict[str, Any], body: bytes) -> bool:
    """Whether a document is surely no deeper than two levels and says no key twice: most are, and need no second look.

    Without backslashes every quote begins or ends a key or a string. If the body has two for each that the document
    has, then nothing was dropped.
    """
    if b"\\" in body:
        return False
    texts = len(document)
    for value in document.values():
        kind = type(value)
        if kind is str:
            texts += 1
        elif kind is dict:
            texts += len(value)
            for item in value.values():
                if type(item) is str:
                    texts += 1
                elif type(item) in _CONTAINERS:
                    return False
        elif kind is list:
            for item in value:
                if type(item) is str:
                    texts += 1
                elif type(item) in _CONTAINERS:
                    return False
    return body.count(b'"') == 2 * texts


def _refuse_repeated_keys(body: bytes) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise MalformedRequest("The request body has an object that says a key twice.")
        return members

    try:
        json.loads(body, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("The request body is not a JSON document.") from error


def blob_reader(_member: Member) -> Reader:
    def read_blob(document: Any) -> bytes:
        if type(document) is not str:
            raise MalformedRequest("Expected a string of base64")
        try:
            return binascii.a2b_base64(document, strict_mode=True)
        except ValueError as error:
            raise MalformedRequest("A member of type blob is not base64.") from error

    return read_blob


def read_float(document: Any) -> float:
    if type(document) in {int, float}:
        return float(document)
    if type(document) is str and document in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[document]
    raise MalformedRequest("Expected a number")


def timestamp_reader(member: Member) -> Reader:
    """A reader of the member's form: epoch seconds unless the model says otherwise."""
    form = member.trait("timestampFormat", "unixTimestamp")
    parse = {"iso8601": parse_iso8601, "rfc822": parse_rfc822}.get(form)

    def read_timestamp(document: Any) -> float:
        try:
            if parse is not None and type(document) is str:
                return parse(document)
            if parse is None and type(document) in {int, float}:
                return in_range(document)
        except (ValueError, OverflowError) as error:
            raise MalformedRequest("A timestamp can not be read.") from error
        raise MalformedRequest("A timestamp has another form than the model's.")

    return read_timestamp


def timestamp_writer(member: Member) -> Writer:
    match member.trait("timestampFormat", "unixTimestamp"):
        case "iso8601":
            return format_iso8601
        case "rfc822":
            return format_rfc822
        case _:
            return format_epoch


def write_float(value: float) -> float | str:
    if value != value:  # noqa: PLR0124 - the definition of NaN
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    return value


JSON_READERS: Final[dict[str, Callable[[Member], Reader]]] = {
    "integer": integer_reader,
    "long": integer_reader,
    "float": lambda _: read_float,
    "double": lambda _: read_float,
    "blob": blob_reader,
    "timestamp": timestamp_reader,
}
JSON_WRITERS: Final[dict[str, Callable[[Member], Writer | None]]] = {
    "float": lambda _: write_float,
    "double": lambda _: write_float,
    "blob": lambda _: None,  # the encoder writes bytes as base64
    "timestamp": timestamp_writer,
}


class JsonCodec(Codec):
    """AWS JSON 1.0 and 1.1: one POST to /, the operation in X-Amz-Target."""

    protocol = "json"
    column = "json"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._reader = DocumentReader(JSON_READERS)
        self._writer = DocumentWriter(JSON_WRITERS)
        self._readers: dict[str, Reader] = {}
        self._writers: dict[str, tuple[bool, Writer | None]] = {}
        self._plain: dict[str, PlainReader | None] = {}
        self._content_type = (
            b"Content-Type",
            b"application/x-amz-json-" + str(model.metadata.get("jsonVersion", "1.1")).encode(),
        )
        self._query_compatible = "awsQueryCompatible" in model.metadata

    def _read(self, operation: str, request: Request, labels: Labels) -> dict[str, Any]:
        del labels
        try:
            read = self._readers[operation]
        except KeyError:
            read = self._readers[operation] = self._compile_reader(operation)
        value: dict[str, Any] = read(decode_json(request.body) if request.body else {})
        return value

    def parse_plain(self, operation: str, body: bytes) -> dict[str, Any] | None:
        """The members of the usual request; None where `parse` must decide."""
        try:
            read = self._plain[operation]
        except KeyError:
            read = self._plain[operation] = self._compile_plain(operation)
        if read is None:
            return None
        try:
            document = _decode(body)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return None
        return read(document, body) if type(document) is dict else None

    def _compile_plain(self, operation: str) -> PlainReader | None:
        shape = self.model.operation(operation).input
        return None if shape is None or operation in self._compressed else plain_reader(shape, self._checks)

    def _compile_reader(self, operation: str) -> Reader:
        shape = self.model.operation(operation).input
        return read_nothing if shape is None else self._reader.structure(shape)

    def serialize(self, operation: str, response: Mapping[str, Any], request_id: str) -> Reply:
        try:
            has_body, write = self._writers[operation]
        except KeyError:
            shape = self.model.operation(operation).output
            compiled = None if shape is None else self._writer.structure(shape)
            has_body, write = self._writers[operation] = (shape is not None, compiled)
        body = _encode(response if write is None else write(response)) if has_body else b""
        return 200, [(b"x-amzn-RequestId", request_id.encode()), self._content_type], body

    def _modelled_status(self, shape: Shape) -> int | None:
        # Where a service once spoke Query, the model's statuses are those of its Query answers.
        return None if self._query_compatible else super()._modelled_status(shape)

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        headers = [(b"x-amzn-RequestId", request_id.encode()), self._content_type]
        if self._query_compatible:
            headers.append(query_error_header(refusal))
        document = {"__type": refusal.code, **error_members(refusal, self._writer)}
        return refusal.status, headers, _encode(document)


def query_error_header(refusal: Refusal) -> tuple[bytes, bytes]:
    """The header by which clients of a service that once spoke Query still find the old code."""
    code = refusal.code if refusal.shape is None else refusal.shape.trait("error", {}).get("code", refusal.code)
    return b"x-amzn-query-error", f"{code};{'Sender' if refusal.sender else 'Receiver'}".encode()


def error_members(refusal: Refusal, writer: DocumentWriter) -> dict[str, Any]:
    """The members of an error document: the message under its member's name, then the shape's own."""
    members = dict(refusal.members)
    if refusal.message is not None:
        members.setdefault(message_member(refusal), refusal.message)
    write = None if refusal.shape is None else writer.structure(refusal.shape)
    document: dict[str, Any] = members if write is None else write(members)
    return document


def message_member(refusal: Refusal) -> str:
    """What the error's message is called: the model says, else `message`; AWS's own denial has a capital."""
    if refusal.shape is not None:
        return next((name for name in refusal.shape.members if name.lower() == "message"), "message")
    return "Message" if refusal.code == "AccessDeniedException" else "message"


def read_nothing(document: Any) -> dict[str, Any]:
    if type(document) is not dict:
        raise MalformedRequest("Start of structure or map was expected.")
    for key in document:
        raise UnknownMember(key)
    return {}
