"""The AWS Query protocol (Smithy, "AWS query protocol"), and the JSON answers that its services give on demand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from casemate.gateway.models import Operation, ServiceModel, Shape
from casemate.gateway.protocols.codec import Codec, Labels, Refusal, Reply
from casemate.gateway.protocols.documents import DocumentWriter, UnknownMember
from casemate.gateway.protocols.forms import FormReader, Reader, decode_form, grow, without
from casemate.gateway.protocols.json import JSON_WRITERS
from casemate.gateway.protocols.request import Request
from casemate.gateway.protocols.xml import Writer, XmlWriter, escape, xmlns

# Parameters that are no members: what is called, and signatures in the query string.
_NOT_MEMBERS: Final = frozenset({"Action", "Version"})
_XML_TYPE: Final = (b"Content-Type", b"text/xml")
_JSON: Final = (b"Content-Type", b"application/json")


def form_of(request: Request) -> bytes:
    """The parameters as they came: those of the body and those of the query string, so that none is passed over."""
    if request.body and request.query:
        return request.body + b"&" + request.query
    return request.body or request.query


class QueryCodec(Codec):
    """A form in, XML out."""

    protocol = "query"
    column = "query"
    content_type = _XML_TYPE

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._reader = FormReader()
        self._writer = XmlWriter()
        self._readers: dict[str, Reader] = {}
        self._writers: dict[str, tuple[str, Writer | None, str]] = {}
        self._namespace = xmlns(model.metadata.get("xmlNamespace"))

    def _read(self, operation: str, request: Request, labels: Labels) -> dict[str, Any]:
        del labels
        try:
            read = self._readers[operation]
        except KeyError:
            shape = self.model.operation(operation).input
            read = self._readers[operation] = self._reader.structure(shape) if shape is not None else _read_no_members
        value: dict[str, Any] = read(without(grow(decode_form(form_of(request))), _NOT_MEMBERS))
        return value

    def serialize(self, operation: str, response: Mapping[str, Any], request_id: str) -> Reply:
        opening, write, closing = self._writers.get(operation) or self._compile_writer(operation)
        parts = [opening]
        if write is not None:
            write(response, parts.append)
        parts.append(closing.replace("{}", escape(request_id)))
        return 200, [(b"x-amzn-RequestId", request_id.encode()), self.content_type], "".join(parts).encode()

    def _compile_writer(self, operation: str) -> tuple[str, Writer | None, str]:
        declared = self.model.operation(operation)
        write = None if declared.output is None else self._writer.content(declared.output)
        wrapper = declared.result_wrapper or (f"{operation}Result" if declared.output is not None else None)
        opening = f"<{operation}Response{self._namespace}>" + (f"<{wrapper}>" if wrapper else "")
        closing = f"</{wrapper}>" if wrapper else ""
        closing += f"<ResponseMetadata><RequestId>{{}}</RequestId></ResponseMetadata></{operation}Response>"
        compiled = self._writers[operation] = (opening, write, closing)
        return compiled

    def _own_word(
        self, code: str, members: Mapping[str, Any], operation: Operation | None
    ) -> tuple[str, Mapping[str, Any]]:
        # Services that speak Query say ValidationError, even where their models have an InvalidInput.
        del operation
        return code, {} if code == "ValidationException" else members

    def _wire_code(self, shape: Shape) -> str:
        code: str = shape.trait("error", {}).get("code", shape.name)
        return code

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        kind = "Sender" if refusal.sender else "Receiver"
        parts = [f"<ErrorResponse{self._namespace}><Error><Type>{kind}</Type><Code>{escape(refusal.code)}</Code>"]
        if refusal.message is not None:
            parts.append(f"<Message>{escape(refusal.message)}</Message>")
        self._write_error_members(refusal, parts)
        parts.append(f"</Error><RequestId>{escape(request_id)}</RequestId></ErrorResponse>")
        headers = [(b"x-amzn-RequestId", request_id.encode()), self.content_type]
        return refusal.status, headers, "".join(parts).encode()

    def _write_error_members(self, refusal: Refusal, parts: list[str]) -> None:
        if refusal.shape is not None:
            messages = frozenset(name for name in refusal.shape.members if name.lower() == "message")
            self._writer.content(refusal.shape, messages)(refusal.members, parts.append)


class QueryJsonCodec(QueryCodec):
    """A form in, JSON out: what IAM and STS answer to `Accept: application/json`."""

    protocol = "query+json"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._documents = DocumentWriter(JSON_WRITERS, rename=False)

    def serialize(self, operation: str, response: Mapping[str, Any], request_id: str) -> Reply:
        declared = self.model.operation(operation)
        answer: dict[str, Any] = {}
        if declared.output is not None:
            write = self._documents.structure(declared.output)
            answer[declared.result_wrapper or f"{operation}Result"] = response if write is None else write(response)
        answer["ResponseMetadata"] = {"RequestId": request_id}
        body = msgspec.json.encode({f"{operation}Response": answer})
        return 200, [(b"x-amzn-RequestId", request_id.encode()), _JSON], body

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        error = {
            "Code": refusal.code,
            "Message": refusal.message,
            "Type": "Sender" if refusal.sender else "Receiver",
        }
        body = msgspec.json.encode({"Error": error, "RequestId": request_id})
        return refusal.status, [(b"x-amzn-RequestId", request_id.encode()), _JSON], body


def _read_no_members(node: Any) -> dict[str, Any]:
    for name in node:
        raise UnknownMember(name)
    return {}
