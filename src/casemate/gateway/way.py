"""One request on its way through the pipeline, and what has become known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError, Unavailable
from casemate.foundation.http import Reply, Request
from casemate.foundation.operation import Operation
from casemate.foundation.records import CommitError, Store
from casemate.gateway import models, protocols

_NO_MEMBERS: Mapping[str, Any] = MappingProxyType({})


class Way(msgspec.Struct, eq=False):
    """A request, its reply, and what the steps find out."""

    request: Request
    reply: Reply
    request_id: str
    called: protocols.Recognised | None = None
    codec: protocols.Codec | None = None
    operation: Operation | None = None
    context: Context | None = None
    members: Mapping[str, Any] = _NO_MEMBERS
    store: Store | None = None
    answer: protocols.Reply | None = None
    tries: int = 0

    def raw(self) -> protocols.Request:
        """The request as signatures and protocols look at it."""
        request = self.request
        return protocols.Request(request.method, request.target, request.headers, request.body)

    @property
    def name(self) -> str:
        """`kms:Encrypt`, as far as it is known."""
        return self.called.name if self.called else "unknown"

    @property
    def parsed(self) -> Mapping[str, Any] | None:
        """The members, if they were read: what was refused before has none that a rule of audit could rely on."""
        return None if self.members is _NO_MEMBERS else self.members

    def committed(self, then: Callable[[Way, CommitError | None], None]) -> Callable[[CommitError | None], None]:
        """What the store calls when the unit of work is durable or refused."""
        return lambda error: then(self, error)

    def renew(self, now: float) -> None:
        """Begin again with a fresh unit of work."""
        context = self.context
        store = self.store
        assert context is not None
        assert store is not None
        context.unit = store.unit()
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
