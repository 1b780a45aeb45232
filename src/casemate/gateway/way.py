"""One request on its way through the pipeline, and what has become known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError, Unavailable
from casemate.foundation.http import Reply, Request
from casemate.foundation.operation import Operation
from casemate.foundation.records import CommitError, Store
from casemate.gateway import models, protocols

_NO_MEMBERS: Mapping[str, Any] = {}


class Way:
    """A request, its reply, and what the steps find out."""

    __slots__ = (
        "answer",
        "called",
        "codec",
        "context",
        "members",
        "operation",
        "raw",
        "reply",
        "request",
        "request_id",
        "store",
        "tries",
    )

    def __init__(self, request: Request, reply: Reply, request_id: str) -> None:
        self.request = request
        self.reply = reply
        self.request_id = request_id
        self.raw = protocols.Request(request.method, request.target, request.headers, request.body)
        self.called: protocols.Recognised | None = None
        self.codec: protocols.Codec | None = None
        self.operation: Operation | None = None
        self.context: Context | None = None
        self.members: Mapping[str, Any] = _NO_MEMBERS
        self.store: Store
        self.answer: protocols.Reply | None = None
        self.tries = 0

    @property
    def name(self) -> str:
        """`kms:Encrypt`, as far as it is known."""
        return f"{self.called.service}:{self.called.operation}" if self.called else "unknown"

    def committed(self, then: Callable[[Way, CommitError | None], None]) -> Callable[[CommitError | None], None]:
        """What the store calls when the unit of work is durable or refused."""
        return lambda error: then(self, error)

    def renew(self, now: float) -> None:
        """Begin again with a fresh unit of work."""
        context = self.context
        assert context is not None
        context.unit = self.store.unit()
        context.now = now
        context.loaded = None
        context.resources.clear()
        context.trail.clear()
        context.audit_extra = context.audit_request = context.audit_response = None

    def refused(self, refusal: ServiceError) -> protocols.Reply:
        """The refusal in the protocol of the request."""
        codec = self.codec
        if codec is None:
            protocol = getattr(refusal, "protocol", "json")
            service = getattr(refusal, "service", None) or _SPEAKERS.get(protocol, "kms")
            codec = protocols.codec_for(models.load(service), protocol)
        return codec.error(
            refusal.code,
            refusal.message,
            request_id=self.request_id,
            status=refusal.status,
            members=refusal.members,
            operation=self.called.operation if self.called else None,
            fault=refusal.fault,
        )

    def unavailable(self, error: Unavailable) -> None:
        """Answer 503: what should have been recorded can't be."""
        refusal = ServiceError("ServiceUnavailable", str(error), status=503, fault=True)
        self.reply.send(*self.refused(refusal))


_SPEAKERS = {
    "json": "kms",
    "query": "sts",
    "ec2": "ec2",
    "rest-json": "lambda",
    "rest-xml": "s3",
    "smithy-rpc-v2-cbor": "cloudwatch",
}
"""A service that speaks a protocol, for refusing what belongs to none."""
