"""The EC2 Query protocol (Smithy, "AWS EC2 query protocol")."""

from __future__ import annotations

from typing import Final

from casemate.gateway.models import ServiceModel
from casemate.gateway.protocols.codec import Refusal, Reply
from casemate.gateway.protocols.forms import FormReader
from casemate.gateway.protocols.query import QueryCodec
from casemate.gateway.protocols.xml import PROLOGUE, Writer, escape

_XML_TYPE: Final = (b"Content-Type", b"text/xml;charset=UTF-8")


class Ec2Codec(QueryCodec):
    """A form in, with names of its own; XML without a result wrapper out."""

    protocol = "ec2"
    column = "ec2"
    content_type = _XML_TYPE

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._reader = FormReader(ec2=True)

    def _compile_writer(self, operation: str) -> tuple[str, Writer | None, str]:
        declared = self.model.operation(operation)
        write = None if declared.output is None else self._writer.content(declared.output)
        opening = f"{PROLOGUE}<{operation}Response{self._namespace}>"
        closing = f"<requestId>{{}}</requestId></{operation}Response>"
        compiled = self._writers[operation] = (opening, write, closing)
        return compiled

    def _render_error(self, refusal: Refusal, request_id: str) -> Reply:
        parts = [f"{PROLOGUE}<Response><Errors><Error><Code>{escape(refusal.code)}</Code>"]
        if refusal.message is not None:
            parts.append(f"<Message>{escape(refusal.message)}</Message>")
        self._write_error_members(refusal, parts)
        parts.append(f"</Error></Errors><RequestID>{escape(request_id)}</RequestID></Response>")
        return refusal.status, [(b"x-amzn-RequestId", request_id.encode()), _XML_TYPE], "".join(parts).encode()
