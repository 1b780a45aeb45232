"""Smithy RPC v2 CBOR: one POST to /service/NAME/operation/NAME."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import cbor2

from casemate.gateway.models import Member, ServiceModel, Shape
from casemate.gateway.protocols.cbor_documents import Timestamp, decode_cbor
from casemate.gateway.protocols.codec import Codec, Labels, Refusal, Reply
from casemate.gateway.protocols.documents import DocumentReader, DocumentWriter, Reader, Writer, integer_reader
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.json import error_members, query_error_header, read_nothing
from casemate.gateway.protocols.request import Request
from casemate.gateway.protocols.timestamps import format_epoch, in_range

_PROTOCOL: Final = (b"smithy-protocol", b"rpc-v2-cbor")
_CONTENT_TYPE: Final = (b"Content-Type", b"application/cbor")


def _read_blob(document: Any) -> bytes:
    if type(document) is not bytes:
        raise MalformedRequest("Expected a byte string")
    return document


def _read_float(document: Any) -> float:
    if type(document) not in {int, float}:
        raise MalformedRequest("Expected a number")
    try:
        return float(document)
    except OverflowError as error:
        raise MalformedRequest("A number is out of range.") from error


def _read_timestamp(document: Any) -> float:
    if type(document) is not Timestamp:
        raise MalformedRequest("Expected a timestamp")
    try:
        return in_range(document.seconds)
    except (ValueError, OverflowError) as error:
        raise MalformedRequest("A timestamp can not be read.") from error


def _write_timestamp(seconds: float) -> cbor2.CBORTag:
    return cbor2.CBORTag(1, format_epoch(seconds))


_READERS: Final[dict[str, Callable[[Member], Reader]]] = {
    "integer": integer_reader,
    "long": integer_reader,
    "float": lambda _: _read_float,
    "double": lambda _: _read_float,
    "blob": lambda _: _read_blob,
    "timestamp": lambda _: _read_timestamp,
}
_WRITERS: Final[dict[str, Callable[[Member], Writer | None]]] = {
    "float": lambda _: float,
    "double": lambda _: float,
    "blob": lambda _: None,
    "timestamp": lambda _: _write_timestamp,
}


class CborCodec(Codec):
    """CBOR in, CBOR out."""

    protocol = "smithy-rpc-v2-cbor"
    column = "json"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._reader = DocumentReader(_READERS)
        self._writer = DocumentWriter(_WRITERS)
        self._readers: dict[str, Reader] = {}
        self._query_compatible = "awsQueryCompatible" in model.metadata

    def _read(self, operation: str, request: Request, labels: Labels) -> dict[str, Any]:
        del labels
        try:
            read = self._readers[operation]
        except KeyError:
            shape = self.model.operation(operation).input
            read = self._readers[operation] = read_nothing if shape is None else self._reader.structure(shape)
        value: dict[str, Any] = read(decode_cbor(request.body) if request.body else {})
        return value

    def serialize(self, operation: str, response: Mapping[str, Any], request_id: str) -> Reply:
        headers = [(b"x-amzn-RequestId", request_id.encode()), _PROTOCOL]
        shape = self.model.operation(operation).output
        if shape is None:
            return 200, headers, b""
        write = self._writer.structure(shape)
        return 200, [*headers, _CONTENT_TYPE], cbor2.dumps(response if write is None else write(response))

    def _modelled_status(self, shape: Shape) -> int | None:
        # Where a service once spoke Query, the model's statuses are those of its Query answers.
        return None if self._query_compatible else super()._modelled_status(shape)

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        headers = [(b"x-amzn-RequestId", request_id.encode()), _PROTOCOL, _CONTENT_TYPE]
        if self._query_compatible:
            headers.append(query_error_header(refusal))
        return refusal.status, headers, cbor2.dumps({"__type": refusal.code, **error_members(refusal, self._writer)})
