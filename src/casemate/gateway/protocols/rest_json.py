"""AWS REST-JSON 1 (Smithy, "AWS restJson1 protocol")."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from casemate.gateway.models import Member, Operation, ServiceModel, Shape
from casemate.gateway.protocols.codec import Refusal, Reply
from casemate.gateway.protocols.documents import DocumentReader, DocumentWriter
from casemate.gateway.protocols.json import JSON_READERS, JSON_WRITERS, decode_json, message_member
from casemate.gateway.protocols.rest import BodyReader, BodyWriter, RestCodec, bound_elsewhere

_encode: Final = msgspec.json.encode


class RestJsonCodec(RestCodec):
    """Bodies in JSON."""

    protocol = "rest-json"
    column = "rest_json"
    content_type = b"application/json"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._reader = DocumentReader(JSON_READERS)
        self._writer = DocumentWriter(JSON_WRITERS)

    def _body_reader(self, operation: Operation, shape: Shape, bound: frozenset[str]) -> BodyReader:
        del operation
        read = self._reader.structure(shape, bound)
        return lambda body: read(decode_json(body)) if body else {}

    def _payload_reader(self, member: Member) -> BodyReader:
        read = self._reader.member(member)

        def read_payload(body: bytes) -> Any:
            document = decode_json(body) if body else None
            return None if document is None else read(document)

        return read_payload

    def _body_writer(self, operation: Operation, shape: Shape, bound: frozenset[str]) -> BodyWriter | None:
        del operation
        write = self._writer.structure(shape, bound)
        return _encode if write is None else lambda response: _encode(write(response))

    def _payload_writer(self, member: Member) -> BodyWriter:
        write = self._writer.member(member)
        return _encode if write is None else lambda payload: _encode(write(payload))

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        headers = [
            (self.request_id_header, request_id.encode()),
            (b"x-amzn-ErrorType", refusal.code.encode()),
            (b"Content-Type", self.content_type),
            *self._error_headers(refusal),
        ]
        members = dict(refusal.members)
        if refusal.message is not None:
            members.setdefault(message_member(refusal), refusal.message)
        if refusal.shape is not None:
            write = self._writer.structure(refusal.shape, bound_elsewhere(refusal.shape))
            members = members if write is None else write(members)
        return refusal.status, headers, _encode(members)
